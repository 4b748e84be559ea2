#include "support_cmocka.h"

#include "log_files.h"

/* Renumbers a place in file `file`, whose name has `length` bytes. */
static xt_log_place renumbered(xt_log_files *files, uint32_t file, uint32_t line,
                               size_t length) {
    xt_log_place place = {file, line};
    xt_log_files_renumber(files, &place, length);
    return place;
}

static void assert_is(xt_log_place place, uint32_t file, uint32_t line) {
    assert_int_equal(place.file, file);
    assert_int_equal(place.line, line);
}

static void files_are_numbered_as_they_come(void **state) {
    (void)state;
    uint32_t memory[2 * 5];
    memset(memory, 0xa5, sizeof memory);
    assert_int_equal(xt_log_files_bytes(5), sizeof memory);
    xt_log_files files = xt_log_files_begin(memory, 5);
    assert_is(renumbered(&files, 4, 10, 7), 1, 10);
    assert_is(renumbered(&files, 0, 0, 0), 0, 0);
    assert_is(renumbered(&files, 2, 11, 3), 2, 11);
    assert_is(renumbered(&files, 4, 12, 7), 1, 12);
    assert_is(renumbered(&files, 5, 13, 0), 0, 0); /* an empty name */
    assert_is(renumbered(&files, 1, 0, 1), 3, 0);
    assert_int_equal(files.count, 3);
    assert_int_equal(files.byte_count, 11);
    const uint32_t sources[] = {4, 2, 1};
    assert_memory_equal(files.sources, sources, sizeof sources);
}

static void no_file_needs_no_memory(void **state) {
    (void)state;
    xt_log_files files = xt_log_files_begin(NULL, 0);
    assert_is(renumbered(&files, 0, 0, 0), 0, 0);
    assert_int_equal(files.count, 0);
}

/* The files with names of `length` that there is room for; those after it have no place,
 * and those before it still do. */
static uint32_t most_files(size_t length) {
    const uint32_t count = XT_MAX_LOG_FILES + 5;
    void *memory = malloc(xt_log_files_bytes(count));
    assert_non_null(memory);
    xt_log_files files = xt_log_files_begin(memory, count);
    for (uint32_t file = 1; file <= count; file++) {
        xt_log_place place = renumbered(&files, file, 7, length);
        assert_int_equal(place.file, files.count == file ? file : 0);
        assert_int_equal(place.line, files.count == file ? 7 : 0);
    }
    assert_is(renumbered(&files, 1, 8, length), 1, 8);
    assert_int_equal(files.byte_count, files.count * length);
    free(memory);
    return files.count;
}

static void files_beyond_the_limits_have_no_identifier(void **state) {
    (void)state;
    assert_int_equal(most_files(1), XT_MAX_LOG_FILES);
    assert_int_equal(most_files(64), XT_MAX_LOG_FILES);
    assert_int_equal(most_files(65), XT_MAX_LOG_FILES / 65.0 * 64);
    assert_int_equal(most_files(XT_NAME_BYTES), XT_MAX_LOG_FILES / 255.0 * 64);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_numbered_as_they_come),
        cmocka_unit_test(no_file_needs_no_memory),
        cmocka_unit_test(files_beyond_the_limits_have_no_identifier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
