/*
 * The words for how an execution ended.
 */
#ifndef XT_STATUS_H
#define XT_STATUS_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* `success`, `failed`, `timed_out` or `cancelled`, in static memory. */
const char *xt_status_word(xt_status status);

/* Stores the status that `word` is for. False if it is for none. */
bool xt_status_of(xt_text word, xt_status *status);

#pragma GCC visibility pop

#endif
