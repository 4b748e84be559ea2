/*
 * Whether a file that is there can be gone on with.
 */
#ifndef XT_RECORDER_MATCH_H
#define XT_RECORDER_MATCH_H

#include "builder.h"

#pragma GCC visibility push(hidden)

/*
 * Looks at the first bytes of a file of `file_bytes`, which are the `count` bytes of
 * `header`: those of a header if there are as many.
 *
 * XT_OK; XT_ERROR_KIND if it isn't the file of a recorder; XT_ERROR_MISMATCH for another
 * version of the format or byte order; XT_ERROR_INVALID if it is damaged, or begins
 * with zeros. After an error `*problem` says what is wrong.
 */
xt_error xt_recorder_check_start(const xt_header *header, size_t count, size_t file_bytes,
                                 const char **problem);

/* Null if a run of `facts` is one that `wanted` would begin, apart from what identifies it,
 * else a message that says what differs. */
const char *xt_recorder_difference(const xt_facts *facts, const xt_facts *wanted);

#pragma GCC visibility pop

#endif
