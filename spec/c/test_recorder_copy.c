/*
 * Copying a recorder while its writer goes on: whole operations come between the reader's
 * steps. For stops within an operation see test_recorder_trace.c.
 */
#include "recorder_read.h"

#include "support_cmocka.h"
#include "support_mapped.h"
#include "support_moments.h"
#include "support_random.h"
#include "support_run.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include <limits.h>

enum { RUNS = 24, COPIES = 20, STEPS = 200 };

/* A recorder whose writer performs random operations while it is read. */
typedef struct busy_recorder {
    random_run run;
    mapped_run mapped;
    random_source random;
    uint32_t pace; /* it performs some once in so many parts that are read */
    moments moments;
} busy_recorder;

/* Performs some random operations; what the run then is, is a moment of it. */
static void go_on(busy_recorder *busy) {
    bool is_long = random_once_in(&busy->random, 4);
    for (uint32_t left = random_below(&busy->random, is_long ? 60 : 3); left > 0;
         left--) {
        if (busy->run.count == RUN_LONGEST) {
            busy->run.count = 0; /* its log isn't used here */
        }
        step_run(&busy->run, &busy->random);
        add_moment(&busy->moments, busy->mapped.image);
    }
}

/* Reads words, in parts; between two parts the writer may go on. */
static xt_error read_while_it_changes(void *context, uint64_t offset, void *bytes,
                                      size_t count) {
    busy_recorder *busy = context;
    const char *from = (const char *)busy->mapped.block + offset;
    while (count > 0) {
        size_t most = 8 * ((size_t)1 << random_below(&busy->random, 12));
        size_t part = count < most ? count : most;
        if (random_once_in(&busy->random, busy->pace)) {
            go_on(busy);
        }
        memcpy(bytes, from, part);
        bytes = (char *)bytes + part;
        from += part;
        count -= part;
    }
    return XT_OK;
}

/* Opens a recorder that goes on with a random run. */
static void open_busy(busy_recorder *busy) {
    start_run(&busy->run, &busy->random, STEPS);
    open_mapped(&busy->mapped, busy->run.image, &busy->run.now_us);
    xt_tracker_close(busy->run.tracker);
    busy->run.tracker = busy->mapped.tracker;
    busy->run.image = busy->mapped.image;
}

/* Copies the recorder, at most so often; returns how often it was tried. */
static int copy_while_it_changes(busy_recorder *busy, int most, uint64_t *left_out) {
    const xt_recorder_source source = {read_while_it_changes, busy};
    const xt_header *header = busy->mapped.image->header;
    void *block = calloc(1, (size_t)header->size_bytes);
    xt_recorder_copy copy;
    const char *wrong = NULL;
    xt_error error = XT_ERROR_CHANGING;
    int tries = 0;
    assert_non_null(block);
    xt_recorder_copy_begin(&copy, &source, header, block);
    while (error == XT_ERROR_CHANGING && tries++ < most) {
        forget_moments(&busy->moments);
        add_moment(&busy->moments, busy->mapped.image);
        error = xt_recorder_copy_try(&copy, &wrong);
        assert_null(wrong);
    }
    if (error == XT_OK) {
        *left_out += assert_is_moment(&busy->moments, &copy.image);
    }
    free(block);
    return tries;
}

static void copy_is_the_run_of_one_moment(void **state) {
    (void)state;
    busy_recorder busy = {.random = random_seeded()};
    uint64_t copied = 0;
    uint64_t left_out = 0;
    for (int i = 0; i < RUNS; i++) {
        open_busy(&busy);
        for (int j = 0; j < COPIES; j++) {
            busy.pace = UINT32_C(4) << random_below(&busy.random, 6);
            copied += copy_while_it_changes(&busy, 50, &left_out) <= 50;
        }
        forget_moments(&busy.moments);
        close_mapped(&busy.mapped);
    }
    assert_in_range(copied, RUNS * COPIES / 2, RUNS * COPIES);
    assert_true(left_out > 0);
}

/* A recorder that fails, or becomes another, at one of the times that it is read. */
typedef struct failing_recorder {
    const char *bytes;
    const char *other_bytes; /* what it becomes; null if it fails */
    int reads;
    int fails_at; /* counted from 1 */
} failing_recorder;

static xt_error read_until_it_fails(void *context, uint64_t offset, void *bytes,
                                    size_t count) {
    failing_recorder *failing = context;
    bool has_failed = ++failing->reads >= failing->fails_at;
    if (has_failed && failing->other_bytes == NULL) {
        return XT_ERROR_SIZE;
    }
    memcpy(bytes, (has_failed ? failing->other_bytes : failing->bytes) + offset, count);
    return XT_OK;
}

static xt_error read_failing(failing_recorder *failing, const char **wrong) {
    xt_snapshot *snapshot = NULL;
    failing->reads = 0;
    *wrong = NULL;
    xt_error error =
        xt_recorder_read(&(xt_recorder_source){read_until_it_fails, failing}, -1,
                         (const void *)failing->bytes, NULL, &snapshot, wrong);
    assert_int_equal(snapshot != NULL, error == XT_OK);
    xt_snapshot_close(snapshot);
    return error;
}

/* A recorder with an unfinished operation, so that its log is read, too. */
static xt_image unfinished_recorder(random_source *source) {
    busy_recorder busy = {.random = *source};
    open_busy(&busy);
    record(busy.mapped.tracker, "read", XT_SUCCESS, 1);
    xt_image image = copy_unfinished(&busy.mapped);
    close_mapped(&busy.mapped);
    *source = busy.random;
    return image;
}

static void recorder_that_is_cut_off_while_it_is_read_is_refused(void **state) {
    (void)state;
    const char *wrong;
    random_source random = random_seeded();
    xt_image image = unfinished_recorder(&random);
    failing_recorder failing = {.bytes = (char *)image.header, .fails_at = INT_MAX};
    assert_int_equal(read_failing(&failing, &wrong), XT_OK);
    for (int reads = failing.reads; reads > 0; reads--) {
        failing.fails_at = reads;
        assert_int_equal(read_failing(&failing, &wrong), XT_ERROR_SIZE);
        assert_int_equal(failing.reads, reads);
    }
    free(image.header);
}

/* Another of the same size, as after a copy onto it, may even be at the same generation. */
static void recorder_that_becomes_another_while_it_is_read_is_never_mixed(void **state) {
    (void)state;
    const char *wrong;
    random_source random = random_seeded();
    xt_image image = unfinished_recorder(&random);
    size_t bytes = xt_image_bytes(&image);
    xt_header *other = malloc(bytes);
    assert_non_null(other);
    memcpy(other, image.header, bytes);
    other->instance[0]++;
    failing_recorder failing = {
        .bytes = (char *)image.header, .other_bytes = (char *)other, .fails_at = 3};
    assert_int_equal(read_failing(&failing, &wrong), XT_ERROR_INVALID);
    assert_string_equal(wrong, "it became another file while it was read");
    free(image.header);
    free(other);
}

/* Reads a recorder that changes all the time. */
static xt_error read_while_it_never_rests(void *context, uint64_t offset, void *bytes,
                                          size_t count) {
    xt_header *header = context;
    header->generation += 2;
    header->recorded++; /* so many reads */
    memcpy(bytes, (const char *)context + offset, count);
    return XT_OK;
}

static void recorder_that_never_rests_is_too_busy_to_be_read(void **state) {
    (void)state;
    busy_recorder busy = {.random = random_seeded()};
    xt_snapshot *snapshot = NULL;
    const char *wrong = NULL;
    open_busy(&busy);
    uint64_t before = busy.mapped.image->header->recorded;
    assert_int_equal(xt_recorder_read(&(xt_recorder_source){read_while_it_never_rests,
                                                            busy.mapped.block},
                                      -1, busy.mapped.block, NULL, &snapshot, &wrong),
                     XT_ERROR_CHANGING);
    assert_null(snapshot);
    assert_null(wrong);
    assert_true(busy.mapped.image->header->recorded - before >= 8 * 4); /* 8 tries */
    close_mapped(&busy.mapped);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_is_the_run_of_one_moment),
        cmocka_unit_test(recorder_that_is_cut_off_while_it_is_read_is_refused),
        cmocka_unit_test(recorder_that_becomes_another_while_it_is_read_is_never_mixed),
        cmocka_unit_test(recorder_that_never_rests_is_too_busy_to_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
