/*
 * What merged runs add up to in their measures, as a model has it.
 */
#ifndef SUPPORT_MODEL_MEASURES_H
#define SUPPORT_MODEL_MEASURES_H

#include "support_run.h"

/* Compares what tool `id` of `merge` adds up to with the logs of `runs`, and of its window
 * with its records. */
void assert_tool_measures(const xt_image *merge, uint32_t id, size_t run_count,
                          const random_run runs[]);

#endif
