/*
 * Loading files. See also test_decode.c for bytes that are refused.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_directory.h"
#include "support_process.h"
#include "support_saved.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Asserts that the file at `path` isn't loaded, with at most `calls` allocations. */
static void assert_not_loaded(const char *path, xt_error error, const char *message,
                              int calls) {
    counting_allocator account = {0};
    xt_allocator allocator = allocator_of(&account);
    xt_snapshot *loaded = (void *)&account;
    const char *problem = NULL;
    assert_int_equal(xt_snapshot_load(path, &allocator, &loaded, &problem), error);
    assert_string_equal(problem, message);
    assert_null(loaded);
    assert_int_equal(account.calls, calls);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
}

static void assert_system_refuses_to_load(const char *path, int reason) {
    errno = 0;
    assert_not_loaded(path, XT_ERROR_FILE, "a file operation failed", 0);
    assert_int_equal(errno, reason);
}

static void file_that_was_cut_off_is_refused(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *snapshot = small_snapshot();
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    for (size_t left = xt_image_bytes(xt_snapshot_image(snapshot)); left-- > 0;) {
        assert_int_equal(truncate(path, (off_t)left), 0);
        assert_not_loaded(path, XT_ERROR_SIZE,
                          left == 0 ? "it is empty"
                                    : "it is shorter or longer than its header says",
                          0);
    }
    xt_snapshot_close(snapshot);
}

static void file_with_more_behind_it_is_refused(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *snapshot = small_snapshot();
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    assert_int_equal(
        truncate(path, (off_t)xt_image_bytes(xt_snapshot_image(snapshot)) + 1), 0);
    assert_not_loaded(path, XT_ERROR_SIZE, "it is shorter or longer than its header says",
                      0);
    xt_snapshot_close(snapshot);
}

static void file_that_was_changed_is_refused(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *snapshot = busy_snapshot();
    saved bytes = encode(snapshot);
    bytes.header->recorded++;
    write_file(path, bytes.header, bytes.count);
    assert_not_loaded(path, XT_ERROR_CHECKSUM,
                      "its checksum is wrong: it isn't what was saved", 1);
    bytes.header->recorded = 3;
    seal(&bytes);
    write_file(path, bytes.header, bytes.count);
    assert_not_loaded(path, XT_ERROR_INVALID,
                      "more records are retained than were recorded", 2);
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

static void file_that_is_no_run_is_refused(void **state) {
    const char *path = path_in(*state, "run");
    write_file(path, "# What I did\n", 13);
    assert_not_loaded(path, XT_ERROR_KIND, "it isn't a saved run", 0);
    assert_int_equal(truncate(path, 4096), 0);
    assert_not_loaded(path, XT_ERROR_KIND, "it isn't a saved run", 0);
}

/* Linux generates such a file when it is read, and gives its size as 0. */
static void file_whose_size_nobody_knows_is_no_run(void **state) {
    (void)state;
    if (access("/proc/version", R_OK) != 0) {
        skip();
    }
    assert_not_loaded("/proc/version", XT_ERROR_KIND, "it isn't a saved run", 0);
}

/* A sparse file of 10 GiB. */
static void huge_file_of_zeros_is_refused_at_once(void **state) {
    const char *path = path_in(*state, "run");
    write_file(path, "", 0);
    if (truncate(path, (off_t)10 << 30) != 0) {
        skip(); /* the file system has no sparse files */
    }
    assert_not_loaded(path, XT_ERROR_KIND, "it isn't a saved run", 0);
}

static void header_that_promises_another_size_asks_for_no_memory(void **state) {
    const char *path = path_in(*state, "run");
    const char *message = "it is shorter or longer than its header says";
    xt_snapshot *snapshot = small_snapshot();
    saved bytes = encode(snapshot);
    xt_header *header = bytes.header;
    header->max_history = XT_MAX_HISTORY;
    header->record_slots = XT_MAX_HISTORY;
    header->size_bytes = xt_image_size(header);
    seal(&bytes);
    write_file(path, header, bytes.count);
    assert_not_loaded(path, XT_ERROR_SIZE, message, 0);
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    /* A size that is right modulo 2^32. */
    if (truncate(path, ((off_t)1 << 32) +
                           (off_t)xt_image_bytes(xt_snapshot_image(snapshot))) == 0) {
        assert_not_loaded(path, XT_ERROR_SIZE, message, 0);
    }
    free(header);
    xt_snapshot_close(snapshot);
}

static void missing_file_is_not_loaded(void **state) {
    assert_system_refuses_to_load(path_in(*state, "run"), ENOENT);
    assert_system_refuses_to_load("", ENOENT);
}

static void directory_is_not_loaded(void **state) {
    const directory *in = *state;
    assert_system_refuses_to_load(in->path, EISDIR);
}

static void fifo_without_a_writer_is_no_run(void **state) {
    const char *path = path_in(*state, "fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_not_loaded(path, XT_ERROR_KIND, "it isn't a saved run", 0);
}

static void device_is_no_run(void **state) {
    (void)state;
    assert_not_loaded("/dev/null", XT_ERROR_KIND, "it isn't a saved run", 0);
    assert_not_loaded("/dev/zero", XT_ERROR_KIND, "it isn't a saved run", 0);
}

static bool is_unreadable(const char *path, const xt_snapshot *snapshot) {
    xt_snapshot *loaded;
    (void)snapshot;
    return becomes_nobody() &&
           xt_snapshot_load(path, NULL, &loaded, NULL) == XT_ERROR_FILE &&
           errno == EACCES && loaded == NULL;
}

static void file_without_permission_is_not_loaded(void **state) {
    const char *path = path_in(*state, "run");
    write_file(path, "", 0);
    assert_int_equal(chmod(path, 0), 0);
    assert_true(succeeds_apart(is_unreadable, path, NULL));
}

static bool load_while_failing(const char *path, int fails_at, bool for_good) {
    counting_allocator account = {.fails_at = fails_at, .for_good = for_good};
    xt_allocator allocator = allocator_of(&account);
    xt_snapshot *loaded;
    const char *problem = NULL;
    xt_error error = xt_snapshot_load(path, &allocator, &loaded, &problem);
    assert_int_equal(blocks_left(&account), error == XT_OK);
    if (error != XT_OK) {
        assert_int_equal(error, XT_ERROR_MEMORY);
        assert_string_equal(problem, "not enough memory");
        assert_null(loaded);
    }
    xt_snapshot_close(loaded);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
    return error == XT_OK;
}

static void loading_without_memory_leaves_nothing(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *snapshot = small_snapshot();
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    for (int for_good = 0; for_good < 2; for_good++) {
        int fails_at = 1;
        while (!load_while_failing(path, fails_at, for_good)) {
            fails_at++;
        }
        assert_int_equal(fails_at, 3);
    }
    xt_snapshot_close(snapshot);
}

/* A file that changes after its header was read, when memory is allocated. */
typedef struct changing_file {
    const char *path;
    const saved *contents; /* what it is then; null for nothing */
} changing_file;

static void *change_and_allocate(void *context, size_t bytes) {
    const changing_file *file = context;
    if (file->contents == NULL) {
        assert_int_equal(truncate(file->path, sizeof(xt_header)), 0);
    } else {
        write_file(file->path, file->contents->header, file->contents->count);
    }
    return calloc(1, bytes);
}

static void release_to_system(void *context, void *block, size_t bytes) {
    (void)context;
    (void)bytes;
    free(block);
}

static xt_error load_while_changing(changing_file file, xt_snapshot **loaded) {
    const xt_allocator allocator = {change_and_allocate, release_to_system, &file};
    return xt_snapshot_load(file.path, &allocator, loaded, NULL);
}

static void file_that_shrinks_while_it_is_loaded_is_refused(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *snapshot = small_snapshot();
    xt_snapshot *loaded;
    assert_int_equal(xt_snapshot_save(snapshot, path), XT_OK);
    assert_int_equal(load_while_changing((changing_file){path, NULL}, &loaded),
                     XT_ERROR_SIZE);
    assert_null(loaded);
    xt_snapshot_close(snapshot);
}

static void file_that_becomes_another_while_it_is_loaded_is_refused(void **state) {
    const char *path = path_in(*state, "run");
    xt_snapshot *small = small_snapshot();
    xt_snapshot *busy = busy_snapshot();
    xt_snapshot *loaded;
    saved bytes = encode(busy);
    assert_int_equal(xt_snapshot_save(small, path), XT_OK);
    assert_int_equal(load_while_changing((changing_file){path, &bytes}, &loaded),
                     XT_ERROR_CHECKSUM);
    assert_null(loaded);
    free(bytes.header);
    xt_snapshot_close(busy);
    xt_snapshot_close(small);
}

static void *allocate_nothing(void *context, size_t bytes) {
    (void)context;
    (void)bytes;
    return NULL;
}

/* Files by what is wrong with them, in the order of the checks that find it. */
static const char *const bad_files[] = {"missing", "text", "cut off", "changed",
                                        "invalid", "fifo", "."};

/* Loads good and bad files again and again, with few descriptors. */
static bool loads_with_few_descriptors(const char *path, const xt_snapshot *snapshot) {
    const xt_allocator no_memory = {allocate_nothing, release_to_system, NULL};
    const struct rlimit limit = {16, 16};
    xt_snapshot *loaded;
    bool is_right = chdir(path) == 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0;
    for (int i = 0; i < 2000; i++) {
        is_right &= xt_snapshot_load("good", NULL, &loaded, NULL) == XT_OK &&
                    xt_snapshot_equals(loaded, snapshot);
        xt_snapshot_close(loaded);
        is_right &=
            xt_snapshot_load("good", &no_memory, &loaded, NULL) == XT_ERROR_MEMORY;
        for (size_t j = 0; j < sizeof bad_files / sizeof bad_files[0]; j++) {
            is_right &= xt_snapshot_load(bad_files[j], NULL, &loaded, NULL) != XT_OK;
        }
    }
    return is_right &&
           xt_snapshot_load("missing", NULL, &loaded, NULL) == XT_ERROR_FILE &&
           errno == ENOENT;
}

static void loading_closes_its_file_whatever_is_wrong(void **state) {
    const directory *in = *state;
    xt_snapshot *snapshot = small_snapshot();
    saved bytes = encode(snapshot);
    write_file(path_in(in, "good"), bytes.header, bytes.count);
    write_file(path_in(in, "text"), "# What I did\n", 13);
    write_file(path_in(in, "cut off"), bytes.header, bytes.count - 1);
    bytes.header->recorded = 0;
    write_file(path_in(in, "changed"), bytes.header, bytes.count);
    seal(&bytes);
    write_file(path_in(in, "invalid"), bytes.header, bytes.count);
    assert_int_equal(mkfifo(path_in(in, "fifo"), 0600), 0);
    assert_true(succeeds_apart(loads_with_few_descriptors, in->path, snapshot));
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

#define IN_DIRECTORY(test)                                                               \
    cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(file_that_was_cut_off_is_refused),
        IN_DIRECTORY(file_with_more_behind_it_is_refused),
        IN_DIRECTORY(file_that_was_changed_is_refused),
        IN_DIRECTORY(file_that_is_no_run_is_refused),
        IN_DIRECTORY(file_whose_size_nobody_knows_is_no_run),
        IN_DIRECTORY(huge_file_of_zeros_is_refused_at_once),
        IN_DIRECTORY(header_that_promises_another_size_asks_for_no_memory),
        IN_DIRECTORY(missing_file_is_not_loaded),
        IN_DIRECTORY(directory_is_not_loaded),
        IN_DIRECTORY(fifo_without_a_writer_is_no_run),
        IN_DIRECTORY(device_is_no_run),
        IN_DIRECTORY(file_without_permission_is_not_loaded),
        IN_DIRECTORY(loading_without_memory_leaves_nothing),
        IN_DIRECTORY(file_that_shrinks_while_it_is_loaded_is_refused),
        IN_DIRECTORY(file_that_becomes_another_while_it_is_loaded_is_refused),
        IN_DIRECTORY(loading_closes_its_file_whatever_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
