/*
 * Lua's memory for the core: blocks that are userdata, so that the collector sees them,
 * and a state's limits hold for them.
 */
#ifndef XL_LUA_MEMORY_H
#define XL_LUA_MEMORY_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/* Memory for one call of a function of exectrack_snapshot.h. */
typedef struct xl_lua_memory {
    lua_State *L;
    int status; /* LUA_OK, or that of the error that kept it from giving a block */
    int blocks; /* that it gave, or was to give */
} xl_lua_memory;

/* Memory of `L`, for a call that needs few blocks. */
xl_lua_memory xl_lua_memory_of(lua_State *L);

/*
 * An allocator of `memory`. Every block that it gives is pushed on the stack, where it
 * stays: what the core releases is collected once it is popped. It never raises: the error
 * that kept it from giving a block is left on top of the stack. Allocating may run
 * finalizers and debug hooks.
 */
xt_allocator xl_lua_allocator(xl_lua_memory *memory);

/*
 * Raises, if `error` is XT_ERROR_MEMORY, what kept `memory` from giving a block: an error
 * of Lua's or of a debug hook's. With `only_others`, not if there was no memory.
 */
void xl_check_lua_memory(const xl_lua_memory *memory, xt_error error, bool only_others);

/*
 * Pushes a block of `bytes` such as a snapshot can be made in, and returns it. Raises
 * Lua's memory error. May run finalizers. [-0, +1]
 */
void *xl_push_block(lua_State *L, size_t bytes);

/* An allocator that gives `block`, once. */
xt_allocator xl_block_allocator(void *block);

/* Pushes as a Snapshot what was made in a block that is on the stack. [-0, +1] */
void xl_push_snapshot(lua_State *L, const xt_snapshot *snapshot);

/*
 * Makes the collector, unless it is stopped, go on as if `bytes` had been allocated: for
 * memory that it doesn't see, or so large that what was before it should be freed soon.
 * May run finalizers. [-0, +0]
 */
void xl_account_for(lua_State *L, size_t bytes);

#pragma GCC visibility pop

#endif
