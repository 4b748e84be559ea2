/*
 * Where paths of recorders lead: symbolic links, other users' files and directories, files
 * that are replaced meanwhile.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include "recorder_file.h"

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_process.h"
#include "support_recorder.h"
#include "support_tracker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

static const char *const not_followed =
    "a symbolic link in a directory that others can write to isn't followed";

/* Changes to the directory of the test, so that paths are short. */
static void go_to(void **state) {
    const directory *in = *state;
    assert_int_equal(chdir(in->path), 0);
}

/* Asserts that `path` leads to a file in the directory of the test: one is made there. */
static void assert_leads_to(const char *path, const char *file) {
    uint64_t now_us = AT_FIRST_US;
    const xt_recorder_options options = small_recorder_at(&now_us);
    xt_tracker_close(open_recorder(path, &options));
    xt_image image = image_in_file(file);
    assert_string_equal(verdict_on(&image), "sound");
    free(image.header);
    assert_int_equal(unlink(file), 0);
}

static void assert_leads_nowhere(const char *path, int reason, const char *message) {
    assert_not_opened(path, NULL, XT_ERROR_FILE, message);
    assert_int_equal(errno, reason);
}

static void paths_may_have_all_that_paths_have(void **state) {
    go_to(state);
    assert_int_equal(mkdir("a", 0755), 0);
    const char *const paths[] = {"agent.run", "./agent.run", "a/../agent.run",
                                 "a//..///agent.run", "a/./../agent.run"};
    for (size_t i = 0; i < 5; i++) {
        assert_leads_to(paths[i], "agent.run");
    }
    assert_leads_to(path_in(*state, "a/agent.run"), "a/agent.run");
    assert_leads_nowhere("", ENOENT, "a file operation failed");
    assert_leads_nowhere("a", EISDIR, "a file operation failed");
    assert_leads_nowhere("a/", EISDIR, "a file operation failed");
    assert_leads_nowhere("a/.", EISDIR, "a file operation failed");
    assert_leads_nowhere("/", EISDIR, "a file operation failed");
    assert_leads_nowhere("b/agent.run", ENOENT, "a file operation failed");
    write_file("file", "", 0);
    assert_leads_nowhere("file/agent.run", ENOTDIR, "a file operation failed");
}

static void names_and_paths_that_are_too_long_are_errors(void **state) {
    char path[5000];
    go_to(state);
    memset(path, 'x', sizeof path);
    path[256] = '\0';
    assert_leads_nowhere(path, ENAMETOOLONG, "a file operation failed");
    path[256] = '/';
    path[4999] = '\0';
    assert_leads_nowhere(path, ENAMETOOLONG, "a file operation failed");
    path[255] = '\0';
    assert_leads_to(path, path);
}

static void link_in_a_directory_of_this_user_is_followed(void **state) {
    go_to(state);
    assert_int_equal(mkdir("a", 0755), 0);
    assert_int_equal(symlink("a", "to_a"), 0);
    assert_int_equal(symlink("../to_a/agent.run", "a/to_file"), 0);
    assert_int_equal(symlink(path_in(*state, "a"), "to_a_from_root"), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_leads_to("to_a/agent.run", "a/agent.run");
    assert_leads_to("to_a/to_file", "a/agent.run");
    assert_leads_to("to_a_from_root/agent.run", "a/agent.run");
    assert_leads_nowhere("loop", ELOOP, "a file operation failed");
    assert_leads_nowhere("loop/agent.run", ELOOP, "a file operation failed");
    unlink("a/to_file");
}

/* Asserts that links in `open`, a directory of this mode, aren't followed. */
static void assert_not_followed(mode_t mode) {
    assert_int_equal(chmod("open", mode), 0);
    assert_leads_nowhere("open/to_file", ELOOP, not_followed);
    assert_leads_nowhere("open/to_a/agent.run", ELOOP, not_followed);
    assert_leads_to("open/agent.run", "open/agent.run");
}

static void link_in_a_directory_that_others_can_write_to_is_not_followed(void **state) {
    go_to(state);
    assert_int_equal(mkdir("a", 0755), 0);
    assert_int_equal(mkdir("open", 0755), 0);
    assert_int_equal(symlink("../agent.run", "open/to_file"), 0);
    assert_int_equal(symlink("../a", "open/to_a"), 0);
    assert_leads_to("open/to_file", "agent.run");
    assert_leads_to("open/to_a/agent.run", "a/agent.run");
    assert_not_followed(01777);
    assert_not_followed(0777);
    assert_not_followed(0775);
    unlink("open/to_file");
    unlink("open/to_a");
}

/* As root only: a directory of another user, which is closed to others. */
static void link_in_a_directory_of_another_user_is_not_followed(void **state) {
    if (geteuid() != 0) {
        skip();
    }
    go_to(state);
    assert_int_equal(mkdir("open", 0755), 0);
    assert_int_equal(symlink("../agent.run", "open/to_file"), 0);
    assert_leads_to("open/to_file", "agent.run");
    assert_int_equal(chown("open", 65534, 65534), 0);
    assert_leads_nowhere("open/to_file", ELOOP, not_followed);
    unlink("open/to_file");
}

static void file_of_another_user_is_refused(void **state) {
    uint64_t now_us = AT_FIRST_US;
    const xt_recorder_options options = small_recorder_at(&now_us);
    if (geteuid() != 0) {
        skip();
    }
    go_to(state);
    xt_tracker_close(open_recorder("agent.run", &options));
    assert_int_equal(chown("agent.run", 65534, 65534), 0);
    assert_leads_nowhere("agent.run", EPERM, "it belongs to another user");
}

static bool opens_in_a_directory_that_it_cannot_read(const char *path,
                                                     const xt_snapshot *snapshot) {
    (void)snapshot;
    xt_tracker *tracker = NULL;
    return becomes_nobody() && xt_recorder_open(path, NULL, &tracker, NULL) == XT_OK;
}

static void directories_on_the_way_need_not_be_readable(void **state) {
    if (geteuid() != 0) {
        skip();
    }
    go_to(state);
    assert_int_equal(mkdir("a", 0711), 0);
    assert_int_equal(mkdir("a/b", 0711), 0);
    assert_int_equal(chown("a/b", 65534, 65534), 0);
    assert_int_equal(chmod("a/b", 0300), 0);
    assert_true(succeeds_apart(opens_in_a_directory_that_it_cannot_read,
                               path_in(*state, "a/b/agent.run"), NULL));
    unlink("a/b/agent.run");
    rmdir("a/b");
}

static bool has_no_permission(const char *path, const xt_snapshot *snapshot) {
    (void)snapshot;
    xt_tracker *tracker = NULL;
    return becomes_nobody() &&
           xt_recorder_open(path, NULL, &tracker, NULL) == XT_ERROR_FILE &&
           errno == EACCES;
}

static void directory_without_permission_is_an_error(void **state) {
    go_to(state);
    assert_int_equal(mkdir("a", 0555), 0);
    assert_true(succeeds_apart(has_no_permission, path_in(*state, "a/agent.run"), NULL));
}

/* The first of two processes that begin at the same time publishes its file. */
static void file_that_appears_meanwhile_is_not_replaced(void **state) {
    uint64_t now_us = AT_FIRST_US;
    xt_recorder_place place;
    xt_recorder_file file;
    const char *problem = NULL;
    bool exists = false;
    const xt_recorder_options options = small_recorder_at(&now_us);
    go_to(state);
    assert_int_equal(xt_recorder_place_open(&place, "agent.run", &problem), XT_OK);
    assert_int_equal(xt_recorder_file_create(&file, &place, 100, false), XT_OK);
    xt_tracker *tracker = open_recorder("agent.run", &options);
    assert_int_equal(xt_recorder_file_publish(&file, &place, &exists), XT_OK);
    assert_true(exists);
    xt_recorder_file_discard(&file, &place);
    assert_int_equal(count_entries(*state), 1);
    record(tracker, "read", XT_SUCCESS, 1);
    xt_image image = image_in_file("agent.run");
    assert_int_equal(image.header->recorded, 1);
    free(image.header);
    xt_tracker_close(tracker);
    xt_recorder_place_close(&place);
}

static void temporary_name_that_is_taken_is_left_alone(void **state) {
    char name[64];
    uint64_t now_us = AT_FIRST_US;
    const xt_recorder_options options = small_recorder_at(&now_us);
    go_to(state);
    snprintf(name, sizeof name, ".exectrack-new-%ld-0.tmp", (long)getpid());
    write_file(name, "", 0); /* one that isn't empty would be removed */
    xt_tracker_close(open_recorder("agent.run", &options));
    assert_int_equal(count_entries(*state), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(paths_may_have_all_that_paths_have),
        IN_DIRECTORY(names_and_paths_that_are_too_long_are_errors),
        IN_DIRECTORY(link_in_a_directory_of_this_user_is_followed),
        IN_DIRECTORY(link_in_a_directory_that_others_can_write_to_is_not_followed),
        IN_DIRECTORY(link_in_a_directory_of_another_user_is_not_followed),
        IN_DIRECTORY(file_of_another_user_is_refused),
        IN_DIRECTORY(directories_on_the_way_need_not_be_readable),
        IN_DIRECTORY(directory_without_permission_is_an_error),
        IN_DIRECTORY(file_that_appears_meanwhile_is_not_replaced),
        IN_DIRECTORY(temporary_name_that_is_taken_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
