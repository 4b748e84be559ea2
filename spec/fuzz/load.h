/*
 * The fuzz target `load`: decodes any bytes, and reads the runs that are accepted.
 */
#ifndef LOAD_H
#define LOAD_H

#include "target.h"

/* How an input is changed before it is decoded, by its first byte modulo INPUTS. */
enum {
    INPUT_AS_IS,
    INPUT_SEALED,   /* it gets the right size and checksum */
    INPUT_COUNTED,  /* the same, and its tools' counts are made those of its records */
    INPUT_RECORDER, /* it gets the right size, and a writer and an undo log */
    /* The same, but a byte changes once in n times that it is read, for the first byte
       divided by INPUTS; never for 0. */
    INPUT_RESTLESS,
    INPUTS
};

#endif
