/*
 * Lua's memory for the core: its blocks are userdata. So the collector accounts for them,
 * and a Lua state's memory limit includes them.
 */
#ifndef XL_LUA_MEMORY_H
#define XL_LUA_MEMORY_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/* Memory for one call of a function of exectrack_snapshot.h. */
typedef struct xl_lua_memory {
    lua_State *L;
    int status; /* LUA_OK, or that of the error that allocating raised */
    int blocks; /* how many it has tried to allocate */
} xl_lua_memory;

/* Memory of `L`. Grows the stack for the blocks of most calls; raises if it can't. */
xl_lua_memory xl_lua_memory_of(lua_State *L);

/*
 * An allocator that uses `memory`. Every block is pushed on the stack and stays there:
 * what the core releases is collected after it is popped. It never raises: if Lua raises
 * an error while allocating, the core gets null, and the error stays on top of the stack.
 * Allocating may run finalizers and debug hooks.
 */
xt_allocator xl_lua_allocator(xl_lua_memory *memory);

/*
 * If `error` is XT_ERROR_MEMORY, raises the error that allocating raised: Lua's memory
 * error, or one of a debug hook. With `only_others`, doesn't raise memory errors.
 */
void xl_check_lua_memory(const xl_lua_memory *memory, xt_error error, bool only_others);

/*
 * Pushes a userdata with a block of `bytes`, in which a snapshot can be made, and returns
 * the block. Raises Lua's memory error. May run finalizers. [-0, +1]
 */
void *xl_push_block(lua_State *L, size_t bytes);

/* An allocator that returns `block`. It may be used once. */
xt_allocator xl_block_allocator(void *block);

/* Makes the userdata in whose block `snapshot` was made a Snapshot, and pushes it. It
 * must be on the stack. [-0, +1] */
void xl_push_snapshot(lua_State *L, const xt_snapshot *snapshot);

/*
 * Runs the collector, unless it is stopped, as if `bytes` had been allocated: for memory
 * that isn't Lua's, or for a block so large that older ones should be freed soon. May run
 * finalizers. [-0, +0]
 */
void xl_account_for(lua_State *L, size_t bytes);

#pragma GCC visibility pop

#endif
