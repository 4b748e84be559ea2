#include "call_nesting.h"

#include "push.h"

enum {
    MOST_LOOKED_AT = 64,
    SAFE_LEVEL = 32,   /* other C functions may be between the levels */
    LEVELS_NEEDED = 10 /* for a policy, and for what a tool calls */
};

static const char registry_key; /* its address is the registry's key of the nesting */

/* The main coroutine; null if this version of Lua can't tell and another one is
 * running. */
static lua_State *main_of(lua_State *L) {
    bool is_main = lua_pushthread(L) == 1;
    lua_State *main = is_main ? L : NULL;
    lua_pop(L, 1); /* thread */
#ifdef LUA_RIDX_MAINTHREAD
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    main = lua_tothread(L, -1);
    lua_pop(L, 1); /* main thread */
#endif
    return main;
}

xl_nesting *xl_nesting_of(lua_State *L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &registry_key);
    xl_nesting *nesting = lua_touserdata(L, -1);
    lua_pop(L, 1); /* nesting */
    if (nesting == NULL) {
        nesting = lua_newuserdatauv(L, sizeof *nesting, 0);
        *nesting = (xl_nesting){.main = main_of(L)};
        lua_rawsetp(L, LUA_REGISTRYINDEX, &registry_key);
    }
    return nesting;
}

static xl_call **chain_of(xl_nesting *nesting, const lua_State *thread) {
    if (thread == nesting->main) {
        return &nesting->innermost;
    }
    uint64_t mixed = (uint64_t)(uintptr_t)thread * UINT64_C(0x9e3779b97f4a7c15);
    return &nesting->chains[mixed >> 58]; /* Fibonacci hashing: Knuth 6.4 */
}

_Static_assert(XL_NESTING_CHAINS == 1 << (64 - 58), "the hash is an index");

/* The depth of a call within the innermost call of `tracker` in `thread`; 0 if there is
 * none. */
static uint32_t depth_within(xl_nesting *nesting, const lua_State *thread,
                             const xl_tracker *tracker) {
    const xl_call *call = *chain_of(nesting, thread);
    while (call != NULL && (call->thread != thread || call->span.parent != tracker)) {
        call = call->next;
    }
    return call == NULL                      ? 0
           : call->call.depth < XT_MAX_DEPTH ? call->call.depth + 1
                                             : XT_MAX_DEPTH;
}

/* Of the coroutines that haven't yielded, and so have resumed the running one, directly
 * or not, the one with the newest call of `tracker`, or of any if that is null. If there
 * is none, the main one, which is always one. */
static const lua_State *last_resumer(const xl_nesting *nesting,
                                     const xl_tracker *tracker) {
    const xl_call *call = nesting->newest;
    for (int i = 0; i < MOST_LOOKED_AT && call != NULL; i++, call = call->older) {
        if ((tracker == NULL || call->span.parent == tracker) &&
            lua_status(call->thread) == LUA_OK) {
            return call->thread;
        }
    }
    return nesting->main;
}

uint32_t xl_depth_among_others(const lua_State *L, const xl_tracker *tracker) {
    xl_nesting *nesting = tracker->nesting;
    uint32_t depth = depth_within(nesting, L, tracker);
    return depth > 0 || L == nesting->main
               ? depth
               : depth_within(nesting, last_resumer(nesting, tracker), tracker);
}

/* The level of the innermost call in `thread`; 0 if there is none. */
static uint32_t level_in(xl_nesting *nesting, const lua_State *thread) {
    const xl_call *call = *chain_of(nesting, thread);
    while (call != NULL && call->thread != thread) {
        call = call->next;
    }
    return call != NULL ? call->level : 0;
}

/* The level of the calls that a call in `thread` is within. While few calls are entered at
 * all it isn't found out, and at most their number. */
static uint32_t level_around(xl_nesting *nesting, const lua_State *thread) {
    if (nesting->entered < SAFE_LEVEL) {
        return nesting->entered;
    }
    uint32_t level = level_in(nesting, thread);
    return level > 0 || thread == nesting->main
               ? level
               : level_in(nesting, last_resumer(nesting, NULL));
}

/* Calls itself as many levels deep as its argument says. */
static int go_deeper(lua_State *L) {
    int levels = (int)lua_tointeger(L, 1);
    if (levels > 0) {
        lua_pushcfunction(L, go_deeper);
        lua_pushinteger(L, levels - 1);
        lua_call(L, 1, 0);
    }
    return 0;
}

void xl_check_level(lua_State *L, xl_nesting *nesting, xt_text tool) {
    if (level_around(nesting, L) < SAFE_LEVEL) {
        return;
    }
    luaL_checkstack(L, 4, "too many arguments");
    lua_pushcfunction(L, go_deeper);
    lua_pushinteger(L, LEVELS_NEEDED);
    int status = lua_pcall(L, 1, 0, 0);
    if (status == LUA_ERRMEM) {
        lua_error(L);
    } else if (status != LUA_OK) {
        const char *problem =
            lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, -1);
        xl_push_text(L, tool);
        xl_error(L, "'%s' can't be called within so many other calls of tools: %s",
                 lua_tostring(L, -1), problem);
    }
}

/* Adds `call` to the list of calls in coroutines other than the main one. */
static void list(xl_nesting *nesting, xl_call *call) {
    call->newer = NULL;
    call->older = nesting->newest;
    if (call->older != NULL) {
        call->older->newer = call;
    }
    nesting->newest = call;
}

void xl_enter(xl_call *call) {
    xl_nesting *nesting = call->span.parent->nesting;
    xl_call **chain = chain_of(nesting, call->thread);
    call->call.depth = xl_depth(call->thread, call->span.parent);
    call->level = level_around(nesting, call->thread) + 1;
    nesting->entered++;
    call->next = *chain;
    *chain = call;
    if (call->thread != nesting->main) {
        list(nesting, call);
    }
    call->is_entered = true;
}

/* Removes `call` from the list of calls in coroutines other than the main one. */
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

void xl_leave(xl_call *call) {
    xl_nesting *nesting = call->span.parent->nesting;
    if (!call->is_entered) {
        return;
    }
    call->is_entered = false;
    nesting->entered--;
    xl_call **place = chain_of(nesting, call->thread);
    while (*place != call) {
        place = &(*place)->next;
    }
    *place = call->next;
    if (call->thread != nesting->main) {
        unlist(nesting, call);
    }
}
