/*
 * The facts of several runs as those of one.
 */
#ifndef XT_MERGED_FACTS_H
#define XT_MERGED_FACTS_H

#include "builder.h"

#pragma GCC visibility push(hidden)

/* Adds the facts of a run, except its measures and tools, to those of the merged run. */
void xt_facts_merge(xt_facts *into, const xt_facts *from);

#pragma GCC visibility pop

#endif
