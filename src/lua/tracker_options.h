/*
 * The options of a tracker, as `exectrack.new` and `exectrack.open` take them.
 */
#ifndef XL_TRACKER_OPTIONS_H
#define XL_TRACKER_OPTIONS_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/* The names of the options that all trackers have, with which a list of names begins. */
enum { XL_COMMON_OPTIONS = 12 };
#define XL_COMMON_OPTION_NAMES                                                           \
    "max_history", "max_tools", "max_in_flight", "session_names", "args_texts",          \
        "error_texts", "label", "instance_id", "measures", "ignore_args", "redact",      \
        "clock"

/*
 * Reads argument `number`: a table of options, whose fields have the `count` `names`; a
 * number, which is `max_history`; or none. Pushes the values of all fields in the order of
 * the names, nil for a missing one, then what keeps the measures alive, and last the user
 * values of the Tracker. The label is valid as long as the argument is on the stack, and
 * the measures as long as what is pushed. [-0, +count + 1 + XL_TRACKER_OPTIONS]
 */
xt_options xl_read_tracker_options(lua_State *L, int number, size_t count,
                                   const char *const names[]);

/*
 * Pushes a new closed Tracker with the user values on top, which stay there. If it has a
 * Lua clock, reads it, and sets the clock of `options` to that reading. Raises what the
 * clock raises. [-0, +1]
 */
xl_tracker *xl_push_tracker_with(lua_State *L, xt_options *options);

#pragma GCC visibility pop

#endif
