/*
 * Internals of opening recorders.
 */
#ifndef XT_RECORDER_H
#define XT_RECORDER_H

#include "exectrack_recorder.h"

#pragma GCC visibility push(hidden)

/* As xt_recorder_open, but XT_ERROR_FILE with EEXIST if there is anything at `path`. */
xt_error xt_recorder_open_new(const char *path, const xt_recorder_options *options,
                              xt_tracker **tracker, const char **problem);

#pragma GCC visibility pop

#endif
