/*
 * Every store of an operation is a death once: a process that records is stopped after each
 * of its instructions, and whenever the file's bytes have changed, a copy of it must
 * recover to what it was before the operation, or to what it is after it. Whoever loads the
 * file then finds the same.
 *
 * Skipped where a process can't be stopped after each instruction.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include "exectrack_snapshot.h"

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_mapped.h"
#include "support_recorder.h"
#include "support_script.h"
#include "support_tracker.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

/* With a sanitizer there are ten times as many instructions; one test is enough then. */
#ifdef __SANITIZE_ADDRESS__
enum { IS_SLOW = true };
#else
enum { IS_SLOW = false };
#endif

/* Shared by a process that is stopped and the test. */
typedef struct progress {
    volatile size_t done; /* steps of the script */
} progress;

/* A process that is stopped, and the file that it changes. */
typedef struct victim {
    pid_t pid;
    progress *progress;
    const char *path;
    const char *file; /* its mapping, read-only */
    size_t bytes;
    char *last; /* the file when it was last looked at */
    char *copy; /* to recover */
    size_t instructions;
    size_t states; /* different contents of the file */
} victim;

/* Maps the file at `path`, read-only. */
static const char *map(const char *path, size_t *bytes) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    *bytes = (size_t)lseek(file, 0, SEEK_END);
    const char *block = mmap(NULL, *bytes, PROT_READ, MAP_SHARED, file, 0);
    assert_true(block != MAP_FAILED);
    close(file);
    return block;
}

/* Waits until the process stops or ends; true if it has stopped. */
static bool wait_for_stop(const victim *self) {
    int status = 0;
    assert_int_equal(waitpid(self->pid, &status, 0), self->pid);
    if (WIFSIGNALED(status)) {
        fail_msg("the stopped process died from signal %d", WTERMSIG(status));
    }
    return WIFSTOPPED(status);
}

/*
 * Forks a process that is stopped whenever it calls raise(SIGSTOP). Returns false in the
 * test, with `self->pid` 0 if that isn't possible here; true in the new process.
 */
static bool is_victim(victim *self) {
    *self = (victim){0};
    self->progress = mmap(NULL, sizeof(progress), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(self->progress != MAP_FAILED);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
            _exit(77);
        }
        return true;
    }
    self->pid = pid;
    if (!wait_for_stop(self)) {
        self->pid = 0;
    } else { /* a test that fails doesn't leave it behind */
        ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_EXITKILL);
    }
    return false;
}

static void begin_to_watch(victim *self, const char *path) {
    self->path = path;
    self->file = map(path, &self->bytes);
    self->last = malloc(self->bytes);
    self->copy = malloc(self->bytes);
    assert_true(self->last != NULL && self->copy != NULL);
    memcpy(self->last, self->file, self->bytes);
}

/* Lets the process execute one instruction. False if it has ended. */
static bool execute_one(victim *self) {
    self->instructions++;
    if (ptrace(PTRACE_SINGLESTEP, self->pid, NULL, NULL) != 0) {
        fail_msg("PTRACE_SINGLESTEP: %s", strerror(errno));
    }
    return wait_for_stop(self);
}

/* Whether the file has changed; then copies it. */
static bool has_changed(victim *self) {
    if (memcmp(self->last, self->file, self->bytes) == 0) {
        return false;
    }
    memcpy(self->last, self->file, self->bytes);
    memcpy(self->copy, self->file, self->bytes);
    self->states++;
    return true;
}

/* Fails unless the file, whose process is stopped, is loaded as `image`. */
static void load_too(const victim *self, const xt_image *image, const char *during) {
    xt_snapshot *loaded;
    xt_snapshot *taken;
    const char *problem = NULL;
    if (xt_snapshot_load(self->path, NULL, &loaded, &problem) != XT_OK) {
        fail_msg("%s, instruction %zu: %s", during, self->instructions, problem);
    }
    assert_int_equal(xt_snapshot_take(image, NULL, &taken), XT_OK);
    /* The time of a live recorder is that of loading. */
    xt_snapshot_image(taken)->header->now_us = xt_snapshot_image(loaded)->header->now_us;
    if (!xt_snapshot_equals(loaded, taken)) {
        fail_msg("%s, instruction %zu: not loaded as it is recovered", during,
                 self->instructions);
    }
    xt_snapshot_close(loaded);
    xt_snapshot_close(taken);
}

/* Recovers the copy, as opening it would, and checks it. */
static xt_image recovered(victim *self, const char *during) {
    xt_image image;
    xt_image_view(&image, self->copy);
    if (!xt_undo_log_recover(&image)) {
        fail_msg("%s, instruction %zu: not recovered", during, self->instructions);
    }
    if (xt_image_check_header(image.header, self->bytes) != XT_OK ||
        strcmp(verdict_on(&image), "sound") != 0) {
        fail_msg("%s, instruction %zu: %s", during, self->instructions,
                 verdict_on(&image));
    }
    load_too(self, &image, during);
    return image;
}

static void end_to_watch(victim *self) {
    munmap((void *)(uintptr_t)self->file, self->bytes);
    munmap(self->progress, sizeof(progress));
    free(self->last);
    free(self->copy);
}

/* Stops the process after each instruction of step `i` of the script, which takes the file
 * from `before` to `after`. */
static void watch_step(victim *self, size_t i, const xt_image *before,
                       const xt_image *after) {
    bool is_after = false;
    while (self->progress->done <= i && execute_one(self)) {
        if (has_changed(self)) {
            xt_image image = recovered(self, script_steps[i].name);
            bool was_after = is_after;
            is_after = is_same_run(&image, after);
            if (was_after ? !is_after : !is_after && !is_same_run(&image, before)) {
                fail_msg("%s, instruction %zu: neither before nor after",
                         script_steps[i].name, self->instructions);
            }
        }
    }
    assert_int_equal(self->progress->done, i + 1);
    assert_true(is_after || is_same_run(before, after));
}

/* What a process does that is watched. */
static void follow_script(victim *self, const char *path, bool is_plain) {
    script own;
    const xt_recorder_options options = script_options(&own, is_plain);
    own.tracker = open_recorder(path, &options);
    for (size_t i = 0; i < script_length; i++) {
        raise(SIGSTOP);
        script_act(&own, i);
        self->progress->done = i + 1;
    }
    raise(SIGSTOP);
    xt_tracker_close(own.tracker);
    _exit(0);
}

/* Whether the runs are the same, whatever their bytes. */
static bool is_equal(const xt_image *a, const xt_image *b) {
    xt_snapshot *of_a;
    xt_snapshot *of_b;
    assert_int_equal(xt_snapshot_take(a, NULL, &of_a), XT_OK);
    assert_int_equal(xt_snapshot_take(b, NULL, &of_b), XT_OK);
    bool result = xt_snapshot_equals(of_a, of_b);
    xt_snapshot_close(of_a);
    xt_snapshot_close(of_b);
    return result;
}

/* Watches the steps from `first` on that are single operations; does the same in `model`,
 * a recorder, and in `plain`, a tracker in private memory. */
static void watch_script(victim *self, script *model, script *plain) {
    const xt_image *after = xt_tracker_image(model->tracker);
    for (size_t i = 0; i < script_length; i++) {
        xt_image before;
        xt_image_view(&before, copy_of_block(model->tracker));
        script_act(model, i);
        script_act(plain, i);
        assert_true(is_equal(after, xt_tracker_image(plain->tracker)));
        if (after->header->generation <= before.header->generation + 2) {
            watch_step(self, i, &before, after);
        }
        ptrace(PTRACE_CONT, self->pid, NULL, NULL);
        assert_true(wait_for_stop(self));
        memcpy(self->last, self->file, self->bytes);
        free(before.header);
    }
}

/* While the recorder is closed, the run stays the same, and so does its writer, but for
 * the time when it was closed. */
static void watch_closing(victim *self, const script *model) {
    bool is_closed = false;
    while (execute_one(self)) {
        if (has_changed(self)) {
            xt_image image = recovered(self, "closing");
            assert_true(is_same_run(&image, xt_tracker_image(model->tracker)));
            assert_int_equal(image.writer->pid, self->pid);
            assert_true(!is_closed || image.writer->closed_us != 0);
            is_closed = image.writer->closed_us != 0;
            assert_true(!is_closed || image.writer->closed_us == model->now_us);
        }
    }
    assert_true(is_closed);
}

static void watch_all(void **state, bool is_plain) {
    char path[2 * DIRECTORY_PATH_BYTES];
    victim self;
    script model;
    script plain;
    snprintf(path, sizeof path, "%s", path_in(*state, "victim.run"));
    if (is_victim(&self)) {
        follow_script(&self, path, is_plain);
    }
    if (self.pid == 0) {
        print_message("processes can't be stopped after each instruction here\n");
        skip();
    }
    begin_to_watch(&self, path);
    const xt_recorder_options options = script_options(&model, is_plain);
    model.tracker = open_recorder(path_in(*state, "model.run"), &options);
    const xt_recorder_options same = script_options(&plain, is_plain);
    plain.tracker = tracker_with(&same.run);
    watch_script(&self, &model, &plain);
    watch_closing(&self, &model);
    print_message("%zu instructions, %zu contents of the file\n", self.instructions,
                  self.states);
    assert_true(self.states > 1000);
    end_to_watch(&self);
    xt_tracker_close(model.tracker);
    xt_tracker_close(plain.tracker);
}

static void plain_operation_is_whole_or_absent_at_every_instruction(void **state) {
    if (IS_SLOW) {
        skip();
    }
    watch_all(state, true);
}

static void any_operation_is_whole_or_absent_at_every_instruction(void **state) {
    watch_all(state, false);
}

/* Writes the file of a process that died when it had done all of the last operation of
 * `model` but commit it. */
static void write_unfinished(const char *path, const script *model) {
    xt_image image;
    xt_image_view(&image, copy_of_block(model->tracker));
    image.header->generation--;
    write_file(path, image.header, xt_image_bytes(&image));
    free(image.header);
}

/* What a process does that recovers the file at `path`, and is watched. */
static void recover_file(const char *path) {
    xt_image image;
    int file = open(path, O_RDWR | O_CLOEXEC);
    size_t bytes = (size_t)lseek(file, 0, SEEK_END);
    xt_image_view(&image, mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    raise(SIGSTOP);
    _exit(xt_undo_log_recover(&image) ? 0 : 1);
}

/* Watches a process that recovers an unfinished operation, which leads to `target`. */
static size_t watch_recovery(const char *path, const xt_image *target) {
    victim self;
    if (is_victim(&self)) {
        recover_file(path);
    }
    if (self.pid == 0) {
        return 0;
    }
    begin_to_watch(&self, path);
    while (execute_one(&self)) {
        if (has_changed(&self)) {
            xt_image image = recovered(&self, "recovering");
            assert_true(is_same_run(&image, target));
        }
    }
    size_t states = self.states;
    end_to_watch(&self);
    return states;
}

static void recovering_can_be_interrupted_at_every_instruction(void **state) {
    char path[2 * DIRECTORY_PATH_BYTES];
    size_t states = 0;
    script model;
    const xt_recorder_options options = script_options(&model, false);
    snprintf(path, sizeof path, "%s", path_in(*state, "unfinished.run"));
    model.tracker = open_recorder(path_in(*state, "model.run"), &options);
    const xt_image *after = xt_tracker_image(model.tracker);
    for (size_t i = 0; i < script_length; i++) {
        xt_image before;
        xt_image_view(&before, copy_of_block(model.tracker));
        script_act(&model, i);
        if (after->header->generation == before.header->generation + 2) {
            write_unfinished(path, &model);
            bool is_clear = after->undo->intent == XT_REDO_CLEAR;
            states += watch_recovery(path, is_clear ? after : &before);
        }
        free(before.header);
    }
    xt_tracker_close(model.tracker);
    print_message("%zu contents of files\n", states);
    if (states == 0) {
        skip();
    }
}

/* What a process does that opens a file, and is watched. */
static void open_file(victim *self, const char *path) {
    script own;
    const xt_recorder_options options = script_options(&own, true);
    own.now_us += 1000000;
    raise(SIGSTOP);
    own.tracker = open_recorder(path, &options);
    self->progress->done = 1;
    raise(SIGSTOP);
    _exit(0);
}

/* Takes the steps of the script before `clear`; the last but one leaves three calls in
 * flight. */
static void follow_up_to_clear(script *self) {
    for (size_t i = 0; strcmp(script_steps[i].name, "clear") != 0; i++) {
        script_act(self, i);
    }
}

/* Whether nothing is lost: what was in flight is recorded, or still in flight. */
static bool has_all(const xt_image *image, const xt_image *model) {
    const xt_header *header = image->header;
    return header->recorded + header->running ==
               model->header->recorded + model->header->running &&
           header->in_flight.serial == model->header->in_flight.serial;
}

static void watch_opening(victim *self, const xt_image *model) {
    uint64_t recorded_before = model->header->recorded;
    while (self->progress->done == 0 && execute_one(self)) {
        if (has_changed(self)) {
            xt_image image = recovered(self, "opening");
            assert_true(has_all(&image, model));
            assert_true(image.header->recorded >= recorded_before);
            recorded_before = image.header->recorded;
        }
    }
    xt_image opened;
    xt_image_view(&opened, self->last);
    assert_int_equal(opened.header->running, 0);
    assert_int_equal(opened.header->recorded,
                     model->header->recorded + model->header->running);
    assert_int_equal(opened.writer->pid, self->pid);
}

static void opening_can_be_interrupted_at_every_instruction(void **state) {
    char path[2 * DIRECTORY_PATH_BYTES];
    victim self;
    script model;
    if (IS_SLOW) {
        skip();
    }
    snprintf(path, sizeof path, "%s", path_in(*state, "left.run"));
    const xt_recorder_options options = script_options(&model, true);
    model.tracker = open_recorder(path_in(*state, "model.run"), &options);
    follow_up_to_clear(&model);
    const xt_image *image = xt_tracker_image(model.tracker);
    write_file(path, image->header, xt_image_bytes(image));
    if (is_victim(&self)) {
        open_file(&self, path);
    }
    if (self.pid == 0) {
        skip();
    }
    begin_to_watch(&self, path);
    watch_opening(&self, image);
    print_message("%zu instructions, %zu contents of the file\n", self.instructions,
                  self.states);
    kill(self.pid, SIGKILL);
    waitpid(self.pid, NULL, 0);
    end_to_watch(&self);
    xt_tracker_close(model.tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(plain_operation_is_whole_or_absent_at_every_instruction),
        IN_DIRECTORY(any_operation_is_whole_or_absent_at_every_instruction),
        IN_DIRECTORY(recovering_can_be_interrupted_at_every_instruction),
        IN_DIRECTORY(opening_can_be_interrupted_at_every_instruction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void processes_can_be_stopped_after_each_instruction(void **state) {
    (void)state;
    skip();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_can_be_stopped_after_each_instruction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
