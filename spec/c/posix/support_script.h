/*
 * A script of operations, one of each kind, for any tracker.
 */
#ifndef SUPPORT_SCRIPT_H
#define SUPPORT_SCRIPT_H

#include "exectrack_recorder.h"

/* A tracker that follows the script. */
typedef struct script {
    uint64_t now_us; /* the time of its clock */
    xt_tracker *tracker;
    xt_span spans[4];
} script;

/* What a step of the script does. */
typedef struct script_step {
    const char *name;
    void (*act)(script *self);
} script_step;

extern const script_step script_steps[];
extern const size_t script_length;

/* Options for a tracker that follows the script, with its clock: in the plain case without
 * measures and texts. */
xt_recorder_options script_options(script *self, bool is_plain);

/* Takes step `i`, at its own time. */
void script_act(script *self, size_t i);

#endif
