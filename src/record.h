/*
 * A record: one execution in 24 bytes, as it stands in an image.
 *
 * `packed` holds, from its lowest bit: 56 bits of duration in microseconds, 2 bits of
 * status, 1 bit that says whether a cache answered, and 5 bits of zero. The shifts are
 * explicit, so the layout doesn't depend on a compiler's bit fields.
 */
#ifndef XT_RECORD_H
#define XT_RECORD_H

#include "exectrack.h"

typedef struct xt_record {
    uint64_t end_us;     /* Unix time */
    uint64_t packed;     /* duration, status, was_cached */
    uint32_t args_hash;  /* 0 for none */
    uint16_t tool;       /* index into the tool table, from 0 */
    uint16_t error_type; /* identifier in the table of error types, 0 for none */
} xt_record;

_Static_assert(sizeof(xt_record) == 24, "a record is 24 bytes");

enum { XT_STATUS_SHIFT = 56, XT_CACHED_SHIFT = 58, XT_RECORD_BITS = 59 };

static inline uint64_t xt_record_pack(uint64_t duration_us, xt_status status,
                                      bool was_cached) {
    return duration_us | (uint64_t)status << XT_STATUS_SHIFT |
           (uint64_t)was_cached << XT_CACHED_SHIFT;
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

/* The record of `execution`, of tool `tool_id` and error type `error_type_id`. */
static inline xt_record xt_record_of(const xt_execution *execution, uint32_t tool_id,
                                     uint32_t error_type_id) {
    uint64_t duration_us = execution->duration_us < XT_MAX_DURATION_US
                               ? execution->duration_us
                               : XT_MAX_DURATION_US;
    return (xt_record){
        .end_us = execution->end_us,
        .packed = xt_record_pack(duration_us, execution->outcome.status,
                                 execution->outcome.was_cached),
        .args_hash = execution->args_hash,
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
