/*
 * The texts of arguments and errors that a Tracker keeps. They are made only if they will
 * be kept, and redacted as its option `redact` says.
 *
 * These functions raise nothing, as a text must not keep an execution from being
 * recorded. If a function of the user's, for `redact` or for an own text, raises an error
 * or doesn't return a string, there is no text. Such a function may change or close the
 * tracker, and can't yield.
 */
#ifndef XL_TRACKER_TEXTS_H
#define XL_TRACKER_TEXTS_H

#include "binding.h"
#include "describe.h"

#pragma GCC visibility push(hidden)

/* Whether the tracker would keep a text of the arguments with this fingerprint. O(1). */
bool xl_wants_args_text(const xl_tracker *tracker, uint32_t args_hash);

/*
 * Stores in `to` the text of the `count` arguments from stack index `first` on, without
 * the fields in the table at `ignored`. Here and below, `tracker` is the userdata at
 * `index`, or that belongs to it. [-0, +0]
 */
void xl_make_args_text(lua_State *L, int index, const xl_tracker *tracker, int first,
                       int count, int ignored, xl_description *to);

/* The same with the text that the function on top, which is popped, returns when it is
 * called with these arguments. [-1, +0] */
void xl_make_own_args_text(lua_State *L, int index, const xl_tracker *tracker, int first,
                           int count, xl_description *to);

/*
 * The fingerprint of the `count` arguments from stack index `first` on, without the
 * fields that `tracker` ignores; raises what xl_fingerprint_args raises. Stores in `to`
 * their text, which is empty if the tracker would not keep it. [-0, +0]
 */
uint32_t xl_take_args(lua_State *L, int index, const xl_tracker *tracker, int first,
                      int count, xl_description *to);

/* Stores in `to` the given `text`, redacted and cut. [-0, +0] */
void xl_make_given_text(lua_State *L, int index, const xl_tracker *tracker, xt_text text,
                        xl_description *to);

/*
 * Stores in `to` the message of the error at stack index `error`, a string or the field
 * `message` of a table. It is empty if there is none, or the tracker keeps no texts of
 * errors. [-0, +0]
 */
void xl_make_error_text(lua_State *L, int index, const xl_tracker *tracker, int error,
                        xl_description *to);

/* The text in `to`, valid as long as `to` is. */
static inline xt_text xl_text_of(const xl_description *to) {
    return (xt_text){to->bytes, to->length};
}

#pragma GCC visibility pop

#endif
