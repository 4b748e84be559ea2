/*
 * Text of unknown origin, for a terminal.
 */
#ifndef XL_VISIBLE_H
#define XL_VISIBLE_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

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
