/*
 * Loading the files of recorders. For what a load finds within an operation see
 * test_recorder_trace.c.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include "exectrack_snapshot.h"
#include "snapshot.h"

#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_directory.h"
#include "support_process.h"
#include "support_recorder.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A recorder in which 6 executions were recorded, of which 4 are kept, and one is in
 * flight. */
static xt_tracker *open_used(const char *path, uint64_t *now_us) {
    const xt_recorder_options options = small_recorder_at(now_us);
    xt_tracker *tracker = open_recorder(path, &options);
    for (uint64_t i = 1; i <= 6; i++) {
        *now_us += 1000;
        record(tracker, i % 2 == 0 ? "read" : "write", XT_SUCCESS, 100 * i);
    }
    xt_tracker_start(tracker, xt_text_of("read"), 7);
    return tracker;
}

/* A snapshot of the tracker of `open_used` in the year 2100: its time is that of loading,
 * too. */
static xt_snapshot *taken_late(xt_tracker *tracker, uint64_t *now_us) {
    *now_us = UINT64_C(4102444800000000);
    xt_tracker_now_us(tracker);
    return snapshot_of(xt_tracker_image(tracker));
}

static xt_snapshot *loaded_from(const char *path) {
    xt_snapshot *loaded = NULL;
    const char *problem = "";
    if (xt_snapshot_load(path, NULL, &loaded, &problem) != XT_OK) {
        fail_msg("%s: %s", path, problem);
    }
    return loaded;
}

/* Loads `path`, which must fail. */
static void assert_not_loaded(const char *path, xt_error error, const char *message) {
    xt_snapshot *loaded = (xt_snapshot *)(uintptr_t)1;
    const char *problem = NULL;
    assert_int_equal(xt_snapshot_load(path, NULL, &loaded, &problem), error);
    assert_null(loaded);
    assert_string_equal(problem, message);
}

static void assert_writer(const xt_snapshot *loaded, xt_writer_state state,
                          uint32_t pid) {
    char host[256];
    const xt_known_writer writer = xt_snapshot_writer(loaded);
    assert_int_equal(gethostname(host, sizeof host), 0);
    assert_int_equal(writer.state, state);
    assert_int_equal(writer.pid, pid);
    assert_int_equal(writer.opened_us, AT_FIRST_US);
    assert_true(is_text(writer.host, host));
}

static void recorder_is_loaded_as_a_snapshot_of_it_is_taken(void **state) {
    uint64_t now_us = AT_FIRST_US;
    const char *path = path_in(*state, "run");
    xt_tracker *tracker = open_used(path, &now_us);
    xt_snapshot *taken = taken_late(tracker, &now_us);
    xt_snapshot *live = loaded_from(path);
    assert_true(xt_snapshot_equals(live, taken));
    assert_writer(live, XT_WRITER_LIVE, (uint32_t)getpid());
    assert_int_equal(xt_snapshot_writer(taken).state, XT_WRITER_NONE);
    xt_tracker_close(tracker);
    xt_snapshot *closed = loaded_from(path);
    assert_true(xt_snapshot_equals(closed, taken));
    assert_writer(closed, XT_WRITER_CLOSED, (uint32_t)getpid());
    xt_snapshot_close(closed);
    xt_snapshot_close(live);
    xt_snapshot_close(taken);
}

/* The writer may not have read its clock for long. */
static void time_of_a_live_recorder_is_that_of_loading(void **state) {
    uint64_t now_us = 1;
    const xt_recorder_options options = small_recorder_at(&now_us);
    const char *path = path_in(*state, "run");
    xt_tracker *tracker = open_recorder(path, &options);
    const uint64_t before_us = (uint64_t)time(NULL) * 1000000;
    xt_tracker_start(tracker, xt_text_of("read"), 7);
    xt_snapshot *live = loaded_from(path);
    const uint64_t taken_us = xt_image_now_us(xt_snapshot_image(live));
    assert_true(taken_us >= before_us);
    assert_true(taken_us <= ((uint64_t)time(NULL) + 2) * 1000000);
    xt_tracker_close(tracker);
    xt_snapshot *closed = loaded_from(path);
    assert_int_equal(xt_image_now_us(xt_snapshot_image(closed)), 1);
    xt_snapshot_close(closed);
    xt_snapshot_close(live);
}

/* Leaves a recorder whose process, which is returned, ended without closing it. */
static uint32_t leave_dead(const char *path) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        uint64_t now_us = AT_FIRST_US;
        open_used(path, &now_us);
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    return (uint32_t)child;
}

static void writer_that_did_not_close_its_recorder_has_died(void **state) {
    const char *path = path_in(*state, "run");
    uint32_t pid = leave_dead(path);
    xt_snapshot *dead = loaded_from(path);
    assert_writer(dead, XT_WRITER_DIED, pid);
    assert_int_equal(xt_image_stats(xt_snapshot_image(dead)).in_flight, 1);
    assert_int_equal(xt_image_now_us(xt_snapshot_image(dead)), AT_FIRST_US + 6000);
    xt_snapshot_close(dead);
}

static void bytes_of_a_recorder_are_decoded_as_its_file_is_loaded(void **state) {
    size_t count;
    const char *path = path_in(*state, "run");
    uint32_t pid = leave_dead(path);
    char *bytes = read_file(path, &count);
    xt_snapshot *loaded = loaded_from(path);
    xt_snapshot *decoded;
    assert_int_equal(xt_snapshot_decode(bytes, count, NULL, &decoded, NULL), XT_OK);
    assert_true(xt_snapshot_equals(decoded, loaded));
    assert_writer(decoded, XT_WRITER_DIED, pid);
    xt_snapshot_close(decoded);
    xt_snapshot_close(loaded);
    free(bytes);
}

static void part_of_a_snapshot_has_its_writer_and_a_saved_one_has_none(void **state) {
    const char *path = path_in(*state, "run");
    uint32_t pid = leave_dead(path);
    const xt_filter filter = xt_filter_all();
    xt_snapshot *loaded = loaded_from(path);
    xt_snapshot *part;
    xt_snapshot *merged;
    const xt_image *image = xt_snapshot_image(loaded);
    assert_int_equal(xt_snapshot_filter(image, &filter, NULL, &part), XT_OK);
    assert_int_equal(xt_snapshot_writer(part).state, XT_WRITER_NONE);
    xt_snapshot_copy_writer(part, loaded);
    assert_writer(part, XT_WRITER_DIED, pid);
    assert_int_equal(xt_snapshot_merge(1, &image, XT_KEEP_ALL, NULL, &merged), XT_OK);
    assert_int_equal(xt_snapshot_writer(merged).state, XT_WRITER_NONE);
    xt_snapshot_close(loaded);
    assert_writer(part, XT_WRITER_DIED, pid);
    assert_int_equal(xt_snapshot_save(part, path), XT_OK);
    loaded = loaded_from(path);
    assert_true(xt_snapshot_equals(loaded, part));
    assert_int_equal(xt_snapshot_writer(loaded).state, XT_WRITER_NONE);
    xt_snapshot_close(merged);
    xt_snapshot_close(part);
    xt_snapshot_close(loaded);
}

/* Opens the recorder at `context`, a path, while it is being loaded. */
static void *open_and_allocate(void *context, size_t bytes) {
    const char *path = context;
    uint64_t now_us = AT_FIRST_US;
    xt_tracker_close(open_used(path, &now_us));
    return calloc(1, bytes);
}

static void release_to_system(void *context, void *block, size_t bytes) {
    (void)context;
    (void)bytes;
    free(block);
}

static void loading_takes_no_lock(void **state) {
    char *path = strdup(path_in(*state, "run"));
    const xt_allocator allocator = {open_and_allocate, release_to_system, path};
    xt_snapshot *loaded;
    assert_non_null(path);
    uint32_t pid = leave_dead(path);
    assert_int_equal(xt_snapshot_load(path, &allocator, &loaded, NULL), XT_OK);
    assert_writer(loaded, XT_WRITER_DIED, pid); /* as it was when it was copied */
    assert_int_equal(xt_image_recorded(xt_snapshot_image(loaded)), 6);
    xt_snapshot_close(loaded);
    free(path);
}

static bool is_loaded_by_nobody(const char *path, const xt_snapshot *snapshot) {
    xt_snapshot *loaded;
    return becomes_nobody() && xt_snapshot_load(path, NULL, &loaded, NULL) == XT_OK &&
           xt_snapshot_equals(loaded, snapshot) &&
           xt_snapshot_writer(loaded).state == XT_WRITER_LIVE;
}

/* A user who may only read loads it while it is written: nothing else is needed. */
static void loading_needs_no_permission_to_write(void **state) {
    uint64_t now_us = AT_FIRST_US;
    const directory *in = *state;
    const char *path = path_in(in, "run");
    xt_tracker *tracker = open_used(path, &now_us);
    xt_snapshot *taken = taken_late(tracker, &now_us);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(in->path, 0555), 0);
    bool is_loaded = succeeds_apart(is_loaded_by_nobody, path, taken);
    assert_int_equal(chmod(in->path, 0755), 0);
    assert_true(is_loaded);
    xt_tracker_close(tracker);
    xt_snapshot_close(taken);
}

static void recorder_that_was_cut_off_or_added_to_is_refused(void **state) {
    const char *path = path_in(*state, "run");
    const char *message = "it is shorter or longer than its header says";
    struct stat status;
    leave_dead(path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(truncate(path, status.st_size + 1), 0);
    assert_not_loaded(path, XT_ERROR_SIZE, message);
    assert_int_equal(truncate(path, status.st_size - 1), 0);
    assert_not_loaded(path, XT_ERROR_SIZE, message);
    assert_int_equal(truncate(path, 0), 0);
    assert_not_loaded(path, XT_ERROR_SIZE, "it is empty");
}

/* The temporary file in which a recorder is made has its full size before its header. */
static void file_that_is_being_made_is_no_run_yet(void **state) {
    const char *path = path_in(*state, "run");
    write_file(path, "", 0);
    assert_int_equal(truncate(path, 100000), 0);
    assert_not_loaded(path, XT_ERROR_KIND, "it isn't a saved run");
}

static void damaged_recorder_is_refused(void **state) {
    const char *path = path_in(*state, "run");
    const uint32_t used = XT_UNDO_BYTES + 1;
    const uint64_t odd = 7;
    leave_dead(path);
    xt_image image = image_in_file(path);
    size_t undo = (size_t)((char *)image.undo - (char *)image.header);
    size_t first = (size_t)((char *)image.records - (char *)image.header);
    free(image.header);
    change_file(path, undo + offsetof(xt_undo_log, used), &used, sizeof used);
    xt_snapshot_close(loaded_from(path)); /* no operation is unfinished */
    change_file(path, offsetof(xt_header, generation), &odd, sizeof odd);
    assert_not_loaded(path, XT_ERROR_INVALID, "its undo log is damaged");
    change_file(path, offsetof(xt_header, generation), &(uint64_t){8}, sizeof odd);
    change_file(path, first, &(xt_record){0}, sizeof(xt_record));
    assert_not_loaded(path, XT_ERROR_INVALID, "the records are out of order");
}

/* Its process was killed while it noted itself as the writer. */
static void
writer_that_died_while_it_opened_its_recorder_is_the_one_before(void **state) {
    const char *path = path_in(*state, "run");
    uint64_t now_us = AT_FIRST_US;
    xt_tracker_close(open_used(path, &now_us));
    size_t count;
    char *bytes = read_file(path, &count);
    xt_image image;
    xt_image_view(&image, bytes);
    xt_journal journal = xt_undo_log_journal(&image);
    xt_journal_begin(&journal);
    xt_journal_touch(&journal, image.writer, sizeof *image.writer);
    memset(image.writer, 0x55, sizeof *image.writer / 2);
    write_file(path, bytes, count);
    xt_snapshot *loaded = loaded_from(path);
    assert_writer(loaded, XT_WRITER_CLOSED, (uint32_t)getpid());
    xt_snapshot_close(loaded);
    free(bytes);
}

static void loading_without_memory_leaves_nothing(void **state) {
    const char *path = path_in(*state, "run");
    leave_dead(path);
    for (int fails_at = 1; fails_at <= 3; fails_at++) {
        counting_allocator account = {.fails_at = fails_at};
        xt_allocator allocator = allocator_of(&account);
        xt_snapshot *loaded;
        assert_int_equal(xt_snapshot_load(path, &allocator, &loaded, NULL),
                         fails_at < 3 ? XT_ERROR_MEMORY : XT_OK);
        xt_snapshot_close(loaded);
        assert_int_equal(blocks_left(&account), 0);
        assert_int_equal(account.mistakes, 0);
    }
}

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(recorder_is_loaded_as_a_snapshot_of_it_is_taken),
        IN_DIRECTORY(time_of_a_live_recorder_is_that_of_loading),
        IN_DIRECTORY(writer_that_did_not_close_its_recorder_has_died),
        IN_DIRECTORY(bytes_of_a_recorder_are_decoded_as_its_file_is_loaded),
        IN_DIRECTORY(part_of_a_snapshot_has_its_writer_and_a_saved_one_has_none),
        IN_DIRECTORY(loading_takes_no_lock),
        IN_DIRECTORY(loading_needs_no_permission_to_write),
        IN_DIRECTORY(recorder_that_was_cut_off_or_added_to_is_refused),
        IN_DIRECTORY(file_that_is_being_made_is_no_run_yet),
        IN_DIRECTORY(damaged_recorder_is_refused),
        IN_DIRECTORY(writer_that_died_while_it_opened_its_recorder_is_the_one_before),
        IN_DIRECTORY(loading_without_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
