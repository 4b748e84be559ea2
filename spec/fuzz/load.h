/*
 * What is fuzzed: decoding any bytes, and reading what is accepted.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is done with an input before it is decoded, by its first byte modulo INPUTS. */
enum {
    INPUT_AS_IS,
    INPUT_SEALED,  /* it is given the size and the checksum that it must have */
    INPUT_COUNTED, /* and its tools count what its records are */
    INPUTS
};

/* Decodes the `size` bytes at `input`; if they are accepted, reads the run: then true. */
bool load_input(const uint8_t *input, size_t size);

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

#endif
