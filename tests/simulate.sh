#!/usr/bin/env bash
# The long form of tests/deterministic: worlds of faults, one seed after the other.
#   tests/simulate.sh [--seed N] [--runs M]
# A world that breaks a promise says which, with its seed: the same seed alone replays it.
set -uo pipefail
args=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --seed) args+=(--seed "$2") ;;
    --runs) args+=(--count "$2") ;;
    *) sed -n '2,4s/^# //p' "$0"; exit 2 ;;
  esac
  shift 2
done
[[ " ${args[*]} " == *" --count "* ]] || args+=(--count 1)
exec "$(dirname "$0")/long.sh" months "${args[@]}"
