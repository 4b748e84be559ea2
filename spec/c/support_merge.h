/*
 * Merges for tests, whose results are checked.
 */
#ifndef SUPPORT_MERGE_H
#define SUPPORT_MERGE_H

#include "support_snapshot.h"

/* The arguments of a merge, as the context of make_merge. */
typedef struct merging {
    size_t count;
    const xt_image *const *images;
    size_t max_history;
} merging;

/* A snapshot_maker that merges. */
xt_error make_merge(const void *context, const xt_allocator *allocator,
                    xt_snapshot **snapshot);

/* A merge of the `count` images, with the system's allocator. */
xt_snapshot *merged(size_t count, const xt_image *const images[], size_t max_history);

/* A merge of one image that keeps all records. */
xt_snapshot *merge_one(const xt_image *image);

/* The same of two. */
xt_snapshot *merge_two(const xt_image *a, const xt_image *b);

/* The same of two trackers, which it closes. */
xt_snapshot *merge_and_close(xt_tracker *a, xt_tracker *b);

/* The statistics of `tool`, which exists. */
xt_tool_stats stats_in(const xt_image *image, const char *tool);

/* Records a failure of `tool` with `error_type`. */
void record_failure(xt_tracker *tracker, const char *tool, const char *error_type);

/* A function that gets a name of an image by its identifier, from 1. */
typedef xt_text name_getter(const xt_image *image, uint32_t id);

/* Whether `image` has the name. */
bool has_name(const xt_image *image, name_getter *get, xt_text name);

#endif
