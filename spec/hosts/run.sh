#!/bin/sh
# Tests the examples for Neovim and nginx, and the adapters of docs/sending.md, with the modules that
# script/test_hosts has built.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
export PYTHONDONTWRITEBYTECODE=1 PATH="$PATH:/usr/sbin"
export LUA_PATH="$root/lua/?.lua;$root/lua/?/init.lua;;"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

mkdir -p "$scratch/config/lua" "$scratch/project"
cp "$root/examples/neovim.lua" "$scratch/config/lua/tool_record.lua"
(
  cd "$scratch/project"
  XDG_DATA_HOME="$scratch/data" LUA_CPATH="$root/build/luajit/lua/?.so;;" \
    timeout 60 nvim --headless -u NONE -i NONE --cmd "set runtimepath+=$scratch/config" \
    -c "luafile $root/spec/hosts/neovim_tools.lua" -c "cquit" </dev/null
)
LUA_CPATH="$root/build/lua/?.so;;" lua5.4 "$root/spec/hosts/neovim_run.lua" \
  "$scratch"/data/nvim/tools/*.run "$scratch/project"

LUA_CPATH="$root/build/lua/?.so;;" python3 "$root/spec/hosts/nginx.py" "$root" "$root/build/luajit/lua"
python3 "$root/spec/hosts/sending.py" "$root" "$root/build/luajit/lua"
