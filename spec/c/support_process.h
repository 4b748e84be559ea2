/*
 * Things to try in a process of its own, which they change or end.
 */
#ifndef SUPPORT_PROCESS_H
#define SUPPORT_PROCESS_H

#include "exectrack_snapshot.h"

/* Whether `attempt` returns true there. */
bool succeeds_apart(bool (*attempt)(const char *path, const xt_snapshot *snapshot),
                    const char *path, const xt_snapshot *snapshot);

/* Makes the process one of a user whom permissions hold back; false if it can't. */
bool becomes_nobody(void);

#endif
