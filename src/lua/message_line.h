/*
 * The line of an error message that says what happened: its first one, without what
 * stands before that.
 */
#ifndef XL_MESSAGE_LINE_H
#define XL_MESSAGE_LINE_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* The most bytes of a line that count. */
enum { XL_LINE_BYTES = 16384 };

static inline xt_text xl_text_from(xt_text text, size_t start) {
    return (xt_text){text.bytes + start, text.length - start};
}

static inline xt_text xl_text_to(xt_text text, size_t end) {
    return (xt_text){text.bytes, end};
}

/* The first line of `message`, without the positions, such as `input:7: `, that it begins
 * with. If it has more than XL_LINE_BYTES, those of its words that end within these, and
 * `*is_cut` is true. O(length). */
xt_text xl_message_line(xt_text message, bool *is_cut);

/*
 * `line` without one prefix that says where or how it came about: a word and a colon, as
 * in `curl: `; more words of which the last is `error`, `failed`, `failure` or
 * `exception`, as in `Request failed: ` and `MCP error -32001: `; or something in
 * parentheses or brackets, as in `(28) `. Nothing else is taken off, so that the words
 * after `cannot cancel: ` don't stand at the beginning. The same line if there is none within
 * the first 128 bytes.
 */
xt_text xl_without_prefix(xt_text line);

#pragma GCC visibility pop

#endif
