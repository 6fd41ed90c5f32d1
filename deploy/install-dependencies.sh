#!/usr/bin/env bash
# Installs what Baton needs to build, run and test on Debian 12, and nothing if all is there.
# This is the one place where dependencies are declared; each has its reason beside it.
#   deploy/install-dependencies.sh           installs what is missing (as root, or through sudo)
#   deploy/install-dependencies.sh --list    prints package and reason
set -euo pipefail

packages=(
  "clang-19|the compiler: Debian 12's GCC 12 miscompiles coroutines"
  "libclang-rt-19-dev|the sanitizers' runtimes"
  "clang-tidy-19|the lint preset"
  "clang-format-19|one formatting for everybody"
  "lld-19|links in a fraction of the time"
  "llvm-19|readable stacks in sanitizer reports"
  "cmake|describes the build"
  "ninja-build|runs it"
  "ccache|does not compile the same thing twice"
  "git|CMake presets and the demo name the version"
  "libcpprest-dev|cpprestsdk: the programming interface of the management API"
  "libboost-dev|Asio (the loop) and Beast (the HTTP transport), headers only"
  "libboost-system-dev|what cpprestsdk links"
  "libssl-dev|TLS, signatures, the sealed store"
  "libcurl4-openssl-dev|requests to vendors"
  "curl|the commands that demo and documentation show"
  "nlohmann-json3-dev|JSON"
  "libspdlog-dev|the log"
  "libfmt-dev|formatting; spdlog uses it too"
  "libsqlite3-dev|the journal of one machine"
  "libjemalloc-dev|memory: what one thread makes another frees, and the C library's allocator halves the commits for it"
  "zlib1g-dev|CRC-32 of the journal's records"
  "libyaml-cpp-dev|configuration and mapping files"
  "libvalijson-dev|JSON Schema: the oracle that our event validator is tested against"
  "libre2-dev|patterns in linear time"
  "libpugixml-dev|XML: Salesforce's outbound messages are SOAP; it follows no entity and opens no document type"
  "libcli11-dev|the command line"
  "libhowardhinnant-date-dev|time zones and calendars, which Debian 12's C++ library lacks"
  "tzdata|the zones themselves"
  "prometheus-cpp-dev|the text format of metrics"
  "ca-certificates|the authorities that vendors' certificates are checked against"
  "libgtest-dev|tests"
  "libgmock-dev|tests: matchers"
  "librapidcheck-dev|tests: properties"
  "libbenchmark-dev|benchmarks"
  "valgrind|benchmarks: callgrind counts instructions"
  "prometheus|tests: promtool holds metrics, rules and runbooks to their word; scrapes a running gateway (110 MB)"
  "prometheus-alertmanager|tests: receives what the shipped rules say (42 MB)"
)

if [[ "${1:-}" == "--list" ]]; then
  for entry in "${packages[@]}"; do printf '%-28s %s\n' "${entry%%|*}" "${entry#*|}"; done
  exit 0
fi

missing=()
for entry in "${packages[@]}"; do
  name="${entry%%|*}"
  if [[ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" != "installed" ]]; then
    missing+=("$name")
    printf 'installing %-28s %s\n' "$name" "${entry#*|}"
  fi
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ "$(id -u)" -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "run this as root, or install sudo: ${missing[*]} are missing" >&2; exit 1; }
  as_root=(sudo)
fi
# Some come as services. Only their programs are wanted, so nothing is started here.
deny=/usr/sbin/policy-rc.d
if [[ ! -e "$deny" ]]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$deny" >/dev/null
  "${as_root[@]}" chmod 755 "$deny"
  trap '"${as_root[@]}" rm -f "$deny"' EXIT
fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
