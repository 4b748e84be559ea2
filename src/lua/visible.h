/*
 * Text of unknown origin, for a terminal.
 */
#ifndef XL_VISIBLE_H
#define XL_VISIBLE_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* The bytes of `\u{10ffff}` and a zero byte: none becomes more. */
enum { XL_VISIBLE_CHARACTER_BYTES = 11 };

/*
 * Stores in `to` the first character of `text`, which isn't empty, as xl_make_visible does,
 * with a zero byte at its end. Returns how many bytes of `text` that is.
 */
size_t xl_make_character_visible(char to[XL_VISIBLE_CHARACTER_BYTES], xt_text text);

/* A byte becomes `\x1b` at most; `...` and a zero byte end what is cut. */
#define XL_VISIBLE_BYTES(most) (4 * (most) + sizeof "...")

/*
 * Stores in `to` the first `most` bytes of `text`, as UTF-8 that commands no terminal and
 * neither ends its line nor reorders it, with a zero byte at its end: as
 * `exectrack.report.unicode` writes what is visible. `...` stands for what is left out,
 * among it a character that is cut. `to` has XL_VISIBLE_BYTES(most) bytes.
 */
void xl_make_visible(char *to, xt_text text, size_t most);

#pragma GCC visibility pop

#endif
