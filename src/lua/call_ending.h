/*
 * How a call of a tool ended, by Lua's conventions or as a script classifies it.
 */
#ifndef XL_ENDING_H
#define XL_ENDING_H

#include "binding.h"
#include "describe.h"

#pragma GCC visibility push(hidden)

/* An outcome, with room for its texts and its values of measures. Don't copy it: the outcome
 * points into it. */
typedef struct xl_ending {
    xt_outcome outcome;
    char error_type[XT_NAME_BYTES];
    xl_description error_text;
    uint64_t values[XT_MAX_MEASURES];
} xl_ending;

/*
 * The ending of the call at index 1, that returned the values from `first` to the top of
 * the stack: after nil or false and an error it failed, but `"timeout"` and `"cancelled"`
 * as the error are what they say. If it passes on that a policy denied another call, its
 * error type is the policy's reason. May run finalizers. [-0, +0]
 */
void xl_end_with_results(lua_State *L, int first, xl_ending *ending);

/*
 * The ending of the call at index 1 that raised the error at `index`: it failed, without an
 * error type if there is no memory to tell. `index` is absolute. Raises nothing. May run
 * what `redact` is. [-0, +0]
 */
void xl_end_with_error(lua_State *L, int index, xl_ending *ending);

/*
 * Asks the function at `classify` about a call that returned (`ok`) the values from
 * `first` to the top, or raised the one there: it returns a status, whether a cache
 * answered, and an error type, each of which nil leaves as it is in `ending`. Returns
 * LUA_OK; or changes nothing, pushes what it raised, or what is wrong with what it
 * returned, and returns Lua's status. [-0, +0 or 1]
 */
int xl_end_as_classified(lua_State *L, int classify, bool ok, int first,
                         xl_ending *ending);

/*
 * Asks the function at `measure` likewise: it returns nil, or a table of numbers by the names
 * of the measures of the tracker of `parent`, unless that was closed meanwhile.
 */
int xl_end_as_measured(lua_State *L, int measure, bool ok, int first,
                       const xl_tracker *parent, xl_ending *ending);

/*
 * Asks the function on top, which is popped, which values count of those from `first` to
 * `last` that a successful call returned, and takes their fingerprint as that of the result;
 * none for no values. Returns LUA_OK; or changes nothing, pushes what it raised, and
 * returns Lua's status. [-1, +0 or 1]
 */
int xl_end_with_chosen(lua_State *L, int first, int last, xl_ending *ending);

#pragma GCC visibility pop

#endif
