/*
 * The names of several tables as one table: each name once, in the order of their bytes,
 * and `(other)` last.
 */
#ifndef XT_NAME_UNION_H
#define XT_NAME_UNION_H

#include "names.h"

#pragma GCC visibility push(hidden)

/* A name in one of the tables. */
typedef struct xt_name_source {
    xt_text text;
    uint32_t *id; /* where its identifier in the union is to stand */
} xt_name_source;

typedef struct xt_name_union {
    uint32_t *ids;           /* in the union, of all names of all tables, one by one */
    xt_name_source *sources; /* first the same names, once built those of the union */
    size_t source_count;
    uint32_t capacity; /* how many names the union has room for, beside `(other)` */
    uint32_t other;    /* the identifier of `(other)`; 0 if it isn't used */
    uint32_t count;    /* of the names of the union, `(other)` included */
    uint32_t byte_count;
} xt_name_union;

/* Adds the names of `table`, for which `ids` and `sources` have room. */
void xt_name_union_add(xt_name_union *names, const xt_names *table);

/*
 * Builds the union: sets all of `ids`, and counts its names and their bytes. It has room
 * for `least` names, or as many more as there are, up to `most`, with
 * XT_BYTES_PER_NAME bytes each on average. Names beyond are `(other)`. O(n * log n).
 */
void xt_name_union_build(xt_name_union *names, uint32_t least, uint32_t most);

/* Name `id`, from 1, of the union. */
xt_text xt_name_union_get(const xt_name_union *names, uint32_t id);

#pragma GCC visibility pop

#endif
