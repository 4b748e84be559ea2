#!/bin/sh
# Has programs of others read spans, trace events and Parquet: protoc, speedscope, DuckDB and hyparquet.
# What comes from npm is put into the build directory; OpenTelemetry's .proto files are in $OTEL_PROTO.
# What can't be had is skipped, and named.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
build=${EXECTRACK_BUILD:-$root/build}
export LUA_PATH="$root/lua/?.lua;$root/lua/?/init.lua;;" LUA_CPATH="$build/lua/?.so;;"
export PYTHONDONTWRITEBYTECODE=1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && lua5.4 "$root/spec/interop/write_exports.lua")

modules=$build/interop
mkdir -p "$modules"

if ! command -v protoc >/dev/null || ! /usr/bin/python3 -c "import google.protobuf"; then
  echo "skipped: protoc, because it or its Python module isn't there"
elif ! [ -e "$OTEL_PROTO/opentelemetry" ]; then
  echo "skipped: protoc, because OpenTelemetry's .proto files aren't there"
else
  /usr/bin/python3 "$root/spec/interop/otlp.py" "$OTEL_PROTO" "$scratch"
fi

if ! command -v npm >/dev/null; then
  echo "skipped: DuckDB, hyparquet and speedscope, because there is no npm"
  exit
fi
cp "$root/spec/interop/package.json" "$modules"
if ! (cd "$modules" && npm install --silent --no-audit --no-fund --no-package-lock); then
  echo "skipped: DuckDB, hyparquet and speedscope, because npm can't install them"
  exit
fi

node "$root/spec/interop/parquet.mjs" "$modules" "$scratch/run.parquet" "$scratch/rows.json" \
  "$scratch/empty.parquet"
if command -v "${CHROMIUM:-chromium}" >/dev/null; then
  python3 "$root/spec/interop/speedscope.py" "$modules/node_modules/speedscope" "$scratch"
else
  echo "skipped: speedscope, because there is no Chromium"
fi
