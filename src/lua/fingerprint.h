/*
 * Fingerprints of Lua values: 32 bits that are the same for the same content, and for the
 * same function, userdata or thread.
 */
#ifndef XL_FINGERPRINT_H
#define XL_FINGERPRINT_H

#include "compat.h"
#include <stdint.h>

#pragma GCC visibility push(hidden)

/*
 * The fingerprint of the `count` values from stack index `first` on; never 0.
 * docs/image.md has the algorithm, which never changes. Calls no metamethod.
 *
 * Functions, full userdata and threads get serial numbers when they are first met, so the
 * first of them in a state may run finalizers, and any may raise Lua's memory error. Other
 * values allocate nothing.
 *
 * `ignored` is 0, or the index of a table whose keys name the fields that don't count: of
 * those values that are tables, not of the tables in them.
 *
 * O(size of the values) up to 65,536 table entries, shared tables counted as often as
 * they are met, and 1 MiB of strings. Where there are more, it begins again, up to 9
 * times, with less: nested tables are hashed less deep (5 times), and strings in part (4).
 */
uint32_t xl_fingerprint_args(lua_State *L, int first, int count, int ignored);

/*
 * The same for what a tool returned, in which functions, userdata and threads count by
 * their type, with limits of 4,096 entries and 64 KiB of strings. Allocates nothing, runs no
 * finalizer and raises nothing: if the stack can't grow, it is 0.
 */
uint32_t xl_fingerprint_results(lua_State *L, int first, int count);

#pragma GCC visibility pop

#endif
