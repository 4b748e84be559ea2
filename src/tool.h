/*
 * One tool: its counts over its lifetime and over the retained window, and its failure
 * streak.
 */
#ifndef XT_TOOL_H
#define XT_TOOL_H

#include "record.h"

#pragma GCC visibility push(hidden)

enum { XT_STATUSES = 4 };

/* Those that are told apart. */
#define XT_OUTCOMES XT_OUTCOME_ALL

/* Everything since the last clear. Each field stops at XT_MAX_COUNT. */
typedef struct xt_lifetime {
    uint64_t by_status[XT_STATUSES];
    uint64_t cached_hits;
    uint64_t total_us;
} xt_lifetime;

/* The records that are retained: what one adds on coming, it takes away on going. */
typedef struct xt_window {
    uint64_t total_us; /* modulo 2^64 */
    uint32_t by_status[XT_STATUSES];
    uint32_t cached_hits;
    uint32_t reserved; /* 0 */
} xt_window;

/* A tool of zero bytes is one that was never used. What clearing keeps stands at its end. */
typedef struct xt_tool {
    xt_lifetime lifetime;
    uint64_t min_us; /* of the lifetime; 0 if it is empty */
    uint64_t max_us;
    xt_window window;
    uint64_t last_end_us;     /* the latest end of its lifetime; 0 if it is empty */
    uint64_t last_failure_us; /* the latest end of one that failed or timed out, or 0 */
    uint32_t failure_streak;  /* failures and time-outs since the last success */
    uint32_t failure_rounds;  /* of them, those that began after the previous one ended */
    uint32_t in_flight;       /* started and not finished */
    uint32_t listed;          /* those of them that the table of what is in flight has */
    uint32_t histograms[XT_OUTCOMES]; /* places among the image's, from 1; 0 for none */
} xt_tool;

_Static_assert(sizeof(xt_tool) == 136, "part of the image's format");

/* `a + b`, at most XT_MAX_COUNT, which neither is above. */
static inline uint64_t xt_count_sum(uint64_t a, uint64_t b) {
    uint64_t sum = a + b;
    return sum > XT_MAX_COUNT ? XT_MAX_COUNT : sum;
}

static inline void xt_lifetime_add(xt_lifetime *lifetime, const xt_record *record) {
    uint64_t *by_status = &lifetime->by_status[xt_record_status(record)];
    *by_status = xt_count_sum(*by_status, 1);
    lifetime->cached_hits =
        xt_count_sum(lifetime->cached_hits, xt_record_was_cached(record));
    lifetime->total_us = xt_count_sum(lifetime->total_us, xt_record_duration_us(record));
}

static inline void xt_window_add(xt_window *window, const xt_record *record) {
    window->by_status[xt_record_status(record)]++;
    window->cached_hits += xt_record_was_cached(record);
    window->total_us += xt_record_duration_us(record);
}

static inline void xt_window_remove(xt_window *window, const xt_record *record) {
    window->by_status[xt_record_status(record)]--;
    window->cached_hits -= xt_record_was_cached(record);
    window->total_us -= xt_record_duration_us(record);
}

/* Whether it counts any execution. */
static inline bool xt_lifetime_is_used(const xt_lifetime *lifetime) {
    const uint64_t *by_status = lifetime->by_status;
    return (by_status[XT_SUCCESS] | by_status[XT_FAILED] | by_status[XT_TIMED_OUT] |
            by_status[XT_CANCELLED]) != 0;
}

/* All executions of a lifetime, whatever their status. */
uint64_t xt_lifetime_executions(const xt_lifetime *lifetime);

void xt_lifetime_merge(xt_lifetime *lifetime, const xt_lifetime *other);

void xt_window_merge(xt_window *window, const xt_window *other);

/* Counts an execution that failed or timed out in the tool's failure streak. */
void xt_tool_add_failure(xt_tool *tool, uint64_t start_us, uint64_t end_us);

/* Counts a record of this tool, in all but its window. */
static inline void xt_tool_add(xt_tool *tool, const xt_record *record) {
    uint64_t duration_us = xt_record_duration_us(record);
    bool is_first = tool->min_us == 0 && !xt_lifetime_is_used(&tool->lifetime);
    if (is_first || duration_us < tool->min_us) {
        tool->min_us = duration_us;
    }
    if (duration_us > tool->max_us) {
        tool->max_us = duration_us;
    }
    if (record->end_us > tool->last_end_us) {
        tool->last_end_us = record->end_us;
    }
    xt_lifetime_add(&tool->lifetime, record);
    switch (xt_record_status(record)) {
    case XT_SUCCESS:
        tool->failure_streak = 0;
        tool->failure_rounds = 0;
        break;
    case XT_FAILED:
    case XT_TIMED_OUT:
        xt_tool_add_failure(tool, xt_record_start_us(record), record->end_us);
        break;
    case XT_CANCELLED: /* says nothing of the tool */
        break;
    }
}

/*
 * Adds another run's executions of this tool, in all but its window, what is listed, and
 * its histograms.
 * The failure streak is that of the run in which it ended last, of equals the longer.
 */
void xt_tool_merge(xt_tool *tool, const xt_tool *other);

/* Zeroes all but what is in flight and the places of histograms, which it doesn't write. */
void xt_tool_clear(xt_tool *tool);

/* Null for a sound tool, else what is wrong with it. It can't know the records. */
const char *xt_tool_check(const xt_tool *tool);

#pragma GCC visibility pop

#endif
