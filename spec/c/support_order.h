/*
 * The orders of the items of a merged run, as comparison functions for qsort.
 */
#ifndef SUPPORT_ORDER_H
#define SUPPORT_ORDER_H

#include "exectrack_policy.h"

int order(uint64_t a, uint64_t b);

/* Two names: no name first, (other) last. */
int compare_names(xt_text a, xt_text b);

/* Two xt_execution, with values of measures in the order of their names. */
int compare_executions(const void *a, const void *b);

/* Two xt_running. */
int compare_running(const void *a, const void *b);

/* Two xt_denied_call, the newest first. */
int compare_denied_calls(const void *a, const void *b);

#endif
