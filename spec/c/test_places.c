/*
 * The places of records: in imports, copies, selections and merges, and their check.
 */
#include "support_cmocka.h"
#include "support_merge.h"
#include "support_places.h"
#include "support_saved.h"
#include "support_tracker.h"

#include "builder.h"
#include "tracker.h"

/* Compound literals in arguments, so that a case is on one line. */
#define PLACES(...) ((const char *const[]){__VA_ARGS__, NULL})

static xt_snapshot *run_with(const char *const places[]) {
    return placed_run(places, XT_KEEP_ALL);
}

static void assert_files(const xt_snapshot *run, const char *const files[]) {
    const xt_image *image = xt_snapshot_image(run);
    uint32_t count = xt_image_log_file_count(image);
    for (uint32_t id = 1; id <= count; id++) {
        assert_true(is_text(xt_image_log_file(image, id), files[id - 1]));
    }
    assert_null(files[count]);
    assert_null(xt_image_log_file(image, 0).bytes);
    assert_null(xt_image_log_file(image, count + 1).bytes);
}

static void an_import_keeps_places_and_each_file_once(void **state) {
    (void)state;
    xt_snapshot *run = run_with(PLACES("b:2", "", "a[1]", "b:1", "b", "a[1]:3"));
    assert_places(run, PLACES("b:2", "", "a[1]", "b:1", "b", "a[1]:3"));
    assert_files(run, PLACES("b", "a[", "a[1]"));
    assert_int_equal(xt_snapshot_image(run)->header->log_place_slots, 6);
    xt_snapshot_close(run);
}

static void an_import_numbers_the_files_of_what_it_keeps(void **state) {
    (void)state;
    for (size_t kept = 0; kept <= 5; kept++) {
        const char *const *places = PLACES("a:1", "b:2", "", "a:3", "c:4");
        xt_snapshot *run = placed_run(places, kept);
        assert_places(run, places + 5 - kept);
        xt_snapshot_close(run);
    }
    xt_snapshot *run = placed_run(PLACES("a:1", "b:2", "", "c:3"), 2);
    assert_files(run, PLACES("c"));
    xt_snapshot_close(run);
}

/* Not even the header differs from that of a run which never had any. */
static void a_run_without_places_is_as_it_would_be_without_them(void **state) {
    (void)state;
    xt_snapshot *dropped = placed_run(PLACES("a:1", "b:2", "", ""), 2);
    xt_snapshot *never = placed_run(PLACES("", "", "", ""), 2);
    dropped->image.header->generation = never->image.header->generation;
    memcpy(dropped->image.header->instance, never->image.header->instance,
           XT_INSTANCE_BYTES);
    assert_true(xt_snapshot_equals(dropped, never));
    assert_int_equal(never->image.header->log_place_slots, 0);
    assert_int_equal(never->image.header->log_files.slots, 0);
    xt_snapshot_close(dropped);
    xt_snapshot_close(never);
}

static void a_copy_is_the_same(void **state) {
    (void)state;
    xt_snapshot *run = run_with(PLACES("a:1", "", "b:2"));
    xt_snapshot *copy = snapshot_of(xt_snapshot_image(run));
    assert_true(xt_snapshot_equals(run, copy));
    assert_int_equal(xt_snapshot_bytes(xt_snapshot_image(run)), copy->bytes);
    xt_snapshot_close(copy);
    xt_snapshot_close(run);
}

static xt_error make_filter(const void *context, const xt_allocator *allocator,
                            xt_snapshot **snapshot) {
    xt_filter filter = xt_filter_all();
    filter.since_us = 3;
    return xt_snapshot_filter(context, &filter, allocator, snapshot);
}

static void a_selection_has_only_its_own_files(void **state) {
    (void)state;
    xt_snapshot *run = run_with(PLACES("a:1", "b:2", "c:3", "", "b:5"));
    const xt_image *image = xt_snapshot_image(run);
    xt_snapshot *selected;
    assert_int_equal(make_filter(image, NULL, &selected), XT_OK);
    assert_string_equal(verdict_on(xt_snapshot_image(selected)), "sound");
    assert_places(selected, PLACES("c:3", "", "b:5"));
    assert_files(selected, PLACES("c", "b"));
    xt_snapshot_close(selected);
    assert_same_in_dirty_memory(make_filter, image);
    assert_survives_want_of_memory(make_filter, image, 3);
    xt_snapshot_close(run);
}

/* A selection's records needn't be as they are sorted. */
static void a_merge_of_one_run_is_the_run(void **state) {
    (void)state;
    xt_snapshot *run = run_with(PLACES("b:1", "a:2", "", "(other):4", "(other)[5]"));
    xt_snapshot *merged_run = merge_one(xt_snapshot_image(run));
    assert_places(merged_run, PLACES("b:1", "a:2", "", "(other):4", "(other)[5]"));
    assert_files(merged_run, PLACES("b", "a", "(other)", "(other)["));
    xt_snapshot_close(merged_run);
    xt_snapshot_close(run);
}

static void a_merge_unites_files_whatever_the_order(void **state) {
    (void)state;
    xt_snapshot *runs[] = {run_with(PLACES("b:9", "a:2")),
                           run_with(PLACES("b:10", "c:3")), run_with(PLACES("", "a:1")),
                           run_with(PLACES("", ""))};
    for (size_t first = 0; first < 4; first++) {
        const xt_image *images[4];
        for (size_t i = 0; i < 4; i++) {
            images[i] = xt_snapshot_image(runs[(first + i) % 4]);
        }
        xt_snapshot *all = merged(4, images, XT_KEEP_ALL);
        assert_places(all, PLACES("", "", "b:9", "b:10", "", "a:1", "a:2", "c:3"));
        assert_files(all, PLACES("b", "a", "c"));
        xt_snapshot *newest = merged(4, images, 2);
        assert_places(newest, PLACES("a:2", "c:3"));
        assert_files(newest, PLACES("a", "c"));
        const merging what = {4, images, 6};
        assert_same_in_dirty_memory(make_merge, &what);
        assert_survives_want_of_memory(make_merge, &what, 2);
        xt_snapshot_close(newest);
        xt_snapshot_close(all);
    }
    for (size_t i = 0; i < 4; i++) {
        xt_snapshot_close(runs[i]);
    }
}

/* Runs `corrupt` on a run with places, and asserts the check's message. */
#define CHECK_PLACES(message, corrupt)                                                   \
    do {                                                                                 \
        xt_snapshot *run = run_with(PLACES("aa:1", "", "bb:3", "aa:4"));                 \
        xt_image *image = &run->image;                                                   \
        xt_header *header = image->header;                                               \
        (void)header;                                                                    \
        corrupt;                                                                         \
        assert_string_equal(verdict_on(image), message);                                 \
        xt_snapshot_close(run);                                                          \
    } while (0)

/* Makes the name of the last file empty. */
static void empty_a_file(xt_image *image) {
    memset(image->log_files.bytes + 2, 0, 2);
    image->log_files.head->byte_count -= 2;
    image->log_files.names[1].length = 0;
}

/* Makes the newest record's slot one that was never used. */
static void forget_newest(xt_image *image) {
    const xt_record *newest = &image->records[3];
    xt_tool *tool = &image->tools[newest->tool];
    image->header->record_count = 3;
    image->header->record_next = 3;
    tool->lifetime.by_status[XT_SUCCESS]--;
    tool->window.by_status[XT_SUCCESS]--;
    image->header->lifetime = tool->lifetime;
    image->header->window = tool->window;
    image->histograms[0].zero_count--;
}

static void forget_newest_and_its_place(xt_image *image) {
    forget_newest(image);
    image->log_places[3] = (xt_log_place){0, 0};
}

static void the_check_finds_broken_places(void **state) {
    (void)state;
    CHECK_PLACES("sound", image->log_places[2].line = 0);
    CHECK_PLACES("there are log files without places, or places without log files",
                 header->log_place_slots = 0);
    CHECK_PLACES("there are log files without places, or places without log files",
                 header->log_files.count = 0);
    CHECK_PLACES("the counts of a table of names are out of range",
                 header->log_files.count = 3);
    CHECK_PLACES("a name is outside its table", image->log_files.names[1].offset = 1);
    CHECK_PLACES("a table of names has the same name twice",
                 memcpy(image->log_files.bytes, "bb", 2));
    CHECK_PLACES("unused bytes of a table of names aren't 0",
                 image->log_files.bytes[7] = 1);
    CHECK_PLACES("the name of a log file is empty", empty_a_file(image));
    CHECK_PLACES("a record's log file doesn't exist", image->log_places[2].file = 3);
    CHECK_PLACES("a record has a line without a log file", image->log_places[1].line = 1);
    CHECK_PLACES("the log files are out of order", image->log_places[0].file = 2);
    CHECK_PLACES("no record refers to a log file", image->log_places[2].file = 1);
    CHECK_PLACES("unused places aren't 0", forget_newest(image));
    CHECK_PLACES("sound", forget_newest_and_its_place(image));
}

static void a_tracker_has_no_places(void **state) {
    (void)state;
    uint64_t now_us = 1;
    const xt_options options = options_at(&now_us, 4);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    const xt_execution execution = {.place = xt_place_of(xt_text_of("a:1"))};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
    assert_int_equal(execution_of(image, 1).place.file_id, 0);
    assert_int_equal(xt_image_log_file_count(image), 0);
    assert_null(xt_image_check_room(image));
    image->header->log_place_slots = 4;
    assert_string_equal(xt_image_check_room(image),
                        "it has no room for more executions: it is a snapshot");
    xt_tracker_close(tracker);
}

static void slots_that_do_not_match_are_refused(void **state) {
    (void)state;
    xt_snapshot *run = run_with(PLACES("aa:1", "bb:2"));
    xt_header header = *run->image.header;
    size_t bytes = (size_t)header.size_bytes;
    assert_int_equal(xt_image_check_header(&header, bytes), XT_OK);
    header.log_place_slots =
        1; /* the section of one place less is as long with a file more */
    header.log_files.slots = 3;
    assert_int_equal(xt_image_size(&header), bytes);
    assert_int_equal(xt_image_check_header(&header, bytes), XT_ERROR_INVALID);
    header = *run->image.header;
    header.log_files.slots = XT_MAX_LOG_FILES + 1;
    header.size_bytes = xt_image_size(&header);
    assert_int_equal(xt_image_check_header(&header, (size_t)header.size_bytes),
                     XT_ERROR_INVALID);
    header = *run->image.header;
    header.log_files.byte_slots = XT_MAX_LOG_FILES * XT_BYTES_PER_NAME + 1;
    header.size_bytes = xt_image_size(&header);
    assert_int_equal(xt_image_check_header(&header, (size_t)header.size_bytes),
                     XT_ERROR_INVALID);
    xt_snapshot_close(run);
}

/* With any value of any word of these sections and the header, the check ends. */
static void the_check_ends_whatever_a_word_says(void **state) {
    (void)state;
    const uint32_t words[] = {0, 1, 3, INT32_MAX, UINT32_MAX};
    xt_snapshot *run = run_with(PLACES("aa:1", "", "bb:3"));
    size_t bytes = xt_image_bytes(xt_snapshot_image(run));
    uint32_t *block = malloc(bytes);
    assert_non_null(block);
    memcpy(block, run->image.header, bytes);
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
    xt_snapshot_close(run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_keeps_places_and_each_file_once),
        cmocka_unit_test(an_import_numbers_the_files_of_what_it_keeps),
        cmocka_unit_test(a_run_without_places_is_as_it_would_be_without_them),
        cmocka_unit_test(a_copy_is_the_same),
        cmocka_unit_test(a_selection_has_only_its_own_files),
        cmocka_unit_test(a_merge_of_one_run_is_the_run),
        cmocka_unit_test(a_merge_unites_files_whatever_the_order),
        cmocka_unit_test(the_check_finds_broken_places),
        cmocka_unit_test(a_tracker_has_no_places),
        cmocka_unit_test(slots_that_do_not_match_are_refused),
        cmocka_unit_test(the_check_ends_whatever_a_word_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
