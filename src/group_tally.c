#include "group_tally.h"

/* The bit for "cached" in the three bits of an outcome. */
enum { CACHED = 1 << (XT_CACHED_SHIFT - XT_STATUS_SHIFT) };

void xt_group_tally_clear(size_t count, xt_group_tally tallies[]) {
    for (size_t i = 0; i < count; i++) {
        tallies[i] = (xt_group_tally){.min_us = UINT64_MAX, .first_end_us = UINT64_MAX};
    }
}

static inline void add_duration(xt_group_tally *tally, uint64_t duration_us) {
    if (__builtin_add_overflow(tally->total_us, duration_us, &tally->total_us)) {
        tally->total_wraps++;
    }
    if (duration_us < tally->min_us) {
        tally->min_us = duration_us;
    }
    if (duration_us > tally->max_us) {
        tally->max_us = duration_us;
    }
}

static inline void add_end(xt_group_tally *tally, uint64_t end_us) {
    if (end_us < tally->first_end_us) {
        tally->first_end_us = end_us;
    }
    if (end_us > tally->last_end_us) {
        tally->last_end_us = end_us;
    }
}

/* Adds a record that is untimed, elapsed or undated. Not inline, as this is rare. */
static __attribute__((noinline)) void add_unknown(xt_group_tally *tally,
                                                  const xt_record *record) {
    uint64_t duration_us = xt_record_duration_us(record);
    switch (xt_record_timing(record)) {
    case XT_MEASURED:
        add_duration(tally, duration_us);
        break;
    case XT_UNTIMED:
        tally->untimed++;
        break;
    default:
        tally->elapsed++;
        tally->elapsed_us = xt_count_sum(tally->elapsed_us, duration_us);
    }
    if (!xt_record_is_undated(record)) {
        add_end(tally, record->end_us);
    }
}

/* Branches are faster here than conditional moves: they are well predicted, and one that
 * isn't taken saves a store. */
static inline void add(xt_group_tally *tally, const xt_record *record) {
    tally->by_outcome[record->packed >> XT_STATUS_SHIFT & 7]++;
    if (xt_record_has_all_times(record)) {
        add_duration(tally, xt_record_duration_us(record));
        add_end(tally, record->end_us);
    } else {
        add_unknown(tally, record);
    }
}

void xt_group_tally_by_code(const xt_group_coding *coding, size_t count,
                            const xt_record records[], xt_group_tally tallies[]) {
    if (coding->code_count == coding->sizes[XT_BY_TOOL]) { /* the code is the tool */
        for (const xt_record *record = records; record < records + count; record++) {
            xt_record_fetch_ahead(record);
            add(&tallies[record->tool], record);
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            xt_record_fetch_ahead(&records[i]);
            add(&tallies[xt_group_code(coding, &records[i])], &records[i]);
        }
    }
}

void xt_group_tally_by_number(size_t count, const xt_record records[],
                              const uint32_t numbers[], xt_group_tally tallies[]) {
    for (size_t i = 0; i < count; i++) {
        xt_record_fetch_ahead(&records[i]);
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

size_t xt_group_tally_measured(const xt_group_tally *tally) {
    return xt_group_tally_records(tally) - tally->untimed - tally->elapsed;
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
        .untimed = tally->untimed,
        .elapsed = tally->elapsed,
        .total_duration_us = is_full ? XT_MAX_COUNT : tally->total_us,
        .elapsed_duration_us = tally->elapsed_us,
    };
    group->min_duration_us = xt_group_tally_measured(tally) > 0 ? tally->min_us : 0;
    group->max_duration_us = tally->max_us;
    group->first_end_us = tally->first_end_us;
    group->last_end_us = tally->last_end_us;
}
