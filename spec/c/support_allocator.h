/*
 * An allocator that counts its blocks, and fails at a given call.
 */
#ifndef SUPPORT_ALLOCATOR_H
#define SUPPORT_ALLOCATOR_H

#include "exectrack.h"

enum { ALLOCATOR_BLOCKS = 128 };

typedef struct counting_allocator {
    int calls;     /* of allocate */
    int fails_at;  /* the call, from 1, that fails; 0 for none */
    bool for_good; /* all calls after it fail, too */
    int mistakes;  /* releases of unknown blocks or with another size */
    struct {
        void *block;
        size_t bytes;
    } blocks[ALLOCATOR_BLOCKS]; /* allocated and not released */
} counting_allocator;

/* `account` as a tracker's allocator. */
xt_allocator allocator_of(counting_allocator *account);

/* How many blocks weren't released. */
int blocks_left(const counting_allocator *account);

/* Whether call `call` fails if call `fails_at` does, alone or with all later ones. */
bool is_failing(int call, int fails_at, bool for_good);

#endif
