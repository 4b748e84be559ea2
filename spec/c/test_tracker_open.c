/*
 * Images in blocks of the caller: trackers that are made there, closed, and opened again.
 */
#include "builder.h"
#include "shadow.h"
#include "tracker.h"

#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_run.h"
#include "support_saved.h"
#include "support_tracker.h"

enum { ROUNDS = 40, STEPS = 250 };

/* A storage of `bytes` that begins with a copy of `image`, or is zeroed. */
static xt_storage storage_of(const xt_image *image, size_t bytes) {
    xt_storage storage = {.block = calloc(1, bytes), .bytes = bytes};
    assert_non_null(storage.block);
    if (image != NULL) {
        memcpy(storage.block, image->header, bytes);
    }
    return storage;
}

/* Fails the test unless the image in `block` is refused with this error and message. */
static void assert_refused(void *block, size_t bytes, xt_error expected,
                           const char *message) {
    const xt_options options = xt_options_default();
    const xt_storage storage = {.block = block, .bytes = bytes};
    xt_tracker *tracker = block;
    const char *wrong = NULL;
    assert_int_equal(xt_tracker_open_in(&storage, &options, &tracker, &wrong), expected);
    assert_null(tracker);
    assert_string_equal(wrong, message);
}

/* Copies the run of `tracker` to a block of its own, and opens it there. */
static xt_tracker *reopened(xt_tracker *tracker, uint64_t *now_us) {
    const xt_image *image = xt_tracker_image(tracker);
    xt_storage storage = storage_of(image, xt_image_bytes(image));
    xt_options options = {.clock = clock_at(now_us)};
    xt_tracker *opened;
    const char *wrong = NULL;
    assert_int_equal(xt_tracker_open_in(&storage, &options, &opened, &wrong), XT_OK);
    xt_tracker_close(tracker);
    return opened;
}

/* Opens the run again, and frees the block of the closed tracker. */
static void reopen(random_run *run, void **block) {
    run->tracker = reopened(run->tracker, &run->now_us);
    run->image = xt_tracker_image(run->tracker);
    free(*block);
    *block = run->image->header;
}

static void
run_that_is_closed_and_opened_goes_on_as_if_it_had_never_been_closed(void **state) {
    (void)state;
    random_source source = random_seeded();
    for (int round = 0; round < ROUNDS; round++) {
        random_run straight;
        random_run interrupted;
        random_source same = source;
        void *block = NULL;
        start_run(&straight, &source, 0);
        start_run(&interrupted, &same, 0);
        for (int i = 0; i < STEPS; i++) {
            step_run(&straight, &source);
            step_run(&interrupted, &same);
            if (i % 10 == round % 10) {
                reopen(&interrupted, &block);
            }
        }
        assert_sound(interrupted.tracker);
        assert_true(is_block(straight.tracker, interrupted.image->header));
        close_run(&straight);
        close_run(&interrupted);
        free(block);
    }
}

static void note_release(void *context, void *block, size_t bytes) {
    xt_storage *released = context;
    assert_null(released->block);
    *released = (xt_storage){.block = block, .bytes = bytes};
}

static void tracker_gives_its_block_back_when_it_is_closed(void **state) {
    (void)state;
    const xt_options options = xt_options_default();
    counting_allocator account = {0};
    xt_options own = options;
    xt_tracker *tracker;
    xt_storage released = {0};
    size_t bytes;
    own.allocator = allocator_of(&account);
    assert_int_equal(xt_build_plan(&options, XT_IN_MEMORY, &bytes), XT_OK);
    xt_storage storage = storage_of(NULL, bytes);
    storage.release = note_release;
    storage.context = &released;
    assert_int_equal(xt_tracker_create_in(&storage, &own, &tracker), XT_OK);
    assert_ptr_equal(xt_tracker_image(tracker)->header, storage.block);
    assert_int_equal(account.calls, 1);
    record(tracker, "read", XT_SUCCESS, 1);
    xt_tracker_close(tracker);
    assert_ptr_equal(released.block, storage.block);
    assert_int_equal(released.bytes, bytes);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
    free(storage.block);
}

static void without_memory_the_block_stays_the_callers(void **state) {
    (void)state;
    xt_tracker *busy = busy_tracker();
    const xt_image *image = xt_tracker_image(busy);
    xt_storage released = {0};
    xt_storage storage = storage_of(image, xt_image_bytes(image));
    storage.release = note_release;
    storage.context = &released;
    for (int fails_at = 1; fails_at <= 2;
         fails_at++) { /* the check's scratch memory, the tracker */
        counting_allocator account = {.fails_at = fails_at};
        xt_options options = {.allocator = allocator_of(&account)};
        xt_tracker *tracker = busy;
        const char *wrong;
        assert_int_equal(xt_tracker_open_in(&storage, &options, &tracker, &wrong),
                         XT_ERROR_MEMORY);
        assert_null(tracker);
        assert_int_equal(blocks_left(&account), 0);
    }
    assert_null(released.block);
    assert_true(is_block(busy, storage.block));
    free(storage.block);
    xt_tracker_close(busy);
}

/* Asserts that the run of a busy tracker is refused after `change`. */
#define ASSERT_REFUSED(expected, message, change)                                        \
    do {                                                                                 \
        xt_tracker *busy = busy_tracker();                                               \
        const xt_image *image = xt_tracker_image(busy);                                  \
        xt_header *header = image->header;                                               \
        size_t bytes = xt_image_bytes(image);                                            \
        change;                                                                          \
        assert_refused(header, bytes, expected, message);                                \
        xt_tracker_close(busy);                                                          \
    } while (0)

static void block_that_holds_no_sound_image_is_refused(void **state) {
    (void)state;
    const char *size = "it is shorter or longer than its header says";
    ASSERT_REFUSED(XT_ERROR_SIZE, size, bytes = 511);
    ASSERT_REFUSED(XT_ERROR_SIZE, size, bytes -= 8);
    ASSERT_REFUSED(XT_ERROR_KIND, "it isn't a saved run", header->magic[0] = 'E');
    ASSERT_REFUSED(XT_ERROR_INVALID, "an unknown flag is set", header->flags = 4);
}

static void snapshot_is_refused_as_nothing_can_be_added_to_it(void **state) {
    (void)state;
    xt_snapshot *snapshot = busy_snapshot();
    const xt_image *image = xt_snapshot_image(snapshot);
    assert_refused(image->header, xt_image_bytes(image), XT_ERROR_INVALID,
                   "it has no room for more executions: it is a snapshot");
    xt_snapshot_close(snapshot);
}

/* The busy run has two tools and (other), and no slot for more. */
static void table_without_other_and_without_room_for_it_is_refused(void **state) {
    (void)state;
    ASSERT_REFUSED(XT_ERROR_INVALID, "a table of names has no room for (other)",
                   (assert_int_equal(header->tool_names.count, 3),
                    memcpy(image->tool_names.bytes + header->tool_names.byte_count - 7,
                           "(Other)", 7)));
}

/* A file that somebody made up may have them. */
static void numbers_that_could_run_out_are_refused(void **state) {
    (void)state;
    const char *many = "it counts too many executions to record more";
    ASSERT_REFUSED(XT_ERROR_INVALID, many, header->recorded = XT_MAX_COUNT);
    ASSERT_REFUSED(XT_ERROR_INVALID, many, header->in_flight.serial = XT_MAX_COUNT);
}

static void slots_of_tools_to_come_must_be_empty(void **state) {
    (void)state;
    const char *unused = "unused slots of tools or histograms aren't 0";
    uint64_t now_us = 1;
    xt_options options = options_at(&now_us, 3);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    size_t bytes = xt_image_bytes(image);
    record(tracker, "read", XT_SUCCESS, 1);
    image->tools[512].in_flight = 1; /* the last slot */
    assert_refused(image->header, bytes, XT_ERROR_INVALID, unused);
    image->tools[512].in_flight = 0;
    image->histograms[1].zero_count = 1;
    assert_refused(image->header, bytes, XT_ERROR_INVALID, unused);
    xt_tracker_close(tracker);
}

/* In an empty run all bytes but the header are 0, whatever the slots. */
static void room_for_two_histograms_a_tool_must_be_there(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_with(NULL);
    xt_header *header = xt_tracker_image(tracker)->header;
    header->histogram_slots--;
    header->size_bytes -= sizeof(xt_histogram);
    assert_refused(header, (size_t)header->size_bytes, XT_ERROR_INVALID,
                   "it has no room for more executions: it is a snapshot");
    xt_tracker_close(tracker);
}

/* Some bytes of `before`, the others of `after`, as if writing was interrupted. */
static void mix(char *into, const char *before, const char *after, size_t bytes,
                random_source *source) {
    for (size_t i = 0; i < bytes; i += 8) {
        memcpy(into + i, (random_once_in(source, 2) ? before : after) + i, 8);
    }
}

static void clearing_that_was_interrupted_is_done_again(void **state) {
    (void)state;
    random_source source = random_seeded();
    for (int round = 0; round < ROUNDS; round++) {
        random_run run;
        xt_image image;
        start_run(&run, &source, STEPS);
        size_t bytes = xt_image_bytes(run.image);
        char *before = copy_of_block(run.tracker);
        char *mixed = malloc(bytes);
        assert_non_null(mixed);
        xt_tracker_clear(run.tracker);
        assert_sound(run.tracker);
        mix(mixed, before, (const char *)run.image->header, bytes, &source);
        xt_image_view(&image, mixed);
        xt_image_clear(&image, run.image->header->now_us, run.image->header->clears,
                       NULL);
        xt_image_clear(&image, run.image->header->now_us, run.image->header->clears,
                       NULL);
        /* Slots that no longer hold a record or a denial may have any bytes. */
        size_t compared = (size_t)((char *)image.denials - mixed);
        assert_memory_equal(mixed, run.image->header, compared);
        free(before);
        free(mixed);
        close_run(&run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            run_that_is_closed_and_opened_goes_on_as_if_it_had_never_been_closed),
        cmocka_unit_test(tracker_gives_its_block_back_when_it_is_closed),
        cmocka_unit_test(without_memory_the_block_stays_the_callers),
        cmocka_unit_test(block_that_holds_no_sound_image_is_refused),
        cmocka_unit_test(snapshot_is_refused_as_nothing_can_be_added_to_it),
        cmocka_unit_test(table_without_other_and_without_room_for_it_is_refused),
        cmocka_unit_test(numbers_that_could_run_out_are_refused),
        cmocka_unit_test(slots_of_tools_to_come_must_be_empty),
        cmocka_unit_test(room_for_two_histograms_a_tool_must_be_there),
        cmocka_unit_test(clearing_that_was_interrupted_is_done_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
