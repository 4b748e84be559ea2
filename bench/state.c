/*
 * A function in a Lua state of its own, so that it pays only for its own garbage, and the
 * collector works as in a program of its own.
 *
 * `state.new(module, name, ...)` makes a state and calls `require(module)[name](...)`
 * there, which returns a function of a number. `peer:time(n)` calls this function with
 * `n` and returns the time that it took in nanoseconds.
 */
#define _POSIX_C_SOURCE 200809L

#include "lua/compat.h"
#include "timer.h"

int luaopen_state(lua_State *L);

#define PEER "bench.Peer"

typedef struct peer {
    lua_State *state; /* the peer's function is on its stack, alone */
} peer;

/* Calls the function on the stack of `state` and raises its error, if any, in `L`. */
static void call(lua_State *L, lua_State *state, int arguments, int results) {
    if (lua_pcall(state, arguments, results, 0) != LUA_OK) {
        luaL_error(L, "%s", lua_tostring(state, -1));
    }
}

static int peer_new(lua_State *L) {
    const char *module = luaL_checkstring(L, 1);
    const char *name = luaL_checkstring(L, 2);
    int top = lua_gettop(L);
    peer *self = lua_newuserdatauv(L, sizeof *self, 0);
    self->state = NULL;
    luaL_setmetatable(L, PEER);
    lua_State *state = self->state = luaL_newstate();
    if (state == NULL) {
        return luaL_error(L, "not enough memory");
    }
    luaL_openlibs(state);
    lua_getglobal(state, "require");
    lua_pushstring(state, module);
    call(L, state, 1, 1);
    lua_getfield(state, -1, name);
    lua_remove(state, -2); /* module */
    for (int i = 3; i <= top; i++) {
        lua_pushinteger(state, luaL_checkinteger(L, i));
    }
    call(L, state, top - 2, 1);
    return 1;
}

static int peer_time(lua_State *L) {
    const peer *self = luaL_checkudata(L, 1, PEER);
    lua_pushvalue(self->state, 1);
    lua_pushinteger(self->state, luaL_checkinteger(L, 2));
    int64_t start_ns = bench_now_ns();
    call(L, self->state, 1, 0);
    lua_pushinteger(L, bench_now_ns() - start_ns);
    return 1;
}

static int peer_close(lua_State *L) {
    peer *self = luaL_checkudata(L, 1, PEER);
    if (self->state != NULL) {
        lua_close(self->state);
        self->state = NULL;
    }
    return 0;
}

static const luaL_Reg methods[] = {
    {"time", peer_time}, {"__gc", peer_close}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"new", peer_new}, {NULL, NULL}};

int luaopen_state(lua_State *L) {
    luaL_newmetatable(L, PEER);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
