/*
 * A record: one execution in 32 bytes, as it is stored in an image.
 *
 * `packed` holds, from its lowest bit: 52 bits of duration in microseconds, 2 bits of
 * status, 1 bit that says whether a cache answered, 2 bits of timing, 1 bit that says
 * whether it is undated, 3 bits of depth, and 3 bits of zero. The shifts are explicit, so
 * the layout doesn't depend on a compiler's bit fields.
 */
#ifndef XT_RECORD_H
#define XT_RECORD_H

#include "exectrack_read.h"

typedef struct xt_record {
    uint64_t end_us;    /* Unix time; the number, from 1, of an undated one */
    uint64_t packed;    /* duration, status, was_cached, timing, is_undated, depth */
    uint32_t args_hash; /* 0 for none, like the next two */
    uint32_t result_hash;
    uint32_t session;
    uint16_t tool;       /* index into the tool table, from 0 */
    uint16_t error_type; /* identifier in the table of error types, 0 for none */
} xt_record;

_Static_assert(sizeof(xt_record) == 32, "a record is 32 bytes");

enum {
    XT_STATUS_SHIFT = 52,
    XT_CACHED_SHIFT = 54,
    XT_TIMING_SHIFT = 55,
    XT_UNDATED_SHIFT = 57,
    XT_DEPTH_SHIFT = 58,
};

/* The bits of `packed` that may be set. */
#define XT_RECORD_MASK (XT_MAX_DURATION_US | UINT64_C(511) << XT_STATUS_SHIFT)

/* The duration that is stored for one of `duration_us`. */
static inline uint64_t xt_record_cap(uint64_t duration_us) {
    return duration_us < XT_MAX_DURATION_US ? duration_us : XT_MAX_DURATION_US;
}

static inline uint64_t xt_record_pack(const xt_execution *execution, xt_timing timing,
                                      bool is_undated) {
    const xt_outcome *outcome = &execution->outcome;
    uint64_t depth = execution->depth < XT_MAX_DEPTH ? execution->depth : XT_MAX_DEPTH;
    uint64_t status = outcome->status & 3; /* so the compiler knows that it has 2 bits */
    uint64_t duration_us =
        timing == XT_UNTIMED ? 0 : xt_record_cap(execution->duration_us);
    return duration_us | status << XT_STATUS_SHIFT |
           (uint64_t)outcome->was_cached << XT_CACHED_SHIFT |
           (uint64_t)timing << XT_TIMING_SHIFT |
           (uint64_t)is_undated << XT_UNDATED_SHIFT | depth << XT_DEPTH_SHIFT;
}

static inline uint64_t xt_record_duration_us(const xt_record *record) {
    return record->packed & XT_MAX_DURATION_US;
}

static inline xt_status xt_record_status(const xt_record *record) {
    return (xt_status)(record->packed >> XT_STATUS_SHIFT & 3);
}

static inline xt_outcome_kind xt_record_outcome(const xt_record *record) {
    return xt_record_status(record) == XT_SUCCESS ? XT_OUTCOME_SUCCESS : XT_OUTCOME_OTHER;
}

static inline bool xt_record_was_cached(const xt_record *record) {
    return (record->packed >> XT_CACHED_SHIFT & 1) != 0;
}

/* Whether it says nothing about whether its tool works: a cache answered, or it was
 * cancelled. */
static inline bool xt_record_says_nothing(const xt_record *record) {
    return xt_record_was_cached(record) || xt_record_status(record) == XT_CANCELLED;
}

static inline xt_timing xt_record_timing(const xt_record *record) {
    return (xt_timing)(record->packed >> XT_TIMING_SHIFT & 3);
}

static inline bool xt_record_is_measured(const xt_record *record) {
    return xt_record_timing(record) == XT_MEASURED;
}

static inline bool xt_record_is_undated(const xt_record *record) {
    return (record->packed >> XT_UNDATED_SHIFT & 1) != 0;
}

/* Whether it was measured and isn't undated, in one test. */
_Static_assert(XT_MEASURED == 0, "a measured record has no timing bit set");
static inline bool xt_record_has_all_times(const xt_record *record) {
    return (record->packed & UINT64_C(7) << XT_TIMING_SHIFT) == 0;
}

static inline uint32_t xt_record_depth(const xt_record *record) {
    return (uint32_t)(record->packed >> XT_DEPTH_SHIFT & XT_MAX_DEPTH);
}

/* The record of `execution`, of tool `tool_id` and error type `error_type_id`. `timing`
 * and `is_undated` are those of `execution`: given as constants, they make faster
 * code. */
static inline xt_record xt_record_as(const xt_execution *execution, xt_timing timing,
                                     bool is_undated, uint32_t tool_id,
                                     uint32_t error_type_id) {
    return (xt_record){
        .end_us = execution->end_us,
        .packed = xt_record_pack(execution, timing, is_undated),
        .args_hash = execution->args_hash,
        .result_hash = execution->outcome.result_hash,
        .session = execution->session.hash,
        .tool = (uint16_t)(tool_id - 1),
        .error_type = (uint16_t)error_type_id,
    };
}

static inline xt_record xt_record_of(const xt_execution *execution, uint32_t tool_id,
                                     uint32_t error_type_id) {
    return xt_record_as(execution, execution->timing, execution->is_undated, tool_id,
                        error_type_id);
}

/* In a loop over records, prefetches one that comes later: processors do so by
 * themselves, but not beyond the end of a page. */
static inline void xt_record_fetch_ahead(const xt_record *record) {
    enum { AHEAD = 64 };
    __builtin_prefetch((const void *)((uintptr_t)record + AHEAD * sizeof *record));
}

/* When the execution started; 0 if it would have been before 1970. An undated one starts
 * when it ends, so that several in a row don't overlap. */
static inline uint64_t xt_record_start_us(const xt_record *record) {
    bool is_undated = xt_record_is_undated(record);
    uint64_t duration_us = is_undated ? 0 : xt_record_duration_us(record);
    return record->end_us > duration_us ? record->end_us - duration_us : 0;
}

#endif
