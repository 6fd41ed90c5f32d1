#!/usr/bin/env bash
# What CMake, the architecture test and the tests of connectors say of the throw-away connector.
#   run.sh TREE PRESET ARCHITECTURE_TEST
set -euo pipefail
tree=$1 preset=$2 architecture_test=$3
cd "$tree"
# Found without being listed: the whole tree configured with nothing but the three places added.
cmake --preset "$preset" -B "$tree/build" >"$tree/configure.log" 2>&1 || { cat "$tree/configure.log"; exit 1; }
for place in connectors/registry.cc connectors/simulators.cc build.ninja; do
  grep -q deskly "$tree/build/$place" || { echo "deskly is not in $place" >&2; exit 1; }
done
ninja -C "$tree/build" -t targets all | grep -c 'deskly_test' >/dev/null ||
  { echo "there is no target deskly_test" >&2; exit 1; }
BATON_TREE=$tree "$architecture_test" --gtest_brief=1
