#include "support_allocator.h"

#include <stdlib.h>

bool is_failing(int call, int fails_at, bool for_good) {
    return fails_at > 0 && (call == fails_at || (for_good && call > fails_at));
}

static void *allocate(void *context, size_t bytes) {
    counting_allocator *account = context;
    account->calls++;
    if (is_failing(account->calls, account->fails_at, account->for_good)) {
        return NULL;
    }
    for (int i = 0; i < ALLOCATOR_BLOCKS; i++) {
        if (account->blocks[i].block == NULL) {
            account->blocks[i].block = calloc(1, bytes);
            account->blocks[i].bytes = bytes;
            return account->blocks[i].block;
        }
    }
    return NULL;
}

static void release(void *context, void *block, size_t bytes) {
    counting_allocator *account = context;
    for (int i = 0; i < ALLOCATOR_BLOCKS; i++) {
        if (block != NULL && account->blocks[i].block == block) {
            account->mistakes += account->blocks[i].bytes != bytes;
            account->blocks[i].block = NULL;
            free(block);
            return;
        }
    }
    account->mistakes++;
}

xt_allocator allocator_of(counting_allocator *account) {
    return (xt_allocator){allocate, release, account};
}

int blocks_left(const counting_allocator *account) {
    int left = 0;
    for (int i = 0; i < ALLOCATOR_BLOCKS; i++) {
        left += account->blocks[i].block != NULL;
    }
    return left;
}
