#include "lua_memory.h"

#include <limits.h>

/* Pushes a userdata with a handle's room before the bytes that the core gets. */
static int new_block(lua_State *L) {
    size_t bytes = (size_t)lua_touserdata(L, 1);
    xt_snapshot_handle *handle = lua_newuserdatauv(L, sizeof *handle + bytes, 1);
    *handle = (xt_snapshot_handle){0};
    return 1;
}

/*
 * In protected mode, as no error of Lua's may pass through the core, and without a debug
 * hook, which may do anything to what the core is reading.
 */
static void *allocate(void *context, size_t bytes) {
    lua_State *L = context;
    lua_Hook hook = lua_gethook(L);
    int mask = lua_gethookmask(L);
    int count = lua_gethookcount(L);
    if (bytes > SIZE_MAX / 2 || !lua_checkstack(L, 3)) {
        return NULL;
    }
    lua_sethook(L, NULL, 0, 0);
    lua_pushcfunction(L, new_block);
    lua_pushlightuserdata(L, (void *)bytes);
    bool has_block = lua_pcall(L, 1, 1, 0) == LUA_OK;
    lua_sethook(L, hook, mask, count);
    if (!has_block) {
        lua_pop(L, 1); /* message */
        return NULL;
    }
    return (xt_snapshot_handle *)lua_touserdata(L, -1) + 1;
}

static void release(void *context, void *block, size_t bytes) {
    (void)context;
    (void)block;
    (void)bytes;
}

xt_allocator xt_lua_memory(lua_State *L) {
    return (xt_allocator){allocate, release, L};
}

void xt_push_snapshot(lua_State *L, xt_error error, const xt_image *snapshot) {
    if (error != XT_OK) {
        lua_pushstring(L, xt_error_message(error)); /* Lua's own message */
        lua_error(L);
    }
    xt_snapshot_handle *handle = (xt_snapshot_handle *)(uintptr_t)snapshot - 1;
    int index = lua_gettop(L);
    while (lua_touserdata(L, index) != handle) {
        index--;
    }
    lua_pushvalue(L, index);
    xt_push_snapshot_metatable(L);
    handle->type = &xt_snapshot_type;
    handle->image = snapshot;
    lua_setmetatable(L, -2);
}

void xt_account_for(lua_State *L, size_t bytes) {
    size_t kilobytes = bytes / 1024;
    if (lua_gc(L, LUA_GCISRUNNING)) {
        lua_gc(L, LUA_GCSTEP, kilobytes < INT_MAX ? (int)kilobytes : INT_MAX);
    }
}
