/*
 * One tool: its counts over its lifetime and over its window (its retained records), and
 * its failure streak.
 */
#ifndef XT_TOOL_H
#define XT_TOOL_H

#include "record.h"

#pragma GCC visibility push(hidden)

enum { XT_STATUSES = 4 };

/* The number of outcomes that have histograms of their own. */
#define XT_OUTCOMES XT_OUTCOME_ALL

/* Everything since the last clear. Each field stops at XT_MAX_COUNT. */
typedef struct xt_lifetime {
    uint64_t by_status[XT_STATUSES];
    uint64_t cached_hits;
    uint64_t total_us; /* of measured ones */
    uint64_t untimed;
    uint64_t elapsed;
    uint64_t elapsed_us; /* of elapsed ones */
} xt_lifetime;

/* The retained records: each is added when it is recorded and subtracted when it leaves
 * the ring. */
typedef struct xt_window {
    uint64_t total_us; /* of measured ones, modulo 2^64 like elapsed_us */
    uint32_t by_status[XT_STATUSES];
    uint32_t cached_hits;
    uint32_t untimed;
    uint32_t elapsed;
    uint32_t reserved;   /* 0 */
    uint64_t elapsed_us; /* of elapsed ones */
} xt_window;

/* A tool of zero bytes was never used. The fields that clearing keeps are at its end. */
typedef struct xt_tool {
    xt_lifetime lifetime;
    uint64_t min_us; /* of the lifetime; 0 if none was measured */
    uint64_t max_us;
    uint64_t other_us; /* of the lifetime's total, that of all but successes; it stops */
    xt_window window;
    uint64_t last_end_us;     /* the latest end of its lifetime; 0 for never */
    uint64_t last_failure_us; /* the latest end of one in a streak; 0 for never */
    uint32_t failure_streak;  /* failures and time-outs in a row */
    uint32_t failure_rounds;  /* of them, those that began after the previous one ended */
    uint32_t in_flight;       /* started and not finished, listed or not */
    uint32_t listed;          /* of them, those in the table of executions in flight */
    uint32_t histograms[XT_OUTCOMES]; /* places among the image's, from 1; 0 for none */
} xt_tool;

_Static_assert(sizeof(xt_tool) == 184, "part of the image's format");

/* `a + b`, at most XT_MAX_COUNT. Both are at most XT_MAX_COUNT. */
static inline uint64_t xt_count_sum(uint64_t a, uint64_t b) {
    uint64_t sum = a + b;
    return sum > XT_MAX_COUNT ? XT_MAX_COUNT : sum;
}

/* `count + 1`, likewise. */
static inline uint64_t xt_count_next(uint64_t count) {
    return count + (count < XT_MAX_COUNT);
}

/*
 * Count an execution that wasn't measured, given its record's `packed`. In a window, a
 * sign of -1 subtracts it. Not inline, as this is rare.
 */
#define XT_RARE __attribute__((cold))
XT_RARE void xt_lifetime_add_unmeasured(xt_lifetime *lifetime, uint64_t packed);
XT_RARE void xt_window_count_unmeasured(xt_window *window, uint64_t packed, int sign);

static inline void xt_lifetime_add(xt_lifetime *lifetime, const xt_record *record) {
    uint64_t *by_status = &lifetime->by_status[xt_record_status(record)];
    *by_status = xt_count_next(*by_status);
    lifetime->cached_hits +=
        xt_record_was_cached(record) & (lifetime->cached_hits < XT_MAX_COUNT);
    if (xt_record_is_measured(record)) {
        lifetime->total_us =
            xt_count_sum(lifetime->total_us, xt_record_duration_us(record));
    } else {
        xt_lifetime_add_unmeasured(lifetime, record->packed);
    }
}

static inline void xt_window_add(xt_window *window, const xt_record *record) {
    window->by_status[xt_record_status(record)]++;
    window->cached_hits += xt_record_was_cached(record);
    if (xt_record_is_measured(record)) {
        window->total_us += xt_record_duration_us(record);
    } else {
        xt_window_count_unmeasured(window, record->packed, 1);
    }
}

/* Subtracts `record` from two windows: that of its tool, and the overall one. */
static inline void xt_window_remove(xt_window *one, xt_window *other,
                                    const xt_record *record) {
    bool was_cached = xt_record_was_cached(record);
    one->by_status[xt_record_status(record)]--;
    other->by_status[xt_record_status(record)]--;
    one->cached_hits -= was_cached;
    other->cached_hits -= was_cached;
    if (xt_record_is_measured(record)) {
        one->total_us -= xt_record_duration_us(record);
        other->total_us -= xt_record_duration_us(record);
    } else {
        xt_window_count_unmeasured(one, record->packed, -1);
        xt_window_count_unmeasured(other, record->packed, -1);
    }
}

/* The number of executions of a lifetime, whatever their status; and of measured ones. */
uint64_t xt_lifetime_executions(const xt_lifetime *lifetime);
uint64_t xt_lifetime_measured(const xt_lifetime *lifetime);

void xt_lifetime_merge(xt_lifetime *lifetime, const xt_lifetime *other);

void xt_window_merge(xt_window *window, const xt_window *other);

/*
 * Counts an execution that failed or timed out in the tool's failure streak. For an
 * undated one, pass the start UINT64_MAX and the end 0: it is a round of its own, and
 * isn't the latest failure. What a cache answered isn't passed.
 */
void xt_tool_add_failure(xt_tool *tool, uint64_t start_us, uint64_t end_us);

/* Whether any of its executions was measured. */
static inline bool xt_tool_is_measured(const xt_tool *tool) {
    return tool->max_us > 0 || xt_lifetime_measured(&tool->lifetime) > 0;
}

/* Whether `total_us` can be the sum of `count` durations from `min_us` to `max_us`. */
bool xt_is_sum(uint64_t total_us, uint64_t count, uint64_t min_us, uint64_t max_us);

/* Updates the tool's shortest and longest with a measured duration. */
static inline void xt_tool_add_duration(xt_tool *tool, uint64_t duration_us) {
    if (duration_us > tool->max_us) {
        if (!xt_tool_is_measured(tool)) {
            tool->min_us = duration_us;
        }
        tool->max_us = duration_us;
    }
    if (duration_us < tool->min_us) {
        tool->min_us = duration_us;
    }
}

/* Counts `record`, which says something about its tool, in the failure streak: a success
 * that started before the latest failure doesn't end it. */
static inline __attribute__((always_inline)) void
xt_tool_add_outcome(xt_tool *tool, const xt_record *record) {
    bool is_undated = xt_record_is_undated(record);
    uint64_t start_us = is_undated ? UINT64_MAX : xt_record_start_us(record);
    if (xt_record_status(record) != XT_SUCCESS) {
        xt_tool_add_failure(tool, start_us, is_undated ? 0 : record->end_us);
    } else if (start_us >= tool->last_failure_us) {
        tool->failure_streak = 0;
        tool->failure_rounds = 0;
    }
}

/* Counts a record of this tool in all but its window. Inline, so that the compiler
 * removes what a caller doesn't need that knows a record to be measured and dated. */
static inline __attribute__((always_inline)) void xt_tool_add(xt_tool *tool,
                                                              const xt_record *record) {
    bool is_undated = xt_record_is_undated(record);
    if (xt_record_is_measured(record)) {
        xt_tool_add_duration(tool, xt_record_duration_us(record));
        if (xt_record_status(record) != XT_SUCCESS) {
            tool->other_us = xt_count_sum(tool->other_us, xt_record_duration_us(record));
        }
    }
    if (!is_undated && record->end_us > tool->last_end_us) {
        tool->last_end_us = record->end_us;
    }
    xt_lifetime_add(&tool->lifetime, record);
    if (!xt_record_says_nothing(record)) {
        xt_tool_add_outcome(tool, record);
    }
}

/*
 * Adds the counts of the same tool in another run, except its window, `listed` and its
 * histograms. The failure streak is that of the run in which the tool ended last; of
 * equal ends the longer streak.
 */
void xt_tool_merge(xt_tool *tool, const xt_tool *other);

/* Zeroes all but `in_flight`, `listed` and `histograms`, which it doesn't write. */
void xt_tool_clear(xt_tool *tool);

/* Null for a valid tool, else a message. Doesn't check it against the records. */
const char *xt_tool_check(const xt_tool *tool);

#pragma GCC visibility pop

#endif
