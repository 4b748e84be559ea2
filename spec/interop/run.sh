#!/bin/sh
# Has the programs that exports are for read them, several at once. Prints a line for each of them.
# One that can't be had is skipped. If one fails, the script ends with an error.
#
# What isn't in Debian 12 is downloaded into the build directory: from Debian 13, and from npm.
set -eu
CDPATH= cd -- "$(dirname -- "$0")/../.."
build=${EXECTRACK_BUILD:-$PWD/build}
export LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;" LUA_CPATH="$build/lua/?.so;;"
export PYTHONDONTWRITEBYTECODE=1

export INTEROP="$build/interop"
mkdir -p "$INTEROP"
spec/interop/fetch_newer.sh "$INTEROP/debian" opentelemetry-proto victoria-metrics \
  || echo "Debian 13's packages can't be had"
cp spec/interop/package.json "$INTEROP"
(cd "$INTEROP" && npm install --silent --prefer-offline --fetch-retries=0 \
  --no-audit --no-fund --no-package-lock) \
  || echo "npm's packages can't be had"

RUNS=$(mktemp -d)
export RUNS
trap 'rm -rf "$RUNS"' EXIT
root=$PWD
(cd "$RUNS" && lua5.4 "$root/spec/interop/write_runs.lua")

printf '%s\n' serve dashboard prometheus node_exporter promtool python_client protoc \
  opentelemetry_sdk victoria_metrics parquet speedscope dashboard_otlp rules fleets \
  | xargs -P 4 -I NAME /usr/bin/python3 spec/interop/NAME.py || exit 1 # after all of them
