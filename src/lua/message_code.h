/*
 * Codes in error messages: names and descriptions of the system's errors, HTTP statuses,
 * exit codes and signals. They decide how a call ended, wherever they are.
 */
#ifndef XL_MESSAGE_CODE_H
#define XL_MESSAGE_CODE_H

#include "failure.h"

#pragma GCC visibility push(hidden)

/*
 * If there is a code in `text` (message.h), sets `*failure` to what it says, with one of
 * these as error type, and returns true:
 *
 * - the name of a system's error, such as `ENOENT`;
 * - `exit_2`, for `exit 2`, `exited with code 2` and the like;
 * - `signal_9`, for `signal 9` and `SIGKILL`;
 * - `http_503`, for `HTTP 503`, `HTTP/1.1 503`, `status code 503` and the like; for
 *   `503 Service Unavailable` and `Error 503` at the beginning or after a colon; and for a
 *   number from 400 to 599 that is all there is, but for prefixes;
 * - the name of a system's error whose description is in the text.
 *
 * ETIMEDOUT, `http_408`, `http_504` and `exit_124` have the status timed out; ECANCELED,
 * `http_499`, `exit_130`, `exit_143`, `signal_2` and `signal_15` cancelled; all others
 * failed. The type is in `buffer` or in static memory. O(length), but looking for
 * descriptions takes longest.
 */
bool xl_find_code(xt_text text, char buffer[XL_ERROR_TYPE_BYTES], xl_failure *failure);

/* The same without descriptions: for a code that is a string. */
bool xl_find_short_code(xt_text text, char buffer[XL_ERROR_TYPE_BYTES],
                        xl_failure *failure);

/* The same for a number that may be an HTTP status: false unless it is from 400 to
 * 599. */
bool xl_find_http_status(int64_t number, char buffer[XL_ERROR_TYPE_BYTES],
                         xl_failure *failure);

#pragma GCC visibility pop

#endif
