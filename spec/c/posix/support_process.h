/*
 * Running code in a child process that it may change or end.
 */
#ifndef SUPPORT_PROCESS_H
#define SUPPORT_PROCESS_H

#include "exectrack_snapshot.h"

/* Whether `attempt` returns true in a child process. */
bool succeeds_apart(bool (*attempt)(const char *path, const xt_snapshot *snapshot),
                    const char *path, const xt_snapshot *snapshot);

/* Makes this process one of a user without privileges; false if it can't. */
bool becomes_nobody(void);

#endif
