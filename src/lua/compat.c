#include "compat.h"

#if LUA_VERSION_NUM < 502

/* Keeps the C function, to which the light userdata at index 1 points, in the registry,
 * with its address as the key. */
static int keep_function(lua_State *L) {
    const lua_CFunction *function = lua_touserdata(L, 1);
    lua_pushcfunction(L, *function);
    lua_rawsetp(L, LUA_REGISTRYINDEX, (const void *)(uintptr_t)*function);
    return 0;
}

/* Pushes the function if it is kept, else nil, and returns whether it is. */
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

/* Grows the stack. The caller of this function can then use the room, too. */
static int grow(lua_State *L) {
    const int *slots = xl_to_address(L, 1);
    lua_pushboolean(L, lua_checkstack(L, *slots));
    return 1;
}

bool xl_has_room(lua_State *L, int slots) {
    lua_Hook hook = lua_gethook(L);
    int mask = lua_gethookmask(L);
    int count = lua_gethookcount(L);
    lua_sethook(L, NULL, 0,
                0); /* an error of a hook's would be taken for a lack of room */
    xl_push_address(L, &slots);
    bool has_grown = xl_pcall(L, grow, 1, 1) == LUA_OK && lua_toboolean(L, -1);
    lua_pop(L, 1); /* boolean or error */
    lua_sethook(L, hook, mask, count);
    return has_grown && lua_checkstack(L, slots); /* needn't allocate any more */
}

#endif
