#!/usr/bin/env bash
# Makes a new connector from the template: its folder, one mapping file, one test folder, nothing else.
#   tests/template/new_connector.sh NAME [ROOT]     ROOT: another tree than this one
set -euo pipefail
fail() { echo "new_connector.sh: $1" >&2; exit 2; }
[[ $# -ge 1 ]] || fail "usage: tests/template/new_connector.sh NAME [ROOT]"
name=$1
[[ $name =~ ^[a-z][a-z0-9_]*$ ]] || fail "\`$name\` is no name for a connector: lower case letters, digits and _, a letter first"
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "${2:-$here/../..}" && pwd) || fail "there is no folder ${2:-}"
[[ -d $root/connectors && -d $root/mappings && -d $root/tests ]] || fail "$root is no tree of Baton's"
for place in "connectors/$name" "mappings/$name.yaml" "tests/connectors/$name"; do
  [[ ! -e $root/$place ]] || fail "$place exists already; choose another name, or remove it"
done
title=$(tr '[:lower:]' '[:upper:]' <<<"${name:0:1}")${name:1}
made() {  # made TEMPLATE PLACE
  mkdir -p "$root/$(dirname "$2")"
  sed "s/deskly/$name/g; s/Deskly/$title/g" "$here/$1" >"$root/$2"
  echo "$2"
}
for file in "$here"/connector/*.template; do
  made "connector/$(basename "$file")" "connectors/$name/$(basename "$file" .template)"
done
for file in "$here"/test/*.template; do
  base=$(basename "$file" .template)
  made "test/$base.template" "tests/connectors/$name/${base/deskly/$name}"
done
made mapping.yaml.template "mappings/$name.yaml"
