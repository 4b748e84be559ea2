#include "binding.h"

/* Pushes a table of methods, closures over the address of `type`. [-0, +1] */
static void push_methods(lua_State *L, const xl_type *type, const luaL_Reg methods[],
                         bool reads) {
    lua_newtable(L);
    lua_pushlightuserdata(L, (void *)(uintptr_t)type);
    luaL_setfuncs(L, methods, 1);
    if (reads) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)type);
        luaL_setfuncs(L, xl_read_methods, 1);
        lua_pushlightuserdata(L, (void *)(uintptr_t)type);
        luaL_setfuncs(L, xl_policy_methods, 1);
    }
}

void xl_push_tracker_of(lua_State *L, int index, const xl_tracker *handle) {
    lua_pushvalue(L, index);
    while (lua_touserdata(L, -1) != handle) {
        lua_getiuservalue(L, -1, XL_PARENT);
        lua_remove(L, -2);
    }
}

void xl_push_metatable(lua_State *L, const xl_type *type, const luaL_Reg metamethods[],
                       const luaL_Reg methods[], bool reads) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, type) != LUA_TNIL) {
        return;
    }
    lua_pop(L, 1); /* nil */
    lua_newtable(L);
    lua_pushstring(L, type->name);
    lua_setfield(L, -2, "__name");
    push_methods(L, type, methods, reads);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__index");
    lua_pushlightuserdata(L, (void *)(uintptr_t)type);
    lua_insert(L, -2);
    luaL_setfuncs(L, metamethods, 2);
    /* Registered last, so that an error on the way leaves nothing half made. */
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, type);
}
