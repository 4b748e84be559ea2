/*
 * The texts that a Tracker keeps of arguments and errors: made as its option `redact` says,
 * and only if they are kept.
 *
 * A text is never worth more than what it is of: these functions raise nothing. Where the
 * functions of a user's own that take part in it raise, or return no string, there is no
 * text. They may do anything to the tracker, and can't yield.
 */
#ifndef XL_TRACKER_TEXTS_H
#define XL_TRACKER_TEXTS_H

#include "binding.h"
#include "describe.h"

#pragma GCC visibility push(hidden)

/* Whether a text of arguments of this fingerprint is needed. O(1). */
bool xl_wants_args_text(const xl_tracker *tracker, uint32_t args_hash);

/*
 * Stores in `to` what the `count` arguments from stack index `first` on are, without the
 * fields in the table at `ignored`. Here and below the userdata at `index` is that of
 * `tracker`, or belongs to it. [-0, +0]
 */
void xl_make_args_text(lua_State *L, int index, const xl_tracker *tracker, int first,
                       int count, int ignored, xl_description *to);

/* The same of what the function on top, which is popped, returns of them. [-1, +0] */
void xl_make_own_args_text(lua_State *L, int index, const xl_tracker *tracker, int first,
                           int count, xl_description *to);

/*
 * The fingerprint of the `count` values from stack index `first` on, arguments of a tool of
 * `tracker`, without what that ignores, as xl_fingerprint_args has
 * it. Stores in `to` what they are; nothing if that isn't needed. [-0, +0]
 */
uint32_t xl_take_args(lua_State *L, int index, const xl_tracker *tracker, int first,
                      int count, xl_description *to);

/* Stores in `to` what is to be kept of `text`, which a user has given. [-0, +0] */
void xl_make_given_text(lua_State *L, int index, const xl_tracker *tracker, xt_text text,
                        xl_description *to);

/*
 * Stores in `to` the message of the error at stack index `error`, a string or the field
 * `message` of a table: none if the tracker keeps none, or the error has none. [-0, +0]
 */
void xl_make_error_text(lua_State *L, int index, const xl_tracker *tracker, int error,
                        xl_description *to);

/* The text of `to`, which it keeps. */
static inline xt_text xl_text_of(const xl_description *to) {
    return (xt_text){to->bytes, to->length};
}

#pragma GCC visibility pop

#endif
