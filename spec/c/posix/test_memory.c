#define _DEFAULT_SOURCE /* for sysconf and mincore */

#include "memory.h"

#include "support_cmocka.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned char *allocate(size_t bytes) {
    return xt_system_allocator.allocate(xt_system_allocator.context, bytes);
}

static void release(void *block, size_t bytes) {
    xt_system_allocator.release(xt_system_allocator.context, block, bytes);
}

/* Sizes around those at which the kind of block changes. */
static const size_t sizes[] = {1, 512, 65535, 65536, 65537, 3000001, 8388607, 8388608};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void blocks_are_zeroed_and_aligned_for_any_type(void **state) {
    (void)state;
    for (size_t i = 0; i < SIZES; i++) {
        unsigned char *block = allocate(sizes[i]);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
        for (size_t place = 0; place < sizes[i]; place++) {
            assert_true(block[place] == 0);
        }
        memset(block, 0xff, sizes[i]);
        release(block, sizes[i]);
    }
}

static void blocks_are_zeroed_when_memory_comes_back(void **state) {
    (void)state;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < SIZES; i++) {
            unsigned char *block = allocate(sizes[i]);
            assert_non_null(block);
            assert_int_equal(block[0] | block[sizes[i] / 2] | block[sizes[i] - 1], 0);
            memset(block, 0xff, sizes[i]);
            release(block, sizes[i]);
        }
    }
}

static void large_blocks_are_mappings_of_their_own(void **state) {
    (void)state;
    uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; i < SIZES; i++) {
        if (sizes[i] >= 65536) {
            unsigned char *block = allocate(sizes[i]);
            assert_int_equal((uintptr_t)block % page_bytes, 0);
            release(block, sizes[i]);
        }
    }
}

static void large_blocks_go_back_to_the_system(void **state) {
    (void)state;
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char is_resident;
    void *block = allocate(3000001);
    assert_int_equal(mincore(block, page_bytes, &is_resident), 0);
    release(block, 3000001);
    /* mincore fails for memory that isn't mapped. */
    assert_int_equal(mincore(block, page_bytes, &is_resident), -1);
    assert_int_equal(errno, ENOMEM);
}

static void more_than_there_is_gives_a_null_pointer(void **state) {
    (void)state;
    assert_null(allocate(SIZE_MAX - 65536));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_and_aligned_for_any_type),
        cmocka_unit_test(blocks_are_zeroed_when_memory_comes_back),
        cmocka_unit_test(large_blocks_are_mappings_of_their_own),
        cmocka_unit_test(large_blocks_go_back_to_the_system),
        cmocka_unit_test(more_than_there_is_gives_a_null_pointer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
