/*
 * The texts of one kind of several runs as one table: of each key the text that was used
 * last, and of those used together the last by its bytes.
 */
#ifndef XT_TEXT_UNION_H
#define XT_TEXT_UNION_H

#include "exectrack_read.h"

#pragma GCC visibility push(hidden)

typedef struct xt_text_union {
    xt_kept_text *texts; /* of all runs; once built those of the union */
    size_t count;
} xt_text_union;

/*
 * Builds the union, with the `most` texts that were used last; of those used together the
 * last by their bytes, then by their keys. O(n * log n).
 */
void xt_text_union_build(xt_text_union *texts, size_t most);

#pragma GCC visibility pop

#endif
