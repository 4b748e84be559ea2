/*
 * Wrapped functions: tools that are timed, recorded and guarded whenever they are called.
 */
#ifndef XT_WRAP_H
#define XT_WRAP_H

#include "handle.h"

#pragma GCC visibility push(hidden)

/* The options of functions that are wrapped together: a userdata. */
typedef struct xt_wrap_options {
    bool enforces;
    bool has_complained; /* of a policy that failed */
} xt_wrap_options;

/* Its user values: those options that are functions, or nil; and a table. */
enum {
    XT_WRAP_CLASSIFY = 1,
    XT_WRAP_ARGS,    /* or false: no arguments count */
    XT_WRAP_RESULTS, /* or false: no results count */
    XT_WRAP_POLICY,
    XT_WRAP_ON_WARN,
    XT_WRAP_ON_POLICY_ERROR,
    XL_WRAP_DESCRIBE,
    XT_WRAP_IGNORE_ARGS, /* as in ignored_args.h, or nil for the Tracker's */
    XL_WRAP_MEASURE,
    XT_WRAP_USER_VALUES = XL_WRAP_MEASURE
};

/* The upvalues of a wrapped function. */
enum {
    XL_WRAPPED_SELF = 1, /* a Tracker, or a Session */
    XT_WRAPPED_TOOL,
    XT_WRAPPED_FUNCTION,
    XT_WRAPPED_OPTIONS, /* or nil */
    XT_WRAPPED_UPVALUES = 4
};

/* In a wrapped function with options, pushes one of these, and returns its type. [-0, +1] */
static inline int xt_push_option(lua_State *L, int option) {
    return lua_getiuservalue(L, lua_upvalueindex(XT_WRAPPED_OPTIONS), option);
}

/* Pushes the options that argument `number`, a table or nil, has, or nil. [-0, +1] */
void xt_push_wrap_options(lua_State *L, int number);

/*
 * Replaces the tool's name and the function on top by the function, wrapped, with the
 * Tracker or Session at index 1 and the options at index `options`. Of the name as much
 * counts as is recorded. [-2, +1]
 */
void xt_wrap(lua_State *L, int options);

/* The methods `wrap` and `instrument`. */
int xt_lua_wrap(lua_State *L);
int xt_lua_instrument(lua_State *L);

#pragma GCC visibility pop

#endif
