#define _POSIX_C_SOURCE 200809L

#include "ending.h"

#include "output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A pipe in which there is something to read once a signal has come. It is global, as signals
 * belong to the process. With a pipe no signal is missed that comes just before the waiting.
 */
static int told[2] = {-1, -1};

/* Whether the last signal that has come is SIGINT. */
static volatile sig_atomic_t is_interrupt = 0;

static void tell(int signal_number) {
    int code = errno;
    is_interrupt = signal_number == SIGINT;
    /* If the pipe is full, there is enough to read. */
    ssize_t written = write(told[1], "", 1);
    (void)written;
    errno = code;
}

static bool open_pipe(void) {
    if (told[0] < 0 && pipe(told) != 0) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (fcntl(told[i], F_SETFD, FD_CLOEXEC) != 0 ||
            fcntl(told[i], F_SETFL, O_NONBLOCK) != 0) {
            return false;
        }
    }
    return true;
}

/* Lets the first signal be told; after it, the next one ends the process as by default. */
static void tell_of(int signal_number) {
    struct sigaction current;
    struct sigaction ours = {.sa_handler = tell, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&ours.sa_mask);
    if (sigaction(signal_number, NULL, &current) == 0 && current.sa_handler != SIG_IGN) {
        sigaction(signal_number, &ours, NULL);
    }
}

/* What is written before the message: clears a line on a terminal, which may have ^C on it. */
static const char *line_start = "";

enum { INTERRUPTED = 130 };

static void say(const char *text) {
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

static void end_interrupted(int signal_number) {
    (void)signal_number;
    xc_remove_open_files();
    say(line_start);
    say("exectrack: interrupted\n");
    _exit(INTERRUPTED);
}

int xc_end_by_interrupt(lua_State *L) {
    (void)L;
    const char *terminal = getenv("TERM");
    bool can_clear =
        isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
    struct sigaction current;
    struct sigaction ours = {.sa_handler = end_interrupted};
    sigfillset(&ours.sa_mask);
    line_start = can_clear ? "\r\033[K" : "";
    if (sigaction(SIGINT, NULL, &current) == 0 && current.sa_handler != SIG_IGN) {
        sigaction(SIGINT, &ours, NULL);
    }
    return 0;
}

bool xc_ends_by_interrupt(const struct sigaction *action) {
    return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == end_interrupted;
}

int xc_delay_end(lua_State *L) {
    if (!open_pipe()) {
        luaL_pushfail(L);
        lua_pushstring(L, strerror(errno));
        return 2;
    }
    tell_of(SIGINT);
    tell_of(SIGTERM);
    lua_pushboolean(L, true);
    lua_pushinteger(L, told[0]);
    return 2;
}

int xc_wait_for_end(lua_State *L) {
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds <= 3600, 1, "not from 0 to 3600");
    struct pollfd end = {.fd = told[0], .events = POLLIN};
    int ready = poll(&end, 1, (int)(seconds * 1000 + 0.999));
    if (ready < 0 && errno == EINTR) { /* by the signal itself, or by another */
        ready = poll(&end, 1, 0);
    }
    lua_pushboolean(L, ready > 0);
    lua_pushboolean(L, ready > 0 && is_interrupt);
    return 2;
}
