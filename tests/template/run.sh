#!/usr/bin/env bash
# Builds a throw-away connector from the template, in a tree of links to this one, and runs its test, the
# contract suite over it and the test of the architecture.
#   run.sh SOURCE SCRATCH PRESET ARCHITECTURE_TEST
# The scratch tree has its build folder where this one has it, so that the compiler cache knows nearly all
# of it already.
set -euo pipefail
source=$1 scratch=$2 preset=$3 architecture_test=$4
tree=$scratch/tree
mkdir -p "$tree"
find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
link_all() {  # link_all FOLDER EXCEPT...: a real folder whose entries are links
  mkdir -p "$tree/$1"
  local entry name
  for entry in "$source/$1"/*; do
    name=$(basename "$entry")
    [[ " ${*:2} " == *" $name "* ]] || ln -s "$entry" "$tree/$1/$name"
  done
}
link_all . build connectors mappings tests
link_all connectors
link_all mappings
link_all tests connectors
link_all tests/connectors
before=$(cd "$tree" && find . -path ./build -prune -o -print | sort)
"$source/tests/template/new_connector.sh" deskly "$tree"
added=$(comm -13 <(echo "$before") <(cd "$tree" && find . -path ./build -prune -o -print | sort))
stray=$(grep -vE '^\./(connectors/deskly|tests/connectors/deskly)(/|$)|^\./mappings/deskly\.yaml$' <<<"$added" || true)
[[ -z $stray ]] || { echo "outside of the three places: $stray" >&2; exit 1; }

cd "$tree"
cmake --preset "$preset" >"$scratch/configure.log" 2>&1 || { cat "$scratch/configure.log"; exit 1; }
cmake --build --preset "$preset" --target deskly_test contract_test >"$scratch/build.log" 2>&1 ||
  { grep -E "error:|FAILED" "$scratch/build.log"; exit 1; }
"build/$preset/tests/connectors/deskly/deskly_test" --gtest_brief=1
"build/$preset/tests/contract/contract_test" --gtest_brief=1 --gtest_filter='*deskly*'
known=$("build/$preset/tests/contract/contract_test" --gtest_list_tests | grep -c deskly || true)
[[ $known -gt 0 ]] || { echo "the contract suite does not know deskly" >&2; exit 1; }
BATON_TREE=$tree "$architecture_test" --gtest_brief=1
