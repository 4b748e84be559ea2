/*
 * Lua's memory for the core: blocks that are userdata, so that the collector sees them,
 * and a state's limits hold for them.
 */
#ifndef XT_LUA_MEMORY_H
#define XT_LUA_MEMORY_H

#include "handle.h"

#pragma GCC visibility push(hidden)

/*
 * An allocator for one call of a function of exectrack_snapshot.h. Every block that it
 * gives is pushed on the stack of `L`, where it stays: what the core releases is
 * collected once it is popped. It never raises. Allocating may run finalizers.
 */
xt_allocator xt_lua_memory(lua_State *L);

/*
 * Pushes as a Snapshot what the core made with that allocator, in a block that is on the
 * stack. Raises Lua's memory error if `error` says that there was none. [-0, +1]
 */
void xt_push_snapshot(lua_State *L, xt_error error, const xt_image *snapshot);

/*
 * Makes the collector, unless it is stopped, go on as if `bytes` had been allocated: for
 * memory that it doesn't see, or that was allocated while it was stopped, or so large that
 * what was before it should be freed soon. May run finalizers. [-0, +0]
 */
void xt_account_for(lua_State *L, size_t bytes);

#pragma GCC visibility pop

#endif
