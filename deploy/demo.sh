#!/usr/bin/env bash
# Installs what is missing, builds, and plays handoffs against simulated vendors, in the terminal.
#   deploy/demo.sh                 the play, with a kill -9 in the middle of two writes
#   deploy/demo.sh --keep          the same, and leaves everything running to be tried
#   deploy/demo.sh --no-lookups    the same without look-ups: shows the duplicates that they prevent
set -euo pipefail
cd "$(dirname "$0")/.."
deploy/install-dependencies.sh
echo "building (the first time takes some minutes)"
cmake --preset release -DBATON_TESTS=OFF >/dev/null
cmake --build --preset release --target baton -- -v >build/release/build.log 2>&1 ||
  { tail -40 build/release/build.log >&2; exit 1; }
exec build/release/baton demo "$@"
