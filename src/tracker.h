/*
 * What replaying a run needs of a tracker and hosts don't.
 */
#ifndef XT_TRACKER_H
#define XT_TRACKER_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/*
 * Finishes `span`, which is in flight, and records `execution` for it, at its own times:
 * a duration may reach further back than the clock does. `execution` has the span's tool.
 */
void xt_tracker_finish_as(xt_tracker *tracker, xt_span *span,
                          const xt_execution *execution);

#pragma GCC visibility pop

#endif
