/*
 * What a child of `fork` may do with the recorders of its parent: nothing that reaches
 * their files.
 *
 * The mapping of a file isn't inherited. A handler of `pthread_atfork` puts a private one
 * in its place and marks the file as inherited. So recording needs no test, and in a child
 * that was made without handlers it faults instead of changing the file.
 *
 * The handler also closes the descriptors: that with the lock would keep the lock when the
 * parent has died. So would a mapping of it; the private one is of the other descriptor.
 */
#ifndef XT_RECORDER_FORK_H
#define XT_RECORDER_FORK_H

#include "recorder_file.h"

#pragma GCC visibility push(hidden)

/* Between these two calls the process can't fork, in any thread, and the list of open
 * files doesn't change. False if there is no memory for the handlers (ENOMEM). */
bool xt_recorder_fork_stop(void);
void xt_recorder_fork_resume(void);

/* Adds `file`, whose descriptor was just opened, to the list; removes it, if it is there.
 * Both between the calls above. */
void xt_recorder_fork_add(xt_recorder_file *file);
void xt_recorder_fork_remove(xt_recorder_file *file);

/* Keeps children from inheriting a mapping. */
bool xt_recorder_fork_hide(void *block, size_t bytes);

#pragma GCC visibility pop

#endif
