#include "group_tally.h"

/* Its bit among those of an outcome. */
enum { CACHED = 1 << (XT_CACHED_SHIFT - XT_STATUS_SHIFT) };

void xt_group_tally_clear(size_t count, xt_group_tally tallies[]) {
    for (size_t i = 0; i < count; i++) {
        tallies[i] = (xt_group_tally){.min_us = UINT64_MAX, .first_end_us = UINT64_MAX};
    }
}

/* Branches are best here: each is taken nearly always or nearly never, and one that isn't
 * taken saves a store. */
static inline void add(xt_group_tally *tally, const xt_record *record) {
    uint64_t duration_us = xt_record_duration_us(record);
    uint64_t end_us = record->end_us;
    tally->by_outcome[record->packed >> XT_STATUS_SHIFT & 7]++;
    if (__builtin_add_overflow(tally->total_us, duration_us, &tally->total_us)) {
        tally->total_wraps++;
    }
    if (duration_us < tally->min_us) {
        tally->min_us = duration_us;
    }
    if (duration_us > tally->max_us) {
        tally->max_us = duration_us;
    }
    if (end_us < tally->first_end_us) {
        tally->first_end_us = end_us;
    }
    if (end_us > tally->last_end_us) {
        tally->last_end_us = end_us;
    }
}

void xt_group_tally_by_code(const xt_group_coding *coding, size_t count,
                            const xt_record records[], xt_group_tally tallies[]) {
    if (coding->code_count == coding->sizes[XT_BY_TOOL]) { /* codes are tools */
        for (size_t i = 0; i < count; i++) {
            add(&tallies[records[i].tool], &records[i]);
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            add(&tallies[xt_group_code(coding, &records[i])], &records[i]);
        }
    }
}

void xt_group_tally_by_number(size_t count, const xt_record records[],
                              const uint32_t numbers[], xt_group_tally tallies[]) {
    for (size_t i = 0; i < count; i++) {
        add(&tallies[numbers[i]], &records[i]);
    }
}

size_t xt_group_tally_records(const xt_group_tally *tally) {
    size_t records = 0;
    for (unsigned bits = 0; bits < 8; bits++) {
        records += tally->by_outcome[bits];
    }
    return records;
}

static uint64_t with_status(const xt_group_tally *tally, xt_status status) {
    return (uint64_t)tally->by_outcome[status] + tally->by_outcome[status | CACHED];
}

static uint64_t with_cached(const xt_group_tally *tally) {
    uint64_t cached = 0;
    for (unsigned status = 0; status < XT_STATUSES; status++) {
        cached += tally->by_outcome[status | CACHED];
    }
    return cached;
}

void xt_group_tally_store(const xt_group_tally *tally, xt_group *group) {
    bool is_full = tally->total_wraps > 0 || tally->total_us > XT_MAX_COUNT;
    group->counts = (xt_counts){
        .executions = xt_group_tally_records(tally),
        .successful = with_status(tally, XT_SUCCESS),
        .failed = with_status(tally, XT_FAILED),
        .timed_out = with_status(tally, XT_TIMED_OUT),
        .cancelled = with_status(tally, XT_CANCELLED),
        .cached_hits = with_cached(tally),
        .total_duration_us = is_full ? XT_MAX_COUNT : tally->total_us,
    };
    group->min_duration_us = tally->min_us;
    group->max_duration_us = tally->max_us;
    group->first_end_us = tally->first_end_us;
    group->last_end_us = tally->last_end_us;
}
