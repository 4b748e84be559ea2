#!/bin/sh
# cmake/find_lua.cmake: headers, on systems that are folders of this test; and that a library and an
# interpreter, VERSION's, are not taken for another version's.
#
#     sh spec/find_lua_test.sh SOURCE_DIRECTORY CMAKE VERSION LIBRARY INTERPRETER
set -eu
source=$1 cmake=$2 version=$3 library=$4 interpreter=$5
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cat >"$scratch/find.cmake" <<EOF
include("$source/cmake/find_lua.cmake")
cmake_language(CALL xt_find_lua_\${what} \${version})
message("\${LUA_INCLUDE_DIR}")
EOF

# check WHAT VERSION EXPECTED [OPTIONS]: what is found, or the message.
check() {
  what=$1 wanted=$2 expected=$3
  shift 3
  actual=$("$cmake" "$@" -Dwhat="$what" -Dversion="$wanted" -P "$scratch/find.cmake" 2>&1 |
    tr -s ' \n' ' ' | sed 's/^CMake Error[^)]*): //; s/ Call Stack.*//; s/ $//')
  [ "$actual" = "$expected" ] || {
    echo "find_lua_test: $what of Lua $wanted: expected '$expected', got '$actual'" >&2
    exit 1
  }
}

# put FOLDER LINE: headers in FOLDER, whose lua.h has LINE.
put() { mkdir -p "$scratch/$1" && echo "$2" >"$scratch/$1/lua.h"; }

several=$scratch/several/include
put several/include/lua5.1 '#define LUA_VERSION_NUM	501'
put several/include/lua53 '#define LUA_VERSION_NUM	503'
put several/include/lua-5.4 '#define LUA_VERSION_NUM	504'
put several/include/luajit-2.1 '#define LUA_VERSION_NUM	501'
touch "$several/luajit-2.1/luajit.h"
put several/include '#define LUA_VERSION_MINOR_N	5'
put one/include '#define LUA_VERSION_NUM	503'
one=$scratch/one/include

check headers 5.1 "$several/lua5.1" -DCMAKE_PREFIX_PATH="$scratch/several"
check headers 5.3 "$several/lua53" -DCMAKE_PREFIX_PATH="$scratch/several"
check headers 5.4 "$several/lua-5.4" -DCMAKE_PREFIX_PATH="$scratch/several"
check headers 5.5 "$several" -DCMAKE_PREFIX_PATH="$scratch/several"
check headers luajit "$several/luajit-2.1" -DCMAKE_PREFIX_PATH="$scratch/several"
check headers 5.3 "$one" -DCMAKE_PREFIX_PATH="$scratch/one"
check headers 5.2 "LUA_INCLUDE_DIR is $several: expected Lua 5.2, got '5.5'" \
  -DCMAKE_PREFIX_PATH="$scratch/several"
check headers luajit "LUA_INCLUDE_DIR is $one: expected Lua luajit, got '5.3'" \
  -DCMAKE_PREFIX_PATH="$scratch/one"
check headers 5.3 "LUA_INCLUDE_DIR is $several: expected Lua 5.3, got '5.5'" \
  -DCMAKE_PREFIX_PATH="$scratch/one" -DLUA_INCLUDE_DIR="$several"
check headers 5.4 "Lua 5.4 was not found: install it, or set LUA_INCLUDE_DIR"
check library 5.9 "LUA_LIBRARY is $library: expected Lua 5.9, got '$version'" \
  -DLUA_LIBRARY="$library"
check program 5.9 "LUA_PROGRAM is $interpreter: expected Lua 5.9, got '$version'" \
  -DLUA_PROGRAM="$interpreter"
