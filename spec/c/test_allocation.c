/*
 * Allocation number n fails, for every n, alone and with all later ones.
 */
#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_tracker.h"

static uint64_t now_us = 1000;

static xt_options options_with(counting_allocator *account) {
    xt_options options = options_at(&now_us, 5);
    options.max_tools = 2;
    options.allocator = allocator_of(account);
    return options;
}

/* Creates a tracker while allocation `fails_at` fails. Returns whether it was made. */
static bool create_while_failing(int fails_at, bool for_good) {
    counting_allocator account = {.fails_at = fails_at, .for_good = for_good};
    xt_options options = options_with(&account);
    xt_tracker *tracker = (void *)&now_us;
    xt_error error = xt_tracker_create(&options, &tracker);
    if (error == XT_OK) {
        assert_sound(tracker);
        xt_tracker_close(tracker);
    } else {
        assert_int_equal(error, XT_ERROR_MEMORY);
        assert_null(tracker);
        assert_int_equal(account.calls, fails_at);
    }
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
    return error == XT_OK;
}

static void creating_without_memory_leaks_nothing(void **state) {
    (void)state;
    for (int for_good = 0; for_good < 2; for_good++) {
        int fails_at = 1;
        while (!create_while_failing(fails_at, for_good)) {
            fails_at++;
        }
        assert_true(fails_at > 1);
    }
}

static void using_a_tracker_allocates_nothing(void **state) {
    (void)state;
    counting_allocator account = {0};
    xt_options options = options_with(&account);
    xt_tracker *tracker = tracker_with(&options);
    int calls = account.calls;
    int blocks = blocks_left(&account);
    xt_running running[1];
    account.fails_at = 1;
    account.for_good = true;
    for (int i = 0; i < 300; i++) {
        const char name[2] = {(char)('a' + i % 26), (char)('a' + i / 26)};
        const xt_execution execution = {
            .tool = text_of(name, 2),
            .outcome = {.status = XT_FAILED, .error_type = text_of(name, 2)}};
        assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
        xt_span span = xt_tracker_start(tracker, text_of(name, 2), 0);
        xt_image_in_flight(xt_tracker_image(tracker), 1, running);
        finish(tracker, &span, XT_SUCCESS);
    }
    xt_tracker_clear(tracker);
    assert_int_equal(account.calls, calls);
    assert_int_equal(blocks_left(&account), blocks);
    assert_sound(tracker);
    xt_tracker_close(tracker);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
}

static void options_out_of_range_allocate_nothing(void **state) {
    (void)state;
    counting_allocator account = {0};
    xt_options options = options_with(&account);
    xt_tracker *tracker;
    options.max_tools = 0;
    assert_int_equal(xt_tracker_create(&options, &tracker), XT_ERROR_MAX_TOOLS);
    assert_int_equal(account.calls, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(creating_without_memory_leaks_nothing),
        cmocka_unit_test(using_a_tracker_allocates_nothing),
        cmocka_unit_test(options_out_of_range_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
