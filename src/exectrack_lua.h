/*
 * exectrack for a C host that embeds Lua 5.4: the module, and the function that gives a
 * tracker of the host to its scripts.
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
 * Pushes a Tracker with which scripts record into `tracker` and read it. It is borrowed:
 * `L` never closes it, and it must outlive `L`. It must be used in one thread at a time:
 * scripts use it in the thread that runs them.
 *
 * Loads `exectrack.core` first if it isn't loaded, so that a script's `require
 * "exectrack"` gets the same code. Needs 8 free stack slots, of the 20 that a C function
 * starts with. May raise Lua's memory error. [-0, +1]
 */
XT_API void xt_push_tracker(lua_State *L, xt_tracker *tracker);

#ifdef __cplusplus
}
#endif

#endif
