#define _POSIX_C_SOURCE 200809L

#include "ending.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/*
 * A pipe in which there is something to read once a signal has come. It is global, as signals
 * belong to the process. With a pipe no signal is missed that comes just before the waiting.
 */
static int told[2] = {-1, -1};

static void tell(int signal_number) {
    int reason = errno;
    (void)signal_number;
    /* If the pipe is full, there is enough to read. */
    ssize_t written = write(told[1], "", 1);
    (void)written;
    errno = reason;
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
    return 1;
}
