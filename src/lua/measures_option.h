/*
 * The option `measures` of exectrack.new.
 */
#ifndef XL_MEASURES_OPTION_H
#define XL_MEASURES_OPTION_H

#include "arguments.h"

#pragma GCC visibility push(hidden)

/*
 * Pushes what holds the measures that `option`, an array of tables or nil, describes, and
 * stores them in `options`, valid as long as it is on the stack. [-0, +1]
 */
void xl_push_measures_option(lua_State *L, xt_argument option, xt_options *options);

#pragma GCC visibility pop

#endif
