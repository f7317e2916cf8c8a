# The one way in which the mutant scripts alter a formula and watch its tests: to be sourced. ONLY chooses mutants by a word of their names.
#
# FEATURES, where given, are those of cargo to build with. Works on a copy, without the claims and the binary where no feature is asked for; the compiled
# dependencies are shared. The first test that fails ends a run. `ended` gives exit status 1 if a mutant survived; 2 if one no longer applies or compiles.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target} CARGO_TERM_COLOR=never PROPTEST_RNG_SEED=2026 PROPTEST_CASES=16 PROPTEST_MAX_SHRINK_ITERS=0
only=${ONLY:-}
build=(--profile mutants ${FEATURES:+--features "$FEATURES"})
# The copy has no libtorch of its own, and under another path its bindings would be built again.
export LIBTORCH=${LIBTORCH:-$PWD/.torch/libtorch}
if [ -n "${FEATURES:-}" ]; then
  copy=$(mktemp -d)
  trap 'rm -rf "$copy"' EXIT
  git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do [ -f "$file" ] && printf '%s\0' "$file"; done |
    tar -c --null -T - | tar -x -C "$copy"
else
  copy=$(scripts/mutants-sample --tree mutants-by-hand)
fi
cd "$copy"
caught=0 survived=0

# altered NAME FILE TEST FILTER FROM TO: FROM, which must stand in FILE exactly once, becomes TO; what FILTER names of the test target TEST is to turn red.
altered() {
  local name=$1 file=$2 test=$3 filter=$4
  [[ $name == *"$only"* ]] || return 0
  cp "$file" "$copy/.original"
  FROM=$5 TO=$6 perl -0777 -i -pe '
    my $count = () = /\Q$ENV{FROM}\E/g;
    die "stands $count times\n" if $count != 1;
    s/\Q$ENV{FROM}\E/$ENV{TO}/;' "$file" || { echo "does not apply: $name: $5" >&2; exit 2; }
  local seconds=$SECONDS
  cargo test "${build[@]}" --no-run --test "$test" 2> "$copy/.log" || { cat "$copy/.log"; echo "does not compile: $name" >&2; exit 2; }
  local red binary
  binary=$(sed -n 's/^ *Executable .*(\(.*\))$/\1/p' "$copy/.log")
  [ -x "$binary" ] || { cat "$copy/.log"; echo "no test program: $name" >&2; exit 2; }
  # Seconds of the processor, which a busy machine does not lengthen.
  if red=$(ulimit -t 100; RUSTC_BOOTSTRAP=1 "$binary" -Zunstable-options --fail-fast "$filter" 2> /dev/null); then
    survived=$((survived + 1))
    echo "SURVIVED  $name ($file)"
  else
    caught=$((caught + 1))
    red=$(sed -n 's/^---- \(.*\) stdout ----$/\1/p' <<< "$red" | head -n 3 | paste -sd ' ')
    echo "caught    $name, $((SECONDS - seconds)) s: ${red:-timeout}"
  fi
  cp "$copy/.original" "$file"
  touch "$file"
}

ended() {
  echo "$caught caught, $survived survived"
  [ "$survived" -eq 0 ]
}
