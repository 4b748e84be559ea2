/*
 * The union of the texts of one kind of several runs: for each key the text that was used
 * last; of those used at the same time, the last by its bytes.
 */
#ifndef XT_TEXT_UNION_H
#define XT_TEXT_UNION_H

#include "exectrack_read.h"

#pragma GCC visibility push(hidden)

typedef struct xt_text_union {
    xt_kept_text *texts; /* of all runs; once built, those of the union */
    size_t count;
} xt_text_union;

/*
 * Builds the union, with at most `most` texts: those that were used last; of those used
 * at the same time, the last by their bytes, then by their keys. O(n * log n).
 */
void xt_text_union_build(xt_text_union *texts, size_t most);

#pragma GCC visibility pop

#endif
