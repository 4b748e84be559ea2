#include "compat.h"

#if LUA_VERSION_NUM < 502

/* Keeps the C function, to which light userdata 1 points, in the registry by its address. */
static int keep_function(lua_State *L) {
    const lua_CFunction *function = lua_touserdata(L, 1);
    lua_pushcfunction(L, *function);
    lua_rawsetp(L, LUA_REGISTRYINDEX, (const void *)(uintptr_t)*function);
    return 0;
}

/* Pushes the function that was kept, or nil. */
static bool push_kept(lua_State *L, lua_CFunction function) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, (const void *)(uintptr_t)function);
    return !lua_isnil(L, -1);
}

int xl_pcall(lua_State *L, lua_CFunction function, int arguments, int results) {
    int first = lua_gettop(L) - arguments + 1;
    if (!push_kept(L, function)) {
        lua_pop(L, 1); /* nil */
        int status = lua_cpcall(L, keep_function, &function);
        if (status != LUA_OK) {
            lua_insert(L, first); /* the error */
            lua_settop(L, first);
            return status;
        }
        push_kept(L, function);
    }
    lua_insert(L, first);
    return lua_pcall(L, arguments, results, 0);
}

/* Has the stack grow: what called this has as much room then, too. */
static int grow(lua_State *L) {
    const int *slots = lua_touserdata(L, 1);
    lua_pushboolean(L, lua_checkstack(L, *slots));
    return 1;
}

bool xl_has_room(lua_State *L, int slots) {
    lua_pushlightuserdata(L, &slots);
    bool has_grown = xl_pcall(L, grow, 1, 1) == LUA_OK && lua_toboolean(L, -1);
    lua_pop(L, 1);                                /* whether, or error */
    return has_grown && lua_checkstack(L, slots); /* allocates nothing now */
}

#endif
