/*
 * Making untrusted text safe for a terminal.
 */
#ifndef XL_VISIBLE_H
#define XL_VISIBLE_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* The longest that a character becomes: `\u{10ffff}` and a zero byte. */
enum { XL_VISIBLE_CHARACTER_BYTES = 11 };

/*
 * Stores in `to` the first character of `text`, escaped as by xl_make_visible, and a zero
 * byte. Returns the character's length in `text`, which must not be empty.
 */
size_t xl_make_character_visible(char to[XL_VISIBLE_CHARACTER_BYTES], xt_text text);

/* Room for `most` bytes, each of which may become four as in `\x1b`, `...` and a zero
 * byte. */
#define XL_VISIBLE_BYTES(most) (4 * (most) + sizeof "...")

/*
 * Stores in `to` the first `most` bytes of `text` as UTF-8, and a zero byte. Escapes what
 * would control a terminal, end the line or change its direction:
 * the HARMFUL of unicode.lua. If the text is longer, `...` follows the last
 * character that fits whole. `to` has XL_VISIBLE_BYTES(most) bytes.
 */
void xl_make_visible(char *to, xt_text text, size_t most);

/*
 * The columns that `text` takes in a terminal if it has nothing but printable ASCII, frames
 * and blocks (U+2500 to U+25BF), which take one each; else -1.
 */
ptrdiff_t xl_plain_width(xt_text text);

#pragma GCC visibility pop

#endif
