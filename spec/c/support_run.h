/*
 * Random runs: trackers that recorded at random, with a log of all that they counted.
 */
#ifndef SUPPORT_RUN_H
#define SUPPORT_RUN_H

#include "support_random.h"

#include "image.h"

enum { RUN_LONGEST = 300, RUN_OPEN = 12 };

typedef struct random_run {
    uint64_t now_us; /* the time of its clock */
    xt_tracker *tracker;
    const xt_image *image; /* the tracker's */
    /* All executions of its lifetime, oldest first, with the tools under which they were
       counted; error types are as they were given. */
    xt_execution log[RUN_LONGEST];
    uint64_t values[RUN_LONGEST][XT_MAX_MEASURES]; /* of the executions in the log */
    size_t count;
    uint64_t undated; /* since it was made */
    xt_span open[RUN_OPEN];
    size_t open_count;
    /* Whether nothing but the tracker's own operations may change it. */
    bool is_pure;
} random_run;

/*
 * Starts `run` with random options and performs up to `steps` random operations, at most
 * RUN_LONGEST. Its clock stops so often that different runs have equal ends. There are
 * few different names, so that runs share most; some don't fit. The caller closes it.
 */
void start_run(random_run *run, random_source *source, uint32_t steps);

/* Performs one more random operation. */
void step_run(random_run *run, random_source *source);

void close_run(random_run *run);

#endif
