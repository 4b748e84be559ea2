/*
 * Names in an image, each stored once and referred to by an identifier: those of tools
 * and error types.
 *
 * A table has room for `slots` names with `byte_slots` bytes together. One slot and
 * XT_OTHER_LENGTH bytes are reserved for the name `(other)`. A new name that doesn't fit
 * in the rest becomes `(other)`, as OpenTelemetry does at its cardinality limit. A name
 * is any bytes; a name longer than XT_NAME_BYTES is cut to its first XT_NAME_BYTES.
 */
#ifndef XT_NAMES_H
#define XT_NAMES_H

#include "exectrack.h"
#include "journal.h"

#pragma GCC visibility push(hidden)

#define XT_OTHER "(other)"
enum { XT_OTHER_LENGTH = sizeof XT_OTHER - 1, XT_BYTES_PER_NAME = 64 };

/* The part of a table that is in the image's header. */
typedef struct xt_names_head {
    uint32_t slots;
    uint32_t count;
    uint32_t byte_slots;
    uint32_t byte_count;
} xt_names_head;

/* One name: where its bytes are among the table's. */
typedef struct xt_name {
    uint32_t offset;
    uint32_t length;
} xt_name;

/* A view of a table. Identifiers are places in `names`, counted from 1. */
typedef struct xt_names {
    xt_names_head *head;
    xt_name *names;
    char *bytes;
} xt_names;

/* The slots and byte slots of a table for `count` names, at most XT_MAX_TOOLS. */
static inline uint32_t xt_names_slots_for(uint32_t count) {
    return count + 1;
}

static inline uint32_t xt_names_bytes_for(uint32_t count) {
    return count * XT_BYTES_PER_NAME + XT_OTHER_LENGTH;
}

/* Whether one more name of `length` bytes has a slot and room. */
bool xt_names_fits(const xt_names *names, size_t length);

/*
 * Adds `text`, which fits and isn't in the table, and returns its identifier. Touches
 * what it changes.
 */
uint32_t xt_names_append(xt_names *names, xt_text text, xt_journal *journal);

/* The name with identifier `id`; its bytes are null if there is none. */
xt_text xt_names_get(const xt_names *names, uint32_t id);

/* A name with its identifier in the table that `text` points into. */
typedef struct xt_named {
    xt_text text;
    uint32_t id;
} xt_named;

/* Stores the names of `names` in the order of their bytes. O(names * log names). */
void xt_names_sort(const xt_names *names, xt_named sorted[]);

/* Whether the `bytes` bytes at `start` are all 0. */
bool xt_is_zero(const void *start, size_t bytes);

/* Less than, equal to or greater than 0, like memcmp on the bytes of `a` and `b`; a
 * prefix is less. */
int xt_text_compare(xt_text a, xt_text b);

/*
 * Null for a valid table, else a message. `sorted` has room for `slots` names and is
 * overwritten. O(names * log names).
 */
const char *xt_names_check(const xt_names *names, xt_named sorted[]);

/*
 * Finds names in a table in constant time. It is built from the table, and never part of
 * an image.
 *
 * It holds two hash tables. `by_bytes` uses linear probing and is about half full at
 * most. `by_address` is a cache: which name was last found for text at this address,
 * since callers mostly pass the same constant (in Lua, the same interned string). The
 * bytes are compared in both cases, so an address that now holds other bytes is harmless.
 */
typedef struct xt_name_index {
    uint32_t *by_bytes; /* identifiers, 0 for none */
    uint32_t *by_address;
    uint32_t mask; /* the size of each, a power of two, minus 1 */
    int shift;     /* 64 minus the number of bits in the mask */
    uint64_t seed;
} xt_name_index;

/* How many identifiers the index of a table with `name_slots` has room for. */
size_t xt_name_index_slots(size_t name_slots);

/* Makes `index` an index of all of `names`. `slots` holds xt_name_index_slots zeros, and
 * must outlive the index. */
void xt_name_index_build(xt_name_index *index, const xt_names *names, uint32_t *slots,
                         uint64_t seed);

/* The identifier of `text`, or 0. O(1). */
uint32_t xt_name_index_find(const xt_name_index *index, const xt_names *names,
                            xt_text text);

/*
 * The identifier of `text`, which is added if it is new. If it is new and doesn't fit,
 * returns the identifier of `(other)` and increments `*overflowed`. Touches what it
 * changes, except the head and `*overflowed`. O(1).
 */
uint32_t xt_name_index_intern(xt_name_index *index, xt_names *names, xt_text text,
                              uint64_t *overflowed, xt_journal *journal);

#pragma GCC visibility pop

#endif
