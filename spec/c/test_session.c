#include "exectrack.h"
#include "support_cmocka.h"

#include <string.h>

static uint32_t hash_of(const char *name) {
    return xt_session_of(xt_text_of(name)).hash;
}

/* XXH64 with seed 0, the exclusive or of its halves: computed with xxhsum. */
static void a_name_has_the_fingerprint_of_its_bytes(void **state) {
    (void)state;
    assert_int_equal(hash_of(""), 0xef46db37 ^ 0x51d8e999);
    assert_int_equal(hash_of("a"), 0xd24ec4f1 ^ 0xa98c6e5b);
    assert_int_equal(xt_session_of((xt_text){NULL, 0}).hash, hash_of(""));
    assert_int_not_equal(xt_session_of((xt_text){"a\0b", 3}).hash, hash_of("a"));
}

static void a_name_is_borrowed(void **state) {
    (void)state;
    const xt_text name = xt_text_of("conversation 17");
    xt_session session = xt_session_of(name);
    assert_ptr_equal(session.name.bytes, name.bytes);
    assert_int_equal(session.name.length, name.length);
}

static void a_hash_and_eight_digits_are_the_fingerprint_itself(void **state) {
    (void)state;
    const uint32_t hashes[] = {1, 0x0123abcd, 0x89ef4567, UINT32_MAX};
    for (size_t i = 0; i < 4; i++) {
        char name[XT_SESSION_HASH_BYTES];
        xt_session_write_hash(hashes[i], name);
        xt_session session = xt_session_of((xt_text){name, sizeof name});
        assert_int_equal(session.hash, hashes[i]);
        assert_int_equal(session.name.length, 0);
    }
    assert_int_equal(hash_of("#0123abcd"), 0x0123abcd);
}

static void what_only_looks_like_a_fingerprint_is_a_name(void **state) {
    (void)state;
    const char *const names[] = {"#00000000", "#0123ABCD", "#0123abc", "#0123abcde",
                                 "0123abcd0", "#0123abcg", "#1",       "########1"};
    for (size_t i = 0; i < 8; i++) {
        xt_session session = xt_session_of(xt_text_of(names[i]));
        assert_int_equal(session.name.length, strlen(names[i]));
        assert_int_not_equal(session.hash, 0x0123abcd);
        assert_int_not_equal(session.hash, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_has_the_fingerprint_of_its_bytes),
        cmocka_unit_test(a_name_is_borrowed),
        cmocka_unit_test(a_hash_and_eight_digits_are_the_fingerprint_itself),
        cmocka_unit_test(what_only_looks_like_a_fingerprint_is_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
