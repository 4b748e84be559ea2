/*
 * What the words of an error message say of how a call ended.
 */
#ifndef XL_MESSAGE_STATUS_H
#define XL_MESSAGE_STATUS_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/*
 * Timed out or cancelled, if `text` (message.h) is one of these phrases or begins with
 * one, in any case, after prefixes; else failed:
 *
 * - `timed out`, `timeout`, `deadline exceeded`;
 * - `cancelled`, `canceled`, `interrupted`, `aborted by user`;
 * - one of these after words such as `operation`, `request`, `tool call` or `context`, with
 *   or without `the` before and `was` or `has` after that;
 * - the name of an exception, such as `TimeoutError`, or a code, as xl_code_status knows
 *   them.
 *
 * `timeout`, `cancelled`, `canceled` and `interrupted` may also begin a message about
 * something else (`timeout must be a number`, `cancelled orders can't be changed`). They
 * count only before punctuation, a number, or a word such as `after`, and not if the text
 * goes on with words such as `must` or `invalid`. The other phrases count after any
 * colon.
 */
xt_status xl_message_status(xt_text text);

/* The same for a code, such as `DEADLINE_EXCEEDED`, `RequestTimeout` or `ERR_CANCELED`,
 * which counts as a whole. Of more than 64 bytes none does. */
xt_status xl_code_status(xt_text code);

#pragma GCC visibility pop

#endif
