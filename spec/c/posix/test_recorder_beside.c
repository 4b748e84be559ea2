/*
 * Loading a recorder again and again while another process records into it at full speed.
 *
 * Everything that is recorded follows from its number. So a record that is torn, stale or
 * at the wrong place is found, besides by the check of the image. There are LOADS loads,
 * from the environment, or 5,000.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include "exectrack_snapshot.h"

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_recorder.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FEW_LOADS = 5000, TOOLS = 5, BURST = 64, CLEARED_EVERY = 400 };

static const char *const tools[TOOLS] = {"read", "write", "list", "run", "search"};

/* A number that follows from `number`, and differs from those of its neighbours. */
static uint32_t mixed(uint64_t number) {
    return (uint32_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 32) | 1;
}

/* What the execution with this number is. */
static xt_execution expected(uint64_t number, uint64_t value[1]) {
    value[0] = number;
    return (xt_execution){
        .tool = xt_text_of(tools[mixed(number) % TOOLS]),
        .outcome = {.status = number % 9 == 0 ? XT_FAILED : XT_SUCCESS,
                    .was_cached = number % 4 == 0,
                    .error_type = number % 9 == 0 ? xt_text_of("EIO") : (xt_text){0},
                    .result_hash = mixed(mixed(number)),
                    .measures = value},
        .duration_us = mixed(number) % 100000,
        .args_hash = mixed(number),
        .session = {.hash = (uint32_t)(number % 11)},
        .end_us = AT_FIRST_US + number,
    };
}

/* Records execution `number`; once in a while as one that was in flight. */
static void record_number(xt_tracker *tracker, uint64_t *now_us, uint64_t number) {
    uint64_t value[1];
    xt_execution execution = expected(number, value);
    *now_us = execution.end_us;
    if (number % 7 != 0) {
        xt_tracker_record(tracker, &execution);
        return;
    }
    const xt_call call = {.tool = execution.tool,
                          .args_hash = execution.args_hash,
                          .session = execution.session};
    xt_span span = xt_tracker_start_at(tracker, &call, *now_us - execution.duration_us);
    xt_tracker_finish(tracker, &span, &execution.outcome, NULL);
    if (number % 5 == 0) {
        xt_tracker_deny(tracker, &call, xt_text_of("budget"), *now_us);
    }
}

static void nap(void) {
    nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
}

/* Records until it is killed, or its parent ends: bursts without a pause, of random
 * lengths. */
static void write_for_ever(const char *path, pid_t parent) {
    uint64_t now_us = AT_FIRST_US;
    xt_recorder_options options = small_recorder_at(&now_us);
    const xt_measure measure = {.name = xt_text_of("number"), .scale = 1};
    options.run.max_history = 100;
    options.run.max_tools = TOOLS;
    options.run.measures = &measure;
    options.run.measure_count = 1;
    xt_tracker *tracker = open_recorder(path, &options);
    uint64_t number = 1;
    while (getppid() == parent) {
        for (uint32_t left = mixed(number) % BURST; left > 0; left--) {
            record_number(tracker, &now_us, number++);
            if (number % CLEARED_EVERY == 0) {
                xt_tracker_clear(tracker);
            }
        }
        nap();
    }
    _exit(0);
}

static void assert_is_expected(const xt_execution *found, uint64_t number) {
    uint64_t value[1];
    const xt_execution wanted = expected(number, value);
    assert_true(same_text(found->tool, wanted.tool));
    assert_int_equal(found->outcome.status, wanted.outcome.status);
    assert_int_equal(found->outcome.was_cached, wanted.outcome.was_cached);
    assert_int_equal(found->outcome.error_type.length, wanted.outcome.error_type.length);
    assert_int_equal(found->outcome.result_hash, wanted.outcome.result_hash);
    assert_int_equal(found->outcome.measures[0], number);
    assert_int_equal(found->duration_us, wanted.duration_us);
    assert_int_equal(found->args_hash, wanted.args_hash);
    assert_int_equal(found->session.hash, wanted.session.hash);
    assert_int_equal(found->end_us, wanted.end_us);
}

/* Asserts that all records are those of their numbers, up to the last one recorded. */
static void assert_is_expected_run(const xt_image *image) {
    uint64_t last = xt_image_recorded(image);
    for (uint64_t number = last - xt_image_record_count(image) + 1; number <= last;
         number++) {
        xt_execution found;
        assert_true(xt_image_execution(image, number, &found));
        assert_is_expected(&found, number);
    }
    assert_string_equal(verdict_on(image), "sound");
    assert_in_range(xt_image_now_us(image), AT_FIRST_US + last, UINT64_MAX);
}

/* Loads the recorder; false if that is impossible for now. */
static bool load_beside(const char *path, xt_writer_state state, uint64_t *last) {
    xt_snapshot *loaded;
    const char *problem = "";
    xt_error error = xt_snapshot_load(path, NULL, &loaded, &problem);
    if (error != XT_OK) {
        if (error != XT_ERROR_CHANGING) {
            fail_msg("after %llu: %s", (unsigned long long)*last, problem);
        }
        return false;
    }
    const xt_image *image = xt_snapshot_image(loaded);
    assert_is_expected_run(image);
    assert_in_range(xt_image_recorded(image), *last, UINT64_MAX);
    assert_int_equal(xt_snapshot_writer(loaded).state, state);
    *last = xt_image_recorded(image);
    xt_snapshot_close(loaded);
    return true;
}

static int wanted_loads(void) {
    const char *given = getenv("LOADS");
    return given != NULL ? atoi(given) : FEW_LOADS;
}

static void recorder_is_loaded_while_another_process_records(void **state) {
    const char *path = path_in(*state, "run");
    uint64_t last = 0;
    int loads = 0;
    int failures = 0;
    pid_t parent = getpid();
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        write_for_ever(path, parent);
    }
    while (access(path, F_OK) != 0) {
        nap();
    }
    while (loads < wanted_loads()) {
        bool is_loaded = load_beside(path, XT_WRITER_LIVE, &last);
        loads += is_loaded;
        failures += !is_loaded;
    }
    assert_int_equal(kill(writer, SIGKILL), 0);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    assert_true(load_beside(path, XT_WRITER_DIED, &last));
    print_message(
        "%d loads of up to %llu executions, and %d while the writer was too busy\n",
        loads, (unsigned long long)last, failures);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(recorder_is_loaded_while_another_process_records,
                                        make_directory, remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
