#include "xxh64.h"

#include "support_cmocka.h"

enum { BYTES = 100 };

typedef struct vector {
    size_t length;
    uint64_t seed;
    uint64_t hash;
} vector;

/*
 * From xxHash 0.8.1, the author's own, by Debian's python3-xxhash 3.2.0:
 * xxhash.xxh64(data[:length], seed=seed), where data[i] = (i * 151 + 7) mod 256.
 */
static const vector vectors[] = {
    {0, 0x0, 0xef46db3751d8e999},
    {1, 0x0, 0xa96c7f0ce858bbb7},
    {3, 0x0, 0x2f2874086c7628d8},
    {4, 0x0, 0x14fe45377c822387},
    {7, 0x0, 0x1afb0e4566033049},
    {8, 0x0, 0x2b4ee232c9349d82},
    {11, 0x0, 0x1d0104e24dfcdd5c},
    {12, 0x0, 0xa1444f5b343b119c},
    {31, 0x0, 0xd5ce50e5d53b8c92},
    {32, 0x0, 0xca18b6ae4913772a},
    {33, 0x0, 0x531a7c4407d79f95},
    {63, 0x0, 0xa155570cdfc5e7a3},
    {64, 0x0, 0x1dec0aba21dd4a5b},
    {100, 0x0, 0x4bac7d6b7a3ffbaa},
    {0, 0x1, 0xd5afba1336a3be4b},
    {1, 0x1, 0x0766883a0a47a96a},
    {3, 0x1, 0x611f8292e1c167af},
    {4, 0x1, 0x73fd492d35c0799c},
    {7, 0x1, 0xad7375fdd6aca167},
    {8, 0x1, 0xa82cc53ccb50fc72},
    {11, 0x1, 0xfaa3f5af3316aca4},
    {12, 0x1, 0xefc0a9f0a7181dad},
    {31, 0x1, 0xf4c1c66cf1fded68},
    {32, 0x1, 0xe65d91b519a1dd65},
    {33, 0x1, 0x01aa806c3b26007c},
    {63, 0x1, 0xbb382fa8afcbd656},
    {64, 0x1, 0xa8c45c5a13644cd1},
    {100, 0x1, 0xa8391875f8d82804},
    {0, 0x9e3779b185ebca8d, 0x0b303d920ec349df},
    {1, 0x9e3779b185ebca8d, 0x76349a430e97f416},
    {3, 0x9e3779b185ebca8d, 0xda59e58602ffb466},
    {4, 0x9e3779b185ebca8d, 0x993a36a1900cefef},
    {7, 0x9e3779b185ebca8d, 0x83c534faa9166a92},
    {8, 0x9e3779b185ebca8d, 0xce6cc2cd5585bddd},
    {11, 0x9e3779b185ebca8d, 0x9dce0969b65027e0},
    {12, 0x9e3779b185ebca8d, 0x9f9f4e1f2b4a0de3},
    {31, 0x9e3779b185ebca8d, 0x4568f584cc2de540},
    {32, 0x9e3779b185ebca8d, 0x7645ee0ede6b4e65},
    {33, 0x9e3779b185ebca8d, 0x7f641c52659399b1},
    {63, 0x9e3779b185ebca8d, 0xd5be618fa36c5dc4},
    {64, 0x9e3779b185ebca8d, 0x4bbcd59cf874738e},
    {100, 0x9e3779b185ebca8d, 0x255aaf9949a89bc7},
    {0, 0xffffffffffffffff, 0x298f4c84b24f5380},
    {1, 0xffffffffffffffff, 0xd7f46261ba7c5b95},
    {3, 0xffffffffffffffff, 0x7693beda7a9f9903},
    {4, 0xffffffffffffffff, 0x1c49739052a58c77},
    {7, 0xffffffffffffffff, 0x7fa597499705fb82},
    {8, 0xffffffffffffffff, 0xde8b0fe6c0e91ef7},
    {11, 0xffffffffffffffff, 0x1e2dfed4db99e604},
    {12, 0xffffffffffffffff, 0x215e59aaae5595cd},
    {31, 0xffffffffffffffff, 0x1f989a81c55fbbb3},
    {32, 0xffffffffffffffff, 0x7767f89580ab36ac},
    {33, 0xffffffffffffffff, 0xcde36137c7417747},
    {63, 0xffffffffffffffff, 0x14a67682f2f20ff8},
    {64, 0xffffffffffffffff, 0x44d885930aa5aa90},
    {100, 0xffffffffffffffff, 0xea35086ba16e47c0},
};

/* The data at any alignment. */
static const uint8_t *data_at(uint8_t room[BYTES + 8], size_t alignment) {
    for (size_t i = 0; i < BYTES; i++) {
        room[alignment + i] = (uint8_t)(i * 151 + 7);
    }
    return room + alignment;
}

static void equals_the_reference_for_every_length_and_seed(void **state) {
    (void)state;
    uint8_t room[BYTES + 8];
    const uint8_t *data = data_at(room, 0);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        assert_int_equal(xt_xxh64(data, vectors[i].length, vectors[i].seed),
                         vectors[i].hash);
    }
}

static void equals_the_reference_at_every_alignment(void **state) {
    (void)state;
    _Alignas(8) uint8_t room[BYTES + 8];
    for (size_t alignment = 0; alignment < 8; alignment++) {
        assert_int_equal(xt_xxh64(data_at(room, alignment), 100, 0), 0x4bac7d6b7a3ffbaa);
    }
}

static void equals_xxhsum_of_a_word(void **state) {
    (void)state;
    /* printf abc | xxhsum -H64 */
    assert_int_equal(xt_xxh64("abc", 3, 0), 0x44bc2cf5ad770999);
}

static void takes_no_bytes_from_a_null_pointer(void **state) {
    (void)state;
    assert_int_equal(xt_xxh64(NULL, 0, 0), 0xef46db3751d8e999);
}

static void reads_nothing_beyond_the_length(void **state) {
    (void)state;
    /* A block of exactly that size: sanitizers and Valgrind find reads after its end. */
    for (size_t length = 1; length <= BYTES; length++) {
        uint8_t room[BYTES + 8];
        uint8_t *block = malloc(length);
        assert_non_null(block);
        memcpy(block, data_at(room, 0), length);
        assert_int_equal(xt_xxh64(block, length, 7), xt_xxh64(room, length, 7));
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_reference_for_every_length_and_seed),
        cmocka_unit_test(equals_the_reference_at_every_alignment),
        cmocka_unit_test(equals_xxhsum_of_a_word),
        cmocka_unit_test(takes_no_bytes_from_a_null_pointer),
        cmocka_unit_test(reads_nothing_beyond_the_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
