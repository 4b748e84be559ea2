/*
 * Snapshots from C, each in newly mapped memory. Each function returns a function without
 * parameters that performs the operation once.
 */
#include "exectrack_snapshot.h"

#include <lauxlib.h>

int luaopen_fresh(lua_State *L);

static void check(lua_State *L, xt_error error) {
    if (error != XT_OK) {
        luaL_error(L, "%s", xt_error_message(error));
    }
}

/* Upvalue 1: the path. */
static int load(lua_State *L) {
    xt_snapshot *snapshot;
    check(L,
          xt_snapshot_load(lua_tostring(L, lua_upvalueindex(1)), NULL, &snapshot, NULL));
    xt_snapshot_close(snapshot);
    return 0;
}

/* fresh.loader(path): loads a saved run. */
static int loader(lua_State *L) {
    luaL_checkstring(L, 1);
    lua_settop(L, 1);
    lua_pushcclosure(L, load, 1);
    return 1;
}

/* Upvalue 1: the image of a snapshot, which lasts as long as the process. */
static int take(lua_State *L) {
    xt_snapshot *snapshot;
    check(L, xt_snapshot_take(lua_touserdata(L, lua_upvalueindex(1)), NULL, &snapshot));
    xt_snapshot_close(snapshot);
    return 0;
}

/* fresh.taker(path): takes a snapshot of a saved run. */
static int taker(lua_State *L) {
    xt_snapshot *snapshot;
    check(L, xt_snapshot_load(luaL_checkstring(L, 1), NULL, &snapshot, NULL));
    lua_pushlightuserdata(L, (void *)(uintptr_t)xt_snapshot_image(snapshot));
    lua_pushcclosure(L, take, 1);
    return 1;
}

int luaopen_fresh(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"loader", loader}, {"taker", taker}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
