#include "crc32c.h"

#include "support_cmocka.h"

typedef uint32_t checksum_function(uint32_t crc, const void *bytes, size_t length);

/* With the processor's instruction, and without. */
static checksum_function *const functions[] = {xt_crc32c, xt_crc32c_portable};
enum { FUNCTIONS = 2 };

/* The definition, bit by bit. */
static uint32_t model(uint32_t crc, const uint8_t *bytes, size_t length) {
    crc = ~crc;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
        }
    }
    return ~crc;
}

static uint8_t *varied_bytes(size_t length) {
    uint8_t *bytes = malloc(length);
    assert_non_null(bytes);
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(i * 151 + i / 256 * 7 + 7);
    }
    return bytes;
}

static void equals_the_check_value(void **state) {
    (void)state;
    for (int f = 0; f < FUNCTIONS; f++) {
        assert_int_equal(functions[f](0, "123456789", 9), 0xe3069283);
    }
}

/* RFC 3720, appendix B.4, which writes the bytes of a checksum lowest first. */
static void equals_the_vectors_of_the_rfc(void **state) {
    (void)state;
    static const uint8_t read_command[48] = {
        0x01, 0xc0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18, 0x28, [40] = 0x02,
    };
    uint8_t bytes[32];
    for (int f = 0; f < FUNCTIONS; f++) {
        memset(bytes, 0, sizeof bytes);
        assert_int_equal(functions[f](0, bytes, 32), 0x8a9136aa);
        memset(bytes, 0xff, sizeof bytes);
        assert_int_equal(functions[f](0, bytes, 32), 0x62a8ab43);
        for (uint8_t i = 0; i < 32; i++) {
            bytes[i] = i;
        }
        assert_int_equal(functions[f](0, bytes, 32), 0x46dd794e);
        for (uint8_t i = 0; i < 32; i++) {
            bytes[i] = 31 - i;
        }
        assert_int_equal(functions[f](0, bytes, 32), 0x113fdb5c);
        assert_int_equal(functions[f](0, read_command, 48), 0xd9963a56);
    }
}

static void equals_the_model_for_every_length_and_alignment(void **state) {
    (void)state;
    enum { LENGTHS = 200 };
    uint8_t *bytes = varied_bytes(LENGTHS + 8);
    for (int f = 0; f < FUNCTIONS; f++) {
        for (size_t start = 0; start < 8; start++) {
            for (size_t length = 0; length <= LENGTHS; length++) {
                assert_int_equal(functions[f](0, bytes + start, length),
                                 model(0, bytes + start, length));
            }
        }
    }
    free(bytes);
}

/* Three streams of 8192 bytes are computed in parallel. */
static void equals_the_model_where_streams_end(void **state) {
    (void)state;
    const size_t ends[] = {8192, 16384, 24576, 32768, 49152, 73728};
    uint8_t *bytes = varied_bytes(73728 + 20);
    for (int f = 0; f < FUNCTIONS; f++) {
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
            for (size_t length = ends[i] - 10; length <= ends[i] + 10; length++) {
                assert_int_equal(functions[f](1, bytes + 3, length),
                                 model(1, bytes + 3, length));
            }
        }
    }
    free(bytes);
}

static void goes_on_from_what_came_before(void **state) {
    (void)state;
    enum { SHORT = 100, LONG = 60000 };
    uint8_t *bytes = varied_bytes(LONG);
    uint32_t whole = model(0, bytes, LONG);
    for (int f = 0; f < FUNCTIONS; f++) {
        for (size_t cut = 0; cut <= SHORT; cut++) {
            uint32_t crc = functions[f](0, bytes, cut);
            assert_int_equal(functions[f](crc, bytes + cut, SHORT - cut),
                             model(0, bytes, SHORT));
        }
        for (size_t cut = 0; cut <= LONG; cut += 4999) {
            uint32_t crc = functions[f](0, bytes, cut);
            assert_int_equal(functions[f](crc, bytes + cut, LONG - cut), whole);
        }
    }
    free(bytes);
}

static void takes_no_bytes_from_a_null_pointer(void **state) {
    (void)state;
    for (int f = 0; f < FUNCTIONS; f++) {
        assert_int_equal(functions[f](0, NULL, 0), 0);
        assert_int_equal(functions[f](0xe3069283, NULL, 0), 0xe3069283);
    }
}

static void reads_nothing_beyond_the_length(void **state) {
    (void)state;
    /* A block of exactly that size: sanitizers and Valgrind find reads after its end. */
    for (size_t length = 1; length <= 64; length++) {
        uint8_t *block = varied_bytes(length);
        assert_int_equal(xt_crc32c(0, block, length),
                         xt_crc32c_portable(0, block, length));
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_check_value),
        cmocka_unit_test(equals_the_vectors_of_the_rfc),
        cmocka_unit_test(equals_the_model_for_every_length_and_alignment),
        cmocka_unit_test(equals_the_model_where_streams_end),
        cmocka_unit_test(goes_on_from_what_came_before),
        cmocka_unit_test(takes_no_bytes_from_a_null_pointer),
        cmocka_unit_test(reads_nothing_beyond_the_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
