/*
 * The error type of a message whose codes say nothing: its words.
 */
#ifndef XL_MESSAGE_TYPE_H
#define XL_MESSAGE_TYPE_H

#include "failure.h"

#pragma GCC visibility push(hidden)

/*
 * The words of `text` (message_text.h) that are the same in all messages of its kind
 * (message_word.h), up to XL_ERROR_TYPE_BYTES, separated by one space.
 *
 * If none of these has an ASCII letter, it is the beginning of the text without words of
 * ASCII that vary, up to XL_ERROR_TYPE_BYTES, cut at a character; `error` if nothing is
 * left. In `buffer` or in static memory. O(length).
 */
xt_text xl_message_type(xt_text text, char buffer[XL_ERROR_TYPE_BYTES]);

#pragma GCC visibility pop

#endif
