/*
 * Numbers as text, the same in all versions of Lua: for messages and descriptions.
 */
#ifndef XL_NUMBER_TEXT_H
#define XL_NUMBER_TEXT_H

#include "compat.h"

#pragma GCC visibility push(hidden)

enum { XL_NUMBER_BYTES = 32 };

/* A number's text, ended by a zero. As an argument, `xl_digits(n).bytes` is valid until
 * the call returns; Lua's own `%s` isn't there before 5.3. */
typedef struct xl_number_text {
    char bytes[XL_NUMBER_BYTES];
} xl_number_text;

xl_number_text xl_digits(int64_t integer);

/*
 * The text of the number at `index`: all digits of what an int64_t can have, so that 1 and 1.0
 * are both `1`, as before 5.3 they are one number; of any other 14 digits, as Lua writes it in
 * the C locale; and `nan` without a sign, on which C's libraries disagree.
 */
xl_number_text xl_number_text_at(lua_State *L, int index);

#pragma GCC visibility pop

#endif
