/*
 * `process.run(program, ...)` runs a program from PATH with these arguments, without a
 * shell, discards its output, waits for it, and returns the time that it took in
 * nanoseconds.
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <lauxlib.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int luaopen_process(lua_State *L);

extern char **environ;

#define MOST_ARGUMENTS 16

static lua_Integer now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (lua_Integer)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int run(lua_State *L) {
    char *arguments[MOST_ARGUMENTS + 1] = {0};
    int count = lua_gettop(L);
    luaL_argcheck(L, 1 <= count && count <= MOST_ARGUMENTS, count, "too many");
    for (int i = 0; i < count; i++) {
        arguments[i] = (char *)luaL_checkstring(L, i + 1);
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child;
    lua_Integer start_ns = now_ns();
    int problem = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0) {
        return luaL_error(L, "%s: %s", arguments[0], strerror(problem));
    }
    int status;
    if (waitpid(child, &status, 0) != child || status != 0) {
        return luaL_error(L, "%s failed", arguments[0]);
    }
    lua_pushinteger(L, now_ns() - start_ns);
    return 1;
}

static const luaL_Reg functions[] = {{"run", run}, {NULL, NULL}};

int luaopen_process(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
