/*
 * The union of several tables of names: each name once, in the order of their bytes, and
 * `(other)` last.
 */
#ifndef XT_NAME_UNION_H
#define XT_NAME_UNION_H

#include "names.h"

#pragma GCC visibility push(hidden)

/* A name in one of the tables. */
typedef struct xt_name_source {
    xt_text text;
    uint32_t *id; /* where its identifier in the union is stored */
} xt_name_source;

typedef struct xt_name_union {
    uint32_t *ids;           /* identifiers in the union, for all names of each table */
    xt_name_source *sources; /* all names of all tables; once built, those of the union */
    size_t source_count;
    uint32_t capacity; /* how many names the union has room for, besides `(other)` */
    uint32_t other;    /* the identifier of `(other)`; 0 if it isn't used */
    uint32_t count;    /* of the names of the union, including `(other)` */
    uint32_t byte_count;
} xt_name_union;

/* Adds the names of `table`, for which `ids` and `sources` have room. */
void xt_name_union_add(xt_name_union *names, const xt_names *table);

/*
 * Builds the union: sets all of `ids`, and counts the union's names and their bytes. It
 * has room for as many names as there are, but at least `least` and at most `most`, with
 * XT_BYTES_PER_NAME bytes each on average. Names that don't fit become `(other)`.
 * O(n * log n).
 */
void xt_name_union_build(xt_name_union *names, uint32_t least, uint32_t most);

/* Name `id`, from 1, of the union. */
xt_text xt_name_union_get(const xt_name_union *names, uint32_t id);

#pragma GCC visibility pop

#endif
