/*
 * Recorders in a process that forks: whatever its children do, the file is its alone.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_recorder.h"
#include "support_tracker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

static const char *path_of(void **state) {
    static char path[2 * DIRECTORY_PATH_BYTES];
    snprintf(path, sizeof path, "%s", path_in(*state, "agent.run"));
    return path;
}

/* The status with which `child` ended. */
static int end_of(pid_t child) {
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static bool has_succeeded(pid_t child) {
    int status = end_of(child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* What a child that knows no better does with its copy of a recorder. */
static bool misuse(xt_tracker *tracker) {
    bool is_inherited = xt_recorder_is_inherited(tracker);
    record(tracker, "child", XT_FAILED, 1);
    xt_tracker_start(tracker, xt_text_of("child"), 0);
    xt_tracker_clear(tracker);
    bool is_synced = xt_recorder_sync(tracker) == XT_OK;
    xt_tracker_close(tracker);
    return is_inherited && is_synced;
}

static void nothing_that_a_child_does_reaches_the_file(void **state) {
    uint64_t now_us = AT_FIRST_US;
    const xt_recorder_options options = small_recorder_at(&now_us);
    xt_tracker *tracker = open_recorder(path_of(state), &options);
    record(tracker, "parent", XT_SUCCESS, 1);
    void *before = copy_of_block(tracker);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        exit(misuse(tracker) ? 0 : 1); /* not _exit: what a host has registered runs */
    }
    assert_true(has_succeeded(child));
    assert_true(is_block(tracker, before));
    assert_false(xt_recorder_is_inherited(tracker));
    assert_not_opened(path_of(state), &options, XT_ERROR_BUSY,
                      "another recorder has it open");
    record(tracker, "parent", XT_SUCCESS, 1);
    xt_tracker_close(tracker);
    tracker = open_recorder(path_of(state), &options);
    assert_int_equal(xt_tracker_image(tracker)->header->recorded, 2);
    assert_sound(tracker);
    xt_tracker_close(tracker);
    free(before);
}

/* A process that opens the recorder at `path`, forks a child that waits, and dies. Returns
 * the child, when that waits. */
static pid_t leave_a_child(const char *path, const xt_recorder_options *options) {
    int pipe_ends[2];
    pid_t child = 0;
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        record(open_recorder(path, options), "parent", XT_SUCCESS, 1);
        if (fork() == 0) {
            child = getpid();
            if (write(pipe_ends[1], &child, sizeof child) == sizeof child) {
                close(pipe_ends[0]);
                close(pipe_ends[1]);
                pause();
            }
            _exit(0);
        }
        pause();
    }
    close(pipe_ends[1]);
    assert_int_equal(read(pipe_ends[0], &child, sizeof child), sizeof child);
    close(pipe_ends[0]);
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_true(WIFSIGNALED(end_of(parent)));
    return child;
}

static void file_of_a_dead_parent_can_be_opened_while_its_child_lives(void **state) {
    uint64_t now_us = AT_FIRST_US;
    const xt_recorder_options options = small_recorder_at(&now_us);
    pid_t child = leave_a_child(path_of(state), &options);
    xt_tracker *tracker = NULL;
    xt_error error = xt_recorder_open(path_of(state), &options, &tracker, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(error, XT_OK);
    assert_int_equal(xt_tracker_image(tracker)->header->recorded, 1);
    xt_tracker_close(tracker);
}

static void child_opens_recorders_of_its_own(void **state) {
    uint64_t now_us = AT_FIRST_US;
    const xt_recorder_options options = small_recorder_at(&now_us);
    const char *own = strdup(path_in(*state, "child.run"));
    xt_tracker *first = open_recorder(path_of(state), &options);
    xt_tracker *second = open_recorder(path_in(*state, "second.run"), &options);
    xt_tracker *third = open_recorder(path_in(*state, "third.run"), &options);
    xt_tracker_close(second);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        xt_tracker *tracker = open_recorder(own, &options);
        record(tracker, "child", XT_SUCCESS, 1);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            bool are_inherited = xt_recorder_is_inherited(first) && misuse(third) &&
                                 misuse(tracker) && misuse(first);
            exit(are_inherited ? 0 : 1);
        }
        bool is_fine = has_succeeded(grandchild) && !xt_recorder_is_inherited(tracker) &&
                       xt_recorder_process(tracker) == (uint32_t)getpid();
        record(tracker, "child", XT_SUCCESS, 1);
        xt_tracker_close(tracker);
        exit(is_fine ? 0 : 1);
    }
    assert_true(has_succeeded(child));
    xt_image image = image_in_file(own);
    assert_int_equal(image.header->recorded, 2);
    assert_int_not_equal(image.writer->closed_us, 0);
    free(image.header);
    xt_tracker_close(third);
    xt_tracker_close(first);
    free((char *)(uintptr_t)own);
}

#ifdef SYS_clone

/* A child that is made without the handlers of pthread_atfork. */
static void child_without_handlers_faults_instead_of_recording(void **state) {
    uint64_t now_us = AT_FIRST_US;
    const xt_recorder_options options = small_recorder_at(&now_us);
    xt_tracker *tracker = open_recorder(path_of(state), &options);
    void *before = copy_of_block(tracker);
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* cmocka and sanitizers catch it */
        signal(SIGBUS, SIG_DFL);
        record(tracker, "child", XT_SUCCESS, 1);
        _exit(0);
    }
    int status = end_of(child);
    assert_true(WIFSIGNALED(status));
    assert_true(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
    assert_true(is_block(tracker, before));
    xt_tracker_close(tracker);
    free(before);
}

#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(nothing_that_a_child_does_reaches_the_file),
        IN_DIRECTORY(file_of_a_dead_parent_can_be_opened_while_its_child_lives),
        IN_DIRECTORY(child_opens_recorders_of_its_own),
#ifdef SYS_clone
        IN_DIRECTORY(child_without_handlers_faults_instead_of_recording),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
