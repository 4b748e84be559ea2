/*
 * A naive table of names. It doesn't copy the texts, which must stay valid.
 */
#ifndef SUPPORT_MODEL_NAMES_H
#define SUPPORT_MODEL_NAMES_H

#include "image.h"

typedef struct model_names {
    xt_text names[XT_ERROR_TYPES + 1];
    uint32_t count;
    uint32_t limit; /* without (other) */
    uint64_t overflowed;
} model_names;

/* The identifier of `name`, which is added if it is new; of (other) if it doesn't fit. */
uint32_t intern_name(model_names *names, xt_text name);

#endif
