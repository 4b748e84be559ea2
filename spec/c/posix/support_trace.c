#define _GNU_SOURCE /* for ptrace's requests */

#include "support_trace.h"

#include "support_cmocka.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/ptrace.h>
#endif

/* Makes room for one more item. */
static void *grown(void *items, size_t count, size_t *room, size_t item_bytes) {
    if (count == *room) {
        *room = 2 * *room + 64;
        items = realloc(items, *room * item_bytes);
        assert_non_null(items);
    }
    return items;
}

static void add_change(trace *traced, trace_word change) {
    traced->changes = grown(traced->changes, traced->count, &traced->room, sizeof change);
    traced->changes[traced->count++] = change;
}

static void end_moment(trace *traced) {
    traced->moments = grown(traced->moments, traced->moment_count, &traced->moment_room,
                            sizeof traced->moments[0]);
    traced->moments[traced->moment_count++] = traced->count;
}

/* Adds how `now` differs from `known`, and makes that the same. */
static void add_moment_of(trace *traced, const uint64_t *now, uint64_t *known) {
    if (memcmp(now, known, traced->words * sizeof *now) == 0) {
        return;
    }
    for (size_t i = 0; i < traced->words; i++) {
        if (now[i] != known[i]) {
            add_change(traced, (trace_word){i, known[i], now[i]});
            known[i] = now[i];
        }
    }
    end_moment(traced);
}

void go_to_moment(const trace *traced, size_t from, size_t to, void *block) {
    uint64_t *words = block;
    for (size_t i = traced->moments[from]; i < traced->moments[to]; i++) {
        words[traced->changes[i].place] = traced->changes[i].after;
    }
    for (size_t i = traced->moments[from]; i > traced->moments[to]; i--) {
        words[traced->changes[i - 1].place] = traced->changes[i - 1].before;
    }
}

void forget_trace(trace *traced) {
    free(traced->changes);
    free(traced->moments);
    *traced = (trace){0};
}

#ifdef __linux__

/* Lets the child perform its next instruction. False when it has ended. */
static bool step(pid_t child, int *status) {
    return ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0 &&
           waitpid(child, status, 0) == child && WIFSTOPPED(*status);
}

static void act_as_child(void (*act)(void *context), void *context) {
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise(SIGSTOP) != 0) {
        _exit(1);
    }
    act(context);
    _exit(0);
}

bool trace_stores(void (*act)(void *context), void *context, void *shared, size_t bytes,
                  trace *traced) {
    int status = 0;
    uint64_t *known = malloc(bytes);
    assert_non_null(known);
    memcpy(known, shared, bytes);
    *traced = (trace){.words = bytes / sizeof *known};
    end_moment(traced);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        act_as_child(act, context);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    bool is_traced = WIFSTOPPED(status);
    while (is_traced && step(child, &status)) {
        add_moment_of(traced, shared, known);
        if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP) {
            kill(child, SIGKILL); /* it failed: SIGABRT, SIGSEGV */
            break;
        }
    }
    waitpid(child, &status, 0);
    free(known);
    return is_traced && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#else

bool trace_stores(void (*act)(void *context), void *context, void *shared, size_t bytes,
                  trace *traced) {
    (void)act;
    (void)context;
    (void)shared;
    (void)bytes;
    *traced = (trace){0};
    return false;
}

#endif
