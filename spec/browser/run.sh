#!/bin/sh
# Makes HTML reports and checks them in a headless Chromium, and the pages of `exectrack serve`.
# Options go to check.py.
#
#     spec/browser/run.sh [--screenshots DIRECTORY]
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
build=${EXECTRACK_BUILD:-$root/build}
export LUA_PATH="$root/lua/?.lua;$root/lua/?/init.lua;;" LUA_CPATH="$build/lua/?.so;;"
export PYTHONDONTWRITEBYTECODE=1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && lua5.4 "$root/spec/browser/write_reports.lua" "$root")
python3 "$root/spec/browser/check.py" "$@" "$scratch"/*.html
python3 "$root/spec/browser/serve.py" "$scratch"
