/*
 * What a record is grouped by, as three numbers: its time, its session and its code.
 *
 * The code is a mixed-radix number with a digit for each key except time and session. The
 * first key has the highest digit, so codes are in the order of the keys. A code is below
 * 2^60: tools take 16 bits, statuses 2, cached 1, error types 9 and fingerprints of
 * arguments 32. Times and sessions don't fit, too.
 */
#ifndef XT_GROUP_KEY_H
#define XT_GROUP_KEY_H

#include "exectrack_snapshot.h"
#include "image.h"

#pragma GCC visibility push(hidden)

/* How the keys of a grouping make codes. */
typedef struct xt_group_coding {
    size_t key_count;
    xt_key keys[XT_KEYS];
    uint64_t sizes[XT_KEYS];   /* number of values of each key's digit; 1 for no digit */
    uint64_t weights[XT_KEYS]; /* factor of each key's digit; 0 if it isn't grouped by */
    uint64_t by_outcome[8];    /* what status and cached add, by their three bits */
    uint64_t code_count;       /* codes are below this */
    uint64_t every_us;         /* 0 if it isn't grouped by time */
    uint32_t session_mask;     /* all bits, or none if it isn't grouped by session */
    uint64_t undated_mask;     /* XT_GROUP_UNDATED if it is grouped by time, else 0 */
} xt_group_coding;

typedef struct xt_group_key {
    uint64_t time_us; /* the start of the interval; 0 if it isn't grouped by time */
    uint64_t code;
    uint64_t session; /* 0 if it isn't grouped by session */
} xt_group_key;

/* The values of a key, in turn, to compare them. */
typedef struct xt_group_order {
    uint64_t values[XT_KEYS];
} xt_group_order;

/* The bit in the code of a record that is left out; higher than the bits of all keys. */
#define XT_GROUP_UNDATED (UINT64_C(1) << 62)

/*
 * Stores how `grouping` makes codes of the records of `image`. False if a key isn't a
 * value of xt_key or comes twice, or if it is grouped by time and the interval is 0.
 */
bool xt_group_coding_make(xt_group_coding *coding, const xt_image *image,
                          const xt_grouping *grouping);

static inline uint64_t xt_group_code(const xt_group_coding *coding,
                                     const xt_record *record) {
    const uint64_t *weights = coding->weights;
    return record->tool * weights[XT_BY_TOOL] +
           record->error_type * weights[XT_BY_ERROR_TYPE] +
           record->args_hash * weights[XT_BY_ARGS_HASH] +
           coding->by_outcome[record->packed >> XT_STATUS_SHIFT & 7];
}

/* Whether `record` is left out: it is undated, in a grouping by time. */
static inline bool xt_group_leaves_out(const xt_group_coding *coding,
                                       const xt_record *record) {
    return coding->undated_mask != 0 && xt_record_is_undated(record);
}

/* A group with the fields that `key` encodes; all others are 0. */
xt_group xt_group_with_key(const xt_group_coding *coding, xt_group_key key);

xt_group_order xt_group_order_of(const xt_group_coding *coding, xt_group_key key);

#pragma GCC visibility pop

#endif
