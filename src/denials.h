/*
 * Calls that policies denied: the table that counts them by tool and reason, and the ring
 * buffer of the newest.
 */
#ifndef XT_DENIALS_H
#define XT_DENIALS_H

#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * Counts a denial at `denied_us`, at most XT_MAX_COUNT, of an existing tool and reason.
 * If the pair is new and the table full, counts it as overflowed. Touches what it
 * changes, except the header. O(XT_MAX_DENIALS).
 */
void xt_denials_count(xt_image *image, uint32_t tool_id, uint32_t reason,
                      uint64_t denied_us, xt_journal *journal);

/* Adds `call` to the ring of denied calls; if it is full, the oldest is overwritten.
 * Touches what it changes, except the header. O(1). */
void xt_denials_list(xt_image *image, const xt_denied_entry *call, xt_journal *journal);

#pragma GCC visibility pop

#endif
