/*
 * A fuzz target: what libFuzzer and the replay of a corpus call.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the `size` bytes at `input`, and aborts if something is wrong. False if they are
 * refused. */
bool run_target(const uint8_t *input, size_t size);

/* The entry point of libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

#endif
