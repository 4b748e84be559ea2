#include "siphash.h"

#include "support_cmocka.h"

typedef struct vector {
    size_t length;
    uint64_t key_0;
    uint64_t key_1;
    uint64_t hash;
} vector;

/*
 * From Python 3.11, whose hash(data[:length]) is SipHash-1-3. PYTHONHASHSEED 0 and 2026
 * give these keys. data[i] = (i * 151 + 7) mod 256.
 */
static const vector vectors[] = {
    {1, 0, 0, 0xfff3eb0c707197bf},
    {8, 0, 0, 0xe7e1aba57885c23a},
    {1, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0xaacc5aefe7d5de36},
    {3, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0x678fa918f78125db},
    {7, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0x45cd360cf65af456},
    {8, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0x8f9b0db496a9959a},
    {9, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0xb874f7fd88a56100},
    {15, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0x5cda4ea21b7ccc20},
    {16, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0x209cd579fbb9ea9d},
    {17, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0x2caa938ba760d7b0},
    {31, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0x1d8a1616309f9b77},
    {64, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0xe51ee28ee39449e2},
    {255, 0x7acf78c71621b6fe, 0xed62c1e85b536394, 0xde0da7b5bc2d8ba8},
};

static void hashes_are_those_of_python(void **state) {
    (void)state;
    uint8_t data[255];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 151 + 7);
    }
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const vector *v = &vectors[i];
        assert_int_equal(xt_siphash(data, v->length, v->key_0, v->key_1), v->hash);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(hashes_are_those_of_python)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
