/*
 * Files that the command writes, as userdata.
 */

#ifndef XC_OUTPUT_FILE_H
#define XC_OUTPUT_FILE_H

#include <lua.h>

#pragma GCC visibility push(hidden)

/* Makes their metatable, when the module is loaded. */
void xc_register_files(lua_State *L);

/*
 * new_file(path): a file that will be at `path`, whole or not at all, as new_file.h says;
 * nil and the system's message if that can't be. Its methods:
 *
 * - write(text): true; or nil and the system's message, and it is discarded
 * - commit(): the same; if true, it is at `path`
 * - discard(), also when it is collected: does nothing if it was committed or discarded
 *
 * While it is open, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU
 * and SIGXFSZ remove it before they end the process. Those that were ignored or handled
 * before stay so; but if the handler of SIGINT has the next one end the process, as that
 * of Lua's interpreter does, then the next one removes the file, too. While the file is
 * opened, committed or discarded, these signals wait.
 */
int xc_new_file(lua_State *L);

/* hold_signals(f, ...): what f(...) returns or raises. Those signals wait until then. */
int xc_hold_signals(lua_State *L);

#pragma GCC visibility pop

#endif
