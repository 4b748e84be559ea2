/*
 * Calls that a policy denied are counted by tool and reason, and aren't executions. The
 * newest are kept individually.
 */
#include "support_cmocka.h"
#include "support_random.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include <stdio.h>

static uint64_t now_us;

static xt_tracker *make_tracker(size_t max_tools) {
    now_us = 1000;
    xt_options options = options_at(&now_us, 10);
    options.max_tools = max_tools;
    return tracker_with(&options);
}

static void close_sound(xt_tracker *tracker) {
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void deny(xt_tracker *tracker, const char *tool, const char *reason,
                 uint64_t denied_us) {
    xt_tracker_deny(tracker, &(xt_call){.tool = xt_text_of(tool)}, xt_text_of(reason),
                    denied_us);
}

/* Denies calls of `tool` for `count` reasons, from r0 on. */
static void deny_for_reasons(xt_tracker *tracker, const char *tool, int count) {
    for (int i = 0; i < count; i++) {
        char reason[16];
        snprintf(reason, sizeof reason, "r%d", i);
        deny(tracker, tool, reason, 1);
    }
}

static size_t denials_of(const xt_tracker *tracker, xt_denied denials[XT_MAX_DENIALS]) {
    return xt_image_denials(xt_tracker_image(tracker), XT_MAX_DENIALS, denials);
}

static uint64_t overflowed(const xt_tracker *tracker) {
    return xt_image_denials_overflowed(xt_tracker_image(tracker));
}

static void assert_denied(const xt_denied *denied, const char *tool, const char *reason,
                          uint64_t count, uint64_t last_us) {
    assert_true(is_text(denied->tool, tool));
    assert_true(is_text(denied->reason, reason));
    assert_int_equal(denied->count, count);
    assert_int_equal(denied->last_us, last_us);
}

static void denials_are_counted_by_tool_and_reason(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_denied denials[XT_MAX_DENIALS];
    assert_int_equal(denials_of(tracker, denials), 0);
    deny(tracker, "write", "loop", 10);
    deny(tracker, "read", "loop", 20);
    deny(tracker, "write", "budget", 30);
    deny(tracker, "write", "loop", 40);
    assert_int_equal(denials_of(tracker, denials), 3);
    assert_denied(&denials[0], "write", "loop", 2, 40);
    assert_denied(&denials[1], "read", "loop", 1, 20);
    assert_denied(&denials[2], "write", "budget", 1, 30);
    assert_int_equal(denials[0].tool_id, 1);
    assert_int_equal(denials[1].tool_id, 2);
    assert_int_equal(denials[2].tool_id, 1);
    assert_int_equal(overflowed(tracker), 0);
    close_sound(tracker);
}

static void latest_denial_is_the_one_of_the_largest_time(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_denied denials[XT_MAX_DENIALS];
    deny(tracker, "read", "loop", 0);
    deny(tracker, "read", "loop", 50);
    deny(tracker, "read", "loop", 40);
    assert_int_equal(denials_of(tracker, denials), 1);
    assert_denied(&denials[0], "read", "loop", 3, 50);
    deny(tracker, "read", "loop", UINT64_MAX);
    denials_of(tracker, denials);
    assert_denied(&denials[0], "read", "loop", 4, XT_MAX_COUNT);
    close_sound(tracker);
}

static void denial_is_no_execution(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    const xt_image *image = xt_tracker_image(tracker);
    now_us += 500;
    deny(tracker, "read", "loop", 2000);
    xt_stats stats = xt_image_stats(image);
    assert_int_equal(xt_image_recorded(image), 0);
    assert_int_equal(xt_image_record_count(image), 0);
    assert_int_equal(xt_image_now_us(image), 1000);
    assert_int_equal(stats.lifetime.executions, 0);
    assert_int_equal(stats.in_flight, 0);
    assert_int_equal(stats_of(tracker, "read").lifetime.executions, 0);
    assert_int_equal(stats_of(tracker, "read").in_flight, 0);
    close_sound(tracker);
}

static void denied_call_makes_its_tool_and_reason_known(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    const xt_image *image = xt_tracker_image(tracker);
    record(tracker, "read", XT_SUCCESS, 1);
    deny(tracker, "write", "loop", 1);
    assert_int_equal(xt_tracker_tool_id(tracker, xt_text_of("write")), 2);
    assert_true(is_text(xt_image_error_type(image, 1), "loop"));
    record(tracker, "write", XT_SUCCESS, 1);
    deny(tracker, "read", "loop", 1);
    assert_int_equal(xt_image_tool_count(image), 2);
    assert_int_equal(xt_image_error_type_count(image), 1);
    close_sound(tracker);
}

static void denial_without_a_reason_is_for_other(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_denied denials[XT_MAX_DENIALS];
    deny(tracker, "read", "", 1);
    xt_tracker_deny(tracker, &(xt_call){.tool = xt_text_of("read")}, (xt_text){NULL, 0},
                    2);
    deny(tracker, "read", "(other)", 3);
    assert_int_equal(denials_of(tracker, denials), 1);
    assert_denied(&denials[0], "read", "(other)", 3, 3);
    assert_int_equal(xt_image_stats(xt_tracker_image(tracker)).error_types_overflowed, 0);
    close_sound(tracker);
}

static void tool_may_be_called_nothing(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_denied denials[XT_MAX_DENIALS];
    xt_tracker_deny(tracker, &(xt_call){.tool = (xt_text){NULL, 0}}, xt_text_of("loop"),
                    1);
    assert_int_equal(denials_of(tracker, denials), 1);
    assert_denied(&denials[0], "", "loop", 1, 1);
    close_sound(tracker);
}

static void names_longer_than_one_are_cut(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(10);
    xt_denied denials[XT_MAX_DENIALS];
    char name[XT_NAME_BYTES + 1];
    memset(name, 'x', sizeof name);
    xt_text longest = {name, XT_NAME_BYTES};
    xt_text longer = {name, XT_NAME_BYTES + 1};
    xt_tracker_deny(tracker, &(xt_call){.tool = longest}, longest, 1);
    xt_tracker_deny(tracker, &(xt_call){.tool = longer}, longer, 2);
    assert_int_equal(denials_of(tracker, denials), 1);
    assert_true(same_text(denials[0].tool, longest));
    assert_true(same_text(denials[0].reason, longest));
    assert_int_equal(denials[0].count, 2);
    close_sound(tracker);
}

static void tools_without_room_are_other_and_do_not_count_as_overflowed(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(1);
    xt_denied denials[XT_MAX_DENIALS];
    deny(tracker, "read", "loop", 1);
    deny(tracker, "write", "loop", 2);
    deny(tracker, "edit", "loop", 3);
    assert_int_equal(denials_of(tracker, denials), 2);
    assert_denied(&denials[1], "(other)", "loop", 2, 3);
    assert_int_equal(denials[1].tool_id, 2);
    assert_int_equal(xt_image_stats(xt_tracker_image(tracker)).overflowed, 0);
    assert_int_equal(overflowed(tracker), 0);
    close_sound(tracker);
}

static void reasons_without_room_are_other_and_do_not_count_as_overflowed(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    const xt_image *image = xt_tracker_image(tracker);
    xt_denied denials[XT_MAX_DENIALS];
    deny_for_reasons(tracker, "read", XT_ERROR_TYPES);
    xt_tracker_clear(tracker);
    deny(tracker, "read", "one more", 1);
    deny(tracker, "read", "and another", 2);
    assert_int_equal(denials_of(tracker, denials), 1);
    assert_denied(&denials[0], "read", "(other)", 2, 2);
    assert_int_equal(xt_image_error_type_count(image), XT_ERROR_TYPES + 1);
    assert_int_equal(xt_image_stats(image).error_types_overflowed, 0);
    close_sound(tracker);
}

static void new_pairs_beyond_the_table_overflow(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_denied denials[XT_MAX_DENIALS];
    deny_for_reasons(tracker, "read", XT_MAX_DENIALS);
    assert_int_equal(overflowed(tracker), 0);
    deny(tracker, "write", "r0", 7);
    deny(tracker, "write", "r0", 8);
    deny(tracker, "read", "r0", 9);
    deny(tracker, "read", "r255", 10);
    assert_int_equal(overflowed(tracker), 2);
    assert_int_equal(denials_of(tracker, denials), XT_MAX_DENIALS);
    assert_denied(&denials[0], "read", "r0", 2, 9);
    assert_denied(&denials[1], "read", "r1", 1, 1);
    assert_denied(&denials[255], "read", "r255", 2, 10);
    close_sound(tracker);
}

static void counts_stop_at_the_largest(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    const xt_image *image = xt_tracker_image(tracker);
    xt_denied denials[XT_MAX_DENIALS];
    deny_for_reasons(tracker, "read", XT_MAX_DENIALS);
    begin_change(tracker);
    image->denials[0].count = XT_MAX_COUNT - 1;
    image->header->denials_overflowed = XT_MAX_COUNT - 1;
    end_change(tracker);
    for (uint64_t denied_us = 1; denied_us <= 2; denied_us++) {
        deny(tracker, "read", "r0", denied_us);
        deny(tracker, "write", "r0", denied_us);
        denials_of(tracker, denials);
        assert_denied(&denials[0], "read", "r0", XT_MAX_COUNT, denied_us);
        assert_int_equal(overflowed(tracker), XT_MAX_COUNT);
    }
    close_sound(tracker);
}

static void clear_forgets_denials(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_denied denials[XT_MAX_DENIALS];
    deny_for_reasons(tracker, "read", XT_MAX_DENIALS);
    deny(tracker, "write", "r0", 5);
    xt_tracker_clear(tracker);
    assert_int_equal(denials_of(tracker, denials), 0);
    assert_int_equal(overflowed(tracker), 0);
    deny(tracker, "write", "r1", 0);
    assert_int_equal(denials_of(tracker, denials), 1);
    assert_denied(&denials[0], "write", "r1", 1, 0);
    assert_int_equal(denials[0].tool_id, 2);
    close_sound(tracker);
}

static void no_more_denials_are_stored_than_asked_for(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    const xt_image *image = xt_tracker_image(tracker);
    xt_denied denials[2] = {{.count = 77}, {.count = 77}};
    deny_for_reasons(tracker, "read", 3);
    assert_int_equal(xt_image_denials(image, 0, NULL), 3);
    assert_int_equal(xt_image_denials(image, 1, denials), 3);
    assert_denied(&denials[0], "read", "r0", 1, 1);
    assert_int_equal(denials[1].count, 77);
    close_sound(tracker);
}

static void snapshot_has_the_denials(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_denied denials[3];
    deny(tracker, "read", "loop", 5);
    deny(tracker, "write", "loop", 6);
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    deny(tracker, "write", "loop", 7);
    deny(tracker, "write", "budget", 8);
    assert_int_equal(xt_image_denials(xt_snapshot_image(snapshot), 3, denials), 2);
    assert_denied(&denials[0], "read", "loop", 1, 5);
    assert_denied(&denials[1], "write", "loop", 1, 6);
    xt_snapshot_close(snapshot);
    close_sound(tracker);
}

/* Denies `count` calls, at microsecond 1, 2 and so on, with this number as
 * fingerprint. */
static void deny_often(xt_tracker *tracker, uint32_t count) {
    for (uint32_t i = 1; i <= count; i++) {
        xt_tracker_deny(
            tracker,
            &(xt_call){.tool = xt_text_of(i % 2 == 0 ? "even" : "odd"), .args_hash = i},
            xt_text_of(i % 3 == 0 ? "loop" : "budget"), i);
    }
}

/* Asserts that the denied calls are the newest of those `count`. */
static void assert_newest_denied(const xt_image *image, uint32_t count) {
    xt_denied_call calls[XT_MAX_DENIED_CALLS];
    uint32_t kept = count < XT_MAX_DENIED_CALLS ? count : XT_MAX_DENIED_CALLS;
    assert_int_equal(xt_image_denied_calls(image, XT_MAX_DENIED_CALLS, calls), kept);
    for (uint32_t age = 0; age < kept; age++) {
        uint32_t i = count - age;
        assert_true(is_text(calls[age].tool, i % 2 == 0 ? "even" : "odd"));
        assert_true(is_text(calls[age].reason, i % 3 == 0 ? "loop" : "budget"));
        assert_int_equal(calls[age].tool_id, i % 2 == 0 ? 2 : 1);
        assert_int_equal(calls[age].reason_id, i % 3 == 0 ? 2 : 1);
        assert_int_equal(calls[age].args_hash, i);
        assert_int_equal(calls[age].denied_us, i);
    }
}

static void newest_denied_calls_are_kept_newest_first(void **state) {
    (void)state;
    const uint32_t counts[] = {0, 1, 3, 255, 256, 257, 511, 512, 600};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        xt_tracker *tracker = make_tracker(4);
        deny_often(tracker, counts[i]);
        assert_newest_denied(xt_tracker_image(tracker), counts[i]);
        xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
        assert_newest_denied(xt_snapshot_image(snapshot), counts[i]);
        assert_int_equal(xt_snapshot_image(snapshot)->header->denied_next, 0);
        assert_string_equal(verdict_on(xt_snapshot_image(snapshot)), "sound");
        xt_snapshot_close(snapshot);
        close_sound(tracker);
    }
}

static void denied_calls_are_in_the_order_of_denying(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    xt_denied_call calls[3] = {[2] = {.args_hash = 77}};
    xt_tracker_deny(tracker, &(xt_call){.tool = xt_text_of("read"), .args_hash = 1},
                    xt_text_of("loop"), 9);
    xt_tracker_deny(tracker, &(xt_call){.tool = xt_text_of("read"), .args_hash = 2},
                    xt_text_of("loop"), UINT64_MAX);
    xt_tracker_deny(tracker, &(xt_call){.tool = xt_text_of("read"), .args_hash = 3},
                    xt_text_of("loop"), 5);
    assert_int_equal(xt_image_denied_calls(xt_tracker_image(tracker), 0, NULL), 3);
    assert_int_equal(xt_image_denied_calls(xt_tracker_image(tracker), 2, calls), 3);
    assert_int_equal(calls[0].args_hash, 3);
    assert_int_equal(calls[0].denied_us, 5);
    assert_int_equal(calls[1].args_hash, 2);
    assert_int_equal(calls[1].denied_us, XT_MAX_COUNT);
    assert_int_equal(calls[2].args_hash, 77);
    close_sound(tracker);
}

static void clear_forgets_denied_calls(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(4);
    deny_often(tracker, 300);
    xt_tracker_clear(tracker);
    assert_newest_denied(xt_tracker_image(tracker), 0);
    deny_often(tracker, 2);
    assert_newest_denied(xt_tracker_image(tracker), 2);
    close_sound(tracker);
}

enum { TOOLS = 24, REASONS = 16 };

/* The naive model: a count for every pair, and the counted pairs in order. */
typedef struct denial_model {
    uint64_t count[TOOLS][REASONS];
    uint64_t last_us[TOOLS][REASONS];
    uint32_t order[XT_MAX_DENIALS];
    size_t kept;
    uint64_t overflowed;
} denial_model;

static void model_deny(denial_model *model, uint32_t tool, uint32_t reason,
                       uint64_t denied_us) {
    uint64_t *last_us = &model->last_us[tool][reason];
    if (model->count[tool][reason] == 0) {
        if (model->kept == XT_MAX_DENIALS) {
            model->overflowed++;
            return;
        }
        model->order[model->kept++] = tool * REASONS + reason;
    }
    model->count[tool][reason]++;
    *last_us = denied_us > *last_us ? denied_us : *last_us;
}

static void assert_as_modelled(const xt_tracker *tracker, const denial_model *model) {
    xt_denied denials[XT_MAX_DENIALS];
    assert_int_equal(denials_of(tracker, denials), model->kept);
    assert_int_equal(overflowed(tracker), model->overflowed);
    for (size_t i = 0; i < model->kept; i++) {
        uint32_t tool = model->order[i] / REASONS;
        uint32_t reason = model->order[i] % REASONS;
        char tool_name[16];
        char reason_name[16];
        snprintf(tool_name, sizeof tool_name, "t%u", tool);
        snprintf(reason_name, sizeof reason_name, "r%u", reason);
        assert_denied(&denials[i], tool_name, reason_name, model->count[tool][reason],
                      model->last_us[tool][reason]);
    }
}

static void denials_are_those_of_the_model(void **state) {
    (void)state;
    random_source source = random_seeded();
    denial_model model = {0};
    xt_tracker *tracker = make_tracker(TOOLS);
    for (int i = 0; i < 2000; i++) {
        uint32_t tool = random_below(&source, TOOLS);
        uint32_t reason = random_below(&source, REASONS);
        uint64_t denied_us = random_below(&source, 1000);
        char tool_name[16];
        char reason_name[16];
        snprintf(tool_name, sizeof tool_name, "t%u", tool);
        snprintf(reason_name, sizeof reason_name, "r%u", reason);
        deny(tracker, tool_name, reason_name, denied_us);
        model_deny(&model, tool, reason, denied_us);
        if (i % 100 == 0) {
            assert_as_modelled(tracker, &model);
        }
    }
    assert_as_modelled(tracker, &model);
    close_sound(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(denials_are_counted_by_tool_and_reason),
        cmocka_unit_test(latest_denial_is_the_one_of_the_largest_time),
        cmocka_unit_test(denial_is_no_execution),
        cmocka_unit_test(denied_call_makes_its_tool_and_reason_known),
        cmocka_unit_test(denial_without_a_reason_is_for_other),
        cmocka_unit_test(tool_may_be_called_nothing),
        cmocka_unit_test(names_longer_than_one_are_cut),
        cmocka_unit_test(tools_without_room_are_other_and_do_not_count_as_overflowed),
        cmocka_unit_test(reasons_without_room_are_other_and_do_not_count_as_overflowed),
        cmocka_unit_test(new_pairs_beyond_the_table_overflow),
        cmocka_unit_test(counts_stop_at_the_largest),
        cmocka_unit_test(clear_forgets_denials),
        cmocka_unit_test(no_more_denials_are_stored_than_asked_for),
        cmocka_unit_test(snapshot_has_the_denials),
        cmocka_unit_test(newest_denied_calls_are_kept_newest_first),
        cmocka_unit_test(denied_calls_are_in_the_order_of_denying),
        cmocka_unit_test(clear_forgets_denied_calls),
        cmocka_unit_test(denials_are_those_of_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
