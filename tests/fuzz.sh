#!/usr/bin/env bash
# Fuzzes every place where foreign bytes enter (tests/fuzz/targets.h), under the address and
# undefined-behaviour sanitizers.
#   tests/fuzz.sh [--seconds N] [--seed N] [TARGET...]     default: 60 seconds each, all of them
# What it finds is written to build/fuzz/found/ and printed; a copy belongs into tests/fuzz/corpus/TARGET/.
set -uo pipefail
cd "$(dirname "$0")/.."

seconds=60 seed=1
while [[ $# -gt 0 && $1 == --* ]]; do
  case "$1" in
    --seconds) seconds=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    *) sed -n '2,5s/^# //p' "$0"; exit 2 ;;
  esac
done
targets=("$@")
[[ $# -gt 0 ]] || mapfile -t targets < <(ls tests/fuzz/corpus)

mkdir -p build/fuzz/found
cmake --preset fuzz >build/fuzz.configure.log 2>&1 || { cat build/fuzz.configure.log; exit 1; }
cmake --build --preset fuzz --target baton_fuzz >build/fuzz.build.log 2>&1 ||
  { grep -E "error:|FAILED" build/fuzz.build.log | head; exit 1; }

failed=0
for target in "${targets[@]}"; do
  mkdir -p "build/fuzz/corpus/$target"
  BATON_FUZZ_TARGET=$target build/fuzz/tests/fuzz/baton_fuzz -max_total_time="$seconds" -seed="$seed" \
    -max_len=8192 -timeout=10 -rss_limit_mb=2048 -artifact_prefix="build/fuzz/found/$target-" \
    "build/fuzz/corpus/$target" "tests/fuzz/corpus/$target" >"build/fuzz/$target.log" 2>&1
  status=$?
  printf '%-14s %s %s\n' "$target" "$([[ $status -eq 0 ]] && echo clean || echo FOUND)" \
    "$(grep -oE 'Done [0-9]+ runs.*|SUMMARY.*|broken invariant.*' "build/fuzz/$target.log" | head -2 | tr '\n' ' ')"
  [[ $status -eq 0 ]] || failed=1
done
exit $failed
