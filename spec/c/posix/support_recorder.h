/*
 * Recorders for tests.
 */
#ifndef SUPPORT_RECORDER_H
#define SUPPORT_RECORDER_H

#include "exectrack_recorder.h"
#include "support_mapped.h"

/* 2026-11-25T20:40:38Z. */
#define AT_FIRST_US UINT64_C(1795639238000000)

/* Options of a small recorder with the clock `now_us`, which is an error if it doesn't
 * match. */
xt_recorder_options small_recorder_at(uint64_t *now_us);

/* Opens the recorder at `path`, which must succeed. */
xt_tracker *open_recorder(const char *path, const xt_recorder_options *options);

/* Asserts that it can't be opened, with this error and message. */
void assert_not_opened(const char *path, const xt_recorder_options *options,
                       xt_error expected, const char *message);

/* The image in the file at `path`, copied; the caller frees its header. */
xt_image image_in_file(const char *path);

/* Changes `bytes` of the file at `path` from `offset` on. */
void change_file(const char *path, size_t offset, const void *bytes, size_t count);

#endif
