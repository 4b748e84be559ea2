/*
 * The UUID that identifies a tracker, as text.
 */
#ifndef XL_INSTANCE_ID_H
#define XL_INSTANCE_ID_H

#include "exectrack.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

/* Pushes `instance` as a UUID in lower case. [-0, +1] */
void xl_push_instance_id(lua_State *L, const uint8_t instance[XT_INSTANCE_BYTES]);

/* Stores the bytes of `id`, a UUID in upper or lower case. False if it isn't one. */
bool xl_parse_instance_id(xt_text id, uint8_t instance[XT_INSTANCE_BYTES]);

#pragma GCC visibility pop

#endif
