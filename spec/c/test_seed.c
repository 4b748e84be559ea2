/* Seeds are drawn where none is given, and only there. */
#include "seed.h"

#include "exectrack_snapshot.h"
#include "support_cmocka.h"
#include "support_tracker.h"

#include <errno.h>

/* The system's random numbers: this takes the place of the C library's. */
static int draws;
static int failures; /* of the next draws */

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

static void tracker_draws_a_seed_unless_it_is_given_one(void **state) {
    (void)state;
    xt_options options = xt_options_default();
    xt_tracker_close(tracker_with(&options));
    assert_int_equal(draws, 1);
    options.seed = 1;
    xt_tracker_close(tracker_with(&options));
    assert_int_equal(draws, 1);
}

static void grouping_draws_a_seed_unless_it_is_given_one(void **state) {
    (void)state;
    xt_options options = xt_options_default();
    options.seed = 1;
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
        cmocka_unit_test_setup(tracker_draws_a_seed_unless_it_is_given_one, reset),
        cmocka_unit_test_setup(grouping_draws_a_seed_unless_it_is_given_one, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
