/*
 * A writer that does everything is killed at random times. What is left must be what it had
 * acknowledged, or one operation more; then another one goes on with it.
 *
 * KILL_SECONDS says how long, by default 2.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_operations.h"
#include "support_random.h"
#include "support_recorder.h"
#include "support_tracker.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

enum { LIVES = 10 /* of one file */, MOST_NS = 60000 /* of one life */ };

/* What the writer tells the test. */
typedef struct acknowledged {
    volatile int is_open;
    volatile uint64_t operations;
} acknowledged;

/* A file, and what must be in it. */
typedef struct trial {
    char path[2 * DIRECTORY_PATH_BYTES];
    char model_path[2 * DIRECTORY_PATH_BYTES];
    uint64_t seed;
    uint64_t now_us;
    xt_recorder_options options;
    xt_tracker *model; /* a recorder too: so that all bytes can be compared */
    uint64_t done;     /* operations of the model */
    acknowledged *acknowledged;
} trial;

/* How often each thing was found. */
typedef struct tally {
    size_t lives;
    size_t unborn;     /* there was no file yet */
    size_t unfinished; /* an operation was rolled back, or repeated */
    size_t one_more;   /* an operation was done and not acknowledged */
} tally;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* What the process does that is killed. */
static void write_until_killed(trial *self) {
    xt_tracker *tracker = open_recorder(self->path, &self->options);
    self->acknowledged->is_open = 1;
    for (uint64_t i = self->done;; i++) {
        operate(tracker, self->seed, i, &self->now_us);
        self->acknowledged->operations = i + 1;
    }
}

/* Lets a writer live for `life_ns`, from when it has opened the file; from its birth if it
 * `is_early`. */
static void let_live(trial *self, int64_t life_ns, bool is_early) {
    self->acknowledged->is_open = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        write_until_killed(self);
    }
    while (!is_early && !self->acknowledged->is_open) {
        assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    }
    for (int64_t start_ns = now_ns(); now_ns() - start_ns < life_ns;) {
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void act(trial *self) {
    operate(self->model, self->seed, self->done++, &self->now_us);
}

/* The next writer first ends what was in flight, at the last time that the file knows, and
 * then reads the clock. */
static void end_life(trial *self, const xt_image *left) {
    self->model->image.header->now_us = left->header->now_us;
    xt_tracker_end_all(self->model, xt_text_of("writer_died"));
    xt_tracker_now_us(self->model);
    self->acknowledged->operations = self->done;
}

/* Compares the file with the model, which does what was acknowledged, and perhaps one
 * operation more. A writer that was killed while it opened the file may have ended some of
 * what was in flight: then the next life shows if that is right. */
static void compare(trial *self, tally *found) {
    xt_image left = image_in_file(self->path);
    found->unfinished += left.header->generation % 2;
    assert_true(xt_undo_log_recover(&left));
    assert_string_equal(verdict_on(&left), "sound");
    if (self->acknowledged->is_open) {
        while (self->done < self->acknowledged->operations) {
            act(self);
        }
        if (!is_same_run(&left, &self->model->image)) {
            act(self);
            found->one_more++;
            assert_true(is_same_run(&left, &self->model->image));
        }
        end_life(self, &left);
    }
    free(left.header);
}

static void begin_trial(trial *self, void **state, uint64_t seed) {
    snprintf(self->path, sizeof self->path, "%s", path_in(*state, "agent.run"));
    snprintf(self->model_path, sizeof self->model_path, "%s",
             path_in(*state, "model.run"));
    self->seed = seed;
    self->options = operation_options(seed, &self->now_us);
    self->model = open_recorder(self->model_path, &self->options);
    self->done = 0;
    self->acknowledged->operations = 0;
}

static void end_trial(trial *self) {
    xt_tracker_close(self->model);
    unlink(self->path);
    unlink(self->model_path);
}

/* The lives of one file. */
static void run_trial(trial *self, random_source *source, tally *found) {
    for (int i = 0; i < LIVES; i++) {
        bool is_early = random_once_in(source, 4);
        let_live(self, random_below(source, MOST_NS), is_early);
        found->lives++;
        if (access(self->path, F_OK) == 0) {
            compare(self, found);
        } else {
            assert_true(i == 0 || self->done == 0);
            found->unborn++;
        }
    }
}

static void remove_temporaries(void **state) {
    remove_directory(state);
    assert_int_equal(make_directory(state), 0);
}

static void killed_writer_leaves_all_that_it_acknowledged(void **state) {
    const char *seconds = getenv("KILL_SECONDS");
    int64_t limit_ns = (seconds != NULL ? strtoll(seconds, NULL, 10) : 2) * 1000000000;
    random_source source = random_seeded();
    tally found = {0};
    trial self;
    self.acknowledged = mmap(NULL, sizeof(acknowledged), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(self.acknowledged != MAP_FAILED);
    uint64_t operations = 0;
    for (int64_t start_ns = now_ns(); now_ns() - start_ns < limit_ns;) {
        begin_trial(&self, state, random_below(&source, 1000000));
        run_trial(&self, &source, &found);
        operations += self.done;
        end_trial(&self);
        remove_temporaries(state);
    }
    print_message(
        "%zu kills, %zu before there was a file, %zu within an operation, %zu "
        "before it was acknowledged; %llu operations\n",
        found.lives, found.unborn, found.unfinished, found.one_more,
        (unsigned long long)operations);
    assert_true(found.lives > 0);
    munmap(self.acknowledged, sizeof(acknowledged));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(killed_writer_leaves_all_that_it_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
