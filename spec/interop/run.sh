#!/bin/sh
# Has foreign programs read what `exectrack export` writes, as script/test_interop says. Python is the
# system's, for which python3-prometheus-client is installed.
set -eu
CDPATH= cd -- "$(dirname -- "$0")/../.."

LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;" LUA_CPATH="$PWD/build/lua/?.so;;"
export LUA_PATH LUA_CPATH
export OTEL_PROTO="${OTEL_PROTO:-$PWD/build/interop/proto}"
spec/interop/fetch_proto.sh "$OTEL_PROTO" || echo "OpenTelemetry's .proto files can't be had"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
lua5.4 spec/interop/runs.lua "$directory/hostile.run" >"$directory/expected"
/usr/bin/python3 spec/interop/metrics.py bin/exectrack "$directory/hostile.run" <"$directory/expected"
spec/interop/records.sh
