# What the lists of mutants by hand are written in: to be sourced. ONLY chooses mutants by a word of their names; FEATURES, where given, are those of cargo
# to build with. All are compiled together (`by_hand.py`). `ended` gives exit status 1 if a mutant survived; 2 if one no longer applies or compiles.
set -euo pipefail
only=${ONLY:-} features=${FEATURES:-}
mutation=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
records=$(mktemp)
trap 'rm -f "$records"' EXIT

# altered NAME FILE TEST FILTER FROM TO: FROM, which must stand in FILE exactly once, becomes TO; what FILTER names of the test target TEST is to turn red.
altered() {
  [[ $1 == *"$only"* ]] || return 0
  printf '%s\0' "$@" >> "$records"
}

ended() {
  python3 "$mutation/by_hand.py" ${features:+--features "$features"} < "$records"
}
