/*
 * A valid image is corrupted in every way that xt_image_check knows, and one more: each
 * corruption must give its own message.
 */
#include "support_corrupted.h"

/* The record that is `age` records older than the newest. */
static xt_record *record_of_age(const xt_image *image, uint32_t age) {
    return &image->records[xt_image_place(image->header, age)];
}

/* Histograms of READ and of WRITE; IDLE has none. */
enum { READ_SUCCESS, READ_OTHER, WRITE_OTHER };

static uint32_t *lowest_counter(const xt_image *image, uint32_t place) {
    xt_histogram *histogram = &image->histograms[place];
    return &histogram->counters[(uint32_t)histogram->lowest % XT_HISTOGRAM_COUNTERS];
}

static void finds_a_header_out_of_range(void **state) {
    (void)state;
    CHECK_AFTER("the label is too long", header->label_length = 65);
    CHECK_AFTER("unused bytes of the label aren't 0", header->label[0] = 1);
    CHECK_AFTER("unused bytes of the label aren't 0", header->label[63] = 1);
    CHECK_AFTER("sound", (header->label_length = 64, header->label[63] = 1));
    CHECK_AFTER("an unknown flag is set", header->flags = 4);
    CHECK_AFTER("the latest time is out of range", header->now_us = 999999);
    CHECK_AFTER("the latest time is out of range", header->now_us = XT_MAX_COUNT + 1);
    CHECK_AFTER("the time when counting began is out of range",
                header->cleared_us = header->created_us - 1);
    CHECK_AFTER("the time when counting began is out of range",
                header->cleared_us = header->now_us + 1);
    CHECK_AFTER("a table has more entries than slots", header->denial_count = 257);
    CHECK_AFTER("a table has more entries than slots", header->denied_count = 257);
    CHECK_AFTER("a table has more entries than slots", header->record_count = 5);
    CHECK_AFTER("a count of what was recorded or started is out of range",
                header->recorded = XT_MAX_COUNT + 1);
    CHECK_AFTER("a count of what was recorded or started is out of range",
                header->undated = header->recorded + 1);
    CHECK_AFTER("a count of what was recorded or started is out of range",
                header->in_flight.serial = XT_MAX_COUNT + 1);
    CHECK_AFTER("a count of what overflowed is out of range",
                header->tools_overflowed = XT_MAX_COUNT + 1);
    CHECK_AFTER("a count of what overflowed is out of range",
                header->error_types_overflowed = XT_MAX_COUNT + 1);
    CHECK_AFTER("a count of what overflowed is out of range",
                header->denials_overflowed = XT_MAX_COUNT + 1);
    CHECK_AFTER("the time until which executions were lost is out of range",
                header->lost_us = XT_MAX_COUNT + 1);
    CHECK_AFTER("reserved bytes aren't 0", header->reserved[0] = 1);
    CHECK_AFTER("reserved bytes aren't 0", header->reserved[19] = 1);
    CHECK_AFTER("reserved bytes aren't 0", header->spare = 1);
}

static void finds_a_ring_that_is_not_one(void **state) {
    (void)state;
    const char *missing = "records are missing from a ring that isn't full";
    CHECK_AFTER("the place of the next record is outside the ring",
                header->record_next = 4);
    CHECK_AFTER(missing, header->record_count = 3);
    CHECK_AFTER(missing, header->record_count = header->record_next);
    CHECK_AFTER("more records are retained than were recorded", header->recorded = 3);
}

static void finds_a_next_record_in_a_ring_without_records(void **state) {
    (void)state;
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 0);
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "read", XT_SUCCESS, 1);
    assert_sound(tracker);
    xt_tracker_image(tracker)->header->record_next = 1;
    assert_string_equal(verdict_on(xt_tracker_image(tracker)),
                        "the place of the next record is outside the ring");
    xt_tracker_close(tracker);
}

/* Makes the last error type, EACCES, empty. */
static void empty_an_error_type(const xt_image *image) {
    xt_names names = image->error_types;
    memset(names.bytes + names.names[1].offset, 0, 6);
    names.head->byte_count -= 6;
    names.names[1].length = 0;
}

static void finds_tables_of_names_that_are_broken(void **state) {
    (void)state;
    const char *full = "the counts of a table of names are out of range";
    const char *outside = "a name is outside its table";
    const char *bytes = "a table of names counts too many bytes";
    const char *twice = "a table of names has the same name twice";
    const char *left = "unused bytes of a table of names aren't 0";
    CHECK_AFTER(full, header->tool_names.count = 5);
    CHECK_AFTER(full, header->tool_names.byte_count = header->tool_names.byte_slots + 1);
    CHECK_AFTER(full, header->error_types.count = 258);
    CHECK_AFTER(full,
                header->error_types.byte_count = header->error_types.byte_slots + 1);
    CHECK_AFTER(outside, image->tool_names.names[1].offset++);
    CHECK_AFTER(outside, image->tool_names.names[2].length++);
    CHECK_AFTER(outside, image->error_types.names[0].length = UINT32_MAX);
    CHECK_AFTER(bytes, header->tool_names.byte_count++);
    CHECK_AFTER(bytes, header->error_types.byte_count++);
    CHECK_AFTER(twice, memcpy(image->tool_names.bytes + 9, "read", 4)); /* was idle */
    CHECK_AFTER(twice, memcpy(image->error_types.bytes + 6, "ENOENT", 6));
    CHECK_AFTER("an error type is empty", empty_an_error_type(image));
    CHECK_AFTER(left, image->tool_names.bytes[header->tool_names.byte_count] = 1);
    CHECK_AFTER(left, image->error_types.bytes[header->error_types.byte_count] = 1);
}

static void finds_a_name_that_is_too_long(void **state) {
    (void)state;
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 1);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    char name[XT_NAME_BYTES] = {0};
    xt_tracker_start(tracker, text_of(name, sizeof name), 0);
    assert_sound(tracker);
    image->tool_names.names[0].length++;
    image->header->tool_names.byte_count++;
    assert_string_equal(verdict_on(image), "a name is outside its table");
    xt_tracker_close(tracker);
}

static void finds_an_inconsistent_tool(void **state) {
    (void)state;
    const char *duration = "a tool's shortest or longest duration is out of range";
    const char *total = "a tool's total doesn't match its shortest and longest durations";
    const char *streak = "a tool's failure streak is longer than its failures";
    xt_tool *tool;
    CHECK_AFTER("a tool's count is out of range",
                image->tools[READ].lifetime.by_status[1] = XT_MAX_COUNT + 1);
    CHECK_AFTER("a tool's cached hits or total are out of range",
                image->tools[READ].lifetime.cached_hits = 5);
    CHECK_AFTER("a tool's cached hits or total are out of range",
                image->tools[READ].lifetime.total_us = XT_MAX_COUNT + 1);
    CHECK_AFTER(duration, image->tools[READ].min_us = 401);
    CHECK_AFTER(duration, image->tools[READ].max_us = XT_MAX_DURATION_US + 1);
    CHECK_AFTER(total, image->tools[READ].lifetime.total_us = 399);
    CHECK_AFTER(total, image->tools[READ].lifetime.total_us = 1601);
    CHECK_AFTER(total, image->tools[IDLE].max_us = 1);
    CHECK_AFTER("a tool's total of all but successes is above its total",
                image->tools[READ].other_us = 1101);
    CHECK_AFTER("a tool's total of all but successes is above its total",
                image->tools[IDLE].other_us = 1);
    CHECK_AFTER(streak, image->tools[WRITE].failure_streak = 2);
    CHECK_AFTER(streak, image->tools[WRITE].failure_rounds = 2);
    CHECK_AFTER(streak, image->tools[WRITE].failure_rounds = 0);
    CHECK_AFTER("a tool's reserved bytes aren't 0",
                image->tools[IDLE].window.reserved = 1);
    CHECK_AFTER(
        "a tool's last times don't match its counts",
        (tool = &image->tools[READ], tool->last_failure_us = tool->last_end_us + 1));
    CHECK_AFTER("a tool's last times don't match its counts",
                image->tools[READ].last_end_us = XT_MAX_COUNT + 1);
    CHECK_AFTER("a tool's last times don't match its counts",
                image->tools[IDLE].last_end_us = 1);
}

static void finds_a_histogram_inconsistent_with_its_tool(void **state) {
    (void)state;
    const char *count = "a tool's histograms don't match its executions";
    CHECK_AFTER("a histogram's scale is out of range",
                image->histograms[READ_SUCCESS].halvings = 4);
    CHECK_AFTER("a histogram's span is out of range",
                image->histograms[READ_SUCCESS].width = 513);
    CHECK_AFTER("a histogram counts outside its span",
                image->histograms[READ_SUCCESS].width--);
    CHECK_AFTER("an empty histogram has a span",
                image->histograms[WRITE_OTHER] = (xt_histogram){.lowest = 1});
    CHECK_AFTER("a histogram's span ends in an empty bucket",
                image->histograms[READ_SUCCESS].width++);
    CHECK_AFTER(count, ++*lowest_counter(image, READ_SUCCESS));
    CHECK_AFTER(count, ++*lowest_counter(image, READ_OTHER));
    CHECK_AFTER(count, image->histograms[WRITE_OTHER] = (xt_histogram){0});
    CHECK_AFTER(count, image->tools[READ].lifetime.by_status[XT_CANCELLED]++);
}

/* Changes the totals of READ's lifetime, which are 500 of successes and 600 of all else;
 * those of its window are 400 and 300. */
static void set_totals(const xt_image *image, uint64_t success_us, uint64_t other_us) {
    xt_tool *tool = &image->tools[READ];
    uint64_t total_us = success_us + other_us;
    image->header->lifetime.total_us -= tool->lifetime.total_us - total_us;
    tool->lifetime.total_us = total_us;
    tool->other_us = other_us;
}

static void finds_totals_inconsistent_with_their_histograms(void **state) {
    (void)state;
    const char *sums =
        "a tool's total of successes or of all else doesn't match its durations";
    CHECK_AFTER(sums, set_totals(image, 199, 600));
    CHECK_AFTER(sums, set_totals(image, 801, 600));
    CHECK_AFTER(sums, set_totals(image, 500, 199));
    CHECK_AFTER(sums, set_totals(image, 500, 801));
    CHECK_AFTER(sums, image->tools[WRITE].other_us--); /* it has no successes */
    CHECK_AFTER("sound", set_totals(image, 800, 800));
}

static void swap_histograms(xt_tool *tool) {
    uint32_t place = tool->histograms[XT_OUTCOME_SUCCESS];
    tool->histograms[XT_OUTCOME_SUCCESS] = tool->histograms[XT_OUTCOME_OTHER];
    tool->histograms[XT_OUTCOME_OTHER] = place;
}

static void finds_places_of_histograms_that_are_wrong(void **state) {
    (void)state;
    const char *missing = "a tool's histogram doesn't exist";
    const char *shared = "two tools or outcomes have the same histogram";
    CHECK_AFTER("a table has more entries than slots", header->histogram_count = 9);
    CHECK_AFTER("a histogram belongs to no tool", header->histogram_count++);
    CHECK_AFTER(missing, header->histogram_count--);
    CHECK_AFTER(missing, image->tools[IDLE].histograms[XT_OUTCOME_SUCCESS] = 4);
    CHECK_AFTER(shared, image->tools[IDLE].histograms[XT_OUTCOME_OTHER] = 1);
    CHECK_AFTER(shared, image->tools[READ].histograms[XT_OUTCOME_OTHER] = 1);
    CHECK_AFTER("a tool's histograms don't match its executions",
                image->tools[WRITE].histograms[XT_OUTCOME_OTHER] = 0);
    CHECK_AFTER("a tool's histograms don't match its executions",
                swap_histograms(&image->tools[WRITE]));
    CHECK_AFTER("sound", swap_histograms(&image->tools[READ])); /* both count two */
}

static void finds_sums_that_are_wrong(void **state) {
    (void)state;
    const char *lifetime = "the overall lifetime isn't the sum of the tools'";
    const char *running =
        "the number of executions in flight isn't the sum of the tools'";
    CHECK_AFTER(running, image->tools[IDLE].in_flight = UINT32_MAX);
    CHECK_AFTER("sound", (header->running += UINT32_MAX - image->tools[IDLE].in_flight,
                          image->tools[IDLE].in_flight = UINT32_MAX));
    CHECK_AFTER(running, header->running++);
    CHECK_AFTER(running, image->tools[IDLE].in_flight--);
    for (int status = 0; status < XT_STATUSES; status++) {
        CHECK_AFTER(lifetime, header->lifetime.by_status[status]++);
    }
    CHECK_AFTER(lifetime, header->lifetime.cached_hits++);
    CHECK_AFTER(lifetime, header->lifetime.total_us++);
    CHECK_AFTER(lifetime, header->lifetime.elapsed_us++);
}

static void finds_a_record_out_of_range(void **state) {
    (void)state;
    const char *reference = "a record's tool or error type doesn't exist";
    for (uint32_t age = 0; age < 4; age++) {
        CHECK_AFTER(reference, record_of_age(image, age)->tool = 3);
        CHECK_AFTER(reference, record_of_age(image, age)->error_type = 3);
        CHECK_AFTER("a record is out of range",
                    record_of_age(image, age)->packed |= UINT64_C(3) << 55);
        CHECK_AFTER("a record is out of range",
                    record_of_age(image, age)->packed |= UINT64_C(2) << 55);
        CHECK_AFTER("a record is out of range",
                    record_of_age(image, age)->packed |= UINT64_C(1) << 61);
        CHECK_AFTER("a record is out of range",
                    record_of_age(image, age)->end_us = XT_MAX_COUNT + 1);
    }
}

static void finds_a_record_out_of_its_tool_s_range(void **state) {
    (void)state;
    const char *range = "a record's duration or end is out of its tool's range";
    for (uint32_t age = 0; age < 4; age++) {
        CHECK_AFTER(range, record_of_age(image, age)->end_us = XT_MAX_COUNT);
        CHECK_AFTER(range, record_of_age(image, age)->packed ^= 1 << 20);
        CHECK_AFTER(range, record_of_age(image, age)->packed &= ~XT_MAX_DURATION_US);
        CHECK_AFTER(range, record_of_age(image, age)->packed |= UINT64_C(1) << 57);
    }
}

static void finds_records_out_of_order_unless_the_flag_is_set(void **state) {
    (void)state;
    CHECK_AFTER("the records are out of order", record_of_age(image, 0)->end_us--);
    CHECK_AFTER("the records are out of order",
                record_of_age(image, 3)->end_us = image->tools[WRITE].last_end_us);
    CHECK_AFTER("sound", (record_of_age(image, 0)->end_us--, header->flags = 1));
}

/* Makes the lifetime of READ two cancelled executions instead of two failed ones. */
static void forget_failures(const xt_image *image) {
    image->tools[READ].lifetime.by_status[XT_FAILED] = 0;
    image->tools[READ].lifetime.by_status[XT_CANCELLED] = 2;
    image->tools[READ].last_failure_us = 0;
    image->header->lifetime.by_status[XT_FAILED] = 0;
    image->header->lifetime.by_status[XT_CANCELLED] += 2;
}

static void finds_a_last_failure_without_failures(void **state) {
    (void)state;
    CHECK_AFTER("a tool's last times don't match its counts",
                (forget_failures(image), image->tools[READ].last_failure_us = 1));
}

/* Makes a record cached, and updates all counts of it except the lifetimes. */
static void add_cached_record(const xt_image *image) {
    record_of_age(image, 1)->packed |= UINT64_C(1) << XT_CACHED_SHIFT;
    image->tools[READ].window.cached_hits = 1;
    image->header->window.cached_hits = 1;
}

static void finds_a_window_that_is_not_that_of_the_records(void **state) {
    (void)state;
    const char *own = "a tool's window doesn't match its records";
    const char *all = "the overall window doesn't match the records";
    const char *more = "a tool's window counts more than its lifetime";
    for (int status = 0; status < XT_STATUSES; status++) {
        CHECK_AFTER(own, image->tools[WRITE].window.by_status[status]++);
        CHECK_AFTER(all, header->window.by_status[status]++);
    }
    CHECK_AFTER(own, image->tools[IDLE].window.total_us++);
    CHECK_AFTER(own, image->tools[READ].window.cached_hits++);
    CHECK_AFTER(own, record_of_age(image, 2)->packed++);
    CHECK_AFTER(all, header->window.total_us++);
    CHECK_AFTER(all, header->window.cached_hits++);
    CHECK_AFTER(all, header->window.reserved = 1);
    CHECK_AFTER(more, forget_failures(image));
    CHECK_AFTER(more, add_cached_record(image));
    CHECK_AFTER(more, set_totals(image, 399, 600));
    CHECK_AFTER(more, set_totals(image, 500, 299));
    CHECK_AFTER("sound", set_totals(image, 400, 300));
}

/* With any value of any word the check ends, and reads nothing outside the block. */
static void ends_whatever_a_word_of_the_image_says(void **state) {
    (void)state;
    const uint32_t words[] = {0, 1, 3, INT32_MAX, UINT32_MAX};
    xt_tracker *tracker = sound_tracker();
    size_t bytes = xt_image_bytes(xt_tracker_image(tracker));
    uint32_t *block = copy_of_block(tracker);
    xt_tracker_close(tracker);
    for (size_t place = 0; place < bytes / 4; place++) {
        uint32_t before = block[place];
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            xt_image image;
            block[place] = words[i];
            if (xt_image_check_header((xt_header *)(void *)block, bytes) == XT_OK) {
                xt_image_view(&image, block);
                assert_non_null(verdict_on(&image));
            }
        }
        block[place] = before;
    }
    free(block);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_header_out_of_range),
        cmocka_unit_test(finds_a_ring_that_is_not_one),
        cmocka_unit_test(finds_a_next_record_in_a_ring_without_records),
        cmocka_unit_test(finds_tables_of_names_that_are_broken),
        cmocka_unit_test(finds_a_name_that_is_too_long),
        cmocka_unit_test(finds_an_inconsistent_tool),
        cmocka_unit_test(finds_a_histogram_inconsistent_with_its_tool),
        cmocka_unit_test(finds_totals_inconsistent_with_their_histograms),
        cmocka_unit_test(finds_places_of_histograms_that_are_wrong),
        cmocka_unit_test(finds_sums_that_are_wrong),
        cmocka_unit_test(finds_a_record_out_of_range),
        cmocka_unit_test(finds_a_record_out_of_its_tool_s_range),
        cmocka_unit_test(finds_records_out_of_order_unless_the_flag_is_set),
        cmocka_unit_test(finds_a_last_failure_without_failures),
        cmocka_unit_test(finds_a_window_that_is_not_that_of_the_records),
        cmocka_unit_test(ends_whatever_a_word_of_the_image_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
