#include "merged_facts.h"

static uint32_t sum_up_to(uint32_t a, uint32_t b, size_t most) {
    return b < most - a ? a + b : (uint32_t)most;
}

/* Adds two numbers whose first byte is the highest, modulo 2^128. */
static void add_instance(uint8_t into[XT_INSTANCE_BYTES],
                         const uint8_t from[XT_INSTANCE_BYTES]) {
    unsigned carry = 0;
    for (size_t i = XT_INSTANCE_BYTES; i-- > 0;) {
        unsigned sum = carry + into[i] + from[i];
        into[i] = (uint8_t)sum;
        carry = sum >> 8;
    }
}

void xt_facts_merge(xt_facts *into, const xt_facts *from) {
    into->max_history = sum_up_to(into->max_history, from->max_history, XT_MAX_HISTORY);
    into->max_in_flight =
        sum_up_to(into->max_in_flight, from->max_in_flight, XT_MAX_IN_FLIGHT);
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        into->max_texts[kind] =
            sum_up_to(into->max_texts[kind], from->max_texts[kind], XT_MAX_TEXTS);
    }
    add_instance(into->instance, from->instance);
    into->is_filtered |= from->is_filtered;
    if (from->created_us < into->created_us) {
        into->created_us = from->created_us;
    }
    if (from->cleared_us < into->cleared_us) {
        into->cleared_us = from->cleared_us;
    }
    if (from->now_us > into->now_us) {
        into->now_us = from->now_us;
    }
    if (from->lost_us > into->lost_us) {
        into->lost_us = from->lost_us;
    }
    into->recorded = xt_count_sum(into->recorded, from->recorded);
    into->undated = xt_count_sum(into->undated, from->undated);
    into->started = xt_count_sum(into->started, from->started);
    into->tools_overflowed = xt_count_sum(into->tools_overflowed, from->tools_overflowed);
    into->error_types_overflowed =
        xt_count_sum(into->error_types_overflowed, from->error_types_overflowed);
    into->denials_overflowed =
        xt_count_sum(into->denials_overflowed, from->denials_overflowed);
    if (xt_text_compare(into->label, from->label) != 0) {
        into->label = (xt_text){NULL, 0};
    }
    if (into->ignored_args != from->ignored_args) {
        into->ignored_args = 0;
    }
}
