/*
 * Numbers as text, which is the same in all versions of Lua: for values, messages and
 * descriptions.
 */
#ifndef XL_NUMBER_TEXT_H
#define XL_NUMBER_TEXT_H

#include "exectrack.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

enum { XL_NUMBER_BYTES = 32 };

/* A number's text, zero-terminated. An argument `xl_digits(n).bytes` is valid until the
 * call returns. For messages: before Lua 5.3, lua_pushfstring has no `%I`. */
typedef struct xl_number_text {
    char bytes[XL_NUMBER_BYTES];
} xl_number_text;

xl_number_text xl_digits(int64_t integer);

/* The first `digits` digits, up to 17, of a number that isn't NaN, with a point whatever the
 * locale has. */
xl_number_text xl_float_digits(double number, int digits);

/*
 * The text of the number at `index`: all digits of an integer that fits in an int64_t,
 * where 1 and 1.0 are both `1`, as they are the same number before 5.3; 14 digits of any
 * other number, as Lua writes it in the C locale; and always `nan` without a sign, as C
 * libraries differ there.
 */
xl_number_text xl_number_text_at(lua_State *L, int index);

#pragma GCC visibility pop

#endif
