/*
 * Short texts for people: the arguments of a tool, and the message of an error.
 *
 * They are one line of UTF-8: line breaks and terminal commands are escaped. A text that
 * is too long is cut between two characters and ends with `…`. What looks like a secret
 * is replaced by `[redacted]`, if `redacts` is set. Secrets are found before the text is
 * cut, so that no part of one remains.
 */
#ifndef XL_DESCRIBE_H
#define XL_DESCRIBE_H

#include "exectrack.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

enum { XL_DESCRIPTION_BYTES = 120 };

_Static_assert((int)XL_DESCRIPTION_BYTES == XT_TEXT_BYTES, "a tracker keeps it whole");

/* A text that is being made. Begin with `{.redacts = , .ignored = }`. */
typedef struct xl_description {
    bool redacts;
    int ignored;   /* as for xl_fingerprint_args */
    bool is_full;  /* it is cut, and nothing more is added */
    size_t length; /* of the text */
    size_t cut;    /* how many bytes remain before `…` if it has to be cut */
    char bytes[XL_DESCRIPTION_BYTES];
} xl_description;

/*
 * Adds the `count` values from stack index `first` on, in Lua's notation, separated by
 * commas. A table's list comes first, then its other fields, sorted by key, numbers
 * before strings: `{1, 2, path="x"}`. Functions, userdata and threads are written as
 * their types. `…` replaces fields with such keys, tables that are nested too deep, and
 * what is too long. Equal values have equal texts. Calls no metamethod, runs no finalizer
 * and raises nothing.
 *
 * O(entries of the tables up to where the text is cut, and bytes of the secrets there).
 * [-0, +0]
 */
void xl_describe_values(lua_State *L, int first, int count, xl_description *to);

/* Adds `text`, without quotes. O(bytes that fit, and bytes of the secrets there). */
void xl_describe_text(xt_text text, xl_description *to);

#pragma GCC visibility pop

#endif
