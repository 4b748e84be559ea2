/*
 * Reading runs from sources without a size, such as pipes.
 */
#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_saved.h"

#include <errno.h>

/* A source of bytes, followed by endless zeros or an error. */
typedef struct stream {
    const char *bytes;
    size_t count;
    size_t most_at_once;
    bool is_endless;
    int error;
    size_t taken;
} stream;

static ptrdiff_t read_stream(void *context, void *bytes, size_t count) {
    stream *from = context;
    size_t given = count < from->most_at_once ? count : from->most_at_once;
    size_t left = from->taken < from->count ? from->count - from->taken : 0;
    if (left == 0 && from->error != 0) {
        errno = from->error;
        return -1;
    }
    if (left == 0 && from->is_endless) {
        memset(bytes, 0, given);
    } else {
        given = given < left ? given : left;
        memcpy(bytes, from->bytes + from->taken, given);
    }
    from->taken += given;
    return (ptrdiff_t)given;
}

/* Asserts that reading from `from` fails after `taken` bytes. */
static void assert_not_read(stream *from, xt_error error, const char *message,
                            size_t taken) {
    const xt_source source = {read_stream, from};
    counting_allocator account = {0};
    xt_allocator allocator = allocator_of(&account);
    xt_snapshot *snapshot = (void *)from;
    const char *problem = NULL;
    errno = 0;
    assert_int_equal(xt_snapshot_read(&source, &allocator, &snapshot, &problem), error);
    assert_null(snapshot);
    assert_string_equal(problem, message);
    assert_int_equal(from->taken, taken);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
}

static const char size_message[] = "it is shorter or longer than its header says";

static void run_is_read_however_it_comes(void **state) {
    (void)state;
    xt_snapshot *expected = busy_snapshot();
    saved bytes = encode(expected);
    const size_t pieces[] = {1, 511, 512, SIZE_MAX};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        stream from = {(char *)bytes.header, bytes.count, pieces[i], .is_endless = false};
        const xt_source source = {read_stream, &from};
        xt_snapshot *snapshot;
        assert_int_equal(xt_snapshot_read(&source, NULL, &snapshot, NULL), XT_OK);
        assert_true(xt_snapshot_equals(snapshot, expected));
        xt_snapshot_close(snapshot);
    }
    free(bytes.header);
    xt_snapshot_close(expected);
}

static void run_that_ends_early_is_refused(void **state) {
    (void)state;
    xt_snapshot *expected = small_snapshot();
    saved bytes = encode(expected);
    for (size_t count = 0; count < bytes.count; count++) {
        stream from = {(char *)bytes.header, count, SIZE_MAX, .is_endless = false};
        assert_not_read(&from, XT_ERROR_SIZE, count == 0 ? "it is empty" : size_message,
                        count);
    }
    free(bytes.header);
    xt_snapshot_close(expected);
}

static void of_what_follows_a_run_one_byte_is_read(void **state) {
    (void)state;
    xt_snapshot *expected = small_snapshot();
    saved bytes = encode(expected);
    stream from = {(char *)bytes.header, bytes.count, SIZE_MAX, .is_endless = true};
    assert_not_read(&from, XT_ERROR_SIZE, size_message, bytes.count + 1);
    free(bytes.header);
    xt_snapshot_close(expected);
}

static void of_what_is_no_run_only_a_header_is_read(void **state) {
    (void)state;
    stream from = {NULL, 0, SIZE_MAX, .is_endless = true};
    assert_not_read(&from, XT_ERROR_KIND, "it isn't a saved run", sizeof(xt_header));
}

static void header_that_is_inconsistent_is_all_that_is_read(void **state) {
    (void)state;
    xt_snapshot *expected = small_snapshot();
    saved bytes = encode(expected);
    bytes.header->size_bytes++;
    stream from = {(char *)bytes.header, bytes.count, SIZE_MAX, .is_endless = true};
    assert_not_read(&from, XT_ERROR_INVALID, xt_error_message(XT_ERROR_INVALID),
                    sizeof(xt_header));
    free(bytes.header);
    xt_snapshot_close(expected);
}

static void source_that_fails_gives_its_reason(void **state) {
    (void)state;
    xt_snapshot *expected = small_snapshot();
    saved bytes = encode(expected);
    const size_t counts[] = {0, 100, sizeof(xt_header), bytes.count - 1, bytes.count};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        stream from = {(char *)bytes.header, counts[i], SIZE_MAX, .error = EIO};
        assert_not_read(&from, XT_ERROR_FILE, "a file operation failed", counts[i]);
        assert_int_equal(errno, EIO);
    }
    free(bytes.header);
    xt_snapshot_close(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_is_read_however_it_comes),
        cmocka_unit_test(run_that_ends_early_is_refused),
        cmocka_unit_test(of_what_follows_a_run_one_byte_is_read),
        cmocka_unit_test(of_what_is_no_run_only_a_header_is_read),
        cmocka_unit_test(header_that_is_inconsistent_is_all_that_is_read),
        cmocka_unit_test(source_that_fails_gives_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
