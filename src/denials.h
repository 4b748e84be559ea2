/*
 * Calls that a policy denied: the table that counts them by tool and reason, and the ring of
 * the newest.
 */
#ifndef XT_DENIALS_H
#define XT_DENIALS_H

#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * Counts a denial at `denied_us`, up to XT_MAX_COUNT, of a tool and for a reason that
 * exist; among those that overflowed if the pair is new and the table full. Touches what
 * it changes but the header.
 * O(XT_MAX_DENIALS).
 */
void xt_denials_count(xt_image *image, uint32_t tool_id, uint32_t reason,
                      uint64_t denied_us, xt_journal *journal);

/* Puts `call` into the ring of denied calls; the oldest leaves if it is full. Touches what
 * it changes but the header. O(1). */
void xt_denials_list(xt_image *image, const xt_denied_entry *call, xt_journal *journal);

#pragma GCC visibility pop

#endif
