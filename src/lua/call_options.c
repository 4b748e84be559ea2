#include "call_options.h"

#include "arguments.h"
#include "fingerprint.h"

/* In the order of the user values; then those that aren't user values. */
static const char *const wrap_names[] = {
    "classify",    "results", "policy",     "on_warn",     "on_policy_error",
    "ignore_args", "measure", "args",       "describe",    "callback",
    "sleep",       "enforce", "timeout_ms", "max_wait_ms", "tool"};
static const char *const begin_names[] = {
    "classify", "results", "policy",     "on_warn", "on_policy_error", "ignore_args",
    "measure",  "enforce", "timeout_ms", "args",    "session"};
enum {
    RUN_NAMES = sizeof wrap_names / sizeof wrap_names[0],
    WRAP_NAMES = RUN_NAMES - 1, /* without the tool */
    BEGIN_NAMES = sizeof begin_names / sizeof begin_names[0]
};

/* The most arguments of a function that Lua can call. */
enum { MOST_ARGUMENTS = 250 };

static bool is_false(lua_State *L, int index) {
    return lua_isboolean(L, index) && !lua_toboolean(L, index);
}

/* Checks the option at `argument`, which isn't nil, and pushes its user value.
 * [-0, +1] */
static void push_option(lua_State *L, xl_argument argument, int option) {
    bool may_be_off = option == XL_OPTION_ARGS || option == XL_OPTION_RESULTS;
    if (option == XL_OPTION_IGNORE_ARGS) {
        xl_push_ignored_args(L, argument);
        return;
    }
    if (option == XL_OPTION_CALLBACK && lua_type(L, argument.index) == LUA_TNUMBER) {
        xl_integer_argument(L, argument, 1, MOST_ARGUMENTS);
    } else if (!(may_be_off && is_false(L, argument.index))) {
        xl_check_callable(L, argument);
    }
    lua_pushvalue(L, argument.index);
}

/* Microseconds, at least 1. */
static uint64_t timeout_option(lua_State *L, xl_argument argument) {
    uint64_t timeout_us =
        lua_isnil(L, argument.index) ? 0 : xl_duration_argument(L, argument);
    if (timeout_us == 0 && !lua_isnil(L, argument.index)) {
        xl_argument_error(L, &argument, "milliseconds above 0 expected");
    }
    return timeout_us;
}

/*
 * Reads the options of waiting, of which `max_wait_ms` is at index `max_wait`. One doesn't
 * go without the other.
 */
static void read_waiting(lua_State *L, xl_options *options, int max_wait, int number) {
    const xl_argument longest = {max_wait, number, "max_wait_ms"};
    bool has_longest = !lua_isnil(L, max_wait);
    if (xl_has_option(options, XL_OPTION_SLEEP) != has_longest) {
        const xl_argument given = {0, number, has_longest ? "max_wait_ms" : "sleep"};
        xl_argument_error(L, &given,
                          has_longest ? "given without 'sleep'"
                                      : "given without 'max_wait_ms'");
    }
    options->max_wait_us = has_longest ? xl_duration_argument(L, longest) : 0;
}

/*
 * Pushes the options, and then all fields of argument `number` in the order of `names`,
 * of which the first `count` become user values. Returns the index of the options.
 */
static int push_options(lua_State *L, int number, int count, size_t name_count,
                        const char *const names[]) {
    luaL_checkstack(L, (int)name_count + 10, "too many options");
    xl_options *options = lua_newuserdatauv(L, sizeof *options, count);
    int index = lua_gettop(L);
    *options = (xl_options){0};
    xl_push_fields(L, number, "option", name_count, names);
    for (int option = 1; option <= count; option++) {
        xl_argument argument = {index + option, number, names[option - 1]};
        if (!lua_isnil(L, argument.index)) {
            push_option(L, argument, option);
            lua_setiuservalue(L, index, option);
            options->given |= UINT32_C(1) << option;
        }
    }
    if (count == XL_WRAP_OPTIONS) { /* a number is one that fits */
        options->callback = (int)lua_tointeger(L, index + XL_OPTION_CALLBACK);
        read_waiting(L, options, index + count + 3, number);
    }
    xl_argument enforce = {index + count + 1, number, "enforce"};
    xl_argument timeout = {index + count + 2, number, "timeout_ms"};
    options->enforces = lua_isnil(L, enforce.index) || xl_boolean_argument(L, enforce);
    options->timeout_us = timeout_option(L, timeout);
    return index;
}

static void check_table(lua_State *L, int number) {
    if (!lua_istable(L, number)) {
        xl_type_error(L, number, "table");
    }
}

void xl_push_wrap_options(lua_State *L, int number) {
    if (lua_isnoneornil(L, number)) {
        lua_pushnil(L);
        return;
    }
    check_table(L, number);
    lua_settop(L, push_options(L, number, XL_WRAP_OPTIONS, WRAP_NAMES, wrap_names));
}

void xl_push_run_options(lua_State *L, int number) {
    int index = push_options(L, number, XL_WRAP_OPTIONS, RUN_NAMES, wrap_names);
    xl_text_argument(L, (xl_argument){lua_gettop(L), number, "tool"});
    lua_replace(L, index + 1);
    lua_settop(L, index + 1);
}

void xl_push_begin_options(lua_State *L, int number) {
    if (lua_isnoneornil(L, number)) {
        lua_pushnil(L);
        lua_pushnil(L);
        lua_pushnil(L);
        return;
    }
    check_table(L, number);
    int index = push_options(L, number, XL_BEGIN_OPTIONS, BEGIN_NAMES, begin_names);
    lua_replace(L, index + 2); /* session */
    lua_replace(L, index + 1); /* args */
    lua_settop(L, index + 2);
}
