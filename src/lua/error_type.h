/*
 * The error type of a Lua error value: a short stable class, the same for the same kind
 * of failure, so that a few of them sum up a run.
 */
#ifndef XL_ERROR_TYPE_H
#define XL_ERROR_TYPE_H

#include "exectrack.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

/* Room for the longest error type that a message gives. */
enum { XL_ERROR_TYPE_BYTES = 64 };

/*
 * The error type of the value at `index`, an error that was raised or returned:
 *
 * - of a table, its field `code` or else `type`, read without calling anything but
 *   through metatables whose `__index` is a table: a string as it is (up to
 *   XL_ERROR_TYPE_BYTES), or an integer in decimal; else that of its field `message`, a
 *   string; else `table`;
 * - of a string, the name of a system's error (`ENOENT`) if it has one as a word, or that
 *   error's message; else the message without its position, numbers, quoted parts, paths
 *   and whatever else tells one failure from the next of its kind: its first words, up to
 *   XL_ERROR_TYPE_BYTES, separated by one space; `error` if nothing is left;
 * - of anything else, the name of its type.
 *
 * The text is in `buffer` or in static memory. Needs 4 free stack slots. Of a table it
 * may run finalizers and raise Lua's memory error; else it does neither. [-0, +0]
 */
xt_text xl_error_type_of(lua_State *L, int index, char buffer[XL_ERROR_TYPE_BYTES]);

/*
 * Pushes what the error at `index` says: its field `message` if it is a table, read in the
 * same way, else the value itself. That may be no string. [-0, +1]
 */
void xl_push_error_message(lua_State *L, int index);

#pragma GCC visibility pop

#endif
