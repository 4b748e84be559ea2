#include "lua/errno_name.h"

#include "support_cmocka.h"
#include "support_tracker.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

typedef struct known_error {
    int value;
    const char *name;
} known_error;

#define KNOWN(name)                                                                      \
    { name, #name }

/* The errors that POSIX.1-2017 requires and that have a value of their own. */
static const known_error known[] = {
    KNOWN(E2BIG),        KNOWN(EACCES),
    KNOWN(EADDRINUSE),   KNOWN(EADDRNOTAVAIL),
    KNOWN(EAFNOSUPPORT), KNOWN(EAGAIN),
    KNOWN(EALREADY),     KNOWN(EBADF),
    KNOWN(EBADMSG),      KNOWN(EBUSY),
    KNOWN(ECANCELED),    KNOWN(ECHILD),
    KNOWN(ECONNABORTED), KNOWN(ECONNREFUSED),
    KNOWN(ECONNRESET),   KNOWN(EDEADLK),
    KNOWN(EDESTADDRREQ), KNOWN(EDOM),
    KNOWN(EDQUOT),       KNOWN(EEXIST),
    KNOWN(EFAULT),       KNOWN(EFBIG),
    KNOWN(EHOSTUNREACH), KNOWN(EIDRM),
    KNOWN(EILSEQ),       KNOWN(EINPROGRESS),
    KNOWN(EINTR),        KNOWN(EINVAL),
    KNOWN(EIO),          KNOWN(EISCONN),
    KNOWN(EISDIR),       KNOWN(ELOOP),
    KNOWN(EMFILE),       KNOWN(EMLINK),
    KNOWN(EMSGSIZE),     KNOWN(EMULTIHOP),
    KNOWN(ENAMETOOLONG), KNOWN(ENETDOWN),
    KNOWN(ENETRESET),    KNOWN(ENETUNREACH),
    KNOWN(ENFILE),       KNOWN(ENOBUFS),
    KNOWN(ENODEV),       KNOWN(ENOENT),
    KNOWN(ENOEXEC),      KNOWN(ENOLCK),
    KNOWN(ENOLINK),      KNOWN(ENOMEM),
    KNOWN(ENOMSG),       KNOWN(ENOPROTOOPT),
    KNOWN(ENOSPC),       KNOWN(ENOSYS),
    KNOWN(ENOTCONN),     KNOWN(ENOTDIR),
    KNOWN(ENOTEMPTY),    KNOWN(ENOTRECOVERABLE),
    KNOWN(ENOTSOCK),     KNOWN(ENOTSUP),
    KNOWN(ENOTTY),       KNOWN(ENXIO),
    KNOWN(EOVERFLOW),    KNOWN(EOWNERDEAD),
    KNOWN(EPERM),        KNOWN(EPIPE),
    KNOWN(EPROTO),       KNOWN(EPROTONOSUPPORT),
    KNOWN(EPROTOTYPE),   KNOWN(ERANGE),
    KNOWN(EROFS),        KNOWN(ESPIPE),
    KNOWN(ESRCH),        KNOWN(ESTALE),
    KNOWN(ETIMEDOUT),    KNOWN(ETXTBSY),
    KNOWN(EXDEV),
};

enum { KNOWN_ERRORS = sizeof known / sizeof known[0] };

static const char *named(const char *word) {
    return xl_errno_named(xt_text_of(word));
}

static const char *described(const char *message) {
    return xl_errno_described(xt_text_of(message));
}

static void every_error_of_posix_has_its_name(void **state) {
    (void)state;
    assert_int_equal(KNOWN_ERRORS, 75);
    for (size_t i = 0; i < KNOWN_ERRORS; i++) {
        assert_string_equal(xl_errno_name(known[i].value), known[i].name);
        assert_string_equal(named(known[i].name), known[i].name);
    }
}

static void errors_of_streams_have_their_names_where_they_exist(void **state) {
    (void)state;
#ifdef ENODATA
    assert_string_equal(xl_errno_name(ENODATA), "ENODATA");
#endif
#ifdef ENOSR
    assert_string_equal(xl_errno_name(ENOSR), "ENOSR");
#endif
#ifdef ENOSTR
    assert_string_equal(xl_errno_name(ENOSTR), "ENOSTR");
#endif
#ifdef ETIME
    assert_string_equal(xl_errno_name(ETIME), "ETIME");
#endif
}

static void second_name_of_a_value_is_known_as_a_word(void **state) {
    (void)state;
    assert_string_equal(xl_errno_name(EWOULDBLOCK),
                        EWOULDBLOCK == EAGAIN ? "EAGAIN" : "EWOULDBLOCK");
    assert_string_equal(xl_errno_name(EOPNOTSUPP),
                        EOPNOTSUPP == ENOTSUP ? "ENOTSUP" : "EOPNOTSUPP");
    assert_string_equal(named("EWOULDBLOCK"), "EWOULDBLOCK");
    assert_string_equal(named("EOPNOTSUPP"), "EOPNOTSUPP");
}

static void number_that_is_no_error_has_no_name(void **state) {
    (void)state;
    assert_null(xl_errno_name(0));
    assert_null(xl_errno_name(-1));
    assert_null(xl_errno_name(123456));
}

static void word_that_is_not_quite_a_name_is_none(void **state) {
    (void)state;
    assert_null(named(""));
    assert_null(named("E"));
    assert_null(named("ENOEN"));
    assert_null(named("ENOENTS"));
    assert_null(named("enoent"));
    assert_null(named("ENOENT "));
    assert_null(xl_errno_named(text_of(NULL, 0)));
    assert_null(xl_errno_named(text_of("EIO\0x", 5)));
    assert_string_equal(xl_errno_named(text_of("EIOx", 3)), "EIO");
}

static void every_error_is_found_by_its_message(void **state) {
    (void)state;
    for (size_t i = 0; i < KNOWN_ERRORS; i++) {
        char message[200];
        snprintf(message, sizeof message, "x.txt: %s (again)", strerror(known[i].value));
        assert_string_equal(described(message), known[i].name);
        assert_string_equal(described(strerror(known[i].value)), known[i].name);
        message[7] = (char)tolower((unsigned char)message[7]); /* as in LuaSocket */
        assert_string_equal(described(message), known[i].name);
    }
}

static void message_without_an_error_s_message_describes_none(void **state) {
    (void)state;
    assert_null(described(""));
    assert_null(described("x"));
    assert_null(described("not found"));
    assert_null(described("No such file"));
    assert_null(described("No such file Or directory"));
    assert_null(xl_errno_described(text_of(NULL, 0)));
    assert_null(xl_errno_described(text_of("Is a directory", 13)));
}

static void message_of_an_error_counts_as_whole_words_only(void **state) {
    (void)state;
    assert_null(described("This a directory"));
    assert_null(described("xIs a directory"));
    assert_null(described("_Is a directory"));
    assert_null(described("7Is a directory"));
    assert_null(described("\xc3\xa9Is a directory"));
    assert_null(described("Is a directorys"));
    assert_null(described("Is a directory_"));
    assert_null(described("Is a directory7"));
    assert_null(described("Is a directory\xc3\xa9"));
    assert_string_equal(described("(Is a directory)"), "EISDIR");
    assert_string_equal(described("x:Is a directory, y"), "EISDIR");
    assert_string_equal(described("Is a directorys or Is a directory"), "EISDIR");
}

static void longest_message_of_several_counts(void **state) {
    (void)state;
    assert_string_equal(described("No such device"), "ENODEV");
    assert_string_equal(described("No such device or address"), "ENXIO");
    assert_string_equal(described("Is a directory: No such file or directory"), "ENOENT");
    assert_string_equal(described("No such file or directory: Is a directory"), "ENOENT");
}

static void message_may_hold_any_bytes(void **state) {
    (void)state;
    assert_string_equal(xl_errno_described(text_of("\0Is a directory\0", 16)), "EISDIR");
    assert_null(xl_errno_described(text_of("Is a\0directory", 14)));
}

static void reads_nothing_beyond_the_length(void **state) {
    (void)state;
    /* A block of exactly that size: sanitizers and Valgrind find reads after its end. */
    const char message[] = "Is a directory: No such file or directory";
    for (size_t length = 1; length < sizeof message; length++) {
        char *block = malloc(length);
        assert_non_null(block);
        memcpy(block, message, length);
        const char *expected = length < 14 ? NULL : length < 41 ? "EISDIR" : "ENOENT";
        const char *name = xl_errno_described(text_of(block, length));
        assert_string_equal(name != NULL ? name : "none",
                            expected != NULL ? expected : "none");
        free(block);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_of_posix_has_its_name),
        cmocka_unit_test(errors_of_streams_have_their_names_where_they_exist),
        cmocka_unit_test(second_name_of_a_value_is_known_as_a_word),
        cmocka_unit_test(number_that_is_no_error_has_no_name),
        cmocka_unit_test(word_that_is_not_quite_a_name_is_none),
        cmocka_unit_test(every_error_is_found_by_its_message),
        cmocka_unit_test(message_without_an_error_s_message_describes_none),
        cmocka_unit_test(message_of_an_error_counts_as_whole_words_only),
        cmocka_unit_test(longest_message_of_several_counts),
        cmocka_unit_test(message_may_hold_any_bytes),
        cmocka_unit_test(reads_nothing_beyond_the_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
