/*
 * Counts and sums over the records of a group.
 */
#ifndef XT_GROUP_TALLY_H
#define XT_GROUP_TALLY_H

#include "group_key.h"

#pragma GCC visibility push(hidden)

typedef struct xt_group_tally {
    uint32_t by_outcome[8]; /* by the three bits of status and cached */
    uint64_t total_us;      /* modulo 2^64 */
    uint64_t total_wraps;   /* how often total_us wrapped around */
    uint64_t min_us;        /* UINT64_MAX if there is none */
    uint64_t max_us;
    uint64_t first_end_us; /* UINT64_MAX if there is none */
    uint64_t last_end_us;
    uint64_t elapsed_us; /* stops at XT_MAX_COUNT */
    uint32_t untimed;
    uint32_t elapsed;
} xt_group_tally;

/* Empties the `count` tallies. */
void xt_group_tally_clear(size_t count, xt_group_tally tallies[]);

/* Adds each of the `count` records to the tally at its code. */
void xt_group_tally_by_code(const xt_group_coding *coding, size_t count,
                            const xt_record records[], xt_group_tally tallies[]);

/* Adds each of the `count` records to the tally at its number. */
void xt_group_tally_by_number(size_t count, const xt_record records[],
                              const uint32_t numbers[], xt_group_tally tallies[]);

/* How many records there are, and how many of them were measured. */
size_t xt_group_tally_records(const xt_group_tally *tally);
size_t xt_group_tally_measured(const xt_group_tally *tally);

/* Stores the counts and sums of `tally`, which has records, in `group`. */
void xt_group_tally_store(const xt_group_tally *tally, xt_group *group);

#pragma GCC visibility pop

#endif
