/*
 * Opening recorders: new files, files that are gone on with, and files that can't be.
 */
#define _DEFAULT_SOURCE
#define _FILE_OFFSET_BITS 64

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_recorder.h"
#include "support_saved.h"
#include "support_tracker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

/* The path that the tests use; it isn't that of path_in, which the next call changes. */
static const char *path_of(void **state) {
    static char path[2 * DIRECTORY_PATH_BYTES];
    snprintf(path, sizeof path, "%s", path_in(*state, "agent.run"));
    return path;
}

static void new_file_appears_whole_for_its_owner_alone(void **state) {
    struct stat status;
    uint64_t now_us = AT_FIRST_US;
    xt_recorder_options options = small_recorder_at(&now_us);
    umask(0);
    xt_tracker *tracker = open_recorder(path_of(state), &options);
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(stat(path_of(state), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_size, xt_image_bytes(image));
    assert_int_equal(status.st_nlink, 1);
    assert_true((size_t)status.st_blocks * 512 >= (size_t)status.st_size);
    assert_int_equal(count_entries(*state), 1);
    assert_string_equal(xt_recorder_path(tracker), path_of(state));
    assert_int_equal(xt_recorder_process(tracker), getpid());
    assert_false(xt_recorder_is_inherited(tracker));
    xt_tracker_close(tracker);
}

static void file_has_what_was_recorded_at_once(void **state) {
    uint64_t now_us = AT_FIRST_US;
    xt_recorder_options options = small_recorder_at(&now_us);
    xt_tracker *tracker = open_recorder(path_of(state), &options);
    record(tracker, "read", XT_SUCCESS, 100);
    xt_image image = image_in_file(path_of(state));
    assert_string_equal(verdict_on(&image), "sound");
    assert_int_equal(image.header->recorded, 1);
    assert_int_equal(xt_recorder_sync(tracker), XT_OK);
    free(image.header);
    xt_tracker_close(tracker);
}

static void writer_says_who_has_the_file_open_and_when_it_closed_it(void **state) {
    char host[256] = "";
    uint64_t now_us = AT_FIRST_US;
    xt_recorder_options options = small_recorder_at(&now_us);
    xt_tracker *tracker = open_recorder(path_of(state), &options);
    const xt_writer *writer = xt_tracker_image(tracker)->writer;
    assert_int_equal(gethostname(host, sizeof host - 1), 0);
    assert_int_equal(writer->opened_us, AT_FIRST_US);
    assert_int_equal(writer->closed_us, 0);
    assert_int_equal(writer->pid, getpid());
    assert_int_equal(writer->host_length, strlen(host) < 64 ? strlen(host) : 64);
    assert_memory_equal(writer->host, host, writer->host_length);
#ifdef __linux__
    assert_int_not_equal(writer->start_ticks, 0);
    assert_int_not_equal(writer->pid_namespace, 0);
    assert_int_not_equal(writer->boot_id[6] & 0x40, 0); /* a UUID of version 4 */
#endif
    now_us += 5;
    xt_tracker_close(tracker);
    xt_image image = image_in_file(path_of(state));
    assert_int_equal(image.writer->opened_us, AT_FIRST_US);
    assert_int_equal(image.writer->closed_us, AT_FIRST_US + 5);
    assert_string_equal(verdict_on(&image), "sound");
    free(image.header);
    now_us += 5;
    tracker = open_recorder(path_of(state), &options);
    writer = xt_tracker_image(tracker)->writer;
    assert_int_equal(writer->opened_us, AT_FIRST_US + 10);
    assert_int_equal(writer->closed_us, 0);
    xt_tracker_close(tracker);
}

static void run_goes_on_in_an_existing_file(void **state) {
    uint64_t now_us = AT_FIRST_US;
    xt_recorder_options options = small_recorder_at(&now_us);
    options.run.label = xt_text_of("first");
    xt_tracker *tracker = open_recorder(path_of(state), &options);
    record(tracker, "read", XT_FAILED, 100);
    xt_tracker_close(tracker);
    options.run.label = xt_text_of("second");
    options.run.instance[0] = 2;
    tracker = open_recorder(path_of(state), &options);
    record(tracker, "write", XT_SUCCESS, 200);
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(image->header->recorded, 2);
    assert_int_equal(stats_of(tracker, "read").failure_streak, 1);
    assert_true(is_text(xt_image_label(image), "first"));
    assert_int_equal(image->header->instance[0], 1);
    assert_sound(tracker);
    xt_tracker_close(tracker);
    assert_int_equal(count_entries(*state), 1);
}

/* Opens and leaves a recorder as a process that is killed does. */
static void leave(const char *path, const xt_recorder_options *options,
                  void (*act)(xt_tracker *tracker)) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        act(open_recorder(path, options));
        raise(SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static uint64_t leaver_now_us;

/* Starts four calls, of which two are listed. */
static void start_some(xt_tracker *tracker) {
    for (int i = 0; i < 4; i++) {
        const xt_call call = {.tool = xt_text_of(i % 2 == 0 ? "read" : "write"),
                              .args_hash = 7,
                              .session = xt_session_of(xt_text_of("s")),
                              .depth = 1};
        leaver_now_us += 100;
        xt_tracker_start_call(tracker, &call);
    }
    leaver_now_us += 1000;
    record(tracker, "list", XT_SUCCESS, 1);
}

static void what_a_dead_writer_had_in_flight_ends_at_the_last_time_known(void **state) {
    xt_execution e;
    leaver_now_us = AT_FIRST_US;
    xt_recorder_options options = small_recorder_at(&leaver_now_us);
    options.run.max_history = 5;
    leave(path_of(state), &options, start_some);
    xt_image left = image_in_file(path_of(state));
    assert_int_equal(left.writer->closed_us, 0);
    assert_int_equal(left.header->running, 4);
    free(left.header);
    leaver_now_us = AT_FIRST_US + 1000000;
    xt_tracker *tracker = open_recorder(path_of(state), &options);
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(image->header->running, 0);
    assert_int_equal(image->header->in_flight.listed, 0);
    assert_int_equal(image->header->recorded, 5);
    const uint64_t durations_us[] = {1300, 1200, 0, 0};
    for (int i = 0; i < 4; i++) { /* the list, then those that aren't in it */
        assert_true(xt_image_execution(image, (uint64_t)i + 2, &e));
        assert_true(is_text(e.tool, i % 2 == 0 ? "read" : "write"));
        assert_int_equal(e.outcome.status, XT_CANCELLED);
        assert_true(is_text(e.outcome.error_type, "writer_died"));
        assert_int_equal(e.timing, i < 2 ? XT_ELAPSED : XT_UNTIMED);
        assert_int_equal(e.duration_us, durations_us[i]);
        assert_int_equal(e.end_us, AT_FIRST_US + 1400);
        assert_int_equal(e.args_hash, i < 2 ? 7 : 0);
        assert_int_equal(e.depth, i < 2 ? 1 : 0);
        assert_true(i >= 2 || is_text(e.session.name, "s"));
    }
    assert_int_equal(image->header->now_us, AT_FIRST_US + 1000000);
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void clock_goes_on_from_a_time_that_is_ahead(void **state) {
    uint64_t now_us = UINT64_C(4102444800000000); /* the year 2100 */
    xt_recorder_options options = small_recorder_at(&now_us);
    xt_tracker *tracker = open_recorder(path_of(state), &options);
    xt_tracker_close(tracker);
    options.run.clock.now_us = NULL;
    tracker = open_recorder(path_of(state), &options);
    uint64_t first_us = xt_tracker_now_us(tracker);
    assert_true(first_us >= now_us);
    assert_true(first_us < now_us + 600000000);
    while (xt_tracker_now_us(tracker) == first_us) {
    }
    xt_tracker_close(tracker);
    tracker = open_recorder(path_of(state), &options);
    assert_true(xt_tracker_now_us(tracker) > first_us);
    xt_tracker_close(tracker);
}

static void second_writer_is_refused_in_this_process_too(void **state) {
    uint64_t now_us = AT_FIRST_US;
    xt_recorder_options options = small_recorder_at(&now_us);
    xt_tracker *tracker = open_recorder(path_of(state), &options);
    const char *busy = "another recorder has it open";
    assert_not_opened(path_of(state), &options, XT_ERROR_BUSY, busy);
    options.run.max_history++;
    options.on_mismatch = XT_MISMATCH_ROTATE;
    assert_not_opened(path_of(state), &options, XT_ERROR_BUSY, busy);
    assert_int_equal(count_entries(*state), 1);
    xt_tracker_close(tracker);
}

/* Asserts that a recorder isn't gone on with by one that `change`s the options. */
#define ASSERT_MISMATCH(message, change)                                                 \
    do {                                                                                 \
        xt_recorder_options others = options;                                            \
        xt_options *run = &others.run;                                                   \
        change;                                                                          \
        assert_not_opened(path_of(state), &others, XT_ERROR_MISMATCH, message);          \
    } while (0)

static void other_options_are_a_mismatch(void **state) {
    uint64_t now_us = AT_FIRST_US;
    xt_recorder_options options = small_recorder_at(&now_us);
    xt_measure cost = {.name = xt_text_of("cost"), .scale = 0.5};
    options.run.measures = &cost;
    options.run.measure_count = 1;
    xt_tracker_close(open_recorder(path_of(state), &options));
    xt_measure other = cost;
    ASSERT_MISMATCH("it was made with another max_history", run->max_history++);
    ASSERT_MISMATCH("it was made with another max_tools", run->max_tools++);
    ASSERT_MISMATCH("it was made with another max_in_flight", run->max_in_flight++);
    ASSERT_MISMATCH("it was made with another number of session_names",
                    run->session_names = 0);
    ASSERT_MISMATCH("it was made with another number of args_texts", run->args_texts = 1);
    ASSERT_MISMATCH("it was made with another number of error_texts",
                    run->error_texts = 1);
    ASSERT_MISMATCH("it was made with other ignored arguments", run->ignored_args = 1);
    ASSERT_MISMATCH("it was made with other measures", run->measure_count = 0);
    ASSERT_MISMATCH("it was made with other measures",
                    (other.scale = 0.25, run->measures = &other));
    ASSERT_MISMATCH(
        "it was made with other measures",
        (other = cost, other.unit = xt_text_of("USD"), run->measures = &other));
    options.run.session_names = 250; /* kept in sets of 8, as 256 are */
    xt_tracker_close(open_recorder(path_of(state), &options));
    assert_int_equal(count_entries(*state), 1);
}

static void option_out_of_range_is_an_error_before_any_file_is_made(void **state) {
    xt_recorder_options options = xt_recorder_options_default();
    options.run.max_tools = 0;
    assert_not_opened(path_of(state), &options, XT_ERROR_MAX_TOOLS,
                      "max_tools must be from 1 to 65535");
    assert_int_equal(count_entries(*state), 0);
}

/* Asserts that `name` is the file of a recorder of this many records in the ring. */
static void assert_rotated(void **state, const char *name, uint32_t max_history) {
    xt_image image = image_in_file(path_in(*state, name));
    assert_int_equal(image.header->max_history, max_history);
    free(image.header);
}

static void file_that_does_not_match_gets_the_time_when_it_was_made(void **state) {
    uint64_t now_us = AT_FIRST_US;
    xt_recorder_options options = small_recorder_at(&now_us);
    options.on_mismatch = XT_MISMATCH_ROTATE;
    for (uint32_t i = 0; i < 4; i++) {
        options.run.max_history = 4 + i;
        xt_tracker *tracker = open_recorder(path_of(state), &options);
        assert_int_equal(xt_tracker_image(tracker)->header->recorded, 0);
        record(tracker, "read", XT_SUCCESS, 1);
        xt_tracker_close(tracker);
    }
    assert_int_equal(count_entries(*state), 4);
    assert_rotated(state, "agent-20261125T204038Z.run", 4);
    assert_rotated(state, "agent-20261125T204038Z-2.run", 5);
    assert_rotated(state, "agent-20261125T204038Z-3.run", 6);
    assert_rotated(state, "agent.run", 7);
}

static void time_goes_before_the_extension_if_there_is_one(void **state) {
    uint64_t now_us = AT_FIRST_US;
    static const char *const names[][2] = {{"run", "run-20261125T204038Z"},
                                           {".run", ".run-20261125T204038Z"},
                                           {"a.b.c", "a.b-20261125T204038Z.c"}};
    for (int i = 0; i < 3; i++) {
        xt_recorder_options options = small_recorder_at(&now_us);
        xt_tracker_close(open_recorder(path_in(*state, names[i][0]), &options));
        options.on_mismatch = XT_MISMATCH_ROTATE;
        options.run.max_history = 9;
        xt_tracker_close(open_recorder(path_in(*state, names[i][0]), &options));
        assert_rotated(state, names[i][1], 4);
        assert_rotated(state, names[i][0], 9);
    }
}

/* Makes a recorder with two records, and changes `count` bytes of its file. */
static void make_changed(void **state, xt_recorder_options *options, size_t offset,
                         const void *bytes, size_t count) {
    static uint64_t now_us = AT_FIRST_US;
    *options = small_recorder_at(&now_us);
    xt_tracker *tracker = open_recorder(path_of(state), options);
    record(tracker, "read", XT_SUCCESS, 100);
    xt_tracker_close(tracker);
    change_file(path_of(state), offset, bytes, count);
}

/* Asserts that a file with these changed bytes is an error, or renamed. */
static void assert_renamed(void **state, size_t offset, const void *bytes, size_t count,
                           xt_error error, const char *message, const char *aside) {
    size_t size;
    xt_recorder_options options;
    make_changed(state, &options, offset, bytes, count);
    void *before = read_file(path_of(state), &size);
    assert_not_opened(path_of(state), &options, error, message);
    options.on_mismatch = XT_MISMATCH_ROTATE;
    xt_tracker_close(open_recorder(path_of(state), &options));
    void *after = read_file(path_in(*state, aside), &size);
    assert_memory_equal(before, after, size);
    assert_int_equal(count_entries(*state), 2);
    assert_int_equal(unlink(path_of(state)), 0);
    assert_int_equal(unlink(path_in(*state, aside)), 0);
    free(before);
    free(after);
}

static void damaged_file_is_renamed_and_not_changed(void **state) {
    const uint32_t many = 1000000;
    const uint64_t generation = 7;
    const char *aside = "agent-20261125T204038Z.run";
    assert_renamed(state, offsetof(xt_header, recorded), "\0\0\0\0\0\0\0\0", 8,
                   XT_ERROR_INVALID, "more records are retained than were recorded",
                   aside);
    assert_renamed(state, offsetof(xt_header, record_slots), &many, 4, XT_ERROR_INVALID,
                   "its contents are inconsistent", aside);
    xt_recorder_options options;
    make_changed(state, &options, offsetof(xt_header, generation), &generation, 8);
    xt_image image = image_in_file(path_of(state));
    size_t used = (size_t)((char *)&image.undo->used - (char *)image.header);
    change_file(path_of(state), used, &many, 4);
    free(image.header);
    assert_not_opened(path_of(state), &options, XT_ERROR_INVALID,
                      "its undo log is damaged");
}

static void truncated_file_is_damaged(void **state) {
    xt_recorder_options options;
    make_changed(state, &options, 0, "e", 1);
    assert_int_equal(truncate(path_of(state), 4096), 0);
    assert_not_opened(path_of(state), &options, XT_ERROR_INVALID,
                      "it is shorter or longer than its header says");
}

/* Of another version nothing is known but when the file was last changed. */
static void file_of_another_version_is_renamed(void **state) {
    const uint32_t version = 2;
    struct timeval times[2] = {{.tv_sec = 1795639238}, {.tv_sec = 1795639239}};
    xt_recorder_options options;
    make_changed(state, &options, offsetof(xt_header, version), &version, 4);
    assert_not_opened(path_of(state), &options, XT_ERROR_MISMATCH,
                      "it is in another version of the format");
    assert_int_equal(utimes(path_of(state), times), 0);
    options.on_mismatch = XT_MISMATCH_ROTATE;
    xt_tracker_close(open_recorder(path_of(state), &options));
    assert_int_equal(access(path_in(*state, "agent-20261125T204039Z.run"), F_OK), 0);
}

static void file_of_another_byte_order_is_a_mismatch(void **state) {
    const uint32_t order = 0x04030201;
    xt_recorder_options options;
    make_changed(state, &options, offsetof(xt_header, byte_order), &order, 4);
    assert_not_opened(path_of(state), &options, XT_ERROR_MISMATCH,
                      "it was made on a machine of another byte order");
}

/* Asserts that what is at the path is refused, whatever the options, and stays. */
static void assert_no_recorder(void **state, const char *message) {
    uint64_t now_us = AT_FIRST_US;
    struct stat before;
    struct stat after;
    xt_recorder_options options = small_recorder_at(&now_us);
    assert_int_equal(lstat(path_of(state), &before), 0);
    assert_not_opened(path_of(state), &options, XT_ERROR_KIND, message);
    options.on_mismatch = XT_MISMATCH_ROTATE;
    assert_not_opened(path_of(state), &options, XT_ERROR_KIND, message);
    assert_int_equal(lstat(path_of(state), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(count_entries(*state), 1);
    assert_int_equal(unlink(path_of(state)), 0);
}

static void what_is_not_a_recorder_is_never_renamed(void **state) {
    xt_snapshot *snapshot = busy_snapshot();
    saved bytes = encode(snapshot);
    write_file(path_of(state), bytes.header, bytes.count);
    assert_no_recorder(state, "it is a saved run, not the file of a recorder");
    bytes.header->version = 9;
    write_file(path_of(state), bytes.header, bytes.count);
    assert_no_recorder(state, "it is a saved run, not the file of a recorder");
    write_file(path_of(state), "print(1)\n", 9);
    assert_no_recorder(state, "it isn't the file of a recorder");
    write_file(path_of(state), "", 0);
    assert_no_recorder(state, "it is empty");
    assert_int_equal(mkfifo(path_of(state), 0600), 0);
    assert_no_recorder(state, "it isn't a regular file");
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

static void directory_is_no_recorder(void **state) {
    const directory *in = *state;
    assert_not_opened(in->path, NULL, XT_ERROR_FILE, "a file operation failed");
    assert_int_equal(errno, EISDIR);
    assert_not_opened(path_in(in, "no/agent.run"), NULL, XT_ERROR_FILE,
                      "a file operation failed");
    assert_int_equal(errno, ENOENT);
}

static void file_that_may_not_be_so_large_is_an_error_that_leaves_nothing(void **state) {
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit limit = {.rlim_cur = 100000, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_not_opened(path_of(state), NULL, XT_ERROR_FILE, "a file operation failed");
    assert_int_equal(errno, EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(count_entries(*state), 0);
}

static void tracker_in_private_memory_is_no_recorder(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_with(NULL);
    assert_null(xt_recorder_path(tracker));
    assert_int_equal(xt_recorder_process(tracker), 0);
    assert_false(xt_recorder_is_inherited(tracker));
    assert_int_equal(xt_recorder_sync(tracker), XT_OK);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(new_file_appears_whole_for_its_owner_alone),
        IN_DIRECTORY(file_has_what_was_recorded_at_once),
        IN_DIRECTORY(writer_says_who_has_the_file_open_and_when_it_closed_it),
        IN_DIRECTORY(run_goes_on_in_an_existing_file),
        IN_DIRECTORY(what_a_dead_writer_had_in_flight_ends_at_the_last_time_known),
        IN_DIRECTORY(clock_goes_on_from_a_time_that_is_ahead),
        IN_DIRECTORY(second_writer_is_refused_in_this_process_too),
        IN_DIRECTORY(other_options_are_a_mismatch),
        IN_DIRECTORY(option_out_of_range_is_an_error_before_any_file_is_made),
        IN_DIRECTORY(file_that_does_not_match_gets_the_time_when_it_was_made),
        IN_DIRECTORY(time_goes_before_the_extension_if_there_is_one),
        IN_DIRECTORY(damaged_file_is_renamed_and_not_changed),
        IN_DIRECTORY(truncated_file_is_damaged),
        IN_DIRECTORY(file_of_another_version_is_renamed),
        IN_DIRECTORY(file_of_another_byte_order_is_a_mismatch),
        IN_DIRECTORY(what_is_not_a_recorder_is_never_renamed),
        IN_DIRECTORY(directory_is_no_recorder),
        IN_DIRECTORY(file_that_may_not_be_so_large_is_an_error_that_leaves_nothing),
        cmocka_unit_test(tracker_in_private_memory_is_no_recorder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
