/*
 * Ending in one's own time when a user or a service manager wants the process to end.
 */

#ifndef XC_ENDING_H
#define XC_ENDING_H

#include "lua/compat.h"

#pragma GCC visibility push(hidden)

/*
 * delay_end(): from then on the first SIGINT or SIGTERM doesn't end the process, but is told by
 * `wait_for_end`. The second of the same kind does. A signal that is ignored stays so. Returns
 * true and a file descriptor that is readable once there was such a signal; or nil and a message.
 * It is for a process that does nothing else any more: this can't be undone.
 */
int xc_delay_end(lua_State *L);

/*
 * wait_for_end(seconds): waits up to that long for such a signal. Returns whether there was one,
 * at once if it came earlier.
 */
int xc_wait_for_end(lua_State *L);

#pragma GCC visibility pop

#endif
