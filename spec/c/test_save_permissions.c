/*
 * Who may read a file while it is saved. This program's own fchmod and fsync look at the
 * file when the library calls them: right after it was made, and when all is written.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include "support_cmocka.h"
#include "support_directory.h"
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

static void look_at(int file) {
    struct stat status;
    assert_int_equal(fstat(file, &status), 0);
    if (S_ISREG(status.st_mode)) { /* and not the directory */
        assert_int_equal(status.st_mode & 0777 & ~watch.allowed, 0);
        watch.calls++;
    }
}

int fchmod(int file, mode_t mode) {
    look_at(file);
    if (watch.fails) {
        errno = EPERM;
        return -1;
    }
    return chmod(watch.temporary, mode);
}

int fsync(int file) {
    look_at(file);
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
    watch.allowed = mode;
    watch.calls = 0;
    return xt_snapshot_save(snapshot, path_in(in, "run"));
}

static const mode_t modes[] = {0600, 0400, 0640, 0644, 0666, 0755};

static void file_is_never_open_to_more_users_than_the_one_it_replaces(void **state) {
    const directory *in = *state;
    xt_snapshot *snapshot = small_snapshot();
    mode_t before = umask(0);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct stat status;
        assert_int_equal(save_over(in, modes[i], snapshot), XT_OK);
        assert_int_equal(watch.calls, 2);
        assert_int_equal(stat(path_in(in, "run"), &status), 0);
        assert_int_equal(status.st_mode & 07777, modes[i]);
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
    assert_int_equal(watch.calls, 1);
    assert_int_equal(count_entries(in), 1);
    size_t count;
    void *contents = read_file(path_in(in, "run"), &count);
    assert_int_equal(count, 3);
    assert_memory_equal(contents, "old", 3);
    free(contents);
    xt_snapshot_close(snapshot);
}

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(file_is_never_open_to_more_users_than_the_one_it_replaces),
        IN_DIRECTORY(file_that_cannot_have_these_permissions_is_not_saved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
