# The one way in which the mutant scripts alter a formula and watch its tests: to be sourced. ONLY chooses mutants by a word of their names.
#
# Works on a copy; the compiled dependencies are shared. `ended` gives exit status 1 if a mutant survived; 2 if one no longer applies or compiles.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target} CARGO_TERM_COLOR=never PROPTEST_CASES=16 PROPTEST_MAX_SHRINK_ITERS=0
only=${ONLY:-}
# At the same place each time, so that what did not change is not compiled again, and without the binary, which cargo would build with every test.
copy=$CARGO_TARGET_DIR/mutants-by-hand
rm -rf "$copy" && mkdir -p "$copy"
git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do [ -f "$file" ] && printf '%s\0' "$file"; done |
  tar -c --null -T - | tar -x -C "$copy"
cd "$copy"
rm -r src/bin
perl -0777 -i -pe 's/\[\[bin\]\]\n(.+\n)+//' Cargo.toml
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
  cargo test --quiet --profile mutants --no-run --test "$test" 2> "$copy/.log" || { cat "$copy/.log"; echo "does not compile: $name" >&2; exit 2; }
  local red
  if red=$(timeout 120 cargo test --quiet --profile mutants --test "$test" "$filter" 2> /dev/null); then
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
