#define _POSIX_C_SOURCE 200809L

#include "output_file.h"

#include "lua/compat.h"
#include "new_file.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define TYPE_NAME "exectrack.command.File"

typedef struct output_file {
    xt_new_file file;
    struct output_file *next; /* the next open file */
} output_file;

/*
 * The open files, and the previous handler of SIGINT. They are global, as signals belong
 * to the process. They are changed only while the signals are blocked.
 */
static output_file *open_files;
static struct sigaction interrupt_before;

/* The signals of users, limits and timers that end a process by default. */
static const int ending_signals[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGALRM,
                                     SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ};

enum { ENDING_SIGNALS = sizeof ending_signals / sizeof ending_signals[0] };

static sigset_t all_ending_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < ENDING_SIGNALS; i++) {
        sigaddset(&set, ending_signals[i]);
    }
    return set;
}

static void block_signals(sigset_t *before) {
    sigset_t set = all_ending_signals();
    sigprocmask(SIG_BLOCK, &set, before);
}

static void restore_signals(const sigset_t *before) {
    sigprocmask(SIG_SETMASK, before, NULL);
}

void xc_remove_open_files(void) {
    for (const output_file *output = open_files; output != NULL; output = output->next) {
        unlink(output->file.temporary);
    }
}

/* The handler, in effect for one signal: removes the files and raises the signal again,
 * so that the process ends as it would have without the handler. */
static void remove_files(int signal_number) {
    xc_remove_open_files();
    raise(signal_number);
}

/* Makes `signal_number` remove the files, if it would end the process. */
static void handle_if_default(int signal_number) {
    const struct sigaction ours = {.sa_handler = remove_files,
                                   .sa_mask = all_ending_signals(),
                                   .sa_flags = (int)SA_RESETHAND};
    struct sigaction current;
    if (sigaction(signal_number, NULL, &current) == 0 && current.sa_handler == SIG_DFL) {
        sigaction(signal_number, &ours, NULL);
    }
}

/*
 * Calls the previous handler of SIGINT. That of Lua's interpreter raises an error at the
 * first SIGINT and lets the next one end the process, maybe before the error has closed
 * the files: then the next one must remove them.
 */
static void interrupt(int signal_number, siginfo_t *info, void *context) {
    if (interrupt_before.sa_flags & SA_SIGINFO) {
        interrupt_before.sa_sigaction(signal_number, info, context);
    } else {
        interrupt_before.sa_handler(signal_number);
    }
    handle_if_default(signal_number);
}

/* Installs `interrupt` in place of another handler of SIGINT, which it calls. */
static void handle_interrupt(void) {
    struct sigaction current;
    if (sigaction(SIGINT, NULL, &current) != 0 || current.sa_handler == SIG_IGN ||
        current.sa_handler == remove_files || current.sa_sigaction == interrupt) {
        return;
    }
    interrupt_before = current;
    current.sa_sigaction = interrupt;
    current.sa_flags |= SA_SIGINFO;
    sigaction(SIGINT, &current, NULL);
}

static void handle_signals(void) {
    for (int i = 0; i < ENDING_SIGNALS; i++) {
        handle_if_default(ending_signals[i]);
    }
    handle_interrupt();
}

/* Undoes `handle_signals`, as this module may be unloaded when no file is open. */
static void leave_signals(void) {
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    for (int i = 0; i < ENDING_SIGNALS; i++) {
        struct sigaction current;
        if (sigaction(ending_signals[i], NULL, &current) != 0) {
            continue;
        }
        if (current.sa_handler == remove_files) {
            sigaction(ending_signals[i], &by_default, NULL);
        } else if (current.sa_sigaction == interrupt) {
            sigaction(SIGINT, &interrupt_before, NULL);
        }
    }
}

/* Adds a file to the list. Signals must be blocked, as for `forget`. */
static void list(output_file *output) {
    output->next = open_files;
    open_files = output;
    handle_signals();
}

static void forget(const output_file *output) {
    for (output_file **link = &open_files; *link != NULL; link = &(*link)->next) {
        if (*link == output) {
            *link = output->next;
            break;
        }
    }
    if (open_files == NULL) {
        leave_signals();
    }
}

static int push_result(lua_State *L, bool is_done, int code) {
    if (is_done) {
        lua_pushboolean(L, true);
        return 1;
    }
    luaL_pushfail(L);
    lua_pushstring(L, strerror(code));
    return 2;
}

static output_file *check_open(lua_State *L) {
    output_file *output = luaL_checkudata(L, 1, TYPE_NAME);
    luaL_argcheck(L, output->file.descriptor >= 0, 1, "closed file");
    return output;
}

static void discard_output(output_file *output) {
    sigset_t before;
    block_signals(&before);
    xt_new_file_discard(&output->file);
    forget(output);
    restore_signals(&before);
}

static int write_text(lua_State *L) {
    output_file *output = check_open(L);
    size_t count;
    const char *text = luaL_checklstring(L, 2, &count);
    bool is_done = xt_new_file_write(&output->file, text, count);
    int code = errno;
    if (!is_done) {
        discard_output(output); /* removes it from the list */
    }
    return push_result(L, is_done, code);
}

static int commit(lua_State *L) {
    output_file *output = check_open(L);
    sigset_t before;
    block_signals(&before);
    bool is_done = xt_new_file_commit(&output->file);
    int code = errno;
    forget(output);
    restore_signals(&before);
    return push_result(L, is_done, code);
}

static int discard(lua_State *L) {
    discard_output(luaL_checkudata(L, 1, TYPE_NAME));
    return 0;
}

void xc_register_files(lua_State *L) {
    static const luaL_Reg methods[] = {
        {"write", write_text}, {"commit", commit}, {"discard", discard}, {NULL, NULL}};
    luaL_newmetatable(L, TYPE_NAME);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, discard);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

int xc_new_file(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    sigset_t before;
    output_file *output = lua_newuserdatauv(L, sizeof *output, 1);
    output->file = XT_NEW_FILE_NONE;
    luaL_setmetatable(L, TYPE_NAME);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1); /* the path must stay valid */
    block_signals(&before);
    bool is_done = xt_new_file_open(&output->file, path);
    int code = errno;
    if (is_done) {
        list(output);
    }
    restore_signals(&before);
    return is_done ? 1 : push_result(L, false, code);
}

int xc_hold_signals(lua_State *L) {
    sigset_t before;
    luaL_checkany(L, 1);
    block_signals(&before);
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    restore_signals(&before);
    return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}
