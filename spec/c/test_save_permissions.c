/*
 * Who owns a saved file, and who may read it while it is written. This program's own
 * fchown, fchmod and fsync look at the file when the library calls them: right after it
 * was made, when its owner is known, and when all is written.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_process.h"
#include "support_saved.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is seen while a file is saved. */
static struct {
    const char *temporary; /* the path of the file that is being written */
    mode_t allowed;        /* to whom it may be open then */
    int calls;
    bool fails; /* whether fchmod does */
} watch;

static void look_at(int file, mode_t allowed) {
    struct stat status;
    assert_int_equal(fstat(file, &status), 0);
    if (S_ISREG(status.st_mode)) { /* and not the directory */
        assert_int_equal(status.st_mode & 07777 & ~allowed, 0);
        watch.calls++;
    }
}

int fchown(int file, uid_t owner, gid_t group) {
    look_at(file, watch.allowed & 0700); /* its group may be another than the old one's */
    return lchown(watch.temporary, owner, group);
}

int fchmod(int file, mode_t mode) {
    look_at(file, watch.allowed & 0700);
    if (watch.fails) {
        errno = EPERM;
        return -1;
    }
    return chmod(watch.temporary, mode);
}

int fsync(int file) {
    look_at(file, watch.allowed);
    return 0;
}

/* Saves `snapshot` as a file in `in` that replaces one with `mode`. */
static xt_error save_over(const directory *in, mode_t mode, const xt_snapshot *snapshot) {
    char name[64];
    char temporary[2 * DIRECTORY_PATH_BYTES];
    const char *path = path_in(in, "run");
    write_file(path, "old", 3);
    assert_int_equal(chmod(path, mode), 0);
    snprintf(name, sizeof name, ".exectrack-%ld-0.tmp", (long)getpid());
    strcpy(temporary, path_in(in, name));
    watch.temporary = temporary;
    watch.allowed = mode & 0777;
    watch.calls = 0;
    return xt_snapshot_save(snapshot, path_in(in, "run"));
}

static const mode_t modes[] = {0600, 0400, 0640, 0644, 0666, 0755, 06755};

static void file_is_never_open_to_more_users_than_the_one_it_replaces(void **state) {
    const directory *in = *state;
    xt_snapshot *snapshot = small_snapshot();
    mode_t before = umask(0);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct stat status;
        assert_int_equal(save_over(in, modes[i], snapshot), XT_OK);
        assert_int_equal(watch.calls, 4);
        assert_int_equal(stat(path_in(in, "run"), &status), 0);
        assert_int_equal(status.st_mode & 07777, modes[i] & 0777);
        assert_int_equal(unlink(path_in(in, "run")), 0);
    }
    umask(before);
    xt_snapshot_close(snapshot);
}

static void file_that_cannot_have_these_permissions_is_not_saved(void **state) {
    const directory *in = *state;
    xt_snapshot *snapshot = small_snapshot();
    watch.fails = true;
    assert_int_equal(save_over(in, 0600, snapshot), XT_ERROR_FILE);
    assert_int_equal(errno, EPERM);
    watch.fails = false;
    assert_int_equal(watch.calls, 3);
    assert_int_equal(count_entries(in), 1);
    size_t count;
    void *contents = read_file(path_in(in, "run"), &count);
    assert_int_equal(count, 3);
    assert_memory_equal(contents, "old", 3);
    free(contents);
    xt_snapshot_close(snapshot);
}

static void file_keeps_owner_and_group(void **state) {
    const directory *in = *state;
    const char *path = path_in(in, "run");
    xt_snapshot *snapshot = small_snapshot();
    struct stat status;
    if (geteuid() != 0) {
        skip();
    }
    write_file(path, "old", 3);
    assert_int_equal(lchown(path, 1, 2), 0);
    assert_int_equal(save_over(in, 0640, snapshot), XT_OK);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_uid, 1);
    assert_int_equal(status.st_gid, 2);
    assert_int_equal(status.st_mode & 07777, 0640);
    xt_snapshot_close(snapshot);
}

static bool saves_as_nobody(const char *path, const xt_snapshot *snapshot) {
    char temporary[2 * DIRECTORY_PATH_BYTES];
    snprintf(temporary, sizeof temporary, "%.*s.exectrack-%ld-0.tmp",
             (int)(strrchr(path, '/') + 1 - path), path, (long)getpid());
    watch.temporary = temporary;
    watch.allowed = 0777;
    return becomes_nobody() && xt_snapshot_save(snapshot, path) == XT_OK;
}

static void with_another_group_all_may_do_only_what_all_might(void **state) {
    const directory *in = *state;
    const char *path = path_in(in, "run");
    const mode_t after[][2] = {{0660, 0600}, {0664, 0644}, {0646, 0644}, {0604, 0600}};
    xt_snapshot *snapshot = small_snapshot();
    struct stat status;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chmod(in->path, 0777), 0);
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        write_file(path, "old", 3);
        assert_int_equal(lchown(path, 1, 2), 0);
        assert_int_equal(chmod(path, after[i][0]), 0);
        assert_true(succeeds_apart(saves_as_nobody, path, snapshot));
        assert_int_equal(stat(path, &status), 0);
        assert_int_not_equal(status.st_gid, 2);
        assert_int_equal(status.st_mode & 07777, after[i][1]);
        assert_int_equal(unlink(path), 0);
    }
    xt_snapshot_close(snapshot);
}

static void link_to_a_program_passes_nothing_on(void **state) {
    const directory *in = *state;
    char program[2 * DIRECTORY_PATH_BYTES];
    char path[2 * DIRECTORY_PATH_BYTES];
    xt_snapshot *snapshot = small_snapshot();
    struct stat status;
    strcpy(program, path_in(in, "program"));
    strcpy(path, path_in(in, "run"));
    write_file(program, "program", 7);
    assert_int_equal(chmod(program, 06755), 0);
    assert_int_equal(symlink(program, path), 0);
    mode_t before = umask(022);
    watch.allowed = 0777;
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    umask(before);
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(status.st_mode & 07777, 0644);
    xt_snapshot_close(snapshot);
}

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(file_is_never_open_to_more_users_than_the_one_it_replaces),
        IN_DIRECTORY(file_that_cannot_have_these_permissions_is_not_saved),
        IN_DIRECTORY(file_keeps_owner_and_group),
        IN_DIRECTORY(with_another_group_all_may_do_only_what_all_might),
        IN_DIRECTORY(link_to_a_program_passes_nothing_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
