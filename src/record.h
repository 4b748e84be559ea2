/*
 * A record: one execution in 32 bytes, as it stands in an image.
 *
 * `packed` holds, from its lowest bit: 52 bits of duration in microseconds, 2 bits of
 * status, 1 bit that says whether a cache answered, 3 bits of zero, 3 bits of depth, and 3
 * bits of zero. The shifts are explicit, so the layout doesn't depend on a compiler's bit
 * fields.
 */
#ifndef XT_RECORD_H
#define XT_RECORD_H

#include "exectrack.h"

typedef struct xt_record {
    uint64_t end_us;    /* Unix time */
    uint64_t packed;    /* duration, status, was_cached, depth */
    uint32_t args_hash; /* 0 for none, as of the two that follow */
    uint32_t result_hash;
    uint32_t session;
    uint16_t tool;       /* index into the tool table, from 0 */
    uint16_t error_type; /* identifier in the table of error types, 0 for none */
} xt_record;

_Static_assert(sizeof(xt_record) == 32, "a record is 32 bytes");

enum { XT_STATUS_SHIFT = 52, XT_CACHED_SHIFT = 54, XT_DEPTH_SHIFT = 58 };

/* The bits of `packed` that may be set. */
#define XT_RECORD_MASK                                                                   \
    (XT_MAX_DURATION_US | UINT64_C(7) << XT_STATUS_SHIFT | UINT64_C(7) << XT_DEPTH_SHIFT)

/* The duration that is stored for one of `duration_us`. */
static inline uint64_t xt_record_cap(uint64_t duration_us) {
    return duration_us < XT_MAX_DURATION_US ? duration_us : XT_MAX_DURATION_US;
}

static inline uint64_t xt_record_pack(const xt_execution *execution) {
    const xt_outcome *outcome = &execution->outcome;
    uint64_t depth = execution->depth < XT_MAX_DEPTH ? execution->depth : XT_MAX_DEPTH;
    return xt_record_cap(execution->duration_us) |
           (uint64_t)outcome->status << XT_STATUS_SHIFT |
           (uint64_t)outcome->was_cached << XT_CACHED_SHIFT | depth << XT_DEPTH_SHIFT;
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

static inline uint32_t xt_record_depth(const xt_record *record) {
    return (uint32_t)(record->packed >> XT_DEPTH_SHIFT & XT_MAX_DEPTH);
}

/* The record of `execution`, of tool `tool_id` and error type `error_type_id`. */
static inline xt_record xt_record_of(const xt_execution *execution, uint32_t tool_id,
                                     uint32_t error_type_id) {
    return (xt_record){
        .end_us = execution->end_us,
        .packed = xt_record_pack(execution),
        .args_hash = execution->args_hash,
        .result_hash = execution->outcome.result_hash,
        .session = execution->session.hash,
        .tool = (uint16_t)(tool_id - 1),
        .error_type = (uint16_t)error_type_id,
    };
}

/* When the execution started; 0 if it would have been before 1970. */
static inline uint64_t xt_record_start_us(const xt_record *record) {
    uint64_t duration_us = xt_record_duration_us(record);
    return record->end_us > duration_us ? record->end_us - duration_us : 0;
}

#endif
