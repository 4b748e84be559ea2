#include "tracker_wrap.h"

#include "arguments.h"
#include "call_nesting.h"
#include "fingerprint.h"
#include "tracker_texts.h"

enum {
    WRAPPED = lua_upvalueindex(1),
    FUNCTION = lua_upvalueindex(2),
    ASK = lua_upvalueindex(3) /* the function that asks the policy, if there is one */
};

/* Pushes an option that is set. [-0, +1] */
static void push_option(lua_State *L, int option) {
    lua_getiuservalue(L, WRAPPED, XL_WRAPPED_OPTIONS);
    lua_getiuservalue(L, -1, option);
    lua_remove(L, -2); /* options */
}

/* The arguments of a wrapped function: `count` from index 1 on; and the values whose
 * fingerprint is taken: `counted` from `first` on. */
typedef struct given_args {
    int count;
    int first;
    int counted;
} given_args;

/* Pushes what the option `args` returns for the arguments. False if no fingerprint is
 * taken. */
static bool push_chosen(lua_State *L, given_args *given) {
    luaL_checkstack(L, given->count + 2, "too many arguments");
    push_option(L, XL_OPTION_ARGS);
    if (lua_isboolean(L, -1)) {
        return false;
    }
    for (int i = 1; i <= given->count; i++) {
        lua_pushvalue(L, i);
    }
    lua_call(L, given->count, LUA_MULTRET);
    given->first = given->count + 1;
    given->counted = lua_gettop(L) - given->count;
    return given->counted > 0;
}

/* Pushes all arguments but the callback, argument `callback`, which is there: that is another
 * function each time. */
static void push_others(lua_State *L, given_args *given, int callback) {
    luaL_checkstack(L, given->count, "too many arguments");
    for (int i = 1; i <= given->count; i++) {
        if (i != callback) {
            lua_pushvalue(L, i);
        }
    }
    given->first = given->count + 1;
    given->counted = given->count - 1;
}

/* Pushes the table of ignored fields, and returns its index. If there is none, pushes
 * nothing and returns 0. */
static int push_ignored(lua_State *L, const xl_wrapped *wrapped) {
    if (xl_has_option(wrapped->options, XL_OPTION_IGNORE_ARGS)) {
        luaL_checkstack(L, 2, "too many arguments"); /* `args` may have returned many */
        push_option(L, XL_OPTION_IGNORE_ARGS);
        return lua_gettop(L);
    }
    return xl_push_ignored_args_of(L, WRAPPED, wrapped->self.tracker);
}

/* Stores in `text` the text of the arguments. [-0, +0] */
static void describe_arguments(lua_State *L, const xl_wrapped *wrapped,
                               const given_args *given, int ignored,
                               xl_description *text) {
    const xl_tracker *tracker = wrapped->self.tracker;
    luaL_checkstack(L, 2, "too many arguments");
    if (xl_has_option(wrapped->options, XL_OPTION_DESCRIBE)) {
        push_option(L, XL_OPTION_DESCRIBE);
        xl_make_own_args_text(L, WRAPPED, tracker, 1, given->count, text);
    } else {
        xl_make_args_text(L, WRAPPED, tracker, given->first, given->counted, ignored,
                          text);
    }
}

/* The fingerprint of the arguments. Stores in `text` their text, which is empty if the
 * tracker would not keep it. */
static uint32_t take_arguments(lua_State *L, const xl_wrapped *wrapped,
                               xl_description *text) {
    int count = lua_gettop(L);
    given_args given = {.count = count, .first = 1, .counted = count};
    uint32_t args_hash = 0;
    text->length = 0;
    int callback = wrapped->options != NULL ? wrapped->options->callback : 0;
    bool are_chosen = xl_has_option(wrapped->options, XL_OPTION_ARGS);
    if (!are_chosen && callback > 0 && callback <= count) {
        push_others(L, &given, callback);
    }
    if (!are_chosen || push_chosen(L, &given)) {
        int ignored = push_ignored(L, wrapped);
        args_hash = xl_fingerprint_args(L, given.first, given.counted, ignored);
        if (xl_wants_args_text(wrapped->self.tracker, args_hash)) {
            describe_arguments(L, wrapped, &given, ignored, text);
        }
    }
    if (wrapped->options != NULL || wrapped->self.tracker->ignores_args) {
        lua_settop(L, count); /* else nothing has been pushed */
    }
    return args_hash;
}

/* Pushes the kept call if it has ended, else a new one. In a coroutine, and if it may
 * await its callback, the wrapped function no longer keeps it: otherwise the collector
 * couldn't find out that the coroutine or the callback was abandoned. [-0, +1] */
static xl_call *push_call(lua_State *L, xl_wrapped *wrapped) {
    xl_call *call = wrapped->kept;
    if (!wrapped->is_idle) {
        call = xl_push_call(L, WRAPPED, &wrapped->self, &xl_call_type);
        if (wrapped->options != NULL) {
            call->span.options = wrapped->options;
            lua_getiuservalue(L, WRAPPED, XL_WRAPPED_OPTIONS);
            lua_setiuservalue(L, -2, XL_SPAN_OPTIONS);
        }
        call->call.tool = wrapped->tool;
        call->wrapped = wrapped;
        return call;
    }
    wrapped->is_idle = false;
    lua_getiuservalue(L, WRAPPED, XL_WRAPPED_CALL);
    if (L != wrapped->self.tracker->nesting->main ||
        xl_has_option(wrapped->options, XL_OPTION_CALLBACK)) {
        wrapped->kept = NULL;
        lua_pushnil(L);
        lua_setiuservalue(L, WRAPPED, XL_WRAPPED_CALL);
    }
    xl_call_enter_thread(L, call);
    return call;
}

void xl_keep_call(lua_State *L, xl_call *call) {
    xl_wrapped *wrapped = call->wrapped;
    const xl_tracker *tracker = call->span.parent;
    if (wrapped == NULL || call->awaits || wrapped->is_idle || tracker->tracker == NULL) {
        return;
    }
    if (call->tool_id == 0) {
        call->tool_id = xt_tracker_tool_id(tracker->tracker, wrapped->tool);
    }
    if (L != tracker->nesting->main) {
        lua_pushnil(L);
        lua_setiuservalue(L, 1, XL_CALL_THREAD);
    }
    if (wrapped->kept != call) {
        lua_getiuservalue(L, 1, XL_PARENT);
        lua_pushvalue(L, 1);
        lua_setiuservalue(L, -2, XL_WRAPPED_CALL);
        lua_pop(L, 1); /* wrapped */
        wrapped->kept = call;
    }
    wrapped->is_idle = true;
}

xl_call *xl_begin_wrapped(lua_State *L, xl_wrapped *wrapped) {
    xl_tracker *tracker = wrapped->self.tracker;
    xl_description text;
    xl_check_level(L, tracker->nesting, wrapped->tool);
    xl_settle(L, WRAPPED, tracker);
    xl_open_tracker(L, tracker);
    uint32_t args_hash = take_arguments(L, wrapped, &text);
    xl_call *call = push_call(L, wrapped);
    xl_call_set_args(L, call, args_hash, xl_text_of(&text));
    xl_call_read_clock(L, call);
    call->asked_us = call->start_us;
    call->slept_us = 0;
    return call;
}

#if XL_HAS_TO_CLOSE
static xl_call *begin_call(lua_State *L) {
    xl_call *call = xl_begin_wrapped(L, lua_touserdata(L, WRAPPED));
    lua_pushvalue(L, FUNCTION);
    lua_rotate(L, 1, 2);
    return call;
}

int xl_call_wrapped(lua_State *L) {
    int count = lua_gettop(L);
    return xl_call_tool(L, begin_call(L), count);
}

/* The stack has the call, the function, `count` arguments, the tool's name, and what
 * `ask` returned: nil; or, for a denied call, a message and the decision. */
static int asked(lua_State *L, int status, lua_KContext count) {
    int message = (int)count + 4;
    (void)status;
    if (lua_isnil(L, message)) {
        lua_settop(L, (int)count + 2);
        return xl_call_tool(L, lua_touserdata(L, 1), (int)count);
    }
    lua_pushnil(L);
    lua_insert(L, message);
    return 3;
}

int xl_call_guarded(lua_State *L) {
    int count = lua_gettop(L);
    const xl_call *call = begin_call(L);
    lua_getiuservalue(L, WRAPPED, XL_WRAPPED_TOOL);
    lua_pushvalue(L, ASK);
    lua_pushvalue(L, 1); /* call */
    xl_push_policy_question(L, count + 3, call);
    lua_callk(L, 2, 2, count, asked);
    return asked(L, LUA_OK, count);
}
#endif

/* Cuts the name at `index` as recording would, so that a policy knows the tool by it. */
static void cut_name(lua_State *L, int index) {
    size_t length;
    const char *bytes = lua_tolstring(L, index, &length);
    if (length > XT_NAME_BYTES) {
        lua_pushlstring(L, bytes, XT_NAME_BYTES);
        lua_replace(L, index - 1);
    }
}

/* Pushes the userdata of a wrapped function; its tool's name is at index `name`.
 * [-0, +1] */
static void push_wrapped(lua_State *L, int name, int options) {
    xl_wrapped *wrapped = lua_newuserdatauv(L, sizeof *wrapped, XL_WRAPPED_USER_VALUES);
    *wrapped = (xl_wrapped){.self = xl_self_of(lua_touserdata(L, 1)),
                            .options = lua_touserdata(L, options),
                            .tool = xl_text_at(L, name)};
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, XL_WRAPPED_SELF);
    lua_pushvalue(L, options);
    lua_setiuservalue(L, -2, XL_WRAPPED_OPTIONS);
    lua_pushvalue(L, name);
    lua_setiuservalue(L, -2, XL_WRAPPED_TOOL);
}

/*
 * Replaces the tool's name and the function on top by the wrapped function, for the
 * Tracker or Session at index 1, with the options at index `options`, or nil there. A
 * long name is cut as recording would. [-2, +1]
 */
static void wrap(lua_State *L, int options) {
    int name = lua_gettop(L) - 1;
    cut_name(L, -2);
    push_wrapped(L, name, options);
    lua_replace(L, name);
    xl_wrap_function(L);
}

/* tracker:wrap(tool, fn [, options]) */
int xl_tracker_wrap(lua_State *L) {
    xl_check_self(L);
    xl_text_argument(L, xl_argument_at(2));
    xl_check_callable(L, xl_argument_at(3));
    lua_settop(L, 4);
    xl_push_wrap_options(L, 4);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 3);
    wrap(L, 5);
    return 1;
}

void xl_push_run_function(lua_State *L) {
    enum { OPTIONS_TABLE = 2, RUN_FUNCTION };
    xl_check_self(L);
    xl_check_callable(L, xl_argument_at(RUN_FUNCTION));
    int options = lua_gettop(L) + 1;
    xl_push_run_options(L, OPTIONS_TABLE);
    lua_pushvalue(L, RUN_FUNCTION);
    wrap(L, options);
    lua_remove(L, options);
}

/* Stack indices. */
enum { TOOLS = 2, OPTIONS = 4, COPIES };

enum { MOST_LEVELS = 100 };

/* Pushes the name of the tool whose key is at `key`: `prefix.key`, or only the key if
 * `prefix` is 0. */
static void push_name(lua_State *L, int prefix, int key) {
    if (prefix == 0) {
        lua_pushvalue(L, key);
        lua_tolstring(L, -1, NULL); /* makes an integer a string */
        return;
    }
    lua_pushvalue(L, prefix);
    lua_pushliteral(L, ".");
    lua_pushvalue(L, key);
    lua_concat(L, 3);
}

static void push_copy(lua_State *L, int table, int prefix, int level);

/* Pushes the copy of the table at `table`. The prefix of its tools is on top. [-1, +1] */
static void push_nested(lua_State *L, int table, int level) {
    if (lua_rawgetp(L, COPIES, lua_topointer(L, table)) == LUA_TNIL) {
        lua_pop(L, 1); /* nil */
        push_copy(L, table, lua_gettop(L), level + 1);
    }
    lua_remove(L, -2); /* name */
}

/* Pushes the copy of a value, which is above its key at index `key`. */
static void push_tool(lua_State *L, int prefix, int key, int level) {
    int value = key + 1;
    bool has_name = lua_type(L, key) == LUA_TSTRING || lua_isinteger(L, key);
    if (has_name && xl_is_callable(L, value)) {
        push_name(L, prefix, key);
        lua_pushvalue(L, value);
        wrap(L, OPTIONS);
    } else if (has_name && lua_istable(L, value)) {
        push_name(L, prefix, key);
        push_nested(L, value, level);
    } else {
        lua_pushvalue(L, value);
    }
}

/*
 * Pushes a copy of the table at `table`, with its functions wrapped. `COPIES` has the
 * copies of the tables around it, by their addresses, as a table may contain one of
 * these. [-0, +1]
 */
static void push_copy(lua_State *L, int table, int prefix, int level) {
    if (level > MOST_LEVELS) {
        xl_arg_error(L, TOOLS, "nested too deep");
    }
    luaL_checkstack(L, 12, "nested too deep");
    lua_newtable(L);
    int copy = lua_gettop(L);
    lua_pushvalue(L, copy);
    lua_rawsetp(L, COPIES, lua_topointer(L, table));
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        lua_pushvalue(L, -2); /* key */
        push_tool(L, prefix, copy + 1, level);
        lua_rawset(L, copy);
        lua_settop(L, copy + 1);
    }
    lua_pushnil(L);
    lua_rawsetp(L, COPIES, lua_topointer(L, table));
}

/* tracker:instrument(tools [, options]) */
int xl_tracker_instrument(lua_State *L) {
    xl_check_self(L);
    luaL_checktype(L, TOOLS, LUA_TTABLE);
    lua_settop(L, 3);
    xl_push_wrap_options(L, 3);
    lua_newtable(L); /* copies */
    push_copy(L, TOOLS, 0, 1);
    return 1;
}
