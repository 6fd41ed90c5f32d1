#!/usr/bin/env bash
# A tree of links to this one, with the throw-away connector `deskly` made from the template in it.
#   make_tree.sh SOURCE TREE
# Fails if the connector put a file anywhere but in its three places.
set -euo pipefail
source=$1 tree=$2
rm -rf "$tree"
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
link_all tests connectors template
link_all tests/connectors
before=$(cd "$tree" && find . | sort)
"$source/tests/template/new_connector.sh" deskly "$tree" >/dev/null
added=$(comm -13 <(echo "$before") <(cd "$tree" && find . | sort))
stray=$(grep -vE '^\./(connectors/deskly|tests/connectors/deskly)(/|$)|^\./mappings/deskly\.yaml$' <<<"$added" || true)
[[ -z $stray ]] || { echo "outside of the three places: $stray" >&2; exit 1; }
