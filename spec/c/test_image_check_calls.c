/*
 * Like test_image_check.c, for executions in flight and denied calls.
 */
#include "support_corrupted.h"
#include "support_merge.h"

static xt_in_flight_entry *in_slot(const xt_image *image, uint32_t slot) {
    return &image->in_flight.entries[slot - 1];
}

static void finds_a_list_of_what_is_in_flight_that_is_broken(void **state) {
    (void)state;
    const char *full = "the counts of the table of executions in flight are out of range";
    const char *broken = "the list of executions in flight is broken";
    CHECK_AFTER(full, header->in_flight.used = 4);
    CHECK_AFTER(full, header->in_flight.listed = 4);
    CHECK_AFTER(broken, header->in_flight.oldest = 0);
    CHECK_AFTER(broken, header->in_flight.oldest = 4);
    CHECK_AFTER(broken, header->in_flight.newest = 1);
    CHECK_AFTER(broken, in_slot(image, 1)->next = 0);
    CHECK_AFTER(broken, in_slot(image, 1)->next = UINT32_MAX);
    CHECK_AFTER(broken, in_slot(image, 3)->next = 1);
    CHECK_AFTER(broken, header->in_flight.listed = 1);
}

static void finds_a_list_of_what_is_in_flight_out_of_order(void **state) {
    (void)state;
    const char *order = "the list of executions in flight is out of order";
    CHECK_AFTER(order, in_slot(image, 1)->serial = 0);
    CHECK_AFTER(order, in_slot(image, 1)->serial = in_slot(image, 3)->serial);
    CHECK_AFTER(order, in_slot(image, 3)->serial = header->in_flight.serial + 1);
    CHECK_AFTER(order, in_slot(image, 3)->previous = 2);
    CHECK_AFTER(order, in_slot(image, 1)->next = 1);
}

static void finds_an_execution_in_flight_out_of_range(void **state) {
    (void)state;
    const char *range = "an execution in flight is out of range";
    CHECK_AFTER(range, in_slot(image, 3)->tool = 3);
    CHECK_AFTER(range, in_slot(image, 3)->tool = UINT32_MAX);
    CHECK_AFTER(range, in_slot(image, 1)->start_us = XT_MAX_COUNT + 1);
}

static void finds_a_list_of_free_places_that_is_broken(void **state) {
    (void)state;
    const char *broken = "the list of free slots for executions in flight is broken";
    CHECK_AFTER(broken, header->in_flight.free = 0);
    CHECK_AFTER(broken, header->in_flight.free = 1);
    CHECK_AFTER(broken, header->in_flight.free = 4);
    CHECK_AFTER(broken, in_slot(image, 2)->next = 2);
    CHECK_AFTER(broken, in_slot(image, 2)->serial = 2);
}

static void finds_a_tool_that_does_not_count_what_is_listed_of_it(void **state) {
    (void)state;
    const char *message = "a tool's count of listed executions is wrong";
    CHECK_AFTER(message, image->tools[READ].listed++);
    CHECK_AFTER(message, image->tools[READ].listed--);
    CHECK_AFTER(message, image->tools[IDLE].listed++);
    CHECK_AFTER(message, in_slot(image, 1)->tool = WRITE);
    CHECK_AFTER(message,
                (image->tools[READ].in_flight--, image->tools[IDLE].in_flight++));
}

static void finds_a_known_time_that_is_wrong(void **state) {
    (void)state;
    const char *needless = "there are known times of executions in flight that need none";
    xt_tracker *late = sound_tracker();
    xt_tracker_image(late)->header->now_us++;
    xt_snapshot *snapshot = merge_and_close(sound_tracker(), late);
    const xt_image *image = xt_snapshot_image(snapshot);
    assert_int_equal(image->header->known_slots, 4);
    image->known_us[0] = image->header->now_us + 1;
    assert_string_equal(verdict_on(image),
                        "an execution in flight is known to run for too long");
    image->known_us[0] = 0;
    assert_string_equal(verdict_on(image), "sound");
    image->header->known_slots = 3;
    assert_string_equal(verdict_on(image), needless);
    image->header->known_slots = 4;
    for (size_t i = 0; i < 4; i++) {
        image->known_us[i] = image->header->now_us;
    }
    assert_string_equal(verdict_on(image), needless);
    xt_snapshot_close(snapshot);
}

static void finds_a_denial_out_of_range(void **state) {
    (void)state;
    const char *reference = "a denial's tool or reason doesn't exist";
    CHECK_AFTER(reference, image->denials[0].tool = 3);
    CHECK_AFTER(reference, image->denials[0].reason = 0);
    CHECK_AFTER(reference, image->denials[0].reason = 3);
    CHECK_AFTER("a denial is out of range", image->denials[0].count = 0);
    CHECK_AFTER("a denial is out of range", image->denials[0].count = XT_MAX_COUNT + 1);
    CHECK_AFTER("a denial is out of range", image->denials[0].last_us = XT_MAX_COUNT + 1);
}

/* Adds denials of READ for the other reason and of WRITE for the same. */
static void add_denials(const xt_image *image) {
    image->denials[1] = (xt_denial){.count = 1, .tool = READ, .reason = 2};
    image->denials[2] = (xt_denial){.count = 1, .tool = WRITE, .reason = 1};
    image->header->denial_count = 3;
}

static void finds_a_denied_call_out_of_range(void **state) {
    (void)state;
    const char *reference = "a denied call's tool or reason doesn't exist";
    const char *missing = "denied calls are missing from a ring that isn't full";
    const char *range = "a denied call is out of range";
    CHECK_AFTER("the place of the next denied call is outside the ring",
                header->denied_next = 256);
    CHECK_AFTER(missing, header->denied_next = 0);
    CHECK_AFTER(missing, header->denied_count = 0);
    CHECK_AFTER("more denied calls are kept than were counted",
                (image->denied[1] = image->denied[0],
                 header->denied_count = header->denied_next = 2));
    CHECK_AFTER(reference, image->denied[0].tool = 3);
    CHECK_AFTER(reference, image->denied[0].reason = 0);
    CHECK_AFTER(reference, image->denied[0].reason = 3);
    CHECK_AFTER(range, image->denied[0].denied_us = XT_MAX_COUNT + 1);
}

static void finds_denials_of_the_same_tool_and_reason(void **state) {
    (void)state;
    const char *twice = "two denials have the same tool and reason";
    CHECK_AFTER("sound", add_denials(image));
    CHECK_AFTER(twice, (add_denials(image), image->denials[1].reason = 1));
    CHECK_AFTER(twice, (add_denials(image), image->denials[2].tool = READ));
    CHECK_AFTER(twice, (add_denials(image), image->denials[2] = image->denials[1]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_list_of_what_is_in_flight_that_is_broken),
        cmocka_unit_test(finds_a_list_of_what_is_in_flight_out_of_order),
        cmocka_unit_test(finds_an_execution_in_flight_out_of_range),
        cmocka_unit_test(finds_a_list_of_free_places_that_is_broken),
        cmocka_unit_test(finds_a_tool_that_does_not_count_what_is_listed_of_it),
        cmocka_unit_test(finds_a_known_time_that_is_wrong),
        cmocka_unit_test(finds_a_denial_out_of_range),
        cmocka_unit_test(finds_a_denied_call_out_of_range),
        cmocka_unit_test(finds_denials_of_the_same_tool_and_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
