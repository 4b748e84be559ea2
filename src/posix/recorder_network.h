/*
 * Which file systems recorders aren't for.
 */
#ifndef XT_RECORDER_NETWORK_H
#define XT_RECORDER_NETWORK_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* XT_ERROR_FILE_SYSTEM if the open file is on a network file system or in user space, where
 * another machine may see neither the lock nor what was written; XT_ERROR_FILE. */
xt_error xt_recorder_check_file_system(int descriptor);

#pragma GCC visibility pop

#endif
