/*
 * Reading a recorder at every moment of its writer, and while it goes on from moment to
 * moment. A moment is after a store of the writer's process, which another traces.
 */
#define _GNU_SOURCE /* for MAP_ANONYMOUS */
#define _FILE_OFFSET_BITS 64

#include "recorder_copy.h"

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_mapped.h"
#include "support_moments.h"
#include "support_random.h"
#include "support_run.h"
#include "support_snapshot.h"
#include "support_trace.h"
#include "support_tracker.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RUNS = 4, STEPS = 14, COPIES = 1500, MOST_BYTES = 72 * 1024 };

/* A recorder that was traced. */
typedef struct traced_recorder {
    trace trace;
    moments moments; /* what it was after each operation */
    size_t *ended;   /* for each moment of the trace, how many of these there were */
    size_t bytes;
    char *block; /* what it was at the moment `now` of the trace */
    size_t now;
    random_source random;
    /* Between two parts that are read, up to so many moments pass; once in a while,
       unless it is 0, up to so many. */
    uint32_t pace;
    uint32_t leap;
} traced_recorder;

static void go_to(traced_recorder *recorder, size_t moment) {
    go_to_moment(&recorder->trace, recorder->now, moment, recorder->block);
    recorder->now = moment;
}

/* What the traced process does with a run. */
typedef struct scene {
    random_run run;
    mapped_run mapped;
    random_source random;
} scene;

static void play(void *context) {
    scene *played = context;
    for (int i = 0; i < STEPS; i++) {
        step_run(&played->run, &played->random);
        if (i == STEPS / 2) {
            xt_tracker_clear(played->run.tracker);
        }
    }
}

/* Notes how the recorder is after each operation. */
static void note_moments(traced_recorder *recorder) {
    xt_image image;
    uint64_t generation = 1;
    recorder->ended = calloc(recorder->trace.moment_count, sizeof recorder->ended[0]);
    assert_non_null(recorder->ended);
    xt_image_view(&image, recorder->block);
    for (size_t i = 0; i < recorder->trace.moment_count; i++) {
        go_to(recorder, i);
        if (image.header->generation != generation && image.header->generation % 2 == 0) {
            generation = image.header->generation;
            add_moment(&recorder->moments, &image);
        }
        recorder->ended[i] = recorder->moments.count;
    }
}

/* Whether `run` is small, has measures, and overwrites records. */
static bool is_fit(const random_run *run) {
    const xt_header *header = run->image->header;
    return header->measure_count > 0 && header->record_slots > 0 &&
           header->record_count == header->record_slots &&
           mapped_bytes(run->image) <= MOST_BYTES;
}

/* Opens a recorder that goes on with a random run, in memory that a child process shares. */
static void open_shared(scene *opened, random_source *source) {
    start_run(&opened->run, source, RUN_LONGEST - 2 * STEPS);
    while (!is_fit(&opened->run)) {
        close_run(&opened->run);
        start_run(&opened->run, source, RUN_LONGEST - 2 * STEPS);
    }
    xt_tracker *made = opened->run.tracker;
    void *block = mmap(NULL, mapped_bytes(opened->run.image), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(block != MAP_FAILED);
    open_mapped_in(&opened->mapped, block, opened->run.image, &opened->run.now_us);
    xt_tracker_close(made);
    opened->run.tracker = opened->mapped.tracker;
    opened->run.image = opened->mapped.image;
    opened->run.is_pure = true;
}

/* Traces some random operations on a random run. False if that can't be done here. */
static bool trace_recorder(traced_recorder *recorder) {
    scene played = {.random = {random_bits(&recorder->random)}};
    open_shared(&played, &recorder->random);
    recorder->bytes = xt_image_bytes(played.run.image);
    recorder->block = copy_of_block(played.run.tracker);
    bool is_traced = trace_stores(play, &played, played.mapped.block, recorder->bytes,
                                  &recorder->trace);
    if (is_traced) {
        note_moments(recorder);
    }
    close_mapped(&played.mapped);
    munmap(played.mapped.block, recorder->bytes);
    return is_traced;
}

static void forget_recorder(traced_recorder *recorder) {
    forget_trace(&recorder->trace);
    forget_moments(&recorder->moments);
    free(recorder->ended);
    free(recorder->block);
    recorder->now = 0;
}

/* Fails the test unless `copy` is what the recorder was after the last operation that had
 * ended at the moment `first`, or a later one, up to the first that ends after `last`.
 * Returns how many records it lacks. */
static uint64_t assert_is_between(const traced_recorder *recorder, size_t first,
                                  size_t last, const xt_image *copy) {
    size_t from = recorder->ended[first] - 1;
    size_t to = recorder->ended[last] + 1;
    if (to > recorder->moments.count) {
        to = recorder->moments.count;
    }
    const moments between = {.taken = recorder->moments.taken + from, .count = to - from};
    return assert_is_moment(&between, copy);
}

/* Writes what the recorder is at each moment to a file, and loads that. */
static void load_at_every_moment(traced_recorder *recorder, const char *path) {
    write_file(path, recorder->block, recorder->bytes);
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    for (size_t moment = 0; moment < recorder->trace.moment_count; moment++) {
        xt_snapshot *loaded;
        const trace_word *changes = recorder->trace.changes;
        go_to(recorder, moment);
        for (size_t i = moment > 0 ? recorder->trace.moments[moment - 1] : 0;
             i < recorder->trace.moments[moment]; i++) {
            assert_int_equal(
                pwrite(file, &changes[i].after, 8, (off_t)changes[i].place * 8), 8);
        }
        assert_int_equal(xt_snapshot_load(path, NULL, &loaded, NULL), XT_OK);
        assert_int_equal(
            assert_is_between(recorder, moment, moment, xt_snapshot_image(loaded)), 0);
        xt_snapshot_close(loaded);
    }
    close(file);
}

/* Lets time pass, but not beyond the last moment. */
static void pass(traced_recorder *recorder) {
    bool leaps = recorder->leap > 0 && random_once_in(&recorder->random, 12);
    uint32_t most = leaps ? recorder->leap : recorder->pace;
    size_t left = recorder->trace.moment_count - 1 - recorder->now;
    size_t passing = random_below(&recorder->random, most + 1);
    go_to(recorder, recorder->now + (passing < left ? passing : left));
}

/* Reads words in parts, between which time passes. */
static xt_error read_while_time_passes(void *context, uint64_t offset, void *bytes,
                                       size_t count) {
    traced_recorder *recorder = context;
    const char *from = recorder->block + offset;
    while (count > 0) {
        size_t most = 8 * ((size_t)1 << random_below(&recorder->random, 10));
        size_t part = count < most ? count : most;
        pass(recorder);
        memcpy(bytes, from, part);
        bytes = (char *)bytes + part;
        from += part;
        count -= part;
    }
    return XT_OK;
}

/* Copies the recorder from some moment on. Whether that succeeded. */
static bool copy_while_time_passes(traced_recorder *recorder, void *block,
                                   uint64_t *left_out) {
    const xt_recorder_source source = {read_while_time_passes, recorder};
    xt_recorder_copy copy;
    const char *wrong = NULL;
    xt_error error = XT_ERROR_CHANGING;
    size_t first =
        random_below(&recorder->random, (uint32_t)recorder->trace.moment_count);
    go_to(recorder, first);
    memset(block, 0, recorder->bytes);
    xt_recorder_copy_begin(&copy, &source, (const void *)recorder->block, block);
    for (int tries = 0; error == XT_ERROR_CHANGING && tries < 3; tries++) {
        first = recorder->now;
        error = xt_recorder_copy_try(&copy, &wrong);
        assert_null(wrong);
    }
    if (error == XT_OK) {
        *left_out += assert_is_between(recorder, first, recorder->now, &copy.image);
    }
    return error == XT_OK;
}

/* How many copies succeed that begin at random moments. */
static int copy_from_any_moment(traced_recorder *recorder, uint64_t *left_out) {
    int copied = 0;
    void *block = malloc(recorder->bytes);
    assert_non_null(block);
    for (int i = 0; i < COPIES; i++) {
        bool leaps = i % 2 == 0;
        recorder->leap = leaps ? UINT32_C(1) << random_below(&recorder->random, 12) : 0;
        recorder->pace = leaps ? 0 : UINT32_C(1) << random_below(&recorder->random, 9);
        copied += copy_while_time_passes(recorder, block, left_out);
    }
    free(block);
    return copied;
}

/* Traces recorders. Each is loaded at every moment, and then copied while time passes. */
static void recorder_is_read_as_the_run_between_two_operations(void **state) {
    traced_recorder recorder = {.random = random_seeded()};
    uint64_t left_out = 0;
    int copied = 0;
    for (int i = 0; i < RUNS; i++) {
        if (!trace_recorder(&recorder)) {
            skip();
        }
        go_to(&recorder, 0);
        load_at_every_moment(&recorder, path_in(*state, "run"));
        copied += copy_from_any_moment(&recorder, &left_out);
        forget_recorder(&recorder);
    }
    assert_true(copied > RUNS * COPIES / 4);
    assert_true(left_out > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            recorder_is_read_as_the_run_between_two_operations, make_directory,
            remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
