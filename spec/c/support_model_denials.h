/*
 * A naive model of denied calls, which keeps all of them.
 */
#ifndef SUPPORT_MODEL_DENIALS_H
#define SUPPORT_MODEL_DENIALS_H

#include "exectrack_policy.h"

enum { MODEL_DENIALS = 300 };

/* All denied calls since the last clear, in order. */
typedef struct model_denials {
    xt_denied counts[MODEL_DENIALS]; /* by tool and reason, without names */
    size_t count_count;
    xt_denied_call calls[MODEL_DENIALS]; /* without names */
    size_t call_count;
} model_denials;

void count_denial(model_denials *denials, uint32_t tool_id, uint32_t reason_id,
                  uint32_t args_hash, uint64_t denied_us);

/* Fails the test unless `image` has the same denials. */
void compare_denials(const xt_image *image, const model_denials *expected);

#endif
