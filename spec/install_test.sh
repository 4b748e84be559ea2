#!/bin/sh
# Installs the libraries, static and shared, as a C host would: builds examples/embed.c with
# find_package and with pkg-config, and runs it; and a host whose script requires the Lua modules
# that are installed. The shared library must export exactly what its headers declare.
#
#     sh spec/install_test.sh SOURCE_DIRECTORY CMAKE
set -eu
source=$1 cmake=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() { echo "install_test: $*" >&2; exit 1; }

cat >"$scratch/expected" <<'EOF'
exectrack.Tracker (2 tools, 5/1000 records)
read_file: 3 executions, 2 from the cache, 0 timed out
web_search: 2 executions, 0 from the cache, 2 timed out
EOF

mkdir "$scratch/host"
cp "$source/examples/embed.c" "$scratch/host"
cat >"$scratch/host/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.20)
project(host LANGUAGES C)
find_package(exectrack 0.1 REQUIRED)
find_package(Lua 5.4 EXACT REQUIRED)
add_executable(embed embed.c)
target_link_libraries(embed exectrack::exectrack-lua ${LUA_LIBRARIES})
add_executable(modules modules.c)
target_link_libraries(modules exectrack::exectrack-lua ${LUA_LIBRARIES})
target_compile_definitions(modules PRIVATE LUA_DIR="${exectrack_LUA_DIR}")
EOF

cat >"$scratch/host/modules.c" <<'EOF'
#include <exectrack_lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

static const char script[] =
    "package.path, package.cpath = '" LUA_DIR "/?.lua;" LUA_DIR "/?/init.lua', ''\n"
    "local policy = require('exectrack.policy').budget { max_executions = 1 }\n"
    "local tracker = require('exectrack').new()\n"
    "tracker:record('read_file', 'success', 12)\n"
    "print(policy({ tool = 'read_file', tracker = tracker }).reason)\n";

int main(void) {
    xt_tracker *tracker;
    lua_State *L = luaL_newstate();
    if (L == NULL || xt_tracker_create(NULL, &tracker) != XT_OK) {
        return 1;
    }
    luaL_openlibs(L);
    xt_push_tracker(L, tracker);
    int status = luaL_dostring(L, script);
    if (status != LUA_OK) {
        printf("%s\n", lua_tostring(L, -1));
    }
    lua_close(L);
    xt_tracker_close(tracker);
    return status;
}
EOF

for shared in OFF ON; do
  prefix=$scratch/prefix-$shared
  "$cmake" -S "$source" -B "$scratch/build-$shared" -DBUILD_SHARED_LIBS=$shared \
    -DCMAKE_INSTALL_LIBDIR=lib >/dev/null
  "$cmake" --build "$scratch/build-$shared" >/dev/null
  "$cmake" --install "$scratch/build-$shared" --prefix "$prefix" >/dev/null

  "$cmake" -S "$scratch/host" -B "$scratch/host-$shared" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
  "$cmake" --build "$scratch/host-$shared" >/dev/null
  "$scratch/host-$shared/embed" | diff "$scratch/expected" - ||
    fail "embed.c built with find_package (shared: $shared) prints something else"
  [ "$("$scratch/host-$shared/modules")" = budget_executions ] ||
    fail "a host (shared: $shared) can't use the Lua modules: $("$scratch/host-$shared/modules")"

  export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
  [ -e "$(pkg-config --variable=luadir exectrack-lua)/exectrack/init.lua" ] ||
    fail "the pkg-config file doesn't say where the Lua modules are"
  flags=$(pkg-config --cflags --libs exectrack-lua lua5.4)
  # shellcheck disable=SC2086 -- the flags are words
  cc "$scratch/host/embed.c" $flags -lm -o "$scratch/embed-$shared"
  LD_LIBRARY_PATH="$prefix/lib" "$scratch/embed-$shared" | diff "$scratch/expected" - ||
    fail "embed.c built with pkg-config (shared: $shared) prints something else"
done

exports() { nm -D --defined-only "$1" | awk '{ print $3 }' | sort; }
declared() { sed -n 's/^XT_API .*[ *]\(xt_[a-z0-9_]*\)(.*/\1/p' "$@" | sort; }

include=$scratch/prefix-ON/include
declared "$include/exectrack.h" "$include/exectrack_policy.h" "$include/exectrack_read.h" \
  "$include/exectrack_recorder.h" "$include/exectrack_snapshot.h" >"$scratch/declared"
exports "$scratch/prefix-ON/lib/libexectrack.so" | diff "$scratch/declared" - ||
  fail "libexectrack.so doesn't export what its headers declare"
{ cat "$scratch/declared"; declared "$include/exectrack_lua.h"; echo luaopen_exectrack_core; } |
  sort >"$scratch/declared-lua"
exports "$scratch/prefix-ON/lib/libexectrack-lua.so" | diff "$scratch/declared-lua" - ||
  fail "libexectrack-lua.so doesn't export what its headers declare"
[ "$(exports "$scratch/build-ON/lua/exectrack/core.so")" = luaopen_exectrack_core ] ||
  fail "the module exports more than luaopen_exectrack_core"
