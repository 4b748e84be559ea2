// What the command asks of the system, and Lua's own libraries can't tell.
//
// A module of its own, which the core and the binding don't need.

#define _DEFAULT_SOURCE // struct winsize
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 // on 32 bits too

#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// is_terminal(descriptor): whether a file descriptor, 0 to 2 for the standard streams, is a
// terminal.
static int is_terminal(lua_State *L) {
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

// terminal_width(descriptor): how many columns the terminal has; nil if it isn't one, or doesn't tell.
static int terminal_width(lua_State *L) {
    struct winsize size;
    if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushinteger(L, size.ws_col);
    return 1;
}

// resolve(path): the path of what is there, without symbolic links; nil if nothing is there.
static int resolve(lua_State *L) {
    char resolved[PATH_MAX];
    if (realpath(luaL_checkstring(L, 1), resolved) == NULL) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushstring(L, resolved);
    return 1;
}

// is_regular(path): true for a regular file, false for what is there otherwise, such as a device, a
// directory or a symbolic link; nil if nothing is there.
static int is_regular(lua_State *L) {
    struct stat status;
    if (lstat(luaL_checkstring(L, 1), &status) != 0) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushboolean(L, S_ISREG(status.st_mode));
    return 1;
}

// The permissions that a file at `path` is to have: those of the one that is there, else those of any
// new file.
static mode_t permissions_for(const char *path) {
    struct stat status;
    if (stat(path, &status) == 0) {
        return status.st_mode & 0777;
    }
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

// create_beside(path): makes an empty file in the same directory, with the permissions that a file
// at `path` has or would have, and returns its name, which nothing else has; nil and the system's
// message if that fails.
static int create_beside(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    const char *pattern = lua_pushfstring(L, "%s.XXXXXX", path);
    size_t size = strlen(pattern) + 1;
    char *name = memcpy(lua_newuserdatauv(L, size, 0), pattern, size);
    int file = mkstemp(name);
    if (file < 0) {
        luaL_pushfail(L);
        lua_pushstring(L, strerror(errno));
        return 2;
    }
    fchmod(file, permissions_for(path));
    close(file);
    lua_pushstring(L, name);
    return 1;
}

// monotonic(): seconds since some point in the past, which setting the clock doesn't change.
static int monotonic(lua_State *L) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

// ignore_broken_pipes(): from now on, writing to a pipe that nobody reads fails with "Broken pipe"
// instead of ending the process. What the process runs inherits that.
static int ignore_broken_pipes(lua_State *L) {
    (void)L;
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

__attribute__((visibility("default"))) int luaopen_exectrack_command_system(lua_State *L);

int luaopen_exectrack_command_system(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"create_beside", create_beside},   {"ignore_broken_pipes", ignore_broken_pipes},
        {"is_regular", is_regular},         {"is_terminal", is_terminal},
        {"monotonic", monotonic},           {"resolve", resolve},
        {"terminal_width", terminal_width}, {NULL, NULL},
    };
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    return 1;
}
