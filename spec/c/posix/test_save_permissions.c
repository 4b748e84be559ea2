/*
 * Who owns a saved file, and who may read it while it is written. This program replaces
 * fchown, fsetxattr, fchmod and fsync: they check the file when the library calls them,
 * right after it was created, when its owner is set, and when it is complete.
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

#ifdef __linux__
#include <sys/xattr.h>
#endif

/* What the replaced functions check, and which of them fail. */
static struct {
    const char *temporary; /* the path of the file that is being written */
    mode_t allowed;        /* the permissions that it may have then */
    bool has_acl;          /* whether it has the list of the old file already */
    int calls;
    bool fails;     /* whether fchmod fails */
    bool loses_acl; /* whether fsetxattr fails */
} watch;

static void look_at(int file, mode_t allowed) {
    struct stat status;
    assert_int_equal(fstat(file, &status), 0);
    if (S_ISREG(status.st_mode)) { /* not the directory */
        assert_int_equal(status.st_mode & 07777 & ~allowed, 0);
        watch.calls++;
    }
}

int fchown(int file, uid_t owner, gid_t group) {
    look_at(file, watch.allowed & 0700); /* its group may not be that of the old file */
    return lchown(watch.temporary, owner, group);
}

int fchmod(int file, mode_t mode) {
    look_at(file, watch.has_acl ? watch.allowed : watch.allowed & 0700);
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

/* Saves over a file in `in`; the new file may have the permissions `allowed`. */
static xt_error replace(const directory *in, mode_t allowed,
                        const xt_snapshot *snapshot) {
    char name[64];
    char temporary[2 * DIRECTORY_PATH_BYTES];
    snprintf(name, sizeof name, ".exectrack-%ld-0.tmp", (long)getpid());
    strcpy(temporary, path_in(in, name));
    watch.temporary = temporary;
    watch.allowed = allowed;
    watch.has_acl = false;
    watch.calls = 0;
    return xt_snapshot_save(snapshot, path_in(in, "run"));
}

/* The same, where the old file has `mode`. */
static xt_error save_over(const directory *in, mode_t mode, const xt_snapshot *snapshot) {
    const char *path = path_in(in, "run");
    write_file(path, "old", 3);
    assert_int_equal(chmod(path, mode), 0);
    return replace(in, mode & 0777, snapshot);
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
    struct stat status;
    if (geteuid() != 0) {
        skip();
    }
    xt_snapshot *snapshot = small_snapshot();
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
    struct stat status;
    if (geteuid() != 0) {
        skip();
    }
    xt_snapshot *snapshot = small_snapshot();
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

#ifdef __linux__

static const char access_list[] = "system.posix_acl_access";
static const char default_list[] =
    "system.posix_acl_default"; /* of a directory, for new files in it */

int fsetxattr(int file, const char *name, const void *value, size_t size, int flags) {
    look_at(file, watch.allowed & 0700);
    if (watch.loses_acl) {
        errno = ENOSPC;
        return -1;
    }
    watch.has_acl = true;
    return setxattr(watch.temporary, name, value, size, flags);
}

/* An entry of such a list, little endian: 2 bytes tag, 2 permissions, 4 ID. */
#define ENTRY(tag, permissions, id) tag, 0, permissions, 0, id, id, id, id
#define NO_ID 0xff

/*
 * A list that lets the owner and one other user read and write, and the group do nothing.
 * The mode has the mask, 6, in place of the group's permissions.
 */
#define LIST(others)                                                                     \
    {                                                                                    \
        2, 0, 0, 0, ENTRY(1, 6, NO_ID), ENTRY(2, 6, 1), ENTRY(4, 0, NO_ID),              \
            ENTRY(16, 6, NO_ID), ENTRY(32, others, NO_ID)                                \
    }

static const unsigned char closed_to_others[] = LIST(0);
static const unsigned char closed_to_group[] = LIST(4);

enum { LIST_BYTES = sizeof closed_to_group };

/* Gives the file at `path` this list, or skips the test if the file system has none. */
static void give_list(const char *path, const char *name, const unsigned char *list) {
    if (setxattr(path, name, list, LIST_BYTES, 0) != 0) {
        assert_int_equal(errno, ENOTSUP);
        skip();
    }
}

static mode_t mode_of(const char *path) {
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void file_keeps_its_access_control_list(void **state) {
    const directory *in = *state;
    const char *path = path_in(in, "run");
    unsigned char list[LIST_BYTES + 1];
    write_file(path, "old", 3);
    give_list(path, access_list, closed_to_others);
    assert_int_equal(mode_of(path), 0660);
    xt_snapshot *snapshot = small_snapshot();
    assert_int_equal(replace(in, 0660, snapshot), XT_OK);
    assert_int_equal(watch.calls, 5);
    path = path_in(in, "run");
    assert_int_equal(mode_of(path), 0660);
    assert_int_equal(getxattr(path, access_list, list, sizeof list), LIST_BYTES);
    assert_memory_equal(list, closed_to_others, LIST_BYTES);
    xt_snapshot_close(snapshot);
}

static void file_without_its_list_is_open_to_its_owner_alone(void **state) {
    const directory *in = *state;
    write_file(path_in(in, "run"), "old", 3);
    give_list(path_in(in, "run"), access_list, closed_to_group);
    xt_snapshot *snapshot = small_snapshot();
    watch.loses_acl = true;
    assert_int_equal(replace(in, 0600, snapshot), XT_OK);
    watch.loses_acl = false;
    assert_int_equal(mode_of(path_in(in, "run")), 0600);
    xt_snapshot_close(snapshot);
}

static void with_another_group_its_list_is_lost(void **state) {
    const directory *in = *state;
    const char *path = path_in(in, "run");
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chmod(in->path, 0777), 0);
    write_file(path, "old", 3);
    assert_int_equal(lchown(path, 1, 2), 0);
    give_list(path, access_list, closed_to_group);
    xt_snapshot *snapshot = small_snapshot();
    assert_true(succeeds_apart(saves_as_nobody, path, snapshot));
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(getxattr(path, access_list, NULL, 0), -1);
    xt_snapshot_close(snapshot);
}

static void file_without_a_list_gets_none_from_its_directory(void **state) {
    const directory *in = *state;
    give_list(in->path, default_list, closed_to_group);
    write_file(path_in(in, "run"), "old", 3);
    assert_int_equal(removexattr(path_in(in, "run"), access_list), 0);
    xt_snapshot *snapshot = small_snapshot();
    assert_int_equal(save_over(in, 0640, snapshot), XT_OK);
    assert_int_equal(mode_of(path_in(in, "run")), 0640);
    assert_int_equal(getxattr(path_in(in, "run"), access_list, NULL, 0), -1);
    assert_int_equal(errno, ENODATA);
    xt_snapshot_close(snapshot);
}

#endif

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(file_is_never_open_to_more_users_than_the_one_it_replaces),
        IN_DIRECTORY(file_that_cannot_have_these_permissions_is_not_saved),
        IN_DIRECTORY(file_keeps_owner_and_group),
        IN_DIRECTORY(with_another_group_all_may_do_only_what_all_might),
        IN_DIRECTORY(link_to_a_program_passes_nothing_on),
#ifdef __linux__
        IN_DIRECTORY(file_keeps_its_access_control_list),
        IN_DIRECTORY(file_without_its_list_is_open_to_its_owner_alone),
        IN_DIRECTORY(with_another_group_its_list_is_lost),
        IN_DIRECTORY(file_without_a_list_gets_none_from_its_directory),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
