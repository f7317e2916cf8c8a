"""Builds the sources with all alterations in them, drops those that do not compile, and runs tests against each of the others."""
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import resource
import subprocess
import sys

from embed import MODULE, altered, embedded

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
# What the theory's rooms do without, and without which they are compiled in a fraction of the time.
CLAIMS = ("claims", "enclosure", "report", "verdicts")
# Every draw of proptest is fixed, and a failure is not shrunk.
FIXED = {
    "PROPTEST_RNG_SEED": "0", "PROPTEST_CASES": "16", "PROPTEST_MAX_SHRINK_ITERS": "0",
    "OMP_NUM_THREADS": "1", "CARGO_TERM_COLOR": "never", "RUSTC_BOOTSTRAP": "1",
}


@dataclasses.dataclass(frozen=True)
class Tree:
    """A copy of the sources at a place that stays, so that what did not change is not compiled again; without the binary, which tests of libtorch alone run."""

    without: tuple = ()
    features: tuple = ()
    # Of cargo: with the one that the tests are otherwise built with, the dependencies are there already.
    profile: str = "test"

    @property
    def name(self):
        return "-".join(["lean" if self.without else "whole", *self.features])

    @property
    def place(self):
        return TARGET / f"mutants-{self.name}"

    def files(self):
        listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
        files = {name: (ROOT / name).read_bytes() for name in listing.stdout.split("\0") if (ROOT / name).is_file()}
        left_out = rb"^(pub )?mod (%s);\n" % "|".join(self.without or ["-"]).encode()
        if not self.features:
            files = {name: content for name, content in files.items() if not name.startswith("src/bin/")}
            files["Cargo.toml"] = re.sub(rb"\[\[bin\]\]\n(.+\n)+", b"", files["Cargo.toml"])
        # Cargo tells packages apart by their versions, not by where they are: without one of its own a copy would pass for another that is up to date.
        for name in ("Cargo.toml", "Cargo.lock"):
            files[name] = re.sub(rb'(name = "nasproof"\nversion = "[^"]*)', rb"\1-" + self.name.encode(), files[name])
        files["src/lib.rs"] = re.sub(left_out, b"", files["src/lib.rs"], flags=re.M) + b"pub mod mutation;\n"
        files["tests/theory.rs"] = re.sub(left_out, b"", files["tests/theory.rs"], flags=re.M)
        files["src/mutation.rs"] = MODULE.encode()
        return files


LEAN, WHOLE = Tree(without=CLAIMS), Tree()


def written(copy, files):
    for old in copy.rglob("*"):
        if old.is_file() and str(old.relative_to(copy)) not in files:
            old.unlink()
    for name, content in files.items():
        there = copy / name
        if not there.exists() or there.read_bytes() != content:
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(content)


def environment():
    # The copy has no libtorch of its own, and under another path its bindings would be built again.
    return dict({"LIBTORCH": str(ROOT / ".torch/libtorch")}, **os.environ) | FIXED | {"CARGO_TARGET_DIR": str(TARGET)}


def cargo(tree, *command):
    features = ["--features", ",".join(tree.features)] if tree.features else []
    command = ["cargo", *command, "--locked", "--profile", tree.profile, "--message-format", "json", *features]
    done = subprocess.run(command, cwd=tree.place, env=environment(), capture_output=True, text=True)
    return done, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def errors(messages):
    """What the compiler refused: its words and, where it says one, the file and the bytes it points to first."""
    for message in messages:
        if message["reason"] == "compiler-message" and message["message"]["level"] == "error":
            spans = [s for s in message["message"]["spans"] if s["is_primary"]]
            spans = [(s["file_name"], s["byte_start"], s["byte_end"]) for s in spans or message["message"]["spans"]]
            yield message["message"]["rendered"], spans


def refused(done, messages):
    sys.exit(done.stderr[-4000:] + "".join(words for words, _ in errors(messages))[:8000])


class Built:
    """The test programs of a tree with every alteration that compiles, those that do not, and those that no choice can be put around."""

    def __init__(self, tree, targets, alterations):
        self.tree, self.plain, self.unviable, self.alone = tree, tree.files(), [], []
        self.inside = {a.number: a for a in alterations}
        self.chosen = [argument for target in targets for argument in (["--lib"] if target == "nasproof" else ["--test", target])]
        while True:
            regions = self.write()
            done, messages = cargo(tree, "check", "--lib")
            if done.returncode == 0:
                break
            if not self.drop(list(errors(messages)), regions):
                refused(done, messages)
        done, messages = self.build()
        if done.returncode:
            refused(done, messages)

    def write(self):
        files, regions, by_file = dict(self.plain), {}, {}
        for alteration in self.inside.values():
            by_file.setdefault(alteration.file, []).append(alteration)
        for name, there in by_file.items():
            files[name], regions[name], homeless = embedded(self.plain[name], there)
            self.alone += [self.inside.pop(number) for number in homeless]
        written(self.tree.place, files)
        return regions

    def drop(self, faults, regions):
        """An error inside an alternative is the alternative's; one of a choice as a whole asks for a wider expression."""
        unviable, outward = set(), set()
        for _, spans in faults:
            for name, start, end in spans:
                around = [r for r in regions.get(name, []) if r.start <= start and end <= r.end or start <= r.start and r.end <= end]
                if around:
                    least = min(around, key=lambda r: (r.end - r.start, not r.alternative))
                    (unviable if least.alternative else outward).update(least.numbers)
        for number in unviable:
            self.unviable.append(self.inside.pop(number))
        for number in outward - unviable:
            self.inside[number].outward += 1
        return unviable | outward

    def build(self):
        done, messages = cargo(self.tree, "test", "--no-run", *self.chosen)
        self.programs = {m["target"]["name"]: m["executable"] for m in messages
                         if m["reason"] == "compiler-artifact" and m.get("executable") and m["profile"]["test"]}
        return done, messages

    def build_alone(self, alteration):
        """Builds one alteration in the place of what it alters; False where it does not compile."""
        files = dict(self.plain)
        files[alteration.file] = altered(files[alteration.file], alteration)
        written(self.tree.place, files)
        return self.build()[0].returncode == 0

    def run(self, number, target, arguments, seconds):
        """'passed', 'failed' or 'timeout', the tests that failed, and the processor's seconds, which a busy machine does not lengthen."""
        command = [self.programs[target], "--test-threads=1", "-Zunstable-options", "--fail-fast", *arguments]
        chosen = environment() | {"NASPROOF_MUTANT": str(number)}

        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

        with subprocess.Popen(command, cwd=self.tree.place, env=chosen, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              errors="replace", preexec_fn=limit) as process:
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        failed, used = re.findall(r"^test (\S+) .*\.\.\. FAILED", output, re.M), usage.ru_utime + usage.ru_stime
        if not process.returncode:
            return "passed", failed, used
        return "timeout" if used >= seconds - 1 and not failed else "failed", failed, used


def each(work, items):
    """`work` of every item, as many at a time as there are processors, in the order in which they end."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {pool.submit(work, item): item for item in items}
        for done in concurrent.futures.as_completed(waiting):
            yield waiting[done], done.result()
