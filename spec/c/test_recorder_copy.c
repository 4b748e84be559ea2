/*
 * Copying a recorder while its writer goes on: whole operations come between the reader's
 * steps. For stops within an operation see test_recorder_trace.c.
 */
#include "recorder_copy.h"

#include "support_cmocka.h"
#include "support_mapped.h"
#include "support_random.h"
#include "support_moments.h"
#include "support_run.h"
#include "support_snapshot.h"
#include "support_tracker.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_is_the_run_of_one_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
