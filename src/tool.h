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
    uint64_t total_us; /* of those that were measured */
    uint64_t untimed;
    uint64_t elapsed;
    uint64_t elapsed_us; /* of the elapsed ones */
} xt_lifetime;

/* The records that are retained: what one adds on coming, it takes away on going. */
typedef struct xt_window {
    uint64_t total_us; /* modulo 2^64, as the other total; of those that were measured */
    uint32_t by_status[XT_STATUSES];
    uint32_t cached_hits;
    uint32_t untimed;
    uint32_t elapsed;
    uint32_t reserved;   /* 0 */
    uint64_t elapsed_us; /* of the elapsed ones */
} xt_window;

/* A tool of zero bytes is one that was never used. What clearing keeps stands at its end. */
typedef struct xt_tool {
    xt_lifetime lifetime;
    uint64_t min_us; /* of the lifetime; 0 if none was measured */
    uint64_t max_us;
    xt_window window;
    uint64_t last_end_us;     /* the latest end of its lifetime, or 0, as the next one */
    uint64_t last_failure_us; /* the latest end of one that failed or timed out */
    uint32_t failure_streak;  /* failures and time-outs since the last success */
    uint32_t failure_rounds;  /* of them, those that began after the previous one ended */
    uint32_t in_flight;       /* started and not finished */
    uint32_t listed;          /* those of them that the table of what is in flight has */
    uint32_t histograms[XT_OUTCOMES]; /* places among the image's, from 1; 0 for none */
} xt_tool;

_Static_assert(sizeof(xt_tool) == 176, "part of the image's format");

/* `a + b`, at most XT_MAX_COUNT, which neither is above. */
static inline uint64_t xt_count_sum(uint64_t a, uint64_t b) {
    uint64_t sum = a + b;
    return sum > XT_MAX_COUNT ? XT_MAX_COUNT : sum;
}

/* One more, likewise. */
static inline uint64_t xt_count_next(uint64_t count) {
    return count + (count < XT_MAX_COUNT);
}

/*
 * Count an execution that wasn't measured, given what its record has packed; in a window a
 * sign of -1 takes it away. Out of the way of the runs that have none.
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

/* Takes `record` out of two windows: that of its tool, and that of all. */
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

/* All executions of a lifetime, whatever their status; and those that were measured. */
uint64_t xt_lifetime_executions(const xt_lifetime *lifetime);
uint64_t xt_lifetime_measured(const xt_lifetime *lifetime);

void xt_lifetime_merge(xt_lifetime *lifetime, const xt_lifetime *other);

void xt_window_merge(xt_window *window, const xt_window *other);

/*
 * Counts an execution that failed or timed out in the tool's failure streak. One that is
 * undated starts at UINT64_MAX and ends at 0: it is a round of its own, and no later failure.
 */
void xt_tool_add_failure(xt_tool *tool, uint64_t start_us, uint64_t end_us);

/* Whether any execution of it was measured. */
static inline bool xt_tool_is_measured(const xt_tool *tool) {
    return tool->max_us > 0 || xt_lifetime_measured(&tool->lifetime) > 0;
}

/* Takes a measured duration into the tool's shortest and longest. */
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

/* Counts a record of this tool, in all but its window. Inline, so that a caller that knows
 * a record to be measured and dated pays for nothing else. */
static inline __attribute__((always_inline)) void xt_tool_add(xt_tool *tool,
                                                              const xt_record *record) {
    bool is_undated = xt_record_is_undated(record);
    if (xt_record_is_measured(record)) {
        xt_tool_add_duration(tool, xt_record_duration_us(record));
    }
    if (!is_undated && record->end_us > tool->last_end_us) {
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
        xt_tool_add_failure(tool, is_undated ? UINT64_MAX : xt_record_start_us(record),
                            is_undated ? 0 : record->end_us);
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
