/*
 * The table of calls that a policy denied, counted by tool and reason.
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

#pragma GCC visibility pop

#endif
