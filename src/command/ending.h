/*
 * Ending when a user or a service manager wants the process to end: at once, or in one's own time.
 */

#ifndef XC_ENDING_H
#define XC_ENDING_H

#include "lua/compat.h"

#include <signal.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

/*
 * end_by_interrupt(): from then on SIGINT, as from Ctrl-C, ends the process at once, unless it is
 * ignored: the files that it is writing are removed, it says so in one line on standard error,
 * and exits with 130. Unlike the handler of Lua's interpreter this doesn't wait for a coroutine
 * or a function in C to end, and no `pcall` can catch it.
 */
int xc_end_by_interrupt(lua_State *L);

/* Whether SIGINT is handled so by `action`. */
bool xc_ends_by_interrupt(const struct sigaction *action);

/*
 * delay_end(): from then on the first SIGINT or SIGTERM doesn't end the process, but is told by
 * `wait_for_end`. The second of the same kind does. A signal that is ignored stays so. Returns
 * true and a file descriptor that is readable once there was such a signal; or nil and a message.
 * It is for a process that does nothing else any more: this can't be undone.
 */
int xc_delay_end(lua_State *L);

/*
 * wait_for_end(seconds): waits up to that long for such a signal. Returns whether there was one,
 * at once if it came earlier, and whether the last one was SIGINT.
 */
int xc_wait_for_end(lua_State *L);

#pragma GCC visibility pop

#endif
