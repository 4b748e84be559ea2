#!/bin/sh
# Has the programs that exports are for read them. Prints a line for each of them. One that can't be had
# is skipped; with one that fails the script ends with an error, after all of them.
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
(cd "$INTEROP" && npm install --silent --prefer-offline --no-audit --no-fund --no-package-lock) \
  || echo "npm's packages can't be had"

RUNS=$(mktemp -d)
export RUNS
trap 'rm -rf "$RUNS"' EXIT
root=$PWD
(cd "$RUNS" && lua5.4 "$root/spec/interop/write_runs.lua")

failed=""
for name in promtool python_client prometheus node_exporter protoc victoria_metrics \
  opentelemetry_sdk parquet speedscope dashboard rules; do
  /usr/bin/python3 "spec/interop/$name.py" || failed="$failed $name"
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
