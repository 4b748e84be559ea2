/*
 * exectrack for a C host that embeds Lua 5.4: the module, and the one call that hands a
 * tracker of the host's to its scripts.
 */
#ifndef EXECTRACK_LUA_H
#define EXECTRACK_LUA_H

#include "exectrack.h"

#include <lua.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Opens the module `exectrack.core` and pushes its table, as `require` expects. */
__attribute__((visibility("default"))) int luaopen_exectrack_core(lua_State *L);

/**
 * Pushes a Tracker with which scripts record on `tracker` and read it. It is borrowed:
 * `L` never closes it, and it must outlive `L`. Scripts use it in the thread that runs
 * them.
 *
 * Loads `exectrack.core` first if nothing has, so that a script's `require "exectrack"`
 * gets the same code. Needs 8 free stack slots, of the 20 that a C function starts with,
 * and raises Lua's memory error. [-0, +1]
 */
XT_API void xt_push_tracker(lua_State *L, xt_tracker *tracker);

#ifdef __cplusplus
}
#endif

#endif
