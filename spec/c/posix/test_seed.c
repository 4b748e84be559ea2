/* Seeds and instances are random if none is given, and only then. */
#include "random.h"
#include "seed.h"

#include "exectrack_snapshot.h"
#include "support_cmocka.h"
#include "support_tracker.h"

#include <errno.h>

/* The system's random numbers: replaces the function of the C library. */
static int draws;
static int failures; /* how many of the next draws fail */

int getentropy(void *bytes, size_t count);

int getentropy(void *bytes, size_t count) {
    draws++;
    if (failures > 0) {
        failures--;
        errno = ENOSYS;
        return -1;
    }
    memset(bytes, draws, count);
    return 0;
}

static int reset(void **state) {
    (void)state;
    draws = 0;
    failures = 0;
    return 0;
}

static void seed_that_is_given_is_taken(void **state) {
    (void)state;
    assert_int_equal(xt_seed_or_random(7), 7);
    assert_int_equal(xt_seed_or_random(UINT64_MAX), UINT64_MAX);
    assert_int_equal(draws, 0);
}

static void seed_is_what_the_system_draws(void **state) {
    (void)state;
    assert_int_equal(xt_seed_or_random(0), 0x0101010101010101);
    assert_int_equal(xt_seed_or_random(0), 0x0202020202020202);
}

static void seeds_differ_where_the_system_draws_none(void **state) {
    (void)state;
    failures = 2;
    uint64_t here = xt_seed_or_random(0);
    assert_true(here != 0 && here != xt_seed_or_random(0));
    assert_int_equal(draws, 2);
}

static void bytes_differ_where_the_system_draws_none(void **state) {
    (void)state;
    uint8_t bytes[18] = {[17] = 7};
    failures = 1;
    xt_random_bytes(bytes, 17);
    assert_memory_not_equal(bytes, bytes + 8, 8);
    assert_int_equal(bytes[17], 7);
}

static void tracker_draws_a_seed_and_an_instance_unless_it_is_given_them(void **state) {
    (void)state;
    xt_options options = {.max_tools = 1};
    xt_tracker_close(tracker_with(&options));
    assert_int_equal(draws, 2);
    options.seed = 1;
    xt_tracker_close(tracker_with(&options));
    assert_int_equal(draws, 3);
    options.instance[XT_INSTANCE_BYTES - 1] = 1;
    xt_tracker_close(tracker_with(&options));
    assert_int_equal(draws, 3);
}

static void instance_that_is_drawn_is_a_uuid_of_version_4(void **state) {
    (void)state;
    const uint8_t lowest[] = {1, 1, 1, 1, 1, 1, 0x41, 1, 0x81, 1, 1, 1, 1, 1, 1, 1};
    uint8_t highest[XT_INSTANCE_BYTES];
    uint8_t actual[XT_INSTANCE_BYTES];
    const xt_options options = {.max_tools = 1, .seed = 1};
    memset(highest, 0xff, sizeof highest);
    highest[6] = 0x4f;
    highest[8] = 0xbf;
    xt_tracker *tracker = tracker_with(&options);
    xt_image_instance(xt_tracker_image(tracker), actual);
    assert_memory_equal(actual, lowest, sizeof actual);
    xt_tracker_close(tracker);
    draws = 0xfe;
    tracker = tracker_with(&options);
    xt_image_instance(xt_tracker_image(tracker), actual);
    assert_memory_equal(actual, highest, sizeof actual);
    xt_tracker_close(tracker);
}

static void grouping_draws_a_seed_unless_it_is_given_one(void **state) {
    (void)state;
    const xt_options options = {
        .max_history = 1, .max_tools = 1, .seed = 1, .instance = {1}};
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "read", XT_SUCCESS, 1);
    for (uint64_t seed = 0; seed < 2; seed++) {
        const xt_grouping grouping = {
            .key_count = 1, .keys = {XT_BY_ARGS_HASH}, .seed = seed};
        xt_groups *groups;
        assert_int_equal(
            xt_image_group(xt_tracker_image(tracker), &grouping, NULL, &groups), XT_OK);
        assert_int_equal(xt_groups_count(groups), 1);
        assert_int_equal(draws, 1);
        xt_groups_close(groups);
    }
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(seed_that_is_given_is_taken, reset),
        cmocka_unit_test_setup(seed_is_what_the_system_draws, reset),
        cmocka_unit_test_setup(seeds_differ_where_the_system_draws_none, reset),
        cmocka_unit_test_setup(bytes_differ_where_the_system_draws_none, reset),
        cmocka_unit_test_setup(
            tracker_draws_a_seed_and_an_instance_unless_it_is_given_them, reset),
        cmocka_unit_test_setup(instance_that_is_drawn_is_a_uuid_of_version_4, reset),
        cmocka_unit_test_setup(grouping_draws_a_seed_unless_it_is_given_one, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
