#include "call_ending.h"

#include "arguments.h"
#include "call.h"
#include "decision.h"
#include "error_type.h"
#include "fingerprint.h"
#include "measures.h"
#include "tracker_texts.h"
#include "words.h"

#include <string.h>

static void set_error_type(xl_ending *ending, xt_text text) {
    size_t length = text.length < XT_NAME_BYTES ? text.length : XT_NAME_BYTES;
    if (length > 0) {
        memcpy(ending->error_type, text.bytes, length);
    }
    ending->outcome.error_type = (xt_text){ending->error_type, length};
}

/* Sets the error type of the ending at index 1 to that of the error at index 2. */
static int type_error(lua_State *L) {
    char buffer[XL_ERROR_TYPE_BYTES];
    set_error_type(lua_touserdata(L, 1), xl_error_type_of(L, 2, buffer));
    return 0;
}

void xl_end_with_error(lua_State *L, int index, xl_ending *ending) {
    ending->outcome = (xt_outcome){.status = XT_FAILED};
    lua_pushcfunction(L, type_error);
    lua_pushlightuserdata(L, ending);
    lua_pushvalue(L, index);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
        lua_pop(L, 1); /* no memory: it failed all the same */
    }
    const xl_call *call = lua_touserdata(L, 1);
    xl_make_error_text(L, 1, call->parent, index, &ending->error_text);
    ending->outcome.error_text = xl_text_of(&ending->error_text);
}

static bool is_word(lua_State *L, int index, const char *word) {
    return lua_type(L, index) == LUA_TSTRING &&
           xl_text_equals(xl_text_at(L, index), xt_text_of(word));
}

/* Whether a decision that denied a call is at `index`; then its reason is pushed. */
static bool push_reason(lua_State *L, int index) {
    xl_action action;
    int top = lua_gettop(L);
    if (lua_istable(L, index) && xl_read_decision(L, index, &action) == NULL &&
        action == XL_DENY) {
        xl_push_reason(L, index);
        return true;
    }
    lua_settop(L, top);
    return false;
}

void xl_end_with_results(lua_State *L, int first, xl_ending *ending) {
    int error = first + 1;
    if (lua_toboolean(L, first) || lua_gettop(L) < error || !lua_toboolean(L, error)) {
        ending->outcome = (xt_outcome){.status = XT_SUCCESS};
    } else if (is_word(L, error, "timeout")) { /* as LuaSocket has it */
        ending->outcome = (xt_outcome){.status = XT_TIMED_OUT};
    } else if (is_word(L, error, "cancelled")) {
        ending->outcome = (xt_outcome){.status = XT_CANCELLED};
    } else if (push_reason(L, first + 2)) { /* of a call that this one made */
        ending->outcome = (xt_outcome){.status = XT_FAILED};
        set_error_type(ending, xl_text_at(L, -1));
        lua_pop(L, 1); /* reason */
    } else {
        xl_end_with_error(L, error, ending);
    }
}

static void refuse(lua_State *L, const char *what, const char *expected, int index) {
    luaL_error(L, "classify must return %s as its %s result, got %s", expected, what,
               xl_show(L, index));
}

/* What `classify` may have returned, at indices 2 to 4. */
enum { STATUS = 2, WAS_CACHED, ERROR_TYPE };

static bool is_status(lua_State *L, int index) {
    xt_status status;
    return lua_type(L, index) == LUA_TSTRING &&
           xl_status_of(xl_text_at(L, index), &status);
}

static void check_results(lua_State *L) {
    if (!lua_isnil(L, STATUS) && !is_status(L, STATUS)) {
        refuse(L, "first", "a status or nil", STATUS);
    }
    if (!lua_isnil(L, WAS_CACHED) && !lua_isboolean(L, WAS_CACHED)) {
        refuse(L, "second", "a boolean or nil", WAS_CACHED);
    }
    if (!lua_isnil(L, ERROR_TYPE) && lua_type(L, ERROR_TYPE) != LUA_TSTRING) {
        refuse(L, "third", "a string or nil", ERROR_TYPE);
    }
}

/* Takes over what `classify` returned, three values on top. [-3, +0] */
static void take_results(lua_State *L, xl_ending *ending) {
    xt_outcome *outcome = &ending->outcome;
    if (!lua_isnil(L, -3)) {
        xl_status_of(xl_text_at(L, -3), &outcome->status);
        if (outcome->status == XT_SUCCESS) {
            outcome->error_type = (xt_text){NULL, 0};
        }
    }
    outcome->was_cached = lua_toboolean(L, -2);
    if (!lua_isnil(L, -1)) {
        set_error_type(ending, xl_text_at(L, -1));
    }
    lua_pop(L, 3);
}

/* Calls `classify`, at index 2, with what follows, for the ending at index 1. */
static int call_classify(lua_State *L) {
    xl_ending *ending = lua_touserdata(L, 1);
    lua_call(L, lua_gettop(L) - 2, 3);
    check_results(L);
    take_results(L, ending);
    return 0;
}

/* For whom values are read. */
typedef struct measuring {
    const xl_tracker *parent;
    xl_ending *ending;
} measuring;

/* Calls `measure`, at index 2, with what follows, and reads the table that it returns. */
static int call_measure(lua_State *L) {
    const measuring *into = lua_touserdata(L, 1);
    xl_measures measures;
    uint64_t values[XT_MAX_MEASURES];
    lua_call(L, lua_gettop(L) - 2, 1);
    if (lua_isnil(L, 2) || into->parent->tracker == NULL) {
        return 0;
    }
    if (!lua_istable(L, 2)) {
        luaL_error(L, "measure must return a table or nil, got %s", xl_show(L, 2));
    }
    xl_copy_measures(xt_tracker_image(into->parent->tracker), &measures);
    const char *problem = xl_read_measures(L, 2, &measures, values);
    if (problem != NULL) {
        luaL_error(L, "%s, which measure returned", problem);
    }
    memcpy(into->ending->values, values, sizeof values);
    into->ending->outcome.measures = into->ending->values;
    return 0;
}

/*
 * Has `call` ask the function at `function`, called `name`, about a call that returned (`ok`)
 * the values from `first` to the top, or raised the one there. Returns Lua's status.
 */
static int ask(lua_State *L, lua_CFunction call, const char *name, void *context,
               int function, bool ok, int first) {
    int last = lua_gettop(L);
    if (!lua_checkstack(L, last - first + 5)) {
        lua_pushfstring(L, "too many results for %s", name);
        return LUA_ERRRUN;
    }
    lua_pushcfunction(L, call);
    lua_pushlightuserdata(L, context);
    lua_pushvalue(L, function);
    lua_pushboolean(L, ok);
    for (int i = first; i <= last; i++) {
        lua_pushvalue(L, i);
    }
    return lua_pcall(L, last - first + 4, 0, 0);
}

int xl_end_as_classified(lua_State *L, int classify, bool ok, int first,
                         xl_ending *ending) {
    return ask(L, call_classify, "classify", ending, classify, ok, first);
}

int xl_end_as_measured(lua_State *L, int measure, bool ok, int first,
                       const xl_tracker *parent, xl_ending *ending) {
    measuring into = {parent, ending};
    return ask(L, call_measure, "measure", &into, measure, ok, first);
}

/* Calls `results`, at index 1, with what follows. Returns the fingerprint of what it
 * chooses. */
static int fingerprint_chosen(lua_State *L) {
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    int chosen = lua_gettop(L);
    lua_pushinteger(L, chosen > 0 ? xl_fingerprint_results(L, 1, chosen) : 0);
    return 1;
}

int xl_end_with_chosen(lua_State *L, int first, int last, xl_ending *ending) {
    int results = lua_gettop(L);
    if (!lua_checkstack(L, last - first + 3)) {
        lua_pop(L, 1); /* results */
        lua_pushliteral(L, "too many results to choose from");
        return LUA_ERRRUN;
    }
    lua_pushcfunction(L, fingerprint_chosen);
    lua_insert(L, results);
    for (int i = first; i <= last; i++) {
        lua_pushvalue(L, i);
    }
    int status = lua_pcall(L, last - first + 2, 1, 0);
    if (status == LUA_OK) {
        ending->outcome.result_hash = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 1); /* fingerprint */
    }
    return status;
}
