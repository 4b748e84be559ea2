/*
 * Wrapped functions: tools that are timed, recorded and guarded whenever they are called.
 */
#ifndef XL_WRAP_H
#define XL_WRAP_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/* The options of functions that are wrapped together: a userdata. */
typedef struct xl_wrap_options {
    bool enforces;
    bool has_complained; /* of a policy that failed */
} xl_wrap_options;

/* Its user values: those options that are functions, or nil; and a table. */
enum {
    XL_WRAP_CLASSIFY = 1,
    XL_WRAP_ARGS,    /* or false: no arguments count */
    XL_WRAP_RESULTS, /* or false: no results count */
    XL_WRAP_POLICY,
    XL_WRAP_ON_WARN,
    XL_WRAP_ON_POLICY_ERROR,
    XL_WRAP_DESCRIBE,
    XL_WRAP_IGNORE_ARGS, /* as in ignored_args.h, or nil for the Tracker's */
    XL_WRAP_MEASURE,
    XL_WRAP_USER_VALUES = XL_WRAP_MEASURE
};

/* The upvalues of a wrapped function. */
enum {
    XL_WRAPPED_SELF = 1, /* a Tracker, or a Session */
    XL_WRAPPED_TOOL,
    XL_WRAPPED_FUNCTION,
    XL_WRAPPED_OPTIONS, /* or nil */
    XL_WRAPPED_UPVALUES = 4
};

/* In a wrapped function with options, pushes one of these, and returns its type. [-0, +1] */
static inline int xl_push_option(lua_State *L, int option) {
    return lua_getiuservalue(L, lua_upvalueindex(XL_WRAPPED_OPTIONS), option);
}

/* Pushes the options that argument `number`, a table or nil, has, or nil. [-0, +1] */
void xl_push_wrap_options(lua_State *L, int number);

/*
 * Replaces the tool's name and the function on top by the function, wrapped, with the
 * Tracker or Session at index 1 and the options at index `options`. Of the name as much
 * counts as is recorded. [-2, +1]
 */
void xl_wrap(lua_State *L, int options);

#pragma GCC visibility pop

#endif
