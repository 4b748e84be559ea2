/*
 * What an error value says of a call that failed: how it ended, and a short stable class,
 * its error type. Failures of the same kind have the same type, so that a run has few of
 * them.
 */
#ifndef XL_FAILURE_H
#define XL_FAILURE_H

#include "exectrack.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

/* The most bytes of an error type that is made from an error value. */
enum { XL_ERROR_TYPE_BYTES = 64 };

typedef struct xl_failure {
    xt_status status;   /* failed, timed out or cancelled */
    xt_text error_type; /* empty for none */
    bool is_code;       /* a code that is known (message_code.h) says so */
} xl_failure;

/*
 * What the value at `index`, an error that was raised or returned, says:
 *
 * - a string: if there is a code in its text (message.h, message_code.h), that decides.
 *   Else its words may say that it timed out or was cancelled (message_status.h): then it
 *   has no error type. Else it has failed, and its words are the error type
 *   (message_type.h);
 * - an integer from 400 to 599: an HTTP status;
 * - a table: the error type is that of the first of its fields `code`, `type`, `name`,
 *   `status`, `error` and `message` that has one. The first four have one if they are a
 *   code, another string (cut to XL_ERROR_TYPE_BYTES; with spaces it is a message) or an
 *   integer; but not if they are `error`, `failed`, `failure` or `tool_result`, in any
 *   case, nor `status` if it is an integer but no HTTP status. A `name` that doesn't read
 *   like that of an error, such as `TypeError`, comes last of all. `error` may also be a
 *   message, or a table, whose fields but `error` are then read; `message` is one. After
 *   it comes `content`, a message, or the first `text` in its elements, as in results of
 *   MCP. The first of these that is a known code decides whether it timed out or was
 *   cancelled; until then the first that says that it did. If nothing has an error type,
 *   that is `error` if one of the words above was left out, nothing was left of a message,
 *   or `isError` or `is_error` is true, and else `table`. Fields are also found through
 *   metatables whose `__index` is a table, but no function is called;
 * - any other value: it has failed, and the name of its type is the error type.
 *
 * The error type is in `buffer` or in static memory. Needs 10 free stack slots. For a
 * table it may run finalizers and raise Lua's memory error; for other values it does
 * neither. [-0, +0]
 */
xl_failure xl_failure_of(lua_State *L, int index, char buffer[XL_ERROR_TYPE_BYTES]);

/*
 * Pushes the message of the error at `index`: of a table its field `message`, or else
 * `error`, the `message` of that, or `content` or its text, read in the same way; else the
 * value itself. It need not be a string. Needs 6 free stack slots.
 * [-0, +1]
 */
void xl_push_error_message(lua_State *L, int index);

#pragma GCC visibility pop

#endif
