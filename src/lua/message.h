/*
 * What an error message says that its codes, phrases and words are looked for in.
 */
#ifndef XL_MESSAGE_H
#define XL_MESSAGE_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* The most bytes of a message's text. */
enum { XL_MESSAGE_BYTES = 1024 };

static inline xt_text xl_text_from(xt_text text, size_t start) {
    return (xt_text){text.bytes + start, text.length - start};
}

static inline xt_text xl_text_to(xt_text text, size_t end) {
    return (xt_text){text.bytes, end};
}

/* The beginning of `text`, at most `most` bytes, cut at a character of UTF-8. */
xt_text xl_cut(xt_text text, size_t most);

/*
 * Copies the text of `message` to `room`: its first line that isn't empty, or the last one
 * of a traceback of Python's; of more than XL_MESSAGE_BYTES the words that end within
 * these. Left out are
 *
 * - positions, such as `input:7: `, at the beginning;
 * - what is in quotes, ' ' " " ` ` or pairs of quotation marks beyond ASCII. An apostrophe
 *   in a word is no quote, and one that nothing closes is left out alone;
 * - colours, which are escape sequences.
 *
 * Only the first 16 KiB of a line count. What was quoted there and goes on after them is
 * left out, too. O(length).
 */
xt_text xl_message_text(xt_text message, char room[XL_MESSAGE_BYTES]);

/*
 * `text` without one prefix that says where or how it came about: a word and a colon, as
 * in `curl: `; more words of which the last is `error`, `failed`, `failure` or
 * `exception`, as in `Request failed: ` and `MCP error -32001: `; or something in
 * parentheses or brackets, as in `(28) `. Nothing else is taken off, so that the words
 * after `cannot cancel: ` don't stand at the beginning. The same text if there is none
 * within the first 128 bytes.
 */
xt_text xl_without_prefix(xt_text text);

/* What follows the first colon and space in `text`; empty if there are none. */
xt_text xl_after_colon(xt_text text);

#pragma GCC visibility pop

#endif
