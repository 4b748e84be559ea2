/*
 * What recovering from an unfinished operation does, to every mixture of old and new bytes
 * that the operation could leave. For the order of its stores see test_recorder_steps.c.
 */
#include "support_cmocka.h"
#include "support_mapped.h"
#include "support_random.h"
#include "support_run.h"
#include "support_tracker.h"

enum { RUNS = 30, STEPS = 300 };

static size_t bytes_before_log(const xt_image *image) {
    return (size_t)((char *)image->undo - (char *)image->header);
}

/* Puts some of the bytes of `before` into `image`, which an operation has changed, but none
 * into the generation. */
static void mix(const xt_image *image, const xt_image *before, random_source *source) {
    char *bytes = (char *)image->header;
    uint64_t generation = image->header->generation;
    for (size_t i = 0; i < bytes_before_log(image); i += 8) {
        if (random_once_in(source, 2)) {
            memcpy(bytes + i, (const char *)before->header + i, 8);
        }
    }
    image->header->generation = generation;
}

/* Whether one operation has followed `before`, which the test's own changes aren't. */
static bool is_one_operation(const xt_image *image, const xt_image *before) {
    bool was_cleared = image->header->clears != before->header->clears;
    return image->header->generation == before->header->generation + 2 &&
           was_cleared == (image->undo->intent == XT_REDO_CLEAR);
}

/* After the next random operation of `run`, what it could have left instead is recovered
 * to what was before; what clearing could have left, to what is now. */
static void step(random_run *run, const mapped_run *mapped, random_source *source) {
    xt_image before;
    xt_image_view(&before, copy_of_block(mapped->tracker));
    step_run(run, source);
    if (is_one_operation(mapped->image, &before)) {
        xt_image unfinished = copy_unfinished(mapped);
        mix(&unfinished, &before, source);
        assert_true(xt_undo_log_recover(&unfinished));
        if (unfinished.undo->intent == XT_UNDO) {
            assert_true(is_same_run(&unfinished, &before));
        } else { /* bytes of records and denials that are gone may differ */
            assert_string_equal(verdict_on(&unfinished), "sound");
            assert_int_equal(unfinished.header->clears, before.header->clears + 1);
        }
        free(unfinished.header);
    }
    free(before.header);
}

static void unfinished_operation_is_undone_whatever_it_has_changed(void **state) {
    (void)state;
    random_source source = random_seeded();
    for (int i = 0; i < RUNS; i++) {
        random_run run;
        mapped_run mapped;
        start_run(&run, &source, 0);
        open_mapped(&mapped, run.image, &run.now_us);
        xt_tracker_close(run.tracker);
        run.tracker = mapped.tracker;
        run.image = mapped.image;
        for (int j = 0; j < STEPS; j++) {
            step(&run, &mapped, &source);
        }
        assert_string_equal(verdict_on(run.image), "sound");
        close_mapped(&mapped);
    }
}

/* A run of three tools, into which something was just recorded, unfinished. */
static xt_image unfinished_run(void) {
    uint64_t now_us = 1000;
    mapped_run mapped;
    xt_options options = options_at(&now_us, 4);
    options.max_tools = 3;
    xt_tracker *made = tracker_with(&options);
    record(made, "read", XT_SUCCESS, 1);
    record(made, "write", XT_SUCCESS, 1);
    record(made, "list", XT_SUCCESS, 1);
    open_mapped(&mapped, xt_tracker_image(made), &now_us);
    xt_tracker_close(made);
    record(mapped.tracker, "read", XT_FAILED, 5);
    xt_image unfinished = copy_unfinished(&mapped);
    close_mapped(&mapped);
    return unfinished;
}

static void recovering_again_changes_nothing(void **state) {
    (void)state;
    xt_image image = unfinished_run();
    uint64_t generation = image.header->generation;
    assert_true(xt_undo_log_recover(&image));
    assert_int_equal(image.header->generation, generation + 1);
    assert_int_equal(image.header->recorded, 3);
    size_t bytes = xt_image_bytes(&image);
    void *copy = malloc(bytes);
    assert_non_null(copy);
    memcpy(copy, image.header, bytes);
    assert_true(xt_undo_log_recover(&image));
    assert_memory_equal(copy, image.header, bytes);
    free(copy);
    free(image.header);
}

/* Appends an entry of no bytes at `offset`, but with `length`. */
static void append_entry(xt_undo_log *log, uint64_t offset, uint64_t length) {
    const xt_undo_entry entry = {offset, length};
    memcpy(log->entries + log->used, &entry, sizeof entry);
    log->used += sizeof entry;
}

/* The last entry: that of the record's place. */
static xt_undo_entry *last_entry(xt_undo_log *log) {
    return (xt_undo_entry *)(void *)(log->entries + log->used - sizeof(xt_undo_entry));
}

/* Makes the log one that would change the number of slots for tools. */
static void keep_other_slots(xt_undo_log *log) {
    const xt_names_head head = {.slots = 5};
    log->used = sizeof head;
    memcpy(log->entries, &head, sizeof head);
    append_entry(log, offsetof(xt_header, tool_names), sizeof head);
}

/* Makes the log one that would change the version. */
static void keep_other_version(xt_undo_log *log) {
    log->used = 8;
    memset(log->entries, 7, 8);
    append_entry(log, offsetof(xt_header, version), 4);
}

/* Asserts that an unfinished run isn't recovered, nor changed, after `damage`. */
#define ASSERT_DAMAGED(damage)                                                           \
    do {                                                                                 \
        xt_image image = unfinished_run();                                               \
        xt_header *header = image.header;                                                \
        xt_undo_log *log = image.undo;                                                   \
        size_t bytes = xt_image_bytes(&image);                                           \
        void *copy = malloc(bytes);                                                      \
        assert_non_null(copy);                                                           \
        damage;                                                                          \
        memcpy(copy, header, bytes);                                                     \
        assert_false(xt_undo_log_recover(&image));                                       \
        assert_memory_equal(copy, header, bytes);                                        \
        assert_string_equal(verdict_on(&image), "an operation is unfinished");           \
        free(copy);                                                                      \
        free(header);                                                                    \
    } while (0)

static void damaged_log_changes_nothing(void **state) {
    (void)state;
    ASSERT_DAMAGED(log->used = XT_UNDO_BYTES + 1);
    ASSERT_DAMAGED(log->used = UINT32_MAX);
    ASSERT_DAMAGED(log->used = 15);
    ASSERT_DAMAGED(last_entry(log)->length = log->used - 15);
    ASSERT_DAMAGED(last_entry(log)->length = UINT64_MAX);
    ASSERT_DAMAGED(last_entry(log)->offset = UINT64_MAX);
    ASSERT_DAMAGED(last_entry(log)->offset = bytes_before_log(&image) - 31);
    ASSERT_DAMAGED(append_entry(log, bytes_before_log(&image), 1));
    ASSERT_DAMAGED(keep_other_slots(log));
    ASSERT_DAMAGED(keep_other_version(log));
    ASSERT_DAMAGED((log->intent = XT_REDO_CLEAR, header->tool_names.count = 5));
    ASSERT_DAMAGED((log->intent = XT_REDO_CLEAR, header->histogram_count = 9));
}

/* With sanitizers: nothing outside the block is read or written. */
static void log_of_random_bytes_is_recovered_or_refused(void **state) {
    (void)state;
    random_source source = random_seeded();
    for (int i = 0; i < 2000; i++) {
        xt_image image = unfinished_run();
        uint8_t *log = (uint8_t *)image.undo;
        uint32_t bytes = image.undo->used + 24; /* with the fields before the entries */
        for (uint32_t n = random_below(&source, 40); n > 0; n--) {
            log[random_below(&source, bytes)] = (uint8_t)random_below(&source, 256);
        }
        if (xt_undo_log_recover(&image)) {
            assert_int_equal(image.header->generation % 2, 0);
            if (xt_image_check_header(image.header, xt_image_bytes(&image)) == XT_OK) {
                verdict_on(&image);
            }
        }
        free(image.header);
    }
}

static void image_without_a_log_has_no_unfinished_operation(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_with(NULL);
    xt_image image = *xt_tracker_image(tracker);
    assert_null(image.undo);
    assert_null(image.writer);
    assert_true(xt_undo_log_recover(&image));
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

/* Asserts the check's message for a finished run after `change`. */
#define CHECK_AFTER(message, change)                                                     \
    do {                                                                                 \
        xt_image image = unfinished_run();                                               \
        xt_writer *writer = image.writer;                                                \
        image.header->generation++;                                                      \
        (void)writer;                                                                    \
        change;                                                                          \
        assert_string_equal(verdict_on(&image), message);                                \
        free(image.header);                                                              \
    } while (0)

static void check_finds_a_writer_out_of_range(void **state) {
    (void)state;
    const char *times = "the times of the writer are out of range";
    const char *unused = "unused bytes of the name of the writer's host aren't 0";
    CHECK_AFTER("sound", writer->pid = 4711);
    CHECK_AFTER("sound", (writer->opened_us = 7, writer->closed_us = 7));
    CHECK_AFTER(times, (writer->opened_us = 7, writer->closed_us = 6));
    CHECK_AFTER(times, writer->opened_us = XT_MAX_COUNT + 1);
    CHECK_AFTER(times, writer->closed_us = XT_MAX_COUNT + 1);
    CHECK_AFTER("the name of the writer's host is too long", writer->host_length = 65);
    CHECK_AFTER("sound", (writer->host_length = 64, writer->host[63] = 'x'));
    CHECK_AFTER(unused, (writer->host_length = 63, writer->host[63] = 'x'));
    CHECK_AFTER(unused, writer->host[0] = 'x');
    CHECK_AFTER("an operation is unfinished", image.header->generation++);
    CHECK_AFTER("an operation is unfinished", image.undo = NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unfinished_operation_is_undone_whatever_it_has_changed),
        cmocka_unit_test(recovering_again_changes_nothing),
        cmocka_unit_test(damaged_log_changes_nothing),
        cmocka_unit_test(log_of_random_bytes_is_recovered_or_refused),
        cmocka_unit_test(image_without_a_log_has_no_unfinished_operation),
        cmocka_unit_test(check_finds_a_writer_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
