/*
 * The text of an error message that is the same in all messages of its kind, but for some
 * words: its line without quoted parts.
 */
#ifndef XL_MESSAGE_TEXT_H
#define XL_MESSAGE_TEXT_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* The most bytes of a text that count. */
enum { XL_MESSAGE_BYTES = 1024 };

/*
 * Copies to `room` what `line` (message_line.h) says outside of quotes, ' ' " " ` ` and
 * pairs of quotation marks beyond ASCII; of more than XL_MESSAGE_BYTES the words that end
 * within these. An apostrophe in a word is no quote, and one that nothing closes is
 * dropped alone; but in a line that `is_cut`, what follows it is quoted, too. O(length).
 */
xt_text xl_message_text(xt_text line, bool is_cut, char room[XL_MESSAGE_BYTES]);

#pragma GCC visibility pop

#endif
