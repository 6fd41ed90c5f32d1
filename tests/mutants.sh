#!/usr/bin/env bash
# Shows that the tests notice: builds Baton with its deliberate faults in (gateway/base/mutant.h), wakes them
# one after the other, and runs the test that tests/mutants.txt names for each. It must fail.
#   tests/mutants.sh            all of them
#   tests/mutants.sh NAME...    these
# BATON_MUTANTS_BUILD names another build folder than build/mutants, which is made to bear them.
# The last line says how many were caught; 1 if one was missed, or if a test fails without any fault.
set -uo pipefail
cd "$(dirname "$0")/.."

table=tests/mutants.txt
read_table() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$table"; }
for name in "$@"; do
  read_table | grep "^$name " >/dev/null || { echo "no mutant \`$name\` in $table"; exit 2; }
done
# The rows that are wanted.
rows() { if [[ $# -eq 0 ]]; then read_table; else for name in "$@"; do read_table | grep "^$name "; done; fi; }

mkdir -p build
mapfile -t programs < <(rows "$@" | awk '{print $2}' | sort -u)
folder=${BATON_MUTANTS_BUILD:-build/mutants}
configure=(--preset mutants)
[[ -z "${BATON_MUTANTS_BUILD:-}" ]] || configure=(-DBATON_MUTANTS=ON "$folder")
cmake "${configure[@]}" >build/mutants.configure.log 2>&1 || { cat build/mutants.configure.log; exit 1; }
cmake --build "$folder" --target "${programs[@]}" >build/mutants.build.log 2>&1 ||
  { grep -E "error:|FAILED" build/mutants.build.log | head -40; exit 1; }

run() {  # run PROGRAM FILTER SECONDS: its output goes to the log
  local program
  program=$(find "$folder/tests" -type f -executable -name "$1" -print -quit)
  timeout "$3" "$program" --gtest_brief=1 --gtest_filter="$2" >build/mutants.log 2>&1
}

# A test that fails without any fault notices nothing. How long it takes here tells when one hangs.
declare -A took
for program in "${programs[@]}"; do
  filter=$(rows "$@" | awk -v p="$program" '$2 == p {print $3}' | paste -sd:)
  from=$SECONDS
  run "$program" "$filter" 1200 || { echo "$program fails without any fault:"; tail -30 build/mutants.log; exit 1; }
  took[$program]=$((SECONDS - from))
done

caught=0
missed=()
while read -r mutant program filter; do
  BATON_MUTANT=$mutant run "$program" "$filter" $((60 + 4 * took[$program]))
  status=$?
  if [[ $status -eq 0 ]]; then
    missed+=("$mutant")
    printf '%-32s MISSED  by %s %s\n' "$mutant" "$program" "$filter"
  elif ! grep -q "^\[  FAILED  \]" build/mutants.log && [[ $status -lt 124 ]]; then
    echo "$mutant: the test did not run:"
    tail -5 build/mutants.log
    exit 1
  else
    caught=$((caught + 1))
    printf '%-32s caught  by %s%s\n' "$mutant" "$filter" "$([[ $status -eq 124 ]] && echo ', which hangs')"
  fi
done < <(rows "$@")
echo "$caught caught, ${#missed[@]} missed${missed:+: ${missed[*]}}"
[[ ${#missed[@]} -eq 0 ]]
