/*
 * The files that the command writes, as userdata.
 */

#ifndef XC_OUTPUT_FILE_H
#define XC_OUTPUT_FILE_H

#include "lua/compat.h"

#pragma GCC visibility push(hidden)

/* Makes their metatable, when the module is loaded. */
void xc_register_files(lua_State *L);

/*
 * new_file(path): a new file that replaces `path` atomically (see new_file.h); or nil and
 * the system's message. Its methods:
 *
 * - write(text): true; or nil and the system's message: then the file is discarded
 * - commit(): the same; if true, the file is at `path`
 * - discard(), also called by the collector: does nothing after commit or discard
 *
 * While the file is open, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2,
 * SIGXCPU and SIGXFSZ remove it before they end the process. Signals that were ignored or
 * handled before stay so. One exception: if the handler of SIGINT makes the next SIGINT
 * end the process, as that of Lua's interpreter does, the next SIGINT removes the file,
 * too. While the file is opened, committed or discarded, these signals are blocked.
 */
int xc_new_file(lua_State *L);

/* Removes what was written of the open files; for handlers of signals. */
void xc_remove_open_files(void);

/* hold_signals(f, ...): what f(...) returns or raises, with those signals blocked. */
int xc_hold_signals(lua_State *L);

#pragma GCC visibility pop

#endif
