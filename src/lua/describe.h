/*
 * Short texts for people: what a tool was called with, and what an error said.
 *
 * They are one line of UTF-8, with escapes for what would end it or command a terminal. A
 * text that is cut ends with `…`, and is cut before a character. What looks like a secret
 * stands there as `[redacted]`, unless that isn't wanted; as it is looked for before the
 * text is cut, no part of it is left.
 */
#ifndef XL_DESCRIBE_H
#define XL_DESCRIBE_H

#include "exectrack.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

enum { XL_DESCRIPTION_BYTES = 120 };

_Static_assert((int)XL_DESCRIPTION_BYTES == XT_TEXT_BYTES, "all of it is kept");

/* A text that is being made. Begin with `{.redacts = , .ignored = }`. */
typedef struct xl_description {
    bool redacts;
    int ignored;   /* as for xl_fingerprint_args */
    bool is_full;  /* and cut */
    size_t length; /* of the text */
    size_t cut;    /* how much of it stays if it has to be cut */
    char bytes[XL_DESCRIPTION_BYTES];
} xl_description;

/*
 * Adds the `count` values from stack index `first` on, as Lua would write them, with
 * commas between. Of a table the list comes first, then the fields in the order of their
 * keys, numbers before strings: `{1, 2, path="x"}`. Functions, userdata and threads are
 * written as their types; fields with such keys, tables that are nested deep, and what is
 * too long as `…`. Calls no metamethod, runs no finalizer and raises nothing. Equal values
 * have equal texts.
 *
 * O(entries of the tables that it gets to, and bytes of the secrets there). [-0, +0]
 */
void xl_describe_values(lua_State *L, int first, int count, xl_description *to);

/* Adds `text`, without quotes. O(the bytes that fit, and those of the secrets there). */
void xl_describe_text(xt_text text, xl_description *to);

#pragma GCC visibility pop

#endif
