/*
 * The module `spec.support.fork`: what a spec needs to fork its process, which no module has
 * for all versions of Lua.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* fork(): in the parent the identifier of the child, in the child 0 */
static int fork_process(lua_State *L) {
    pid_t child = fork();
    if (child < 0) {
        return luaL_error(L, "fork: %s", strerror(errno));
    }
    lua_pushinteger(L, (lua_Integer)child);
    return 1;
}

/* wait(child): its exit code, or nil and the signal that killed it */
static int wait_for(lua_State *L) {
    pid_t child = (pid_t)luaL_checkinteger(L, 1);
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return luaL_error(L, "waitpid: %s", strerror(errno));
        }
    }
    if (WIFEXITED(status)) {
        lua_pushinteger(L, WEXITSTATUS(status));
        return 1;
    }
    lua_pushnil(L);
    lua_pushinteger(L, WTERMSIG(status));
    return 2;
}

/* exit(code): at once, without closing the Lua state or flushing files */
static int exit_at_once(lua_State *L) {
    _exit((int)luaL_checkinteger(L, 1));
}

/* id(): of this process */
static int process_id(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)getpid());
    return 1;
}

static const luaL_Reg functions[] = {{"fork", fork_process},
                                     {"wait", wait_for},
                                     {"exit", exit_at_once},
                                     {"id", process_id}};

__attribute__((visibility("default"))) int luaopen_spec_support_fork(lua_State *L);

int luaopen_spec_support_fork(lua_State *L) {
    lua_newtable(L);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        lua_pushcfunction(L, functions[i].func);
        lua_setfield(L, -2, functions[i].name);
    }
    return 1;
}
