"""Alterations chosen by hand, each with the narrowest tests that are about it: `by-hand.sh` collects them."""
import argparse
import sys

import prepared  # noqa: F401  what is imported below, installed where it is missing
from embed import Alteration
from harness import LEAN, ROOT, Built, Tree, each

FIELDS = ("name", "file", "test", "filter", "from", "to")


def read(stream):
    """The records, each field ended by a zero byte."""
    parts = stream.read().split(b"\0")[:-1]
    for number in range(len(parts) // len(FIELDS)):
        record = dict(zip(FIELDS, parts[number * len(FIELDS):(number + 1) * len(FIELDS)]))
        name, file = record["name"].decode(), record["file"].decode()
        source = (ROOT / file).read_bytes()
        if source.count(record["from"]) != 1:
            print(f"does not apply: {name}: {record['from'].decode()} stands {source.count(record['from'])} times in {file}", file=sys.stderr)
            sys.exit(2)
        start = source.index(record["from"])
        alteration = Alteration(number + 1, name, file, start, start + len(record["from"]), record["to"])
        yield alteration, (record["test"].decode(), record["filter"].decode())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--features", default="")
    args = parser.parse_args()
    chosen = list(read(sys.stdin.buffer))
    alterations, tests = [alteration for alteration, _ in chosen], {alteration.number: test for alteration, test in chosen}
    if not alterations:
        sys.exit("no mutant's name contains this")
    # With libtorch: the profile in which its bindings are built anyway.
    tree = Tree(features=tuple(args.features.split(",")), profile="release") if args.features else LEAN
    built = Built(tree, sorted({test for test, _ in tests.values()}), alterations)

    def run(test, number, limit):
        return built.run(number, test[0], [test[1]], limit)

    survived = 0

    def told(alteration, outcome, failed, seconds):
        nonlocal survived
        survived += outcome == "passed"
        words = f"SURVIVED  {alteration.name} ({alteration.file})" if outcome == "passed" else f"caught    {alteration.name}: {' '.join(failed) or outcome}"
        print(f"{words}, {seconds:.1f} s", flush=True)

    # In seconds of the processor; what takes some three times as long as without an alteration counts as caught.
    limits = {}
    for test, (outcome, failed, seconds) in each(lambda test: run(test, 0, 600), sorted(set(tests.values()))):
        if outcome != "passed":
            sys.exit(f"the tests {test[1]} of {test[0]} fail without an alteration: {' '.join(failed) or outcome}")
        limits[test] = round(10 + 3 * seconds)
    for alteration, outcome in each(lambda a: run(tests[a.number], a.number, limits[tests[a.number]]), list(built.inside.values())):
        told(alteration, *outcome)
    # A choice may not compile where the alteration does: its arms must have one type.
    for alteration in built.alone + built.unviable:
        if not built.build_alone(alteration):
            print(f"does not compile: {alteration.name}", file=sys.stderr)
            return 2
        told(alteration, *run(tests[alteration.number], 0, limits[tests[alteration.number]]))
    print(f"{len(alterations) - survived} caught, {survived} survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
