/*
 * A set of names that grows, however many they are. A name keeps its number and its
 * address until the set is closed; one that is longer than XT_NAME_BYTES is cut.
 */
#ifndef XT_NAME_SET_H
#define XT_NAME_SET_H

#include "growing.h"
#include "hash_slots.h"

#pragma GCC visibility push(hidden)

typedef struct xt_name_block xt_name_block;

/* Zeroed, with a seed, it is empty. */
typedef struct xt_name_set {
    uint64_t seed;    /* of the hashes */
    xt_growing names; /* xt_text, by number from 1 */
    xt_hash_slots slots;
    xt_name_block *blocks; /* the names' bytes; the last block first */
    size_t bytes;          /* of all names together */
} xt_name_set;

/* Stores the number, from 1, of `text`, which is added if it is new. False if there is no
 * memory; then nothing changes that can be seen. O(length). */
bool xt_name_set_intern(xt_name_set *set, xt_text text, const xt_allocator *from,
                        uint32_t *number);

/* The name with this number. */
static inline xt_text xt_name_set_get(const xt_name_set *set, uint32_t number) {
    const xt_text *names = set->names.items;
    return names[number - 1];
}

/* Frees the memory; the set is empty. */
void xt_name_set_close(xt_name_set *set, const xt_allocator *from);

#pragma GCC visibility pop

#endif
