/*
 * What checks, in test builds, that a tracker announces what it changes.
 */
#define _POSIX_C_SOURCE 200809L

#include "shadow.h"
#include "tracker.h"

#include "support_cmocka.h"
#include "support_saved.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* A mistake for which the journal of a test build ends the process. */
typedef void misdeed(xt_journal *journal, xt_header *header);

static void change_before_it_is_announced(xt_journal *journal, xt_header *header) {
    xt_journal_begin(journal);
    header->recorded++;
    xt_journal_touch(journal, &header->recorded, sizeof header->recorded);
}

static void change_beside_what_is_announced(xt_journal *journal, xt_header *header) {
    xt_journal_begin(journal);
    xt_journal_touch(journal, &header->recorded, sizeof header->recorded);
    header->running++;
    xt_journal_end(journal);
}

static void change_between_operations(xt_journal *journal, xt_header *header) {
    header->running++;
    xt_journal_begin(journal);
}

static void touch_too_much(xt_journal *journal, xt_header *header) {
    xt_journal_begin(journal);
    xt_journal_touch(journal, header, XT_MOST_TOUCHED_BYTES + 1);
}

/* Whether `commit` aborts, in a child process. */
static bool aborts(misdeed *commit, xt_journal *journal, xt_header *header) {
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL); /* cmocka catches it */
        fclose(stderr);
        commit(journal, header);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void shadow_ends_a_process_that_changes_what_it_did_not_announce(void **state) {
    (void)state;
    misdeed *const misdeeds[] = {change_before_it_is_announced,
                                 change_beside_what_is_announced,
                                 change_between_operations, touch_too_much};
    for (size_t i = 0; i < 4; i++) {
        xt_tracker *tracker = busy_tracker();
        xt_journal *journal = xt_shadow_open(xt_tracker_image(tracker));
        assert_true(aborts(misdeeds[i], journal, xt_tracker_image(tracker)->header));
        xt_shadow_close(journal);
        xt_tracker_close(tracker);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shadow_ends_a_process_that_changes_what_it_did_not_announce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
