/*
 * The error type of a message whose codes say nothing: its words.
 */
#ifndef XL_MESSAGE_TYPE_H
#define XL_MESSAGE_TYPE_H

#include "failure.h"

#pragma GCC visibility push(hidden)

/*
 * The words of `text` (message.h) that are the same in all messages of its kind, up to
 * XL_ERROR_TYPE_BYTES, without the punctuation around them, separated by one space. Not
 * among them are words that look like
 *
 * - a number, a path, a setting, an address or a name with a dot: with a digit, a control
 *   character, one of `/ \ = @`, or a dot within;
 * - part of a date, such as `Mon` and `Jan`;
 * - hexadecimal digits: 6 letters or more from a to f, all of one case;
 * - an identifier: 8 letters or more without a vowel, or mixed cases, unless each part
 *   that begins with a capital is as in `JSONDecodeError`: three letters or more with a
 *   vowel, or two to six capitals at the beginning or the end;
 * - nothing in particular, but have more than 32 bytes.
 *
 * Names of exceptions, which end with `Error` or `Exception`, are no identifiers, and of
 * `java.io.IOException` the last part stays.
 *
 * If none of the words has an ASCII letter, it is the beginning of the text without words of
 * ASCII that vary, up to XL_ERROR_TYPE_BYTES, cut at a character; `error` if nothing is
 * left. In `buffer` or in static memory. O(length).
 */
xt_text xl_message_type(xt_text text, char buffer[XL_ERROR_TYPE_BYTES]);

#pragma GCC visibility pop

#endif
