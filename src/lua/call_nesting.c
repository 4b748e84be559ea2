#include "call_nesting.h"

enum { MOST_LOOKED_AT = 64 };

/* The addresses of these are keys of the registry. */
static const char nesting_key;
static const char innermost_key; /* of a table: by coroutine, the innermost call in it */

xl_nesting *xl_nesting_of(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &nesting_key);
    xl_nesting *nesting = lua_touserdata(L, -1);
    lua_pop(L, 1); /* nesting */
    if (nesting != NULL) {
        return nesting;
    }
    nesting = lua_newuserdatauv(L, sizeof *nesting, 0);
    *nesting = (xl_nesting){0};
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &innermost_key);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &nesting_key); /* last: now all is there */
    return nesting;
}

/* The innermost call in the coroutine on top; null for none. [-1, +0] */
static xl_call *pop_innermost(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &innermost_key);
    lua_insert(L, -2);
    lua_rawget(L, -2);
    xl_call *call = lua_touserdata(L, -1);
    lua_pop(L, 2); /* call, table */
    return call;
}

/* Has `call`, which may be null, be the innermost in the coroutine on top. Allocates nothing
 * if that has one. [-1, +0] */
static void set_innermost(lua_State *L, xl_call *call) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &innermost_key);
    lua_insert(L, -2);
    if (call != NULL) {
        lua_pushlightuserdata(L, call);
    } else {
        lua_pushnil(L);
    }
    lua_rawset(L, -3);
    lua_pop(L, 1); /* table */
}

/* The innermost call in the running coroutine, of whichever tracker. */
static xl_call *innermost(lua_State *L, const xl_nesting *nesting) {
    if (lua_pushthread(L) == 1) {
        lua_pop(L, 1); /* thread */
        return nesting->innermost_of_main;
    }
    return pop_innermost(L);
}

/* The depth of what is made within `call` or one that it is within; 0 if none is of the
 * tracker of `handle`. */
static uint32_t depth_within(const xl_call *call, const xl_tracker *handle) {
    while (call != NULL && call->parent != handle) {
        call = call->outer;
    }
    return call == NULL                      ? 0
           : call->call.depth < XT_MAX_DEPTH ? call->call.depth + 1
                                             : XT_MAX_DEPTH;
}

/*
 * The same for what is made in a coroutine without calls: within the newest call of one that
 * resumed it. The main coroutine is the first that did.
 */
static uint32_t depth_within_resumers(const xl_nesting *nesting,
                                      const xl_tracker *handle) {
    const xl_call *call = nesting->newest;
    for (int i = 0; i < MOST_LOOKED_AT && call != NULL; i++, call = call->older) {
        if (call->parent == handle && lua_status(call->thread) == LUA_OK) {
            return depth_within(call, handle);
        }
    }
    return depth_within(nesting->innermost_of_main, handle);
}

uint32_t xl_depth_among_others(lua_State *L, const xl_tracker *handle) {
    const xl_nesting *nesting = handle->nesting;
    luaL_checkstack(L, 3, "too many arguments");
    uint32_t depth = depth_within(innermost(L, nesting), handle);
    bool is_main = lua_pushthread(L) == 1;
    lua_pop(L, 1); /* thread */
    return depth > 0 || is_main ? depth : depth_within_resumers(nesting, handle);
}

/* Puts `call` into the list of those that don't run in the main coroutine. */
static void list(xl_nesting *nesting, xl_call *call) {
    call->older = nesting->newest;
    if (call->older != NULL) {
        call->older->newer = call;
    }
    nesting->newest = call;
}

void xl_enter(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1);
    xl_nesting *nesting = call->parent->nesting;
    luaL_checkstack(L, 4, "too many arguments");
    call->call.depth = xl_depth(L, call->parent);
    call->outer = innermost(L, nesting);
    if (call->thread == NULL) {
        nesting->innermost_of_main = call;
    } else {
        lua_pushthread(L);
        set_innermost(L, call); /* raises before anything has changed */
        list(nesting, call);
    }
    if (call->outer != NULL) {
        call->outer->inner = call;
    }
    call->is_entered = true;
}

/* Has the call at index 1, the innermost in its coroutine, be that no more. */
static void leave_innermost(lua_State *L, xl_nesting *nesting, const xl_call *call) {
    if (call->thread == NULL) {
        nesting->innermost_of_main = call->outer;
        return;
    }
    lua_getiuservalue(L, 1, XL_CALL_THREAD);
    lua_pushvalue(L, -1);
    if (pop_innermost(L) == call) {
        set_innermost(L, call->outer);
    } else {
        lua_pop(L, 1); /* thread: it is being collected, and has no innermost call left */
    }
}

/* Takes `call` out of the list of those that don't run in the main coroutine. */
static void unlist(xl_nesting *nesting, const xl_call *call) {
    if (call->newer != NULL) {
        call->newer->older = call->older;
    } else {
        nesting->newest = call->older;
    }
    if (call->older != NULL) {
        call->older->newer = call->newer;
    }
}

void xl_leave(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1);
    xl_nesting *nesting = call->parent->nesting;
    if (!call->is_entered) {
        return;
    }
    call->is_entered = false;
    if (call->inner == NULL) {
        leave_innermost(L, nesting, call);
    } else {
        call->inner->outer = call->outer;
    }
    if (call->outer != NULL) {
        call->outer->inner = call->inner;
    }
    if (call->thread != NULL) {
        unlist(nesting, call);
    }
}
