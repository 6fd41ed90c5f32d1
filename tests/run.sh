#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: all of them under the address and
# undefined-behaviour sanitizers, the threaded parts again under the thread sanitizer.
#   tests/run.sh            everything
#   tests/run.sh NAME...    only these test programs, under the address sanitizer
# The last line says what the whole run amounted to.
set -uo pipefail
cd "$(dirname "$0")/.."

# The parts that have threads of their own. Delivery has none, its tests run it on virtual time on one loop:
# `tests/long.sh threads` runs them so, for which half of the tree is compiled again.
threaded=(base_test journal_test http_server_test http_client_test)
# Of each allocation six callers are remembered and not thirty: a tenth of the time.
export ASAN_OPTIONS="detect_leaks=1:detect_stack_use_after_return=0:malloc_context_size=6"
export TSAN_OPTIONS="halt_on_error=1:suppressions=$PWD/tests/http_server/tsan.supp"
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0"

passed=0
failed=0
stage() {  # stage NAME COMMAND...: runs it and prints its seconds
  local name="$1" from=$SECONDS
  shift
  "$@"
  local status=$?
  printf '== %-28s %4d s%s\n' "$name" $((SECONDS - from)) "$([[ $status -eq 0 ]] || echo '  FAILED')"
  return $status
}

build() {  # build PRESET TARGET...
  local preset="$1"
  shift
  cmake --preset "$preset" >"build/$preset.configure.log" 2>&1 || { cat "build/$preset.configure.log"; return 1; }
  local targets=()
  [[ $# -gt 0 ]] && targets=(--target "$@")
  cmake --build --preset "$preset" "${targets[@]}" >"build/$preset.build.log" 2>&1 ||
    { grep -E "error:|FAILED" "build/$preset.build.log" | head -40; tail -5 "build/$preset.build.log"; return 1; }
}

# What gtest's closing lines say is kept in a file beside the log, for programs run side by side.
run_one() {  # run_one PROGRAM LOG [SHARD]
  local status ok bad
  [[ -z "${3:-}" ]] || export GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$3
  timeout 900 "$1" --gtest_brief=0 >"$2" 2>&1
  status=$?
  ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$2" | tail -1)
  bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$2" | tail -1)
  if [[ $status -ne 0 ]]; then
    [[ -n "${bad:-}" ]] || bad=1  # it crashed
    grep -E "^\[  FAILED  \]|Failure|ERROR: |WARNING: ThreadSanitizer|SUMMARY|error:" "$2" | head -30
    tail -15 "$2"
  fi
  echo "${ok:-0} ${bad:-0}" >"$2.counts"
  return $status
}

# These measure time: beside others they would wait for a core. They run alone.
alone=(http_server_test http_client_test)
# The longest is cut into parts: NAME/PART.
shards=2

# One more than there are cores: e2e_test waits for processes more than it works.
slots=$(($(nproc) + 1))

run_all() {  # run_all FOLDER PROGRAM...: so many side by side
  local folder="$1" name program log shard status=0
  local logs=()
  shift
  mkdir -p build/log
  for name in "$@"; do
    program=$(find "$folder/tests" -path '*/scratch/*' -prune -o -type f -executable -name "${name%/*}" -print | head -1)
    [[ -n "$program" ]] || { echo "no test program $name in $folder"; failed=$((failed + 1)); status=1; continue; }
    log="build/log/$(basename "$folder")-${name/\//-}.log"
    logs+=("$log")
    if [[ " ${alone[*]} " == *" $name "* ]]; then
      wait
      stage "  $name" run_one "$program" "$log" || status=1
      continue
    fi
    while [[ $(jobs -rp | wc -l) -ge $slots ]]; do wait -n; done
    shard=
    [[ "$name" != */* ]] || shard=${name#*/}
    stage "  $name" run_one "$program" "$log" $shard &
  done
  wait
  for log in "${logs[@]}"; do
    read -r ok bad <"$log.counts" || { ok=0; bad=1; }
    passed=$((passed + ok))
    failed=$((failed + bad))
  done
  [[ $failed -eq 0 && $status -eq 0 ]]
}

finish() {
  echo "$passed passed, $failed failed"
  [[ $failed -eq 0 ]]
  exit
}

mkdir -p build
stage "dependencies" deploy/install-dependencies.sh || { failed=1; finish; }
stage "build, address sanitizer" build asan || { failed=1; finish; }
if [[ $# -gt 0 ]]; then
  run_all build/asan "$@"
  finish
fi
# The longest first: so no core waits for the other at the end.
mapfile -t programs < <(find build/asan/tests -path '*/scratch/*' -prune -o -type f -executable -name '*_test' \
  -printf '%f\n' | sort)
long=(e2e_test contract_test/0 contract_test/1 journal_test walk_test deterministic_test)
mapfile -t others < <(printf '%s\n' "${programs[@]}" |
  grep -vxFf <(printf '%s\n' "${long[@]%/*}" "${alone[@]}"))
# The tests wait for processes and sockets as much as they work: meanwhile the other build takes what is free.
rm -f build/tsan.status
(
  renice -n 15 $BASHPID >/dev/null
  stage "build, thread sanitizer" build tsan "${threaded[@]}"
  echo $? >build/tsan.status
) &
disown
run_all build/asan "${long[@]}" "${others[@]}"
until [[ -e build/tsan.status ]]; do sleep 1; done
run_all build/asan "${alone[@]}"
[[ $(<build/tsan.status) == 0 ]] || { failed=$((failed + 1)); finish; }
# Faults, power cuts and kills fork a child for each of thousands of steps; they are about the disk, ran
# above, and under this sanitizer would take an hour.
export GTEST_FILTER='-*Faults*:PowerCut*:Kill*'
run_all build/tsan "${threaded[@]}"
finish
