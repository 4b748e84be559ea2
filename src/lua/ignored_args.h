/*
 * The option `ignore_args`: fields of arguments that don't count for fingerprints.
 *
 * They are in a table whose keys are their names. It is the user value
 * XL_TRACKER_IGNORED_ARGS of a Tracker, or one of the options of a wrapped function.
 */
#ifndef XL_IGNORED_ARGS_H
#define XL_IGNORED_ARGS_H

#include "arguments.h"

#pragma GCC visibility push(hidden)

/* Pushes the table for `list`, a list of names; nil for nil. Raises an error for any
 * other value. [-0, +1] */
void xl_push_ignored_args(lua_State *L, xl_argument list);

/* Whether the value at `key` is a name in the table at `ignored`, or at no index for 0.
 * Needs a free stack slot. [-0, +0] */
static inline bool xl_is_ignored(lua_State *L, int key, int ignored) {
    if (ignored == 0 || lua_type(L, key) != LUA_TSTRING) {
        return false;
    }
    lua_pushvalue(L, key);
    bool is_in_it = lua_rawget(L, ignored) != LUA_TNIL;
    lua_pop(L, 1); /* true or nil */
    return is_in_it;
}

/* The fingerprint of the names in the table on top; 0 for an empty table and for nil. */
uint32_t xl_fingerprint_ignored_args(lua_State *L);

/* Pushes the table of `tracker`, which the userdata at `index` is or belongs to, and
 * returns its index. Without that option it pushes nothing and returns 0.
 * [-0, +0 or 1] */
int xl_push_ignored_args_of(lua_State *L, int index, const xl_tracker *tracker);

#pragma GCC visibility pop

#endif
