/*
 * System calls for the command that Lua's own libraries lack.
 *
 * A separate module; the core and the binding don't need it.
 */

#define _DEFAULT_SOURCE /* realpath */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* on 32 bits too */

#include "ending.h"
#include "folder.h"
#include "lua/compat.h"
#include "output_file.h"
#include "terminal.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Whether `path` is a terminal. Opens only character devices: opening a FIFO would have
 * an effect on its reader. */
static bool is_terminal_at(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISCHR(status.st_mode)) {
        return false;
    }
    int file = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool is_one = file >= 0 && isatty(file);
    if (file >= 0) {
        close(file);
    }
    return is_one;
}

/*
 * is_terminal(where): whether `where`, a file descriptor (0 to 2 for the standard
 * streams) or a path, is a terminal.
 */
static int is_terminal(lua_State *L) {
    bool is_path = lua_type(L, 1) == LUA_TSTRING;
    lua_pushboolean(L, is_path ? is_terminal_at(lua_tostring(L, 1))
                               : isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

/*
 * resolve(path): the path with all symbolic links resolved; `path` itself if it leads to
 * something without a path, such as a pipe at /dev/stdout; nil if nothing is there.
 */
static int resolve(lua_State *L) {
    char resolved[PATH_MAX];
    struct stat status;
    const char *path = luaL_checkstring(L, 1);
    if (realpath(path, resolved) != NULL) {
        lua_pushstring(L, resolved);
    } else if (stat(path, &status) == 0) {
        lua_pushvalue(L, 1);
    } else {
        luaL_pushfail(L);
    }
    return 1;
}

/* read_link(path): the target of the symbolic link at `path`; nil if there is none. */
static int read_link(lua_State *L) {
    char target[PATH_MAX];
    ssize_t length = readlink(luaL_checkstring(L, 1), target, sizeof target);
    if (length < 0) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushlstring(L, target, (size_t)length);
    return 1;
}

/*
 * is_regular(path): true for a regular file; false for anything else, such as a device, a
 * directory or a symbolic link; nil if nothing is there.
 */
static int is_regular(lua_State *L) {
    struct stat status;
    if (lstat(luaL_checkstring(L, 1), &status) != 0) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushboolean(L, S_ISREG(status.st_mode));
    return 1;
}

/*
 * stamp(path): what tells one content of a file from a later one: its size in bytes and when
 * it was last modified, in Unix seconds, as one text; nil if there is no file.
 */
static int stamp(lua_State *L) {
    struct stat status;
    if (stat(luaL_checkstring(L, 1), &status) != 0 || !S_ISREG(status.st_mode)) {
        luaL_pushfail(L);
        return 1;
    }
    char text[64];
    int length = snprintf(text, sizeof text, "%lld bytes of %lld",
                          (long long)status.st_size, (long long)status.st_mtime);
    lua_pushlstring(L, text, (size_t)length);
    return 1;
}

/* is_same(path, other): whether both paths lead to the same file. */
static int is_same(lua_State *L) {
    struct stat status;
    struct stat other;
    lua_pushboolean(L, stat(luaL_checkstring(L, 1), &status) == 0 &&
                           stat(luaL_checkstring(L, 2), &other) == 0 &&
                           status.st_dev == other.st_dev &&
                           status.st_ino == other.st_ino);
    return 1;
}

/*
 * monotonic(): seconds since a fixed point in the past; setting the system's time doesn't
 * change it.
 */
static int monotonic(lua_State *L) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

/* time(): Unix seconds, with a fraction. */
static int unix_time(lua_State *L) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

/*
 * pause(seconds): waits that long, or until a signal comes. Returns whether standard output can
 * still have a reader; if it can't, at once.
 */
static int pause_a_while(lua_State *L) {
    lua_Number seconds = luaL_checknumber(L, 1);
    luaL_argcheck(L, seconds >= 0 && seconds <= 3600, 1, "not from 0 to 3600");
    struct pollfd output = {.fd = STDOUT_FILENO, .events = 0};
    int ready = poll(&output, 1, (int)(seconds * 1000 + 0.5));
    lua_pushboolean(L,
                    ready <= 0 || (output.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0);
    return 1;
}

/*
 * ignore_write_signals(): ignores SIGPIPE and SIGXFSZ. From then on, writing to a pipe
 * that nobody reads, or beyond RLIMIT_FSIZE, fails with the system's message instead of
 * ending the process. Child processes inherit this.
 */
static int ignore_write_signals(lua_State *L) {
    (void)L;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return 0;
}

/*
 * reserve_streams(): opens those of the three standard streams that are closed, so that no
 * file that is opened later takes the number of one and what is written to it. Reading from
 * it, or writing to it, fails as before.
 */
static int reserve_streams(lua_State *L) {
    (void)L;
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; ++file) {
        if (fcntl(file, F_GETFD) < 0 &&
            open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) {
            break;
        }
    }
    return 0;
}

__attribute__((visibility("default"))) int luaopen_exectrack_command_system(lua_State *L);

int luaopen_exectrack_command_system(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"delay_end", xc_delay_end},
        {"end_by_interrupt", xc_end_by_interrupt},
        {"hold_signals", xc_hold_signals},
        {"ignore_write_signals", ignore_write_signals},
        {"is_regular", is_regular},
        {"is_same", is_same},
        {"is_terminal", is_terminal},
        {"list", xc_list_folder},
        {"monotonic", monotonic},
        {"new_file", xc_new_file},
        {"open_terminal", xc_open_terminal},
        {"pause", pause_a_while},
        {"read_link", read_link},
        {"reserve_streams", reserve_streams},
        {"resolve", resolve},
        {"stamp", stamp},
        {"status", xc_status},
        {"terminal_size", xc_terminal_size},
        {"time", unix_time},
        {"wait_for_end", xc_wait_for_end},
        {NULL, NULL},
    };
    xc_register_files(L);
    xc_register_folders(L);
    xc_register_terminals(L);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
