#!/bin/sh
# Puts OpenTelemetry's .proto files into DIRECTORY, from Debian's package opentelemetry-proto, which
# is newer than Debian 12. Changes nothing of the system.
#
#     spec/interop/fetch_proto.sh DIRECTORY
set -eu
mkdir -p "$1"
directory=$(CDPATH= cd -- "$1" && pwd)
[ ! -e "$directory/opentelemetry/proto/trace/v1/trace.proto" ] || exit 0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=$(sed -n 's/^\(deb .*\|URIs: *\)\(http[^ ]*\/debian\/\{0,1\}\)\([ ].*\)\{0,1\}$/\2/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
echo "deb [signed-by=$keys] ${mirror:-http://deb.debian.org/debian} trixie main" >"$scratch/list"
set -- -qq -o Dir::Etc::sourcelist="$scratch/list" -o Dir::Etc::sourceparts=/dev/null \
  -o Dir::State::Lists="$scratch/lists" -o Dir::Cache="$scratch/cache" -o APT::Sandbox::User=root
cd "$scratch"
apt-get "$@" update
apt-get "$@" download opentelemetry-proto
dpkg -x opentelemetry-proto_*.deb files
cp -R files/usr/include/opentelemetry "$directory"
