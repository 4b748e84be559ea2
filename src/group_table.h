/*
 * Numbers groups from 0, in the order in which they are first seen: a hash table with
 * open addressing, and in front of it a cache of recently found groups.
 */
#ifndef XT_GROUP_TABLE_H
#define XT_GROUP_TABLE_H

#include "group_key.h"

#pragma GCC visibility push(hidden)

typedef struct xt_group_slot {
    uint32_t hash;
    uint32_t number; /* of its group, from 1; 0 if the slot is free */
} xt_group_slot;

typedef struct xt_group_recent {
    xt_group_key key;
    uint32_t number; /* from 0 */
} xt_group_recent;

enum { XT_RECENT_GROUPS = 512 };

/* Has memory for `capacity` groups: a power of two, or 0 before the first. */
typedef struct xt_group_table {
    xt_allocator allocator;
    uint64_t seed;
    size_t capacity;
    size_t count;
    xt_group_key *keys;   /* by number; the slots follow them in the same block */
    xt_group_slot *slots; /* there are more than groups */
    xt_group_recent recent[XT_RECENT_GROUPS]; /* each at a place computed from its key */
} xt_group_table;

/* Makes `table` an empty table. */
void xt_group_table_open(xt_group_table *table, const xt_allocator *allocator,
                         uint64_t seed);

/*
 * Makes room for `more` groups that aren't in the table yet. False, with the table
 * unchanged, if there is no memory. When the table grows, its size at least doubles: O(1)
 * for each group, amortised.
 */
bool xt_group_table_reserve(xt_group_table *table, size_t more);

/* Stores the numbers of the groups of the `count` records, for which there is room. */
void xt_group_table_number(xt_group_table *table, const xt_group_coding *coding,
                           size_t count, const xt_record records[], uint32_t numbers[]);

/* Frees the memory. */
void xt_group_table_close(xt_group_table *table);

#pragma GCC visibility pop

#endif
