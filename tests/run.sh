#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test: all of them under the address and
# undefined-behaviour sanitizers, the threaded parts again under the thread sanitizer.
#   tests/run.sh            everything
#   tests/run.sh NAME...    only these test programs, under the address sanitizer
# The last line says what the whole run amounted to.
set -uo pipefail
cd "$(dirname "$0")/.."

# The parts that have threads of their own.
threaded=(base_test journal_test http_server_test http_client_test delivery_test)
export ASAN_OPTIONS="detect_leaks=1:detect_stack_use_after_return=0"
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

run_one() {  # run_one PROGRAM: counts what gtest's closing lines say
  local log="build/log/$(basename "$(dirname "$(dirname "$1")")" 2>/dev/null)-$(basename "$1").log"
  mkdir -p build/log
  timeout 900 "$1" --gtest_brief=0 >"$log" 2>&1
  local status=$?
  local ok bad
  ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -1)
  bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -1)
  passed=$((passed + ${ok:-0}))
  failed=$((failed + ${bad:-0}))
  if [[ $status -ne 0 ]]; then
    [[ -z "${bad:-}" ]] && failed=$((failed + 1))  # it crashed
    grep -E "^\[  FAILED  \]|Failure|ERROR: |WARNING: ThreadSanitizer|SUMMARY|error:" "$log" | head -30
    tail -15 "$log"
  fi
  return $status
}

run_all() {  # run_all FOLDER PROGRAM...
  local folder="$1" status=0
  shift
  for name in "$@"; do
    local program
    program=$(find "$folder/tests" -type f -executable -name "$name" | head -1)
    [[ -n "$program" ]] || { echo "no test program $name in $folder"; failed=$((failed + 1)); status=1; continue; }
    stage "  $name" run_one "$program" || status=1
  done
  return $status
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
mapfile -t programs < <(find build/asan/tests -type f -executable -name '*_test' -printf '%f\n' | sort)
run_all build/asan "${programs[@]}"
stage "build, thread sanitizer" build tsan "${threaded[@]}" || { failed=$((failed + 1)); finish; }
# Faults, power cuts and kills fork a child for each of thousands of steps; they are about the disk, ran
# above, and under this sanitizer would take an hour.
export GTEST_FILTER='-*Faults*:PowerCut*:Kill*'
run_all build/tsan "${threaded[@]}"
finish
