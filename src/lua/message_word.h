/*
 * The words of an error message: which of them are the same in all messages of its kind.
 */
#ifndef XL_MESSAGE_WORD_H
#define XL_MESSAGE_WORD_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/*
 * `word`, in which there is no space, without the punctuation around it. Empty if it looks
 * like something that differs from one message to the next:
 *
 * - a number, a path, a setting, an address or a name with a dot: it has a digit, a
 *   control character, one of `/ \ = @`, or a dot within;
 * - hexadecimal digits: 6 letters or more from a to f, all of one case;
 * - an identifier: 8 letters or more without a vowel, or mixed cases, unless each part
 *   that begins with a capital is as in `JSONDecodeError`: three letters or more with a
 *   vowel, or several capitals at the beginning or the end;
 * - more than 32 bytes.
 */
xt_text xl_stable_word(xt_text word);

#pragma GCC visibility pop

#endif
