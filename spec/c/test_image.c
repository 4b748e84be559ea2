/*
 * The layout of the image, which is a file format: the numbers here are literals, not
 * computed from the structures. For xt_image_check see test_image_check.c.
 */
#include "builder.h"

#include "support_cmocka.h"
#include "support_tracker.h"

static void header_has_its_fields_where_the_format_says(void **state) {
    (void)state;
    assert_int_equal(sizeof(xt_header), 576);
    assert_int_equal(offsetof(xt_header, version), 8);
    assert_int_equal(offsetof(xt_header, byte_order), 12);
    assert_int_equal(offsetof(xt_header, size_bytes), 16);
    assert_int_equal(offsetof(xt_header, checksum), 24);
    assert_int_equal(offsetof(xt_header, generation), 32);
    assert_int_equal(offsetof(xt_header, max_history), 40);
    assert_int_equal(offsetof(xt_header, label), 56);
    assert_int_equal(offsetof(xt_header, instance), 120);
    assert_int_equal(offsetof(xt_header, created_us), 136);
    assert_int_equal(offsetof(xt_header, cleared_us), 144);
    assert_int_equal(offsetof(xt_header, now_us), 152);
    assert_int_equal(offsetof(xt_header, tool_names), 160);
    assert_int_equal(offsetof(xt_header, error_types), 176);
    assert_int_equal(offsetof(xt_header, in_flight), 192);
    assert_int_equal(offsetof(xt_header, histogram_slots), 224);
    assert_int_equal(offsetof(xt_header, denial_slots), 232);
    assert_int_equal(offsetof(xt_header, denied_slots), 248);
    assert_int_equal(offsetof(xt_header, record_slots), 264);
    assert_int_equal(offsetof(xt_header, flags), 276);
    assert_int_equal(offsetof(xt_header, recorded), 280);
    assert_int_equal(offsetof(xt_header, lifetime), 296);
    assert_int_equal(offsetof(xt_header, window), 368);
    assert_int_equal(offsetof(xt_header, tools_overflowed), 416);
    assert_int_equal(offsetof(xt_header, running), 432);
    assert_int_equal(offsetof(xt_header, ignored_args), 440);
    assert_int_equal(offsetof(xt_header, texts), 444);
    assert_int_equal(offsetof(xt_header, log_place_slots), 492);
    assert_int_equal(offsetof(xt_header, log_files), 496);
    assert_int_equal(offsetof(xt_header, writer_slots), 512);
    assert_int_equal(offsetof(xt_header, undo_slots), 516);
    assert_int_equal(offsetof(xt_header, clears), 520);
    assert_int_equal(offsetof(xt_header, lost_us), 528);
    assert_int_equal(offsetof(xt_header, known_slots), 536);
    assert_int_equal(offsetof(xt_header, reserved), 540);
}

static void slots_have_the_sizes_that_the_format_says(void **state) {
    (void)state;
    assert_int_equal(sizeof(xt_tool), 184);
    assert_int_equal(offsetof(xt_tool, other_us), 88);
    assert_int_equal(sizeof(xt_histogram), 2064);
    assert_int_equal(sizeof(xt_name), 8);
    assert_int_equal(sizeof(xt_in_flight_entry), 40);
    assert_int_equal(sizeof(xt_denial), 24);
    assert_int_equal(sizeof(xt_denied_entry), 24);
    assert_int_equal(offsetof(xt_denied_entry, session), 12);
    assert_int_equal(sizeof(xt_texts_entry), 16);
    assert_int_equal(sizeof(xt_record), 32);
    assert_int_equal(sizeof(xt_log_place), 8);
    assert_int_equal(sizeof(xt_writer), 120);
    assert_int_equal(sizeof(xt_undo_log), 8216);
}

static size_t distance(const xt_image *image, const void *section) {
    return (size_t)((const char *)section - (const char *)image->header);
}

static void sections_follow_each_other_aligned_to_8_bytes(void **state) {
    (void)state;
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 10);
    options.max_tools = 3;
    options.max_in_flight = 2;
    options.session_names = 8;
    options.args_texts = 9;
    options.error_texts = 20;
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    /* Three tools and (other), two histograms each; 3 * 64 bytes and 7 of names, filled
       up to 200. */
    assert_int_equal(distance(image, image->tools), 576);
    assert_int_equal(distance(image, image->histograms), 576 + 736);
    assert_int_equal(distance(image, image->tool_names.names), 1312 + 16512);
    assert_int_equal(distance(image, image->tool_names.bytes), 17824 + 32);
    /* 256 error types and (other); 256 * 64 bytes and 7 of names, filled up to 16392. */
    assert_int_equal(distance(image, image->error_types.names), 17856 + 200);
    assert_int_equal(distance(image, image->error_types.bytes), 18056 + 2056);
    assert_int_equal(distance(image, image->in_flight.entries), 20112 + 16392);
    assert_int_equal(distance(image, image->denials), 36504 + 80);
    assert_int_equal(distance(image, image->denied), 36584 + 6144);
    assert_int_equal(distance(image, image->texts[0].entries), 42728 + 6144);
    assert_int_equal(distance(image, image->texts[0].bytes), 48872 + 128);
    assert_int_equal(distance(image, image->texts[1].entries), 49000 + 512);
    assert_int_equal(distance(image, image->texts[1].bytes), 49512 + 256);
    assert_int_equal(distance(image, image->texts[2].entries), 49768 + 1920);
    assert_int_equal(distance(image, image->texts[2].bytes), 51688 + 384);
    assert_int_equal(distance(image, image->records), 52072 + 2880);
    assert_int_equal(xt_image_bytes(image), 54952 + 320);
    xt_tracker_close(tracker);
}

static void image_of_the_default_size_gets_no_huge_pages(void **state) {
    (void)state;
    const xt_options options = xt_options_default();
    size_t bytes;
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_OK);
    assert_true(bytes < 8 * 1024 * 1024);
}

static void plan_names_the_option_that_is_out_of_range(void **state) {
    (void)state;
    size_t bytes;
    xt_options options = xt_options_default();
    options.max_history = XT_MAX_HISTORY + 1;
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_ERROR_MAX_HISTORY);
    options = xt_options_default();
    options.max_tools = 0;
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_ERROR_MAX_TOOLS);
    options.max_tools = XT_MAX_TOOLS + 1;
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_ERROR_MAX_TOOLS);
    options = xt_options_default();
    options.max_in_flight = XT_MAX_IN_FLIGHT + 1;
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes),
                     XT_ERROR_MAX_IN_FLIGHT);
    options = xt_options_default();
    options.label = text_of("", XT_LABEL_BYTES + 1);
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_ERROR_LABEL);
    options = xt_options_default();
    options.session_names = XT_MAX_TEXTS + 1;
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes),
                     XT_ERROR_SESSION_NAMES);
    options = xt_options_default();
    options.args_texts = XT_MAX_TEXTS + 1;
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_ERROR_ARGS_TEXTS);
    options = xt_options_default();
    options.error_texts = XT_MAX_TEXTS + 1;
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_ERROR_ERROR_TEXTS);
}

static void plan_takes_the_largest_and_the_smallest_options(void **state) {
    (void)state;
    size_t bytes;
    xt_options options = {.max_tools = 1};
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_OK);
    /* Header, 2 tools, 71 bytes of names, error types, no entry, denials and denied
       calls,
     * no record. */
    assert_int_equal(bytes,
                     576 + 2 * 184 + 4 * 2064 + 2 * 8 + 72 + 2056 + 16392 + 2 * 6144);
    options.max_history = XT_MAX_HISTORY;
    options.max_tools = XT_MAX_TOOLS;
    options.max_in_flight = XT_MAX_IN_FLIGHT;
    options.session_names = XT_MAX_TEXTS;
    options.args_texts = XT_MAX_TEXTS;
    options.error_texts = XT_MAX_TEXTS;
    const uint64_t most_bytes = 576 + 65536 * (184 + 2 * 2064 + 8) + 4194248 + 2056 +
                                16392 + 65535 * 40 + 2 * 6144 + 65536 * (80 + 2 * 136) +
                                (UINT64_C(32) << 28);
    if (most_bytes > SIZE_MAX) {
        assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_ERROR_MEMORY);
    } else {
        assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_OK);
        assert_int_equal(bytes, most_bytes);
    }
}

static void creating_touches_only_the_header(void **state) {
    (void)state;
    xt_options options = {.max_history = 3, .max_tools = 2, .max_in_flight = 1};
    size_t bytes;
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_OK);
    unsigned char *block = calloc(1, bytes);
    assert_non_null(block);
    xt_image image;
    xt_build_empty(&image, XT_IN_MEMORY, block, &options);
    for (size_t i = sizeof(xt_header); i < bytes; i++) {
        assert_int_equal(block[i], 0);
    }
    assert_string_equal(verdict_on(&image), "sound");
    free(block);
}

static void header_says_what_the_options_were(void **state) {
    (void)state;
    uint64_t now_us = 7;
    xt_options options = options_at(&now_us, 3);
    options.max_tools = 2;
    options.max_in_flight = 1;
    options.label = text_of("a\0b", 3);
    xt_tracker *tracker = tracker_with(&options);
    const xt_header *header = xt_tracker_image(tracker)->header;
    assert_memory_equal(header->magic, "exectrak", 8);
    assert_int_equal(header->version, 3);
    assert_int_equal(header->byte_order, 0x01020304);
    assert_int_equal(header->max_history, 3);
    assert_int_equal(header->max_tools, 2);
    assert_int_equal(header->max_in_flight, 1);
    assert_int_equal(header->label_length, 3);
    assert_memory_equal(header->label, "a\0b\0", 4);
    assert_int_equal(header->tool_names.slots, 3);
    assert_int_equal(header->error_types.slots, 257);
    assert_int_equal(header->denial_slots, 256);
    assert_int_equal(header->denied_slots, 256);
    assert_int_equal(header->created_us, 7);
    xt_tracker_close(tracker);
}

/* A valid image in a block of its own, with room after it. */
typedef struct copy {
    xt_image image;
    char *block;
    size_t bytes;
} copy;

static xt_error check_header(const copy *made, size_t bytes) {
    return xt_image_check_header((const xt_header *)(const void *)made->block, bytes);
}

static copy make_copy(void) {
    uint64_t now_us = 1000;
    xt_options options = options_at(&now_us, 3);
    options.max_tools = 2;
    options.max_in_flight = 2;
    xt_tracker *tracker = tracker_with(&options);
    for (uint64_t i = 1; i <= 5; i++) {
        record(tracker, i % 2 == 0 ? "read" : "write", XT_SUCCESS, i);
    }
    copy made = {.block = copy_of_block(tracker),
                 .bytes = xt_image_bytes(xt_tracker_image(tracker))};
    xt_tracker_close(tracker);
    assert_int_equal(check_header(&made, made.bytes), XT_OK);
    xt_image_view(&made.image, made.block);
    return made;
}

static void opened_copy_answers_as_its_tracker_did(void **state) {
    (void)state;
    copy opened = make_copy();
    const xt_image *image = &opened.image;
    xt_execution execution;
    assert_string_equal(verdict_on(image), "sound");
    assert_int_equal(xt_image_tool_count(image), 2);
    assert_true(is_text(xt_image_tool_name(image, 1), "write"));
    assert_int_equal(xt_image_recorded(image), 5);
    assert_int_equal(xt_image_stats(image).lifetime.total_duration_us, 15);
    assert_int_equal(xt_image_stats(image).window.total_duration_us, 12);
    assert_true(xt_image_execution(image, 4, &execution));
    assert_true(is_text(execution.tool, "read"));
    assert_false(xt_image_execution(image, 2, &execution));
    free(opened.block);
}

/* The error of opening the copy with `value` in `*field`. Restores the field. */
static xt_error opened_with(copy *made, uint32_t *field, uint32_t value) {
    uint32_t before = *field;
    *field = value;
    xt_error error = check_header(made, made->bytes);
    *field = before;
    return error;
}

static void header_refuses_what_is_no_image(void **state) {
    (void)state;
    copy made = make_copy();
    for (int i = 0; i < 8; i++) {
        made.block[i] ^= 1;
        assert_int_equal(check_header(&made, made.bytes), XT_ERROR_KIND);
        made.block[i] ^= 1;
    }
    free(made.block);
}

static void header_refuses_another_byte_order_before_another_version(void **state) {
    (void)state;
    copy made = make_copy();
    xt_header *header = made.image.header;
    assert_int_equal(opened_with(&made, &header->byte_order, 0x04030201),
                     XT_ERROR_BYTE_ORDER);
    assert_int_equal(opened_with(&made, &header->version, 0), XT_ERROR_VERSION);
    assert_int_equal(opened_with(&made, &header->version, 1), XT_ERROR_VERSION);
    header->version = 0x01000000;
    assert_int_equal(opened_with(&made, &header->byte_order, 0x04030201),
                     XT_ERROR_BYTE_ORDER);
    free(made.block);
}

static void header_refuses_another_version_before_another_size(void **state) {
    (void)state;
    copy made = make_copy();
    made.image.header->version = 4;
    assert_int_equal(check_header(&made, made.bytes - 8), XT_ERROR_VERSION);
    free(made.block);
}

/* The size is changed to match the slots, so that only the limit is wrong. */
static void header_refuses_more_slots_than_the_options_allow(void **state) {
    (void)state;
    copy made = make_copy();
    xt_header *h = made.image.header;
    const struct {
        uint32_t *field;
        uint32_t value;
    } cases[] = {
        {&h->max_history, (1 << 28) + 1},
        {&h->max_tools, 0},
        {&h->max_tools, 65536},
        {&h->max_in_flight, 65536},
        {&h->record_slots, 4},
        {&h->tool_names.slots, 4},
        {&h->tool_names.byte_slots, 136},
        {&h->histogram_slots, 7},
        {&h->error_types.slots, 258},
        {&h->error_types.byte_slots, 16392},
        {&h->in_flight.slots, 3},
        {&h->denial_slots, 257},
        {&h->denied_slots, 257},
        {&h->measure_count, 5},
        {&h->writer_slots, 1},
        {&h->undo_slots, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t before = *cases[i].field;
        *cases[i].field = cases[i].value;
        size_t bytes = xt_image_size(h);
        h->size_bytes = bytes;
        assert_int_equal(xt_image_check_header(h, bytes), XT_ERROR_INVALID);
        *cases[i].field = before;
    }
    h->size_bytes = made.bytes;
    assert_int_equal(xt_image_check_header(h, made.bytes), XT_OK);
    free(made.block);
}

static void header_allows_both_sections_of_a_recorder_once(void **state) {
    (void)state;
    copy made = make_copy();
    xt_header *h = made.image.header;
    for (uint32_t slots = 0; slots < 3; slots++) {
        h->writer_slots = slots;
        h->undo_slots = slots;
        h->size_bytes = xt_image_size(h);
        assert_int_equal(h->size_bytes, made.bytes + slots * (120 + 8216));
        assert_int_equal(xt_image_check_header(h, (size_t)h->size_bytes),
                         slots <= 1 ? XT_OK : XT_ERROR_INVALID);
    }
    free(made.block);
}

static void header_refuses_a_size_that_is_not_that_of_the_slots(void **state) {
    (void)state;
    copy made = make_copy();
    xt_header *h = made.image.header;
    assert_int_equal(opened_with(&made, &h->record_slots, 2), XT_ERROR_INVALID);
    assert_int_equal(opened_with(&made, &h->tool_names.slots, 2), XT_ERROR_INVALID);
    assert_int_equal(opened_with(&made, &h->tool_names.byte_slots, 128),
                     XT_ERROR_INVALID);
    assert_int_equal(opened_with(&made, &h->error_types.slots, 0), XT_ERROR_INVALID);
    assert_int_equal(opened_with(&made, &h->error_types.byte_slots, 0), XT_ERROR_INVALID);
    assert_int_equal(opened_with(&made, &h->in_flight.slots, 1), XT_ERROR_INVALID);
    assert_int_equal(opened_with(&made, &h->denial_slots, 0), XT_ERROR_INVALID);
    assert_int_equal(opened_with(&made, &h->denied_slots, 0), XT_ERROR_INVALID);
    assert_int_equal(opened_with(&made, &h->measure_count, 1), XT_ERROR_INVALID);
    free(made.block);
}

static void header_refuses_a_size_that_is_not_that_of_the_block(void **state) {
    (void)state;
    copy made = make_copy();
    xt_header *h = made.image.header;
    assert_int_equal(check_header(&made, made.bytes - 8), XT_ERROR_SIZE);
    h->size_bytes += 8;
    assert_int_equal(check_header(&made, made.bytes), XT_ERROR_SIZE);
    h->size_bytes = 0;
    assert_int_equal(check_header(&made, made.bytes), XT_ERROR_SIZE);
    free(made.block);
}

static void size_of_any_slots_is_said_or_too_many(void **state) {
    (void)state;
    const xt_header empty = {0};
    xt_header most = {.denial_slots = UINT32_MAX, .record_slots = UINT32_MAX};
    assert_int_equal(xt_image_size(&empty), 576);
    assert_true(xt_image_size(&most) >= UINT32_MAX);
    memset(&most, 0xff, sizeof most);
    assert_true(xt_image_size(&most) >= UINT32_MAX);
}

static void place_of_a_record_goes_round_the_ring(void **state) {
    (void)state;
    const xt_header header = {.record_slots = 4, .record_next = 2};
    assert_int_equal(xt_image_place(&header, 0), 1);
    assert_int_equal(xt_image_place(&header, 1), 0);
    assert_int_equal(xt_image_place(&header, 2), 3);
    assert_int_equal(xt_image_place(&header, 3), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_has_its_fields_where_the_format_says),
        cmocka_unit_test(slots_have_the_sizes_that_the_format_says),
        cmocka_unit_test(sections_follow_each_other_aligned_to_8_bytes),
        cmocka_unit_test(image_of_the_default_size_gets_no_huge_pages),
        cmocka_unit_test(plan_names_the_option_that_is_out_of_range),
        cmocka_unit_test(plan_takes_the_largest_and_the_smallest_options),
        cmocka_unit_test(creating_touches_only_the_header),
        cmocka_unit_test(header_says_what_the_options_were),
        cmocka_unit_test(opened_copy_answers_as_its_tracker_did),
        cmocka_unit_test(header_refuses_what_is_no_image),
        cmocka_unit_test(header_refuses_another_byte_order_before_another_version),
        cmocka_unit_test(header_refuses_another_version_before_another_size),
        cmocka_unit_test(header_refuses_more_slots_than_the_options_allow),
        cmocka_unit_test(header_allows_both_sections_of_a_recorder_once),
        cmocka_unit_test(header_refuses_a_size_that_is_not_that_of_the_slots),
        cmocka_unit_test(header_refuses_a_size_that_is_not_that_of_the_block),
        cmocka_unit_test(size_of_any_slots_is_said_or_too_many),
        cmocka_unit_test(place_of_a_record_goes_round_the_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
