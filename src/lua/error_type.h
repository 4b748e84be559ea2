/*
 * The error type of a Lua error value: a short stable class. Failures of the same kind
 * have the same type, so that a run has few of them.
 */
#ifndef XL_ERROR_TYPE_H
#define XL_ERROR_TYPE_H

#include "exectrack.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

/* The most bytes of an error type that is made from an error value. */
enum { XL_ERROR_TYPE_BYTES = 64 };

/*
 * The error type of the value at `index`, an error that was raised or returned:
 *
 * - for a table: its field `code`, or else `type`, if that is a string, which is cut to
 *   XL_ERROR_TYPE_BYTES, or an integer; else the error type of the string in its field
 *   `message`; else `table`. Fields are also found through metatables whose `__index` is
 *   a table, but no function is called;
 * - for a string: the name of a system error, such as `ENOENT`, if that name or the
 *   error's description is in it; else the first words of the message, without its
 *   position, numbers, quoted parts, paths and other parts that vary between failures of
 *   one kind, up to XL_ERROR_TYPE_BYTES, separated by one space; `error` if none is left;
 * - for any other value: the name of its type.
 *
 * The text is in `buffer` or in static memory. Needs 4 free stack slots. For a table it may
 * run finalizers and raise Lua's memory error; for other values it does neither. [-0, +0]
 */
xt_text xl_error_type_of(lua_State *L, int index, char buffer[XL_ERROR_TYPE_BYTES]);

/*
 * Pushes the message of the error at `index`: the field `message` of a table, read in the
 * same way, or else the value itself. It need not be a string. [-0, +1]
 */
void xl_push_error_message(lua_State *L, int index);

#pragma GCC visibility pop

#endif
