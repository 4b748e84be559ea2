#include "lua_memory.h"

enum { BLOCKS = 40, SLOTS_PER_CALL = 3 };

xl_lua_memory xl_lua_memory_of(lua_State *L) {
    luaL_checkstack(L, BLOCKS + SLOTS_PER_CALL, "too many blocks");
    return (xl_lua_memory){L, LUA_OK, 0};
}

void *xl_push_block(lua_State *L, size_t bytes) {
    xl_snapshot *handle = lua_newuserdatauv(L, sizeof *handle + bytes, 1);
    *handle = (xl_snapshot){0};
    return handle + 1;
}

static int push_block(lua_State *L) {
    xl_push_block(L, (size_t)lua_tointeger(L, 1));
    return 1;
}

/* Whether the stack has room for another block. For the first ones it was grown
 * before. */
static bool has_room(const xl_lua_memory *memory) {
    return memory->blocks < BLOCKS || xl_has_room(memory->L, SLOTS_PER_CALL);
}

/* In protected mode: Lua's errors must not jump over the core. */
static void *allocate(void *context, size_t bytes) {
    xl_lua_memory *memory = context;
    lua_State *L = memory->L;
    /* After an error it doesn't try again, as the error must stay on top of the stack. */
    if (memory->status != LUA_OK || bytes > SIZE_MAX / 2 || !has_room(memory)) {
        return NULL;
    }
    memory->blocks++;
    lua_pushinteger(L, (lua_Integer)bytes);
    memory->status = xl_pcall(L, push_block, 1, 1);
    return memory->status == LUA_OK ? (xl_snapshot *)lua_touserdata(L, -1) + 1 : NULL;
}

/* What the core releases is collected. */
static void release(void *context, void *block, size_t bytes) {
    (void)context;
    (void)block;
    (void)bytes;
}

xt_allocator xl_lua_allocator(xl_lua_memory *memory) {
    return (xt_allocator){allocate, release, memory};
}

static void *give(void *context, size_t bytes) {
    (void)bytes;
    return context;
}

xt_allocator xl_block_allocator(void *block) {
    return (xt_allocator){give, release, block};
}

void xl_check_lua_memory(const xl_lua_memory *memory, xt_error error, bool only_others) {
    bool is_memory = memory->status == LUA_OK || memory->status == LUA_ERRMEM;
    if (error != XT_ERROR_MEMORY || (is_memory && only_others)) {
        return;
    }
    if (memory->status == LUA_OK) {
        lua_pushstring(memory->L,
                       xt_error_message(error)); /* the same as Lua's message */
    }
    lua_error(memory->L);
}

void xl_push_snapshot(lua_State *L, const xt_snapshot *snapshot) {
    xl_snapshot *handle = (xl_snapshot *)(uintptr_t)snapshot - 1;
    int index = lua_gettop(L);
    while (lua_touserdata(L, index) != handle) {
        index--;
    }
    lua_pushvalue(L, index);
    xl_push_snapshot_metatable(L);
    handle->type = &xl_snapshot_type;
    handle->snapshot = snapshot;
    lua_setmetatable(L, -2);
}

void xl_account_for(lua_State *L, size_t bytes) {
    if (xl_is_collecting(L)) {
        xl_collect(L, bytes);
    }
}
