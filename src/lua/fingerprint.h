/*
 * Fingerprints of Lua values: 32 bits. Equal contents have equal fingerprints; functions,
 * userdata and threads are equal only to themselves.
 */
#ifndef XL_FINGERPRINT_H
#define XL_FINGERPRINT_H

#include "arguments.h"

#include <stdint.h>

#pragma GCC visibility push(hidden)

/*
 * The fingerprint of the `count` values from stack index `first` on; never 0.
 * docs/image.md has the algorithm, which never changes. Calls no metamethod.
 *
 * Functions, full userdata and threads get serial numbers when they are first met. The
 * first one in a Lua state may run finalizers, and each may raise Lua's memory error.
 * Other values allocate nothing.
 *
 * `ignored` is 0, or the index of a table: fields of the values that have one of its keys
 * don't count. Tables within the values aren't concerned.
 *
 * O(size of the values) up to 65,536 table entries, where a table that is met several
 * times counts each time, and 1 MiB of strings. If there is more, hashing starts again
 * with lower limits, up to 9 times: 5 times with fewer levels of nested tables, and 4
 * times with fewer bytes of each string.
 */
uint32_t xl_fingerprint_args(lua_State *L, int first, int count, int ignored);

/*
 * The same for a tool's results, except that of functions, userdata and threads only the
 * type counts, and that the limits are 4,096 entries and 64 KiB of strings. Allocates
 * nothing, runs no finalizer and raises nothing: it is 0 if the stack can't grow.
 */
uint32_t xl_fingerprint_results(lua_State *L, int first, int count);

/*
 * The option `ignore_args`: fields of arguments that don't count. They are in a table whose
 * keys are their names. It is the user value XL_TRACKER_IGNORED_ARGS of a Tracker, or one of
 * the options of a wrapped function.
 */

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
