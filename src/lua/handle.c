#include "handle.h"

void xt_push_metatable(lua_State *L, const xt_type *type, const luaL_Reg metamethods[],
                       const luaL_Reg methods[]) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, type) != LUA_TNIL) {
        return;
    }
    lua_pop(L, 1); /* nil */
    lua_newtable(L);
    lua_pushstring(L, type->name);
    lua_setfield(L, -2, "__name");
    luaL_setfuncs(L, metamethods, 0);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    /* Registered last, so that an error on the way leaves nothing half made. */
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, type);
}
