/*
 * Saving files: round trips, and the files after a failure.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_process.h"
#include "support_saved.h"
#include "support_tracker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Asserts that the file at `path` contains `snapshot`. */
static void assert_holds(const char *path, const xt_snapshot *snapshot) {
    xt_snapshot *loaded;
    const char *problem = "none";
    assert_int_equal(xt_snapshot_load(path, NULL, &loaded, &problem), XT_OK);
    assert_string_equal(problem, "none");
    assert_true(xt_snapshot_equals(loaded, snapshot));
    xt_snapshot_close(loaded);
}

static void assert_not_saved(const xt_snapshot *snapshot, const char *path, int reason) {
    errno = 0;
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_ERROR_FILE);
    assert_int_equal(errno, reason);
}

static void saved_run_is_loaded_as_it_was(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *snapshot = busy_snapshot();
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    assert_holds(path, snapshot);
    assert_int_equal(count_entries(*state), 1);
    xt_snapshot_close(snapshot);
}

static void empty_run_is_loaded_as_it_was(void **state) {
    const char *path = path_in(*state, "run");
    const xt_options options = {.max_tools = 1};
    xt_tracker *tracker = tracker_with(&options);
    xt_snapshot *snapshot;
    assert_int_equal(xt_snapshot_take(xt_tracker_image(tracker), NULL, &snapshot), XT_OK);
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    assert_holds(path, snapshot);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void run_with_unused_slots_is_loaded_as_it_was(void **state) {
    const char *path = path_in(*state, "run");
    xt_tracker *tracker = busy_tracker();
    xt_snapshot *snapshot = with_all_slots(xt_tracker_image(tracker));
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    assert_true(is_block(tracker, xt_snapshot_image(snapshot)->header));
    assert_holds(path, snapshot);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void file_has_what_encoding_gives(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *snapshot = busy_snapshot();
    saved bytes = encode(snapshot);
    size_t count;
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    void *contents = read_file(path, &count);
    assert_int_equal(count, bytes.count);
    assert_memory_equal(contents, bytes.header, count);
    free(contents);
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

static void saving_replaces_a_file_and_keeps_its_permissions(void **state) {
    const char *path = path_in(*state, "run");
    const mode_t modes[] = {0600, 0640, 0666, 0444, 0755};
    xt_snapshot *snapshot = small_snapshot();
    mode_t before = umask(022);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct stat status;
        write_file(path, "something longer", 16);
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, modes[i]);
        assert_holds(path, snapshot);
        assert_int_equal(unlink(path), 0);
    }
    umask(before);
    xt_snapshot_close(snapshot);
}

static void new_file_has_the_permissions_that_the_mask_leaves(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *snapshot = small_snapshot();
    struct stat status;
    mode_t before = umask(027);
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    umask(before);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    xt_snapshot_close(snapshot);
}

static void link_is_replaced_and_not_followed(void **state) {
    const directory *in = *state;
    char link[2 * DIRECTORY_PATH_BYTES];
    struct stat status;
    size_t count;
    xt_snapshot *snapshot = small_snapshot();
    snprintf(link, sizeof link, "%s/link", in->path);
    write_file(path_in(in, "other"), "other", 5);
    assert_int_equal(symlink("other", link), 0);
    assert_int_equal(xt_snapshot_save(snapshot, link), XT_OK);
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_holds(link, snapshot);
    void *contents = read_file(path_in(in, "other"), &count);
    assert_int_equal(count, 5);
    free(contents);
    xt_snapshot_close(snapshot);
}

static void file_beside_it_with_the_first_name_is_left_alone(void **state) {
    const directory *in = *state;
    char name[64];
    char beside[2 * DIRECTORY_PATH_BYTES];
    size_t count;
    xt_snapshot *snapshot = small_snapshot();
    snprintf(name, sizeof name, ".exectrack-%ld-0.tmp", (long)getpid());
    strcpy(beside, path_in(in, name));
    write_file(beside, "mine", 4);
    assert_int_equal(xt_snapshot_save(snapshot, path_in(in, "run")), XT_OK);
    assert_holds(path_in(in, "run"), snapshot);
    char *contents = read_file(beside, &count);
    assert_memory_equal(contents, "mine", count);
    assert_int_equal(count_entries(in), 2);
    free(contents);
    xt_snapshot_close(snapshot);
}

static bool saves_without_a_directory(const char *path, const xt_snapshot *snapshot) {
    return chdir(path) == 0 && xt_snapshot_save(snapshot, "run") == XT_OK;
}

static void path_may_be_a_name_alone(void **state) {
    const directory *in = *state;
    xt_snapshot *snapshot = small_snapshot();
    assert_true(succeeds_apart(saves_without_a_directory, in->path, snapshot));
    assert_holds(path_in(in, "run"), snapshot);
    assert_int_equal(count_entries(in), 1);
    xt_snapshot_close(snapshot);
}

static void name_may_be_as_long_as_names_can_be(void **state) {
    char name[300];
    xt_snapshot *snapshot = small_snapshot();
    memset(name, 'x', sizeof name);
    name[255] = 0;
    assert_int_equal(xt_snapshot_save(snapshot, path_in(*state, name)), XT_OK);
    assert_holds(path_in(*state, name), snapshot);
    name[255] = 'x';
    name[256] = 0;
    assert_not_saved(snapshot, path_in(*state, name), ENAMETOOLONG);
    assert_int_equal(count_entries(*state), 1);
    xt_snapshot_close(snapshot);
}

static void path_that_is_too_long_is_refused(void **state) {
    enum { LENGTH = 5000 };
    const directory *in = *state;
    char path[LENGTH + 1];
    xt_snapshot *snapshot = small_snapshot();
    size_t length = strlen(in->path);
    memcpy(path, in->path, length);
    for (size_t i = length; i < LENGTH; i++) {
        path[i] = (i - length) % 2 == 0 ? '/' : '.';
    }
    path[LENGTH] = 0;
    assert_not_saved(snapshot, path, ENAMETOOLONG);
    assert_int_equal(count_entries(in), 0);
    xt_snapshot_close(snapshot);
}

static void missing_directory_is_not_saved_to(void **state) {
    xt_snapshot *snapshot = small_snapshot();
    assert_not_saved(snapshot, path_in(*state, "missing/run"), ENOENT);
    assert_not_saved(snapshot, path_in(*state, "missing/"), ENOENT);
    assert_int_equal(count_entries(*state), 0);
    xt_snapshot_close(snapshot);
}

static void directory_is_not_saved_over(void **state) {
    const char *path = path_in(*state, "directory");
    xt_snapshot *snapshot = small_snapshot();
    assert_int_equal(mkdir(path, 0700), 0);
    assert_not_saved(snapshot, path, EISDIR);
    assert_not_saved(snapshot, path_in(*state, "directory/"), EISDIR);
    assert_int_equal(count_entries(*state), 1);
    xt_snapshot_close(snapshot);
}

static void fifo_is_not_saved_over(void **state) {
    const char *path = path_in(*state, "fifo");
    struct stat status;
    xt_snapshot *snapshot = small_snapshot();
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_not_saved(snapshot, path, EINVAL);
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    assert_int_equal(count_entries(*state), 1);
    xt_snapshot_close(snapshot);
}

static bool may_not_save(const char *path, const xt_snapshot *snapshot) {
    return becomes_nobody() && xt_snapshot_save(snapshot, path) == XT_ERROR_FILE &&
           errno == EACCES;
}

static void directory_without_permission_is_not_saved_to(void **state) {
    const directory *in = *state;
    xt_snapshot *snapshot = small_snapshot();
    write_file(path_in(in, "run"), "old", 3);
    assert_int_equal(chmod(path_in(in, "run"), 0666), 0);
    assert_int_equal(chmod(in->path, 0555), 0);
    assert_true(succeeds_apart(may_not_save, path_in(in, "run"), snapshot));
    assert_int_equal(chmod(in->path, 0755), 0);
    assert_int_equal(count_entries(in), 1);
    xt_snapshot_close(snapshot);
}

static size_t bytes_of(const xt_snapshot *snapshot) {
    return xt_image_bytes(xt_snapshot_image(snapshot));
}

/* Limits the size of files. Writing more raises a signal, which `action` handles. */
static bool limits_files(size_t bytes, void (*action)(int signal)) {
    const struct rlimit limit = {(rlim_t)bytes, (rlim_t)bytes};
    return signal(SIGXFSZ, action) != SIG_ERR && setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

static bool finds_no_room(const char *path, const xt_snapshot *snapshot) {
    return xt_snapshot_save(snapshot, path) == XT_ERROR_FILE && errno == EFBIG;
}

static bool finds_room_for_half(const char *path, const xt_snapshot *snapshot) {
    return limits_files(bytes_of(snapshot) / 2, SIG_DFL) && finds_no_room(path, snapshot);
}

static bool finds_room_for_half_and_ignores_the_signal(const char *path,
                                                       const xt_snapshot *snapshot) {
    return limits_files(bytes_of(snapshot) / 2, SIG_IGN) && finds_no_room(path, snapshot);
}

static bool finds_room_for_all_but_a_byte(const char *path, const xt_snapshot *snapshot) {
    return limits_files(bytes_of(snapshot) - 1, SIG_DFL) && finds_no_room(path, snapshot);
}

static bool finds_no_room_at_all(const char *path, const xt_snapshot *snapshot) {
    return limits_files(0, SIG_DFL) && finds_no_room(path, snapshot);
}

static void old_file_is_whole_when_there_is_no_room_for_the_new(void **state) {
    bool (*const attempts[])(const char *, const xt_snapshot *) = {
        finds_room_for_half, finds_room_for_half_and_ignores_the_signal,
        finds_room_for_all_but_a_byte, finds_no_room_at_all};
    const char *path = path_in(*state, "run");
    xt_snapshot *small = small_snapshot();
    xt_snapshot *busy = busy_snapshot();
    size_t count;
    size_t count_after;
    assert_int_equal(xt_snapshot_save(small, path), XT_OK);
    void *before = read_file(path, &count);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        assert_true(succeeds_apart(attempts[i], path, busy));
        void *after = read_file(path, &count_after);
        assert_int_equal(count_after, count);
        assert_memory_equal(after, before, count);
        assert_int_equal(count_entries(*state), 1);
        free(after);
    }
    free(before);
    xt_snapshot_close(busy);
    xt_snapshot_close(small);
}

static bool finds_just_enough_room(const char *path, const xt_snapshot *snapshot) {
    return limits_files(bytes_of(snapshot), SIG_DFL) &&
           xt_snapshot_save(snapshot, path) == XT_OK;
}

static void file_may_be_as_large_as_the_limit(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *snapshot = busy_snapshot();
    assert_true(succeeds_apart(finds_just_enough_room, path, snapshot));
    assert_holds(path, snapshot);
    assert_int_equal(count_entries(*state), 1);
    xt_snapshot_close(snapshot);
}

/* Saves the two in turn, until the process is killed: after a minute at the latest. */
static void save_for_good(const char *path, const xt_snapshot *a, const xt_snapshot *b) {
    alarm(60);
    for (const xt_snapshot *next = a;; next = next == a ? b : a) {
        if (xt_snapshot_save(next, path) != XT_OK) {
            _exit(1);
        }
    }
}

static void reader_always_finds_a_whole_run_even_when_the_writer_is_killed(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *small = small_snapshot();
    xt_snapshot *busy = busy_snapshot();
    int status;
    assert_int_equal(xt_snapshot_save(small, path), XT_OK);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        save_for_good(path, busy, small);
    }
    for (int i = 0; i <= 500; i++) {
        xt_snapshot *loaded;
        if (i == 500) {
            assert_int_equal(kill(child, SIGKILL), 0);
            assert_int_equal(waitpid(child, &status, 0), child);
            assert_true(WIFSIGNALED(status));
        }
        assert_int_equal(xt_snapshot_load(path, NULL, &loaded, NULL), XT_OK);
        assert_true(xt_snapshot_equals(loaded, small) ||
                    xt_snapshot_equals(loaded, busy));
        xt_snapshot_close(loaded);
    }
    xt_snapshot_close(busy);
    xt_snapshot_close(small);
}

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(saved_run_is_loaded_as_it_was),
        IN_DIRECTORY(empty_run_is_loaded_as_it_was),
        IN_DIRECTORY(run_with_unused_slots_is_loaded_as_it_was),
        IN_DIRECTORY(file_has_what_encoding_gives),
        IN_DIRECTORY(saving_replaces_a_file_and_keeps_its_permissions),
        IN_DIRECTORY(new_file_has_the_permissions_that_the_mask_leaves),
        IN_DIRECTORY(link_is_replaced_and_not_followed),
        IN_DIRECTORY(file_beside_it_with_the_first_name_is_left_alone),
        IN_DIRECTORY(path_may_be_a_name_alone),
        IN_DIRECTORY(name_may_be_as_long_as_names_can_be),
        IN_DIRECTORY(path_that_is_too_long_is_refused),
        IN_DIRECTORY(missing_directory_is_not_saved_to),
        IN_DIRECTORY(directory_is_not_saved_over),
        IN_DIRECTORY(fifo_is_not_saved_over),
        IN_DIRECTORY(directory_without_permission_is_not_saved_to),
        IN_DIRECTORY(old_file_is_whole_when_there_is_no_room_for_the_new),
        IN_DIRECTORY(file_may_be_as_large_as_the_limit),
        IN_DIRECTORY(reader_always_finds_a_whole_run_even_when_the_writer_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
