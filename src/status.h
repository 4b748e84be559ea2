/*
 * The words for how an execution ended and for what its duration means.
 */
#ifndef XT_STATUS_H
#define XT_STATUS_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* `success`, `failed`, `timed_out` or `cancelled`, in static memory. */
const char *xt_status_word(xt_status status);

/* Stores the status that `word` means. False if there is no such word. A byte must be
 * readable at `word`, even if it is empty. */
bool xt_status_of(xt_text word, xt_status *status);

/* `measured`, `elapsed` or `untimed`, in static memory. */
const char *xt_timing_word(xt_timing timing);

/* Stores the timing that `word` means. False if there is no such word. */
bool xt_timing_of(xt_text word, xt_timing *timing);

#pragma GCC visibility pop

#endif
