/*
 * Circuits: what the models of spec/circuit_spec.lua and spec/policy_model_spec.lua leave
 * out.
 */
#include "support_cmocka.h"
#include "support_tracker.h"

static uint64_t now_us;

static xt_tracker *make_tracker(void) {
    now_us = 1000;
    xt_options options = options_at(&now_us, 10);
    options.max_in_flight = 4;
    return tracker_with(&options);
}

static void record_failure(xt_tracker *tracker, const char *error_type) {
    xt_execution execution = {
        .tool = xt_text_of("read"),
        .outcome = {.status = XT_FAILED, .error_type = xt_text_of(error_type)}};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

/* Settings by which each failure opens the circuit for 100 microseconds. */
static const xt_circuit_settings each_failure = {.failures = 1,
                                                 .min_calls = 1,
                                                 .failure_rate = 2,
                                                 .cooldown_us = 100,
                                                 .max_cooldown_us = 100};

static xt_circuit circuit_of(const xt_tracker *tracker,
                             const xt_circuit_settings *settings) {
    xt_circuit circuit = {0};
    assert_true(xt_image_circuit(xt_tracker_image(tracker), 1, settings, &circuit));
    return circuit;
}

static void closed_circuit_is_left_unchanged(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_image *image = xt_tracker_image(tracker);
    xt_circuit circuit = {.streak = 77};
    record_failure(tracker, "EIO");
    assert_false(xt_image_circuit(image, 0, &each_failure, &circuit));
    assert_false(xt_image_circuit(image, 2, &each_failure, &circuit));
    assert_false(xt_image_circuit(image, XT_ALL_TOOLS, &each_failure, &circuit));
    assert_int_equal(circuit.streak, 77);
    xt_tracker_close(tracker);
}

/* The sequence numbers that `ignores` was asked about. */
typedef struct asked_numbers {
    size_t count;
    uint64_t numbers[8];
} asked_numbers;

static bool ignores_the_first(void *context, uint64_t number) {
    asked_numbers *asked = context;
    asked->numbers[asked->count++] = number;
    return asked->count == 1;
}

static void function_is_asked_about_failures_that_no_type_names(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    asked_numbers asked = {0};
    const xt_text ignored[] = {xt_text_of("ENOENT"), xt_text_of("not found")};
    xt_circuit_settings settings = each_failure;
    settings.ignored = ignored;
    settings.ignored_count = 2;
    settings.ignores = ignores_the_first;
    settings.context = &asked;
    record_failure(tracker, "EIO");
    record_failure(tracker, "Not found: a");
    record(tracker, "read", XT_SUCCESS, 0);
    record_failure(tracker, "");
    record_failure(tracker, "ENOENT");
    record_failure(tracker, "EIO");
    assert_int_equal(circuit_of(tracker, &settings).streak, 2);
    assert_int_equal(asked.count, 3);
    assert_int_equal(asked.numbers[0], 1);
    assert_int_equal(asked.numbers[1], 4);
    assert_int_equal(asked.numbers[2], 6);
    xt_tracker_close(tracker);
}

static void trial_counts_by_its_start_wherever_it_is_listed(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_call call = {.tool = xt_text_of("read")};
    record_failure(tracker, "EIO");
    now_us = 1150;
    xt_tracker_start_call(tracker, &call);
    xt_tracker_start_at(tracker, &call, 1050); /* asked before, and listed after */
    assert_int_equal(circuit_of(tracker, &each_failure).open_until_us, 1100);
    assert_int_equal(circuit_of(tracker, &each_failure).half_open_until_us, 1250);
    xt_tracker_close(tracker);
}

static void times_stop_at_the_largest(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_call call = {.tool = xt_text_of("read")};
    xt_circuit_settings settings = each_failure;
    settings.cooldown_us = settings.max_cooldown_us = XT_MAX_DURATION_US;
    record_at(tracker, "read", XT_FAILED, 0, XT_MAX_COUNT - XT_MAX_DURATION_US - 1);
    for (int i = 0; i < 5; i++) { /* the last one isn't listed */
        xt_tracker_start_call(tracker, &call);
    }
    assert_int_equal(circuit_of(tracker, &settings).open_until_us, XT_MAX_COUNT - 1);
    assert_int_equal(circuit_of(tracker, &settings).half_open_until_us, XT_MAX_COUNT);
    record_at(tracker, "read", XT_FAILED, 0, XT_MAX_COUNT);
    assert_int_equal(circuit_of(tracker, &settings).open_until_us, XT_MAX_COUNT);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_circuit_is_left_unchanged),
        cmocka_unit_test(function_is_asked_about_failures_that_no_type_names),
        cmocka_unit_test(trial_counts_by_its_start_wherever_it_is_listed),
        cmocka_unit_test(times_stop_at_the_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
