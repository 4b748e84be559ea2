#include "tracker_wrap.h"

#include "arguments.h"
#include "binding.h"
#include "call.h"
#include "call_guard.h"
#include "fingerprint.h"
#include "ignored_args.h"
#include "tracker_run.h"
#include "tracker_texts.h"

/* In the order of the user values, and then what is none. */
static const char *const option_names[] = {
    "classify",        "args",     "results",     "policy",  "on_warn",
    "on_policy_error", "describe", "ignore_args", "measure", "enforce"};
enum { OPTIONS = sizeof option_names / sizeof option_names[0] };

static bool is_false(lua_State *L, int index) {
    return lua_isboolean(L, index) && !lua_toboolean(L, index);
}

/* Replaces the value on top, an option that stands at its place above `index`, by what is
 * kept of it. */
static void check_option(lua_State *L, int number, int option, int index) {
    xl_argument argument = {index + option, number, option_names[option - 1]};
    bool may_be_off = option == XL_WRAP_ARGS || option == XL_WRAP_RESULTS;
    if (option == XL_WRAP_IGNORE_ARGS) {
        xl_push_ignored_args(L, argument);
        lua_remove(L, -2);
    } else if (!lua_isnil(L, -1) && !(may_be_off && is_false(L, -1))) {
        xl_check_callable(L, argument);
    }
}

void xl_push_wrap_options(lua_State *L, int number) {
    if (lua_isnoneornil(L, number)) {
        lua_pushnil(L);
        return;
    }
    luaL_checktype(L, number, LUA_TTABLE);
    xl_wrap_options *options = lua_newuserdatauv(L, sizeof *options, XL_WRAP_USER_VALUES);
    int index = lua_gettop(L);
    xl_push_fields(L, number, "option", OPTIONS, option_names);
    int enforce = lua_gettop(L);
    *options = (xl_wrap_options){
        .enforces = lua_isnil(L, enforce) ||
                    xl_boolean_argument(L, (xl_argument){enforce, number, "enforce"})};
    lua_pop(L, 1); /* enforce */
    for (int option = XL_WRAP_USER_VALUES; option >= 1; option--) {
        check_option(L, number, option, index);
        lua_setiuservalue(L, index, option);
    }
}

/* Pushes what the function on top chooses of the `count` arguments. Returns how many. */
static int push_chosen(lua_State *L, int count) {
    luaL_checkstack(L, count, "too many arguments");
    for (int i = 1; i <= count; i++) {
        lua_pushvalue(L, i);
    }
    lua_call(L, count, LUA_MULTRET);
    return lua_gettop(L) - count;
}

/* Pushes the table of the fields that don't count. Returns where it stands; 0 for none. */
static int push_ignored(lua_State *L, bool has_options) {
    luaL_checkstack(L, 1, "too many arguments");
    if (has_options && xl_push_option(L, XL_WRAP_IGNORE_ARGS) != LUA_TNIL) {
        return lua_gettop(L);
    }
    return xl_push_ignored_args_of(L, lua_upvalueindex(XL_WRAPPED_SELF));
}

/* What a wrapped function is called with: the arguments, `count` from index 1 on, and those
 * of them that count, `counted` from `first` on. */
typedef struct given_args {
    int count;
    int first;
    int counted;
} given_args;

/* Stores in `text` what the arguments are. [-0, +0] */
static void describe_arguments(lua_State *L, bool has_options, const given_args *given,
                               int ignored, xl_description *text) {
    const int self = lua_upvalueindex(XL_WRAPPED_SELF);
    const xl_tracker *tracker = xl_self_of(lua_touserdata(L, self)).tracker;
    luaL_checkstack(L, 1, "too many arguments");
    if (has_options && xl_push_option(L, XL_WRAP_DESCRIBE) != LUA_TNIL) {
        xl_make_own_args_text(L, self, tracker, 1, given->count, text);
    } else {
        xl_make_args_text(L, self, tracker, given->first, given->counted, ignored, text);
    }
}

/* The fingerprint of the arguments; stores in `text` what they are, if that is needed. */
static uint32_t take_arguments(lua_State *L, const xl_self *self, bool has_options,
                               xl_description *text) {
    given_args given = {.count = lua_gettop(L), .first = 1, .counted = lua_gettop(L)};
    int type = has_options ? xl_push_option(L, XL_WRAP_ARGS) : LUA_TNIL;
    bool is_chosen = type != LUA_TNIL && type != LUA_TBOOLEAN;
    uint32_t args_hash = 0;
    text->length = 0;
    if (is_chosen) {
        given.first = given.count + 1;
        given.counted = push_chosen(L, given.count);
    }
    if (type == LUA_TNIL || (is_chosen && given.counted > 0)) {
        int ignored = push_ignored(L, has_options);
        args_hash = xl_fingerprint_args(L, given.first, given.counted, ignored);
        if (xl_wants_args_text(self->tracker, args_hash)) {
            describe_arguments(L, has_options, &given, ignored, text);
        }
    }
    lua_settop(L, given.count);
    return args_hash;
}

/* What a wrapped function does. */
static int call_wrapped(lua_State *L) {
    const xl_self self = xl_self_of(lua_touserdata(L, lua_upvalueindex(XL_WRAPPED_SELF)));
    bool has_options = lua_touserdata(L, lua_upvalueindex(XL_WRAPPED_OPTIONS)) != NULL;
    bool has_policy = false;
    xl_open_tracker(L, self.tracker);
    xl_description text;
    uint32_t args_hash = take_arguments(L, &self, has_options, &text);
    xl_push_call(L, lua_upvalueindex(XL_WRAPPED_SELF), args_hash);
    xl_call_set_args_text(L, xl_text_of(&text));
    lua_pushvalue(L, lua_upvalueindex(XL_WRAPPED_TOOL));
    lua_pushvalue(L, lua_upvalueindex(XL_WRAPPED_FUNCTION));
    lua_rotate(L, 1, 3);
    if (has_options) {
        lua_pushvalue(L, lua_upvalueindex(XL_WRAPPED_OPTIONS));
        xl_call_set_options(L);
        has_policy = xl_push_option(L, XL_WRAP_POLICY) != LUA_TNIL;
        lua_pop(L, 1); /* policy */
    }
    xl_call_read_clock(L);
    return has_policy ? xl_run_guarded(L) : xl_run(L);
}

/* Cuts the name at `index` as recording would, so that a policy knows the tool by it. */
static void cut_name(lua_State *L, int index) {
    size_t length;
    const char *bytes = lua_tolstring(L, index, &length);
    if (length > XT_NAME_BYTES) {
        lua_pushlstring(L, bytes, XT_NAME_BYTES);
        lua_replace(L, index - 1);
    }
}

void xl_wrap(lua_State *L, int options) {
    cut_name(L, -2);
    lua_pushvalue(L, 1);
    lua_insert(L, -3);
    lua_pushvalue(L, options);
    lua_pushcclosure(L, call_wrapped, XL_WRAPPED_UPVALUES);
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
    xl_wrap(L, 5);
    return 1;
}
