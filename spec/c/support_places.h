/*
 * Runs with places, for tests.
 */
#ifndef SUPPORT_PLACES_H
#define SUPPORT_PLACES_H

#include "support_snapshot.h"

/*
 * A run of executions with these places, of which an empty one is none, that ended one
 * microsecond after another; the last is followed by null. It keeps the last `max_history`,
 * or all for XT_KEEP_ALL.
 */
xt_snapshot *placed_run(const char *const places[], size_t max_history);

/* Fails the test unless the records of `run` have these places, oldest first, and no others;
 * the last is followed by null. */
void assert_places(const xt_snapshot *run, const char *const places[]);

#endif
