/*
 * Every store of a process to a block of memory, one after the other: what another process
 * that reads the block meanwhile can find.
 */
#ifndef SUPPORT_TRACE_H
#define SUPPORT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One word of 8 bytes that an instruction has changed. */
typedef struct trace_word {
    size_t place; /* in words */
    uint64_t before;
    uint64_t after;
} trace_word;

typedef struct trace {
    size_t words; /* of the block */
    trace_word *changes;
    size_t count;
    size_t room;
    /* `moments[i]` is the number of changes after instruction i of those that changed
       something; `moments[0]` is 0. */
    size_t *moments;
    size_t moment_count;
    size_t moment_room;
} trace;

/*
 * Calls `act` in a child process, instruction by instruction, and stores in `*traced` how
 * it changed the block at `shared`, of `bytes` bytes, which the two processes share. The
 * block is changed, too. False if that can't be done here. `act` mustn't make system calls
 * that block.
 */
bool trace_stores(void (*act)(void *context), void *context, void *shared, size_t bytes,
                  trace *traced);

/* Makes `block`, which is what the traced block was at moment `from`, what it was at `to`. */
void go_to_moment(const trace *traced, size_t from, size_t to, void *block);

void forget_trace(trace *traced);

#endif
