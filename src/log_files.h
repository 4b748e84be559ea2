/*
 * The log files of a run that is made from records of others: those that its records refer
 * to, in the order in which they first do. So equal runs have equal bytes, and a selection
 * of records doesn't tell the names of files that it has nothing to do with.
 */
#ifndef XT_LOG_FILES_H
#define XT_LOG_FILES_H

#include "image.h"

#pragma GCC visibility push(hidden)

typedef struct xt_log_files {
    uint32_t *ids;     /* by the identifier of before, minus 1: the new one; 0 for none */
    uint32_t *sources; /* by the new identifier, minus 1: the one of before */
    uint32_t count;    /* of the new ones */
    uint32_t byte_count;
} xt_log_files;

/* The size of the memory that xt_log_files_begin needs for `count` files of before. */
static inline size_t xt_log_files_bytes(size_t count) {
    return 2 * count * sizeof(uint32_t);
}

/* Begins without files. `memory` must outlive them. */
xt_log_files xt_log_files_begin(void *memory, size_t count);

/*
 * Gives the file of `place` its new identifier. To be called for all records, from the
 * oldest on. `length` is that of the file's name. If there is no room for another file, or
 * if its name is empty, the record has no place. O(1).
 */
void xt_log_files_renumber(xt_log_files *files, xt_log_place *place, size_t length);

#pragma GCC visibility pop

#endif
