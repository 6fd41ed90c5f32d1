#!/usr/bin/env bash
# The long forms of the proofs, each with a seed: what fails is replayed with the seed that it prints.
#   tests/long.sh kills  [--count N] [--seed S]   kill -9 of the whole program under load     (300)
#   tests/long.sh faults [--seed S]               every k-th write, fsync, open and truncate fails; power cuts, kills
#   tests/long.sh months [--count N] [--seed S]   worlds of faults, simulated                 (500)
#   tests/long.sh points                          three customers meet one bug: a crash at every point
#   tests/long.sh threads                         delivery under the thread sanitizer
#   tests/long.sh restores [--count N]            backups taken under load, each restored          (100)
#   tests/long.sh changes [--count N] [--seed S]  each file of the fuzzers' corpus, changed         (2000)
#   tests/long.sh specs [--count N]               answers as the vendors' specifications have them, spoilt in each of N
#                                                 places; below BATON_SPECS                                (60)
#   tests/long.sh all    [--seed S]               one after the other
set -uo pipefail
cd "$(dirname "$0")/.."

what=${1:-}
[[ $# -gt 0 ]] && shift
count= seed=1
while [[ $# -gt 0 ]]; do
  case "$1" in
    --count) count=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    *) what=; break ;;
  esac
done
export BATON_SEED=$seed

run() {  # run TARGET FILTER [PRESET]: builds the program and runs these tests of it
  local preset=${3:-dev}
  mkdir -p build
  cmake --preset "$preset" >"build/$preset.configure.log" 2>&1 || { cat "build/$preset.configure.log"; return 1; }
  cmake --build --preset "$preset" --target "$1" >"build/$preset.build.log" 2>&1 ||
    { grep -E "error:|FAILED" "build/$preset.build.log" | head; return 1; }
  local program from=$SECONDS
  program=$(find "build/$preset/tests" -type f -executable -name "$1" -print -quit)
  "$program" --gtest_brief=1 --gtest_filter="$2"
  local status=$?
  echo "== $what, seed $seed: $([[ $status -eq 0 ]] && echo kept || echo BROKEN), $((SECONDS - from)) s"
  return $status
}

# Without the vendors' documents nothing would be proven: that is no success.
specs() {
  export BATON_SPECS=${BATON_SPECS:-$PWD/../shared/vendors/specs}
  [[ -d $BATON_SPECS ]] || { echo "no folder of specifications: set BATON_SPECS to one, as tests/connectors/README.md says"; return 1; }
  BATON_SPEC_PLACES=${count:-60} run contract_test '*Specifi*'
}

one() {
  what=$1
  case "$what" in
    kills) BATON_KILLS=${count:-300} run e2e_test 'EndToEnd.what_was_accepted*' ;;
    faults) run journal_test 'All/Faults.*:PowerCut.*:Kill.*:Sqlite.a_flipped_bit*:Migration.*' ;;
    months) BATON_RUNS=${count:-500} run deterministic_test 'Months.*' ;;
    points) BATON_ALL_POINTS=1 run walk_test 'DefectWalk.*' ;;
    restores) BATON_RESTORES=${count:-100} run e2e_test 'EndToEnd.every_backup*' ;;
    changes) BATON_CHANGES=${count:-2000} run fuzz_test 'Replay.*' ;;
    specs) specs ;;
    threads) TSAN_OPTIONS="halt_on_error=1" run delivery_test '*' tsan ;;
    *) sed -n '2,13s/^# //p' "$0"; exit 2 ;;
  esac
}

if [[ $what != all ]]; then
  one "$what"
  exit
fi
failed=0
for each in faults months points changes threads specs restores kills; do one "$each" || failed=1; done
exit $failed
