#!/bin/sh
# What another Lua makes of random runs, and how it answers all that can be asked of them, is what
# Lua 5.4 makes and answers, byte for byte. With Lua 5.4, that it answers alike twice.
#
#     [SEED=1] sh spec/differential_test.sh SOURCE_DIRECTORY BINARY_DIRECTORY INTERPRETER
set -eu
source=$1 binary=$2 interpreter=$3
seed=${SEED:-$(date +%s)}
[ -e "$source/build/lua/exectrack/core.so" ] || {
  echo "skipped: there is no module of Lua 5.4 in build/ to compare with"
  exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset COLUMNS NO_COLOR

# answer BINARY_DIRECTORY INTERPRETER NAME: what it prints, in a file of that name.
answer() {
  mkdir "$scratch/$3.files"
  (
    cd "$scratch/$3.files"
    LUA_PATH="$source/lua/?.lua;$source/lua/?/init.lua;$source/?.lua;;" LUA_CPATH="$1/lua/?.so;;" \
      "$2" "$source/spec/differential/main.lua" "$seed" >"$scratch/$3" 2>&1
  ) || { tail -n 20 "$scratch/$3"; echo "differential_test: $2 failed, SEED=$seed"; exit 1; }
}

answer "$source/build" lua5.4 expected
answer "$binary" "$interpreter" actual
cmp "$scratch/expected" "$scratch/actual" || {
  diff --text "$scratch/expected" "$scratch/actual" | cut -c 1-500 | head -n 40
  echo "differential_test: $interpreter differs from lua5.4, SEED=$seed"
  exit 1
}
echo "differential_test: $(wc -l <"$scratch/actual") lines are the same, SEED=$seed"
