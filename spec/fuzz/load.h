/*
 * The fuzz target: decodes any bytes, and reads the runs that are accepted.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an input is changed before it is decoded, by its first byte modulo INPUTS. */
enum {
    INPUT_AS_IS,
    INPUT_SEALED,  /* it gets the right size and checksum */
    INPUT_COUNTED, /* the same, and its tools' counts are made those of its records */
    INPUTS
};

/* Decodes the `size` bytes at `input` and reads the run. False if they are refused. */
bool load_input(const uint8_t *input, size_t size);

/* The entry point of libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

#endif
