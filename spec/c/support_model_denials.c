#include "support_model_denials.h"

#include "support_cmocka.h"

/* The counts of a tool and a reason, which are added if they are new. */
static xt_denied *counts_of(model_denials *denials, uint32_t tool_id,
                            uint32_t reason_id) {
    for (size_t i = 0; i < denials->count_count; i++) {
        xt_denied *counts = &denials->counts[i];
        if (counts->tool_id == tool_id && counts->reason_id == reason_id) {
            return counts;
        }
    }
    xt_denied *added = &denials->counts[denials->count_count++];
    *added = (xt_denied){.tool_id = tool_id, .reason_id = reason_id};
    return added;
}

void count_denial(model_denials *denials, uint32_t tool_id, uint32_t reason_id,
                  uint32_t args_hash, uint64_t denied_us) {
    xt_denied *counts = counts_of(denials, tool_id, reason_id);
    counts->count++;
    counts->last_us = denied_us > counts->last_us ? denied_us : counts->last_us;
    denials->calls[denials->call_count++] = (xt_denied_call){
        .tool_id = tool_id,
        .reason_id = reason_id,
        .args_hash = args_hash,
        .denied_us = denied_us,
    };
}

static void compare_counts(const xt_image *image, const model_denials *expected) {
    xt_denied actual[MODEL_DENIALS];
    assert_int_equal(xt_image_denials(image, MODEL_DENIALS, actual),
                     expected->count_count);
    for (size_t i = 0; i < expected->count_count; i++) {
        const xt_denied *wanted = &expected->counts[i];
        assert_int_equal(actual[i].tool_id, wanted->tool_id);
        assert_int_equal(actual[i].reason_id, wanted->reason_id);
        assert_int_equal(actual[i].count, wanted->count);
        assert_int_equal(actual[i].last_us, wanted->last_us);
    }
}

void compare_denials(const xt_image *image, const model_denials *expected) {
    xt_denied_call actual[XT_MAX_DENIED_CALLS];
    size_t kept = expected->call_count < XT_MAX_DENIED_CALLS ? expected->call_count
                                                             : XT_MAX_DENIED_CALLS;
    compare_counts(image, expected);
    assert_int_equal(xt_image_denied_calls(image, XT_MAX_DENIED_CALLS, actual), kept);
    for (size_t age = 0; age < kept; age++) {
        const xt_denied_call *wanted = &expected->calls[expected->call_count - 1 - age];
        assert_int_equal(actual[age].tool_id, wanted->tool_id);
        assert_int_equal(actual[age].reason_id, wanted->reason_id);
        assert_int_equal(actual[age].args_hash, wanted->args_hash);
        assert_int_equal(actual[age].denied_us, wanted->denied_us);
    }
}
