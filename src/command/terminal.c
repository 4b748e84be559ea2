#define _DEFAULT_SOURCE /* struct winsize, SIGWINCH */
#define _POSIX_C_SOURCE 200809L
#ifdef __APPLE__
#define _DARWIN_C_SOURCE /* the same */
#endif

#include "terminal.h"

#include "ending.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define TYPE_NAME "exectrack.command.Terminal"

enum { KEY_BYTES = 64 };

/* The alternate screen, no cursor, no wrapping at the end of lines; and back. */
static const char enter_text[] = "\033[?1049h\033[?25l\033[?7l";
static const char leave_text[] = "\033[0m\033[?7h\033[?25h\033[?1049l";

/* Signals that end a process by default, of users, limits, timers and faults. */
static const int ending_signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGALRM,
                                     SIGUSR1, SIGUSR2, SIGXCPU, SIGABRT, SIGBUS,
                                     SIGFPE,  SIGILL,  SIGSEGV};

enum { ENDING_SIGNALS = sizeof ending_signals / sizeof ending_signals[0] };

/*
 * The open terminal. It is global, as signals and the terminal belong to the process. It is
 * changed only while all signals are blocked.
 */
static struct {
    bool is_open;
    struct termios modes; /* as they were before */
    struct sigaction ending[ENDING_SIGNALS];
    struct sigaction stop;
    struct sigaction go_on;
    struct sigaction resize;
} terminal;

static void block_signals(sigset_t *before) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, before);
}

static void restore_signals(const sigset_t *before) {
    sigprocmask(SIG_SETMASK, before, NULL);
}

/* Writes all bytes; false with the reason in `errno`. Can be called by a signal's handler. */
static bool write_all(const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, count);
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
            poll(&output, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* As it is drawn on. Without effect if the terminal is gone. */
static void enter(void) {
    struct termios modes = terminal.modes;
    modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    modes.c_iflag &= ~(tcflag_t)IXON; /* Ctrl-S would stop the output */
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    write_all(enter_text, sizeof enter_text - 1);
}

/* As it was before, without the keys that weren't read. */
static void leave(void) {
    tcflush(STDIN_FILENO, TCIFLUSH);
    write_all(leave_text, sizeof leave_text - 1);
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal.modes);
}

/* How SIGINT was handled before, if `xc_end_by_interrupt` was called; else by the system. */
static const struct sigaction *action_of_interrupt(void) {
    static const struct sigaction by_default = {.sa_handler = SIG_DFL};
    for (int i = 0; i < ENDING_SIGNALS; i++) {
        if (ending_signals[i] == SIGINT && xc_ends_by_interrupt(&terminal.ending[i])) {
            return &terminal.ending[i];
        }
    }
    return &by_default;
}

/* Handles a signal once: it is raised again, and ends the process when this returns. */
static void end_process(int signal_number) {
    int code = errno;
    leave();
    if (signal_number == SIGINT) {
        sigaction(SIGINT, action_of_interrupt(), NULL);
    } else {
        signal(signal_number, SIG_DFL);
    }
    raise(signal_number);
    errno = code;
}

static void handle(int signal_number, void (*handler)(int), struct sigaction *before) {
    struct sigaction ours = {.sa_handler = handler};
    sigfillset(&ours.sa_mask);
    sigaction(signal_number, &ours, before);
}

/* Handles SIGTSTP: stops the process here, until it goes on. */
static void stop_process(int signal_number) {
    int code = errno;
    sigset_t only_this;
    leave();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    sigemptyset(&only_this);
    sigaddset(&only_this, signal_number);
    sigprocmask(SIG_UNBLOCK, &only_this, NULL);
    handle(signal_number, stop_process, NULL);
    enter();
    errno = code;
}

/* Handles SIGCONT, which may come after a SIGSTOP, and then after anything on the screen. */
static void go_on(int signal_number) {
    int code = errno;
    (void)signal_number;
    enter();
    errno = code;
}

/* Handles SIGWINCH: the handler ends the waiting for a key. */
static void ignore(int signal_number) {
    (void)signal_number;
}

/* Handles `signal_number` in place of the system's default; SIGINT in place of any handler. */
static void handle_in_place(int signal_number, void (*handler)(int),
                            struct sigaction *before) {
    sigaction(signal_number, NULL, before);
    bool is_default = !(before->sa_flags & SA_SIGINFO) && before->sa_handler == SIG_DFL;
    bool is_ignored = !(before->sa_flags & SA_SIGINFO) && before->sa_handler == SIG_IGN;
    if (is_default || (signal_number == SIGINT && !is_ignored)) {
        handle(signal_number, handler, NULL);
    }
}

static void handle_signals(void) {
    for (int i = 0; i < ENDING_SIGNALS; i++) {
        handle_in_place(ending_signals[i], end_process, &terminal.ending[i]);
    }
    handle_in_place(SIGTSTP, stop_process, &terminal.stop);
    handle(SIGCONT, go_on, &terminal.go_on);
    handle(SIGWINCH, ignore, &terminal.resize);
}

static void leave_signals(void) {
    for (int i = 0; i < ENDING_SIGNALS; i++) {
        sigaction(ending_signals[i], &terminal.ending[i], NULL);
    }
    sigaction(SIGTSTP, &terminal.stop, NULL);
    sigaction(SIGCONT, &terminal.go_on, NULL);
    sigaction(SIGWINCH, &terminal.resize, NULL);
}

static int push_failure(lua_State *L, const char *message) {
    luaL_pushfail(L);
    lua_pushstring(L, message);
    return 2;
}

/* terminal:close() */
static int close_terminal(lua_State *L) {
    bool *is_open = luaL_checkudata(L, 1, TYPE_NAME);
    sigset_t before;
    block_signals(&before);
    if (*is_open) {
        *is_open = terminal.is_open = false;
        leave();
        leave_signals();
    }
    restore_signals(&before);
    return 0;
}

static void check_open(lua_State *L) {
    const bool *is_open = luaL_checkudata(L, 1, TYPE_NAME);
    luaL_argcheck(L, *is_open, 1, "closed terminal");
}

/* terminal:write(text) */
static int write_text(lua_State *L) {
    size_t count;
    check_open(L);
    const char *text = luaL_checklstring(L, 2, &count);
    if (!write_all(text, count)) {
        return push_failure(L, strerror(errno));
    }
    lua_pushboolean(L, true);
    return 1;
}

/* terminal:key(seconds) */
static int read_key(lua_State *L) {
    char bytes[KEY_BYTES];
    check_open(L);
    lua_Number seconds = luaL_checknumber(L, 2);
    int wait_ms = seconds < 0      ? 0
                  : seconds > 3600 ? 3600000
                                   : (int)(seconds * 1000 + 0.999);
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int ready = poll(&input, 1, wait_ms);
    ssize_t count = ready > 0 ? read(STDIN_FILENO, bytes, sizeof bytes) : 0;
    if (ready > 0 && (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))) {
        luaL_pushfail(L);
    } else {
        lua_pushlstring(L, bytes, count > 0 ? (size_t)count : 0);
    }
    return 1;
}

void xc_register_terminals(lua_State *L) {
    static const luaL_Reg methods[] = {{"write", write_text},
                                       {"key", read_key},
                                       {"close", close_terminal},
                                       {NULL, NULL}};
    luaL_newmetatable(L, TYPE_NAME);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, close_terminal);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

int xc_open_terminal(lua_State *L) {
    sigset_t before;
    bool *is_open = lua_newuserdatauv(L, sizeof *is_open, 0);
    *is_open = false;
    luaL_setmetatable(L, TYPE_NAME);
    if (terminal.is_open) {
        return push_failure(L, "it is open already");
    } else if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &terminal.modes) != 0) {
        return push_failure(L, strerror(errno));
    }
    block_signals(&before);
    *is_open = terminal.is_open = true;
    handle_signals();
    enter();
    restore_signals(&before);
    return 1;
}

/* Pushes a number of columns or lines; nil for 0. */
static void push_size(lua_State *L, unsigned short number) {
    if (number > 0) {
        lua_pushinteger(L, number);
    } else {
        luaL_pushfail(L);
    }
}

int xc_terminal_size(lua_State *L) {
    struct winsize size;
    if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &size) != 0) {
        size.ws_col = size.ws_row = 0;
    }
    push_size(L, size.ws_col);
    push_size(L, size.ws_row);
    return 2;
}
