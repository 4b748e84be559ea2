/*
 * The fields of arguments that don't count for fingerprints: the option `ignore_args`.
 *
 * They are kept as a table whose keys are their names: the user value XL_TRACKER_IGNORED_ARGS
 * of a Tracker that has the option, and one of the options of wrapped functions.
 */
#ifndef XL_IGNORED_ARGS_H
#define XL_IGNORED_ARGS_H

#include "arguments.h"

#pragma GCC visibility push(hidden)

/* Pushes the table of the names that `list` lists; nil for nil. Raises for what is no list
 * of strings. [-0, +1] */
void xl_push_ignored_args(lua_State *L, xl_argument list);

/* Whether the string or other value at `key` is a name in the table at `ignored`, 0 for none.
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

/* The fingerprint of the names in the table on top, or nil: 0 for none. [-0, +0] */
uint32_t xl_fingerprint_ignored_args(lua_State *L);

/* Pushes the table of `tracker`, which the userdata at `index` is or belongs to, and returns
 * where it stands. Returns 0, and pushes nothing, if it hasn't that option. [-0, +0 or 1] */
int xl_push_ignored_args_of(lua_State *L, int index, const xl_tracker *tracker);

#pragma GCC visibility pop

#endif
