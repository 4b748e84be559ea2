/*
 * Snapshots as bytes: decoding gives what was encoded, or an error.
 */
#include "crc32c.h"

#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_run.h"
#include "support_saved.h"
#include "support_tracker.h"

static random_source source;

/* An allocator whose memory isn't zeroed, and that returns null for 0 bytes. */
static void *allocate_full_of_ones(void *context, size_t bytes) {
    (void)context;
    assert_true(bytes > 0);
    void *block = malloc(bytes);
    return block != NULL ? memset(block, 0xff, bytes) : NULL;
}

static void release_to_system(void *context, void *block, size_t bytes) {
    (void)context;
    (void)bytes;
    free(block);
}

static const xt_allocator careless = {allocate_full_of_ones, release_to_system, NULL};

/* Asserts that `snapshot`, encoded and decoded, is the same. */
static void assert_round_trip(const xt_snapshot *snapshot) {
    saved bytes = encode(snapshot);
    xt_snapshot *decoded;
    const char *problem = "none";
    assert_int_equal(
        xt_snapshot_decode(bytes.header, bytes.count, &careless, &decoded, &problem),
        XT_OK);
    assert_string_equal(problem, "none");
    assert_true(xt_snapshot_equals(decoded, snapshot));
    const xt_image *image = xt_snapshot_image(decoded);
    assert_int_equal(image->header->checksum, 0);
    assert_string_equal(verdict_on(image), "sound");
    xt_snapshot_close(decoded);
    free(bytes.header);
}

/* Asserts that the bytes are refused with `error` and `message`, without a leak. */
static void assert_refused(const void *bytes, size_t count, xt_error error,
                           const char *message) {
    counting_allocator account = {0};
    xt_allocator allocator = allocator_of(&account);
    xt_snapshot *decoded = (void *)&account;
    const char *problem = NULL;
    assert_int_equal(xt_snapshot_decode(bytes, count, &allocator, &decoded, &problem),
                     error);
    assert_string_equal(problem, message);
    assert_null(decoded);
    assert_true(account.calls == 0 || error >= XT_ERROR_CHECKSUM);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
    assert_int_equal(xt_snapshot_decode(bytes, count, NULL, &decoded, NULL), error);
}

static void empty_run_is_decoded_as_it_was(void **state) {
    (void)state;
    uint64_t now_us = 1;
    for (size_t most = 0; most < 3; most++) {
        xt_options options = options_at(&now_us, most);
        options.max_in_flight = most;
        xt_tracker *tracker = tracker_with(&options);
        xt_snapshot *snapshot;
        assert_int_equal(xt_snapshot_take(xt_tracker_image(tracker), NULL, &snapshot),
                         XT_OK);
        assert_round_trip(snapshot);
        xt_snapshot_close(snapshot);
        xt_tracker_close(tracker);
    }
}

static void run_with_everything_in_it_is_decoded_as_it_was(void **state) {
    (void)state;
    xt_snapshot *snapshot = busy_snapshot();
    assert_round_trip(snapshot);
    xt_snapshot_close(snapshot);
}

static void run_with_unused_slots_is_decoded_as_it_was(void **state) {
    (void)state;
    xt_tracker *tracker = busy_tracker();
    xt_snapshot *snapshot = with_all_slots(xt_tracker_image(tracker));
    assert_round_trip(snapshot);
    assert_true(is_block(tracker, xt_snapshot_image(snapshot)->header));
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void generation_is_that_of_no_tracker(void **state) {
    (void)state;
    xt_snapshot *snapshot = busy_snapshot();
    xt_header *header = xt_snapshot_image(snapshot)->header;
    header->generation = 7;
    saved bytes = encode(snapshot);
    header->generation = 0;
    xt_snapshot *decoded;
    assert_int_equal(
        xt_snapshot_decode(bytes.header, bytes.count, &careless, &decoded, NULL), XT_OK);
    assert_true(xt_snapshot_equals(decoded, snapshot));
    xt_snapshot_close(decoded);
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

static void random_runs_are_decoded_as_they_were(void **state) {
    (void)state;
    for (int round = 0; round < 100; round++) {
        random_run run;
        start_run(&run, &source, RUN_LONGEST);
        xt_snapshot *whole = with_all_slots(run.image);
        assert_round_trip(whole);
        xt_snapshot_close(whole);
        xt_snapshot *taken;
        assert_int_equal(xt_snapshot_take(run.image, NULL, &taken), XT_OK);
        assert_round_trip(taken);
        xt_snapshot_close(taken);
        close_run(&run);
    }
}

static void checksum_covers_the_block_with_its_own_field_as_0(void **state) {
    (void)state;
    xt_snapshot *snapshot = small_snapshot();
    const xt_image *image = xt_snapshot_image(snapshot);
    saved bytes = encode(snapshot);
    uint32_t checksum = bytes.header->checksum;
    assert_int_not_equal(checksum, 0);
    assert_int_equal(image->header->checksum, 0);
    bytes.header->checksum = 0;
    assert_memory_equal(bytes.header, image->header, bytes.count);
    assert_int_equal(checksum, xt_crc32c(0, bytes.header, bytes.count));
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

static void bytes_may_stand_anywhere(void **state) {
    (void)state;
    xt_snapshot *snapshot = busy_snapshot();
    saved bytes = encode(snapshot);
    for (size_t start = 0; start < 8; start++) {
        char *room = malloc(start + bytes.count);
        xt_snapshot *decoded;
        assert_non_null(room);
        memcpy(room + start, bytes.header, bytes.count);
        assert_int_equal(
            xt_snapshot_decode(room + start, bytes.count, NULL, &decoded, NULL), XT_OK);
        assert_true(xt_snapshot_equals(decoded, snapshot));
        xt_snapshot_close(decoded);
        free(room);
    }
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

static bool decode_while_failing(const saved *bytes, int fails_at, bool for_good) {
    counting_allocator account = {.fails_at = fails_at, .for_good = for_good};
    xt_allocator allocator = allocator_of(&account);
    xt_snapshot *decoded;
    const char *problem = NULL;
    xt_error error =
        xt_snapshot_decode(bytes->header, bytes->count, &allocator, &decoded, &problem);
    if (error == XT_OK) {
        assert_int_equal(blocks_left(&account), 1);
        xt_snapshot_close(decoded);
    } else {
        assert_int_equal(error, XT_ERROR_MEMORY);
        assert_string_equal(problem, "not enough memory");
        assert_null(decoded);
    }
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
    return error == XT_OK;
}

static void decoding_without_memory_leaves_nothing(void **state) {
    (void)state;
    xt_snapshot *snapshot = small_snapshot();
    saved bytes = encode(snapshot);
    for (int for_good = 0; for_good < 2; for_good++) {
        int fails_at = 1;
        while (!decode_while_failing(&bytes, fails_at, for_good)) {
            fails_at++;
        }
        assert_int_equal(fails_at, 3);
    }
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

static void every_beginning_of_a_run_is_too_short(void **state) {
    (void)state;
    xt_snapshot *snapshot = small_snapshot();
    saved bytes = encode(snapshot);
    for (size_t count = 0; count < bytes.count; count++) {
        char *room = malloc(count + 1);
        assert_non_null(room);
        memcpy(room + 1, bytes.header, count); /* ends at the end of the block */
        assert_refused(room + 1, count, XT_ERROR_SIZE,
                       count == 0 ? "it is empty"
                                  : "it is shorter or longer than its header says");
        free(room);
    }
    assert_refused(NULL, 0, XT_ERROR_SIZE, "it is empty");
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

static void bytes_behind_a_run_are_too_many(void **state) {
    (void)state;
    xt_snapshot *snapshot = small_snapshot();
    saved bytes = encode(snapshot);
    char *room = calloc(1, bytes.count + 100);
    assert_non_null(room);
    memcpy(room, bytes.header, bytes.count);
    for (size_t more = 1; more <= 100; more++) {
        assert_refused(room, bytes.count + more, XT_ERROR_SIZE,
                       "it is shorter or longer than its header says");
    }
    free(room);
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

static void what_does_not_begin_as_a_run_is_none(void **state) {
    (void)state;
    xt_snapshot *snapshot = small_snapshot();
    saved bytes = encode(snapshot);
    char *magic = bytes.header->magic;
    for (size_t place = 0; place < 8; place++) {
        magic[place]++;
        for (size_t count = place + 1; count < 600; count++) {
            assert_refused(magic, count, XT_ERROR_KIND, "it isn't a saved run");
        }
        magic[place]--;
    }
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

/* Whether `error` is possible for a run with one bit changed in the byte at `place`. */
static bool is_error_for(xt_error error, size_t place) {
    if (place < offsetof(xt_header, version)) {
        return error == XT_ERROR_KIND;
    }
    if (place < offsetof(xt_header, byte_order)) {
        return error == XT_ERROR_VERSION;
    }
    if (place < offsetof(xt_header, size_bytes)) {
        return error == XT_ERROR_BYTE_ORDER;
    }
    if (place < offsetof(xt_header, checksum)) {
        return error == XT_ERROR_SIZE;
    }
    /* A number of slots that gives another size, or is above its limit. */
    bool may_be_slots =
        place < offsetof(xt_header, record_count) ||
        (place >= offsetof(xt_header, texts) && place < offsetof(xt_header, clears)) ||
        (place >= offsetof(xt_header, known_slots) &&
         place < offsetof(xt_header, reserved));
    return error == XT_ERROR_CHECKSUM || (error == XT_ERROR_INVALID && may_be_slots);
}

static void every_bit_that_is_changed_is_found(void **state) {
    (void)state;
    xt_snapshot *snapshot = small_snapshot();
    saved bytes = encode(snapshot);
    unsigned char *byte = (unsigned char *)bytes.header;
    for (size_t bit = 0; bit < bytes.count * 8; bit++) {
        xt_snapshot *decoded;
        byte[bit / 8] ^= (unsigned char)(1 << bit % 8);
        xt_error error =
            xt_snapshot_decode(bytes.header, bytes.count, NULL, &decoded, NULL);
        assert_true(is_error_for(error, bit / 8));
        assert_null(decoded);
        byte[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(bytes.header);
    xt_snapshot_close(snapshot);
}

/* Runs `corrupt` on the bytes of a run, corrects the checksum and asserts the result of
 * decoding them. */
#define REFUSED_AFTER(error, message, corrupt)                                           \
    do {                                                                                 \
        xt_snapshot *snapshot = busy_snapshot();                                         \
        saved bytes = encode(snapshot);                                                  \
        xt_header *header = bytes.header;                                                \
        xt_image image = image_of(&bytes);                                               \
        (void)image;                                                                     \
        corrupt;                                                                         \
        seal(&bytes);                                                                    \
        assert_refused(header, bytes.count, error, message);                             \
        free(header);                                                                    \
        xt_snapshot_close(snapshot);                                                     \
    } while (0)

static void run_of_another_machine_or_version_is_named(void **state) {
    (void)state;
    const char *order = "it was saved on a machine of another byte order";
    const char *version = "it is in another version of the format";
    REFUSED_AFTER(XT_ERROR_BYTE_ORDER, order, header->byte_order = 0x04030201);
    REFUSED_AFTER(XT_ERROR_BYTE_ORDER, order,
                  (header->byte_order = 0x04030201, header->version = 0x01000000));
    REFUSED_AFTER(XT_ERROR_VERSION, version, header->version = 0);
    REFUSED_AFTER(XT_ERROR_VERSION, version, header->version = 2);
    REFUSED_AFTER(XT_ERROR_VERSION, version, (header->version = 4, header->size_bytes++));
}

static void slots_that_make_no_such_block_are_refused(void **state) {
    (void)state;
    const char *message = "its contents are inconsistent";
    REFUSED_AFTER(XT_ERROR_INVALID, message, header->record_slots--);
    REFUSED_AFTER(XT_ERROR_INVALID, message, header->tool_names.slots = UINT32_MAX);
    REFUSED_AFTER(XT_ERROR_INVALID, message, header->max_history = 8);
    REFUSED_AFTER(XT_ERROR_INVALID, message, header->max_tools = 1);
}

static void inconsistent_run_is_refused_with_what_is_wrong(void **state) {
    (void)state;
    REFUSED_AFTER(XT_ERROR_INVALID, "an unknown flag is set", header->flags = 4);
    REFUSED_AFTER(XT_ERROR_INVALID, "a table has more entries than slots",
                  header->record_count++);
    REFUSED_AFTER(XT_ERROR_INVALID, "a table of names has the same name twice",
                  memcpy(image.error_types.bytes + 6, "ENOENT", 6));
    REFUSED_AFTER(XT_ERROR_INVALID, "a record's tool or error type doesn't exist",
                  image.records[3].tool = 3);
    REFUSED_AFTER(XT_ERROR_INVALID, "a histogram counts outside its span",
                  image.histograms[0].width--);
    REFUSED_AFTER(XT_ERROR_INVALID, "the overall lifetime isn't the sum of the tools'",
                  header->lifetime.cached_hits++);
    REFUSED_AFTER(XT_ERROR_INVALID, "the list of executions in flight is out of order",
                  image.in_flight.entries[0].serial = 9);
    REFUSED_AFTER(XT_ERROR_INVALID, "a denial's tool or reason doesn't exist",
                  image.denials[0].reason = 0);
}

int main(void) {
    source = random_seeded();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_run_is_decoded_as_it_was),
        cmocka_unit_test(run_with_everything_in_it_is_decoded_as_it_was),
        cmocka_unit_test(run_with_unused_slots_is_decoded_as_it_was),
        cmocka_unit_test(generation_is_that_of_no_tracker),
        cmocka_unit_test(random_runs_are_decoded_as_they_were),
        cmocka_unit_test(checksum_covers_the_block_with_its_own_field_as_0),
        cmocka_unit_test(bytes_may_stand_anywhere),
        cmocka_unit_test(decoding_without_memory_leaves_nothing),
        cmocka_unit_test(every_beginning_of_a_run_is_too_short),
        cmocka_unit_test(bytes_behind_a_run_are_too_many),
        cmocka_unit_test(what_does_not_begin_as_a_run_is_none),
        cmocka_unit_test(every_bit_that_is_changed_is_found),
        cmocka_unit_test(run_of_another_machine_or_version_is_named),
        cmocka_unit_test(slots_that_make_no_such_block_are_refused),
        cmocka_unit_test(inconsistent_run_is_refused_with_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
