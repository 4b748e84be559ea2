/*
 * The options of wrapped functions and of `begin`: a userdata. All functions of one
 * `instrument` share it.
 */
#ifndef XL_CALL_OPTIONS_H
#define XL_CALL_OPTIONS_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/* The user values of options: functions, unless noted. Those that `begin` also has come
 * first. */
enum {
    XL_OPTION_CLASSIFY = 1,
    XL_OPTION_RESULTS, /* or false: results have no fingerprint */
    XL_OPTION_POLICY,
    XL_OPTION_ON_WARN,
    XL_OPTION_ON_POLICY_ERROR,
    XL_OPTION_IGNORE_ARGS, /* a table, as in ignored_args.h; replaces the Tracker's */
    XL_OPTION_MEASURE,
    XL_BEGIN_OPTIONS = XL_OPTION_MEASURE,
    XL_OPTION_ARGS, /* or false: arguments have no fingerprint */
    XL_OPTION_DESCRIBE,
    XL_OPTION_CALLBACK, /* or the number of an argument */
    XL_OPTION_SLEEP,
    XL_WRAP_OPTIONS = XL_OPTION_SLEEP
};

struct xl_options {
    uint32_t given;       /* bit n: user value n isn't nil */
    bool enforces;        /* denied calls don't run */
    bool has_complained;  /* a policy's error was printed */
    int callback;         /* the number of the argument; 0 for none, or a function */
    uint64_t timeout_us;  /* 0 for none */
    uint64_t max_wait_us; /* 0 for no waiting */
};

/* Whether `options`, which may be null, have `option`. */
static inline bool xl_has_option(const xl_options *options, int option) {
    return options != NULL && (options->given >> option & 1) != 0;
}

/* Whether calls with these options, which may be null, have a policy or a callback. */
static inline bool xl_is_guarded(const xl_options *options) {
    return xl_has_option(options, XL_OPTION_POLICY) ||
           xl_has_option(options, XL_OPTION_CALLBACK);
}

/* Pushes an option of `options`, which are at `index` or null; nil if it isn't set.
 * [-0, +1] */
static inline void xl_push_option(lua_State *L, int index, const xl_options *options,
                                  int option) {
    if (xl_has_option(options, option)) {
        lua_getiuservalue(L, index, option);
    } else {
        lua_pushnil(L);
    }
}

/*
 * Pushes an option of `span`, which is at `index`. If it isn't set, pushes nothing and
 * returns false. Needs 2 free stack slots. [-0, +0 or 1]
 */
static inline bool xl_push_option_of(lua_State *L, int index, const xl_span *span,
                                     int option) {
    if (!xl_has_option(span->options, option)) {
        return false;
    }
    lua_getiuservalue(L, index, XL_SPAN_OPTIONS);
    lua_getiuservalue(L, -1, option);
    lua_remove(L, -2); /* options */
    return true;
}

/* Pushes the options of `wrap` or `instrument`, whose argument `number` is a table or
 * nil; nil for nil. Raises an error for a wrong argument. [-0, +1] */
void xl_push_wrap_options(lua_State *L, int number);

/* The same for `run`, for a table that also has the field `tool`, a string. Then pushes
 * that. [-0, +2] */
void xl_push_run_options(lua_State *L, int number);

/* The same for `begin`. Then pushes the fields `args` and `session` of the argument.
 * [-0, +3] */
void xl_push_begin_options(lua_State *L, int number);

#pragma GCC visibility pop

#endif
