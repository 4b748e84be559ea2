#!/bin/sh
# Unpacks packages of Debian 13 into DIRECTORY, for what Debian 12 doesn't have. Changes nothing of the
# system.
#
#     spec/interop/fetch_newer.sh DIRECTORY PACKAGE...
set -eu
mkdir -p "$1"
directory=$(CDPATH= cd -- "$1" && pwd)
shift
packages=""
for package; do
  [ -e "$directory/$package.is-there" ] || packages="$packages $package"
done
[ -n "$packages" ] || exit 0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=$(sed -n 's/^\(deb .*\|URIs: *\)\(http[^ ]*\/debian\/\{0,1\}\)\([ ].*\)\{0,1\}$/\2/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
[ -n "$mirror" ] || { echo "no mirror of Debian is known" >&2; exit 1; }
echo "deb [signed-by=$keys] $mirror trixie main" >"$scratch/list"
set -- -qq -o Dir::Etc::sourcelist="$scratch/list" -o Dir::Etc::sourceparts=/dev/null \
  -o Dir::State::Lists="$scratch/lists" -o Dir::Cache="$scratch/cache" -o APT::Sandbox::User=root
cd "$scratch"
apt-get "$@" update
for package in $packages; do
  apt-get "$@" download "$package"
  dpkg -x "$package"_*.deb "$directory"
  : >"$directory/$package.is-there"
done
