#include "serials.h"

/* The place in the registry is the address of this; that of the last number is key 0. */
static const char registry_key;

void xt_make_serials(lua_State *L) {
    luaL_checkstack(L, 3, "too many values");
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_pushinteger(L, 0);
    lua_rawseti(L, -2, 0);
    lua_pushvalue(L, -1);
    lua_setmetatable(L, -2); /* it is its own */
    /* Last, and unless a finalizer that ran meanwhile has made one. */
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &registry_key) == LUA_TNIL) {
        lua_pushvalue(L, -2);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &registry_key);
    }
    lua_pop(L, 2); /* table, nil or the other one */
}

/* Gives the value at `index` the next number of the table on top. */
static lua_Integer add(lua_State *L, int index) {
    lua_rawgeti(L, -1, 0);
    lua_Integer serial = lua_tointeger(L, -1) + 1;
    lua_pop(L, 1); /* last number */
    lua_pushvalue(L, index);
    lua_pushinteger(L, serial);
    lua_rawset(L, -3);
    lua_pushinteger(L, serial);
    lua_rawseti(L, -2, 0); /* which is there, so that this can't fail */
    return serial;
}

uint64_t xt_serial_of(lua_State *L, int index) {
    lua_Integer serial = 0;
    luaL_checkstack(L, 3, "too many values");
    index = lua_absindex(L, index);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &registry_key) != LUA_TNIL) {
        lua_pushvalue(L, index);
        lua_rawget(L, -2);
        serial = lua_tointeger(L, -1);
        lua_pop(L, 1); /* number, or nil */
        if (serial == 0) {
            serial = add(L, index);
        }
    }
    lua_pop(L, 1); /* table, or nil */
    return (uint64_t)serial;
}
