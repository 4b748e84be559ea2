/*
 * A model of the measures of merged runs.
 */
#ifndef SUPPORT_MODEL_MEASURES_H
#define SUPPORT_MODEL_MEASURES_H

#include "support_run.h"

/* Compares the measures of tool `id` of `merge` with the logs of `runs`, and those of its
 * window with its records. */
void assert_tool_measures(const xt_image *merge, uint32_t id, size_t run_count,
                          const random_run runs[]);

#endif
