/*
 * A hash table that grows, of numbers that stand for keys which are stored elsewhere.
 */
#ifndef XT_HASH_SLOTS_H
#define XT_HASH_SLOTS_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

typedef struct xt_hash_slot {
    uint32_t hash;   /* of the key */
    uint32_t number; /* that stands for it; 0 if the slot is free */
} xt_hash_slot;

/* Zeroed it is empty. Reserve before anything else. */
typedef struct xt_hash_slots {
    xt_hash_slot *slots; /* linear probing */
    size_t mask;         /* the number of slots, a power of two, minus 1 */
    size_t count;        /* of slots that aren't free */
} xt_hash_slots;

/* Makes room for one more number. False if there is no memory; then nothing changes.
 * O(1), but O(numbers) when they are moved. */
bool xt_hash_slots_reserve(xt_hash_slots *table, const xt_allocator *from);

/*
 * Finding a key: the first slot to look at, and the one after `slot`. The search ends at
 * the slot with the key's number, or at a free one, where it belongs. The user stores it
 * there and increments `count`.
 */
static inline xt_hash_slot *xt_hash_slots_first(const xt_hash_slots *table,
                                                uint32_t hash) {
    return &table->slots[hash & table->mask];
}

static inline xt_hash_slot *xt_hash_slots_next(const xt_hash_slots *table,
                                               const xt_hash_slot *slot) {
    return &table->slots[(size_t)(slot - table->slots + 1) & table->mask];
}

/* Frees the memory; the table is empty. */
void xt_hash_slots_close(xt_hash_slots *table, const xt_allocator *from);

#pragma GCC visibility pop

#endif
