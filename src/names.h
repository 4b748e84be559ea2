/*
 * Names in an image, each kept once and known by an identifier: the tools, the error
 * types.
 *
 * A table has room for `slots` names and `byte_slots` bytes of them, of which one slot
 * and XT_OTHER_LENGTH bytes are kept for the name `(other)`. When a new name has no room
 * in the rest, it is `(other)`: OpenTelemetry's rule for its cardinality limit. A name is
 * any bytes; of one longer than XT_NAME_BYTES the first XT_NAME_BYTES count.
 */
#ifndef XT_NAMES_H
#define XT_NAMES_H

#include "exectrack.h"
#include "journal.h"

#pragma GCC visibility push(hidden)

#define XT_OTHER "(other)"
enum { XT_OTHER_LENGTH = sizeof XT_OTHER - 1, XT_BYTES_PER_NAME = 64 };

/* The part of a table that stands in the image's header. */
typedef struct xt_names_head {
    uint32_t slots;
    uint32_t count;
    uint32_t byte_slots;
    uint32_t byte_count;
} xt_names_head;

/* One name: where its bytes stand among the table's. */
typedef struct xt_name {
    uint32_t offset;
    uint32_t length;
} xt_name;

/* A table as its image shows it. Identifiers are places in `names`, counted from 1. */
typedef struct xt_names {
    xt_names_head *head;
    xt_name *names;
    char *bytes;
} xt_names;

/* The slots, and those for bytes, of a table for `count` names, up to XT_MAX_TOOLS. */
static inline uint32_t xt_names_slots_for(uint32_t count) {
    return count + 1;
}

static inline uint32_t xt_names_bytes_for(uint32_t count) {
    return count * XT_BYTES_PER_NAME + XT_OTHER_LENGTH;
}

/* Whether one more name of `length` bytes has a slot and room. */
bool xt_names_fits(const xt_names *names, size_t length);

/*
 * Adds `text`, which fits and isn't among the names, and returns its identifier. Touches
 * all that it changes but the head.
 */
uint32_t xt_names_append(xt_names *names, xt_text text, xt_journal *journal);

/* The name with identifier `id`; a null pointer if there is none. */
xt_text xt_names_get(const xt_names *names, uint32_t id);

/* A name with its identifier in the table that `text` points into. */
typedef struct xt_named {
    xt_text text;
    uint32_t id;
} xt_named;

/* Stores the names of `names` in the order of their bytes. O(names * log names). */
void xt_names_sort(const xt_names *names, xt_named sorted[]);

/* Whether `bytes` bytes are all 0, as what a table leaves of its section is to be. */
bool xt_is_zero(const void *start, size_t bytes);

/* Less than, equal to or greater than 0, as the bytes of `a` and `b` compare. */
int xt_text_compare(xt_text a, xt_text b);

/*
 * Null for a sound table, else what is wrong with it. `sorted` is room for its names and
 * is overwritten, whatever the table says. O(names * log names).
 */
const char *xt_names_check(const xt_names *names, xt_named sorted[]);

/*
 * Finds names in a table in constant time. It is derived from the table, so it is never
 * part of an image.
 *
 * Two ways lead to a name. `by_bytes` is a hash table with linear probing, about half
 * full at most. `by_address` remembers which name the text at an address last was, since
 * callers mostly pass the same constant (in Lua, the same interned string). Either way
 * the bytes are compared, so an address that now holds other bytes is harmless.
 */
typedef struct xt_name_index {
    uint32_t *by_bytes; /* identifiers, 0 for none */
    uint32_t *by_address;
    uint32_t mask; /* the number of each, a power of two, less 1 */
    int shift;     /* which leaves as many bits of 64 as the mask has */
    uint64_t seed;
} xt_name_index;

/* The number of identifiers that the index of a table with `name_slots` needs. */
size_t xt_name_index_slots(size_t name_slots);

/* Indexes all of `names` in `index`, with that number of identifiers, 0, at `slots`. */
void xt_name_index_build(xt_name_index *index, const xt_names *names, uint32_t *slots,
                         uint64_t seed);

/* The identifier of `text`, or 0. O(1). */
uint32_t xt_name_index_find(const xt_name_index *index, const xt_names *names,
                            xt_text text);

/*
 * The identifier of `text`, which is added if it is new. When it is new and doesn't fit,
 * the identifier of `(other)`, and `*overflowed` is counted up. Touches all that it
 * changes but the head and that. O(1).
 */
uint32_t xt_name_index_intern(xt_name_index *index, xt_names *names, xt_text text,
                              uint64_t *overflowed, xt_journal *journal);

#pragma GCC visibility pop

#endif
