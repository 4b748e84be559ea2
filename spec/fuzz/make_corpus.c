/*
 * Writes the corpus to a directory: small runs of every kind, each after a byte that says
 * how the fuzz target changes it.
 */
#include "load.h"

#include "selection.h"
#include "snapshot.h"
#include "undo_log.h"

#include "support_cmocka.h"
#include "support_places.h"
#include "support_tracker.h"

#include <stdio.h>

static uint64_t now_us;

static xt_tracker *new_tracker(size_t max_history, const char *label) {
    now_us = UINT64_C(1700000000000000);
    xt_options options = options_at(&now_us, max_history);
    options.max_tools = 1;
    options.max_in_flight = 4;
    options.session_names = 1;
    options.args_texts = 1;
    options.error_texts = 1;
    options.label = xt_text_of(label);
    return tracker_with(&options);
}

static xt_snapshot *taken(xt_tracker *tracker) {
    xt_snapshot *snapshot;
    assert_int_equal(xt_snapshot_take(xt_tracker_image(tracker), NULL, &snapshot), XT_OK);
    xt_tracker_close(tracker);
    return snapshot;
}

static void record_failure(xt_tracker *tracker, const char *error_type) {
    const xt_execution execution = {
        .tool = xt_text_of("read"),
        .outcome = {.status = XT_FAILED,
                    .was_cached = true,
                    .error_type = xt_text_of(error_type),
                    .error_text = xt_text_of("no such file")},
        .duration_us = 1234,
        .args_hash = 0xfedcba98,
        .args_text = xt_text_of("path = \"notes.txt\""),
        .session = xt_session_of(xt_text_of(error_type)),
    };
    now_us += 1000000;
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

static xt_snapshot *empty(void) {
    return taken(new_tracker(0, ""));
}

static xt_snapshot *one_tool(void) {
    xt_tracker *tracker = new_tracker(4, "nightly");
    for (uint64_t i = 1; i <= 6; i++) {
        now_us += i * 1000;
        record(tracker, "read", (xt_status)(i % 4), i * i * 100);
    }
    return taken(tracker);
}

static xt_snapshot *without_records(void) {
    xt_tracker *tracker = new_tracker(0, "");
    record(tracker, "read", XT_SUCCESS, 100);
    record(tracker, "read", XT_TIMED_OUT, 30000000);
    return taken(tracker);
}

/* 2 tools; a third is counted under (other). */
static xt_snapshot *two_tools(void) {
    xt_tracker *tracker = new_tracker(3, "");
    record(tracker, "", XT_SUCCESS, 5);
    record(tracker, "write", XT_CANCELLED, 50);
    record(tracker, "search", XT_FAILED, 500);
    return taken(tracker);
}

static xt_snapshot *error_types(void) {
    xt_tracker *tracker = new_tracker(6, "");
    const char *const types[] = {"ENOENT", "EACCES", "timeout", "ENOENT", "", "5xx"};
    for (int i = 0; i < 6; i++) {
        record_failure(tracker, types[i]);
    }
    for (uint32_t i = 0; i < 3; i++) {
        xt_tracker_deny(tracker,
                        &(xt_call){.tool = xt_text_of("read"), .session = {.hash = i}},
                        xt_text_of("EACCES"), now_us);
    }
    xt_tracker_deny(tracker, &(xt_call){.tool = xt_text_of("read"), .args_hash = 7},
                    xt_text_of("EACCES"), 1);
    xt_tracker_deny(tracker, &(xt_call){.tool = xt_text_of("read")}, xt_text_of("5xx"),
                    XT_MAX_COUNT);
    return taken(tracker);
}

static void start_some(xt_tracker *tracker) {
    xt_span first = xt_tracker_start(tracker, xt_text_of("read"), 1);
    for (uint32_t i = 2; i <= 5; i++) {
        const xt_call call = {.tool = xt_text_of("read"),
                              .args_hash = i,
                              .session = {.hash = i},
                              .depth = i};
        now_us += 10;
        xt_tracker_start_call(tracker, &call); /* the last is unlisted */
    }
    finish(tracker, &first, XT_SUCCESS);
}

static xt_snapshot *in_flight(void) {
    xt_tracker *tracker = new_tracker(1, "");
    start_some(tracker);
    return taken(tracker);
}

/* Its histogram has passed through all resolutions. */
static xt_snapshot *all_durations(void) {
    xt_tracker *tracker = new_tracker(8, "");
    for (uint64_t i = 0; i < 8; i++) {
        record(tracker, "read", XT_SUCCESS,
               i == 0 ? 0 : XT_MAX_DURATION_US >> (i * 8 - 8));
    }
    return taken(tracker);
}

static xt_snapshot *out_of_order(void) {
    xt_tracker *tracker = new_tracker(4, "");
    record_at(tracker, "read", XT_SUCCESS, 7, XT_MAX_COUNT);
    record_at(tracker, "read", XT_SUCCESS, 9, 0);
    record_at(tracker, "read", XT_FAILED, 1, 1);
    return taken(tracker);
}

/* Each timing, dated and undated, with both outcomes. */
static xt_snapshot *unknown(void) {
    xt_tracker *tracker = new_tracker(10, "");
    for (unsigned i = 0; i < 12; i++) {
        const xt_execution execution = {.tool = xt_text_of("read"),
                                        .outcome = {.status = (xt_status)(i % 2)},
                                        .duration_us = 7 + i,
                                        .timing = (xt_timing)(i / 2 % 3),
                                        .end_us = now_us,
                                        .is_undated = i >= 6};
        assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
    }
    return taken(tracker);
}

/* No execution was measured. */
static xt_snapshot *untimed(void) {
    xt_tracker *tracker = new_tracker(2, "");
    const xt_execution execution = {
        .tool = xt_text_of("read"), .timing = XT_UNTIMED, .end_us = now_us};
    assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
    return taken(tracker);
}

static xt_snapshot *long_name(void) {
    char name[XT_NAME_BYTES + 1];
    xt_tracker *tracker = new_tracker(1, "");
    memset(name, 'x', sizeof name);
    name[XT_NAME_BYTES] = 0;
    record(tracker, name, XT_SUCCESS, 1);
    return taken(tracker);
}

static xt_snapshot *with_records(size_t count) {
    xt_tracker *tracker = new_tracker(count, "");
    for (uint64_t i = 0; i < count; i++) {
        now_us += i * i;
        record(tracker, "read", (xt_status)(i % 4), i * 7919 % 41);
    }
    return taken(tracker);
}

static xt_snapshot *many_records(void) {
    return with_records(40);
}

/* So many records that their quantiles aren't found by sorting. */
static xt_snapshot *most_records(void) {
    return with_records(200);
}

static xt_snapshot *selected(void) {
    xt_snapshot *all = many_records();
    xt_snapshot *some;
    uint64_t selection[] = {0xf0f0f0f0f0};
    assert_int_equal(
        xt_snapshot_select(xt_snapshot_image(all), selection, 7, NULL, &some), XT_OK);
    xt_snapshot_close(all);
    return some;
}

static xt_snapshot *merged(void) {
    xt_snapshot *a = error_types();
    xt_snapshot *b = in_flight();
    const xt_image *const images[] = {xt_snapshot_image(a), xt_snapshot_image(b)};
    xt_snapshot *both;
    assert_int_equal(xt_snapshot_merge(2, images, XT_KEEP_ALL, NULL, &both), XT_OK);
    xt_snapshot_close(a);
    xt_snapshot_close(b);
    return both;
}

static xt_snapshot *measured(void) {
    const xt_measure measures[] = {{xt_text_of("cost"), xt_text_of("USD"), 1e-6},
                                   {xt_text_of("bytes"), xt_text_of(""), 1}};
    xt_options options = options_at(&now_us, 4);
    options.max_tools = 1;
    options.measures = measures;
    options.measure_count = 2;
    xt_tracker *tracker = tracker_with(&options);
    const uint64_t values[][2] = {{1, 2}, {XT_MAX_COUNT, 3}, {7, XT_NO_MEASURE}, {0, 0}};
    for (int i = 0; i < 5; i++) {
        const xt_execution execution = {.tool = xt_text_of(i % 2 == 0 ? "read" : "edit"),
                                        .outcome.measures = i < 4 ? values[i] : NULL};
        assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
    }
    return taken(tracker);
}

static xt_snapshot *placed(void) {
    const char *const places[] = {"a.jsonl:12", "", "b.json: messages[7]", "a.jsonl",
                                  NULL};
    xt_snapshot *run = placed_run(places, XT_KEEP_ALL);
    memset(run->image.header->instance, 1, XT_INSTANCE_BYTES); /* it was random */
    return run;
}

/*
 * The image of `tracker` with all its slots, but few for error types (it has at most one)
 * and denials: all of these would make it ten times as large.
 */
static xt_snapshot *with_slots(xt_tracker *tracker) {
    const xt_image *from = xt_tracker_image(tracker);
    xt_header header = *from->header;
    size_t unchanged = (size_t)((char *)from->error_types.names - (char *)from->tools);
    xt_snapshot *snapshot;
    header.error_types.slots = 3;
    header.error_types.byte_slots = 20;
    header.denial_slots = 2;
    header.denied_slots = 2;
    assert_int_equal(xt_snapshot_allocate(&header, NULL, &snapshot), XT_OK);
    const xt_image *image = xt_snapshot_image(snapshot);
    memset(image->header + 1, 0, xt_image_bytes(image) - sizeof header);
    memcpy(image->tools, from->tools, unchanged);
    memcpy(image->error_types.names, from->error_types.names, sizeof(xt_name));
    memcpy(image->error_types.bytes, from->error_types.bytes,
           header.error_types.byte_count);
    memcpy(image->in_flight.entries, from->in_flight.entries,
           header.in_flight.slots * sizeof(xt_in_flight_entry));
    memcpy(image->texts[0].entries, from->texts[0].entries,
           (size_t)((char *)from->records - (char *)from->texts[0].entries));
    memcpy(image->records, from->records, header.record_slots * sizeof(xt_record));
    xt_tracker_close(tracker);
    return snapshot;
}

static xt_snapshot *ring_that_has_wrapped(void) {
    xt_tracker *tracker = new_tracker(3, "");
    start_some(tracker);
    for (int i = 0; i < 4; i++) {
        record_failure(tracker, "ENOENT");
    }
    xt_snapshot *snapshot = with_slots(tracker);
    const xt_image *image = xt_snapshot_image(snapshot);
    image->denied[0] = (xt_denied_entry){.denied_us = 3, .args_hash = 3, .reason = 1};
    image->denied[1] = (xt_denied_entry){.denied_us = 2, .args_hash = 2, .reason = 1};
    image->header->denied_count = 2;
    image->header->denied_next = 1;
    image->header->denials_overflowed = 3;
    return snapshot;
}

static xt_snapshot *ring_with_room(void) {
    xt_tracker *tracker = new_tracker(4, "");
    record(tracker, "read", XT_SUCCESS, 1);
    record_failure(tracker, "ENOENT");
    return with_slots(tracker);
}

typedef struct entry {
    const char *name;
    xt_snapshot *(*make)(void);
    uint8_t how;
    size_t changed; /* offset in the header of a byte to change at the end, or 0 */
    size_t cut_off; /* number of bytes to cut off at the end */
} entry;

static const entry entries[] = {
    {"empty", empty, INPUT_AS_IS, 0, 0},
    {"one-tool", one_tool, INPUT_AS_IS, 0, 0},
    {"without-records", without_records, INPUT_AS_IS, 0, 0},
    {"two-tools", two_tools, INPUT_SEALED, 0, 0},
    {"error-types", error_types, INPUT_SEALED, 0, 0},
    {"in-flight", in_flight, INPUT_SEALED, 0, 0},
    {"all-durations", all_durations, INPUT_SEALED, 0, 0},
    {"out-of-order", out_of_order, INPUT_SEALED, 0, 0},
    {"long-name", long_name, INPUT_SEALED, 0, 0},
    {"selected", selected, INPUT_SEALED, 0, 0},
    {"merged", merged, INPUT_SEALED, 0, 0},
    {"measured", measured, INPUT_SEALED, 0, 0},
    {"placed", placed, INPUT_SEALED, 0, 0},
    {"unknown", unknown, INPUT_SEALED, 0, 0},
    {"untimed", untimed, INPUT_SEALED, 0, 0},
    {"ring-that-has-wrapped", ring_that_has_wrapped, INPUT_SEALED, 0, 0},
    {"ring-with-room", ring_with_room, INPUT_SEALED, 0, 0},
    {"many-records", many_records, INPUT_COUNTED, 0, 0},
    {"most-records", most_records, INPUT_COUNTED, 0, 0},
    {"counted-all-durations", all_durations, INPUT_COUNTED, 0, 0},
    {"counted-error-types", error_types, INPUT_COUNTED, 0, 0},
    {"counted-measured", measured, INPUT_COUNTED, 0, 0},
    {"counted-placed", placed, INPUT_COUNTED, 0, 0},
    {"counted-unknown", unknown, INPUT_COUNTED, 0, 0},
    {"counted-two-tools", two_tools, INPUT_COUNTED, 0, 0},
    {"counted-from-place-3", many_records, INPUT_COUNTED,
     offsetof(xt_header, record_next), 0},
    {"refused-short", one_tool, INPUT_AS_IS, 0, 1},
    {"refused-half-header", empty, INPUT_AS_IS, 0, 256},
    {"refused-kind", empty, INPUT_SEALED, offsetof(xt_header, magic) + 4, 0},
    {"refused-version", empty, INPUT_SEALED, offsetof(xt_header, version), 0},
    {"refused-byte-order", empty, INPUT_SEALED, offsetof(xt_header, byte_order), 0},
    {"refused-checksum", empty, INPUT_AS_IS, offsetof(xt_header, checksum), 0},
    {"refused-order", one_tool, INPUT_SEALED, offsetof(xt_header, record_next), 0},
};

static void write_input(const char *directory, const char *name, const uint8_t *bytes,
                        size_t count) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static void write_entry(const entry *made, const char *directory) {
    xt_snapshot *snapshot = made->make();
    size_t size = xt_image_bytes(xt_snapshot_image(snapshot));
    uint8_t *bytes = malloc(1 + size);
    assert_non_null(bytes);
    bytes[0] = made->how;
    xt_snapshot_encode(snapshot, bytes + 1);
    if (made->changed != 0) {
        bytes[1 + made->changed] ^= 3;
    }
    write_input(directory, made->name, bytes, 1 + size - made->cut_off);
    free(bytes);
    xt_snapshot_close(snapshot);
}

/* Leaves the recorder `image` with an unfinished operation, which has changed bytes that
 * its log has; those that it has appended to tables may stay. */
static void begin_operation(xt_image *image) {
    xt_journal journal = xt_undo_log_journal(image);
    xt_journal_begin(&journal);
    xt_journal_touch(&journal, image->tools, sizeof image->tools[0]);
    memset(image->tools, 0xff, sizeof image->tools[0]);
    xt_journal_touch(&journal, &image->header->lifetime, sizeof(xt_lifetime));
    image->header->lifetime.total_us++;
    xt_journal_touch(&journal, &image->header->recorded, sizeof(uint64_t));
    image->header->recorded++;
}

/* The same in clearing, half done. */
static void begin_clear(xt_image *image) {
    xt_journal journal = xt_undo_log_journal(image);
    xt_journal_begin_clear(&journal, image->header->now_us, image->header->clears + 1);
    image->header->record_count = 0;
    memset(image->tools, 0, sizeof image->tools[0] / 2);
}

/* The same with an entry of the log that is too long. */
static void begin_damaged(xt_image *image) {
    begin_operation(image);
    image->undo->entries[image->undo->used - 1] = 0xff;
}

static void begin_nothing(xt_image *image) {
    memset(image->undo, 0xff, 64); /* stale */
}

typedef struct recorder_entry {
    const char *name;
    xt_snapshot *(*make)(void);
    uint8_t how;
    void (*begin)(xt_image *image);
} recorder_entry;

static const recorder_entry recorders[] = {
    {"recorder", measured, INPUT_RECORDER, begin_nothing},
    {"recorder-unfinished", ring_that_has_wrapped, INPUT_RECORDER, begin_operation},
    {"recorder-cleared", ring_with_room, INPUT_RECORDER, begin_clear},
    {"recorder-restless", one_tool, INPUT_RESTLESS, begin_operation},
    {"refused-restless", one_tool, INPUT_RESTLESS + INPUTS, begin_operation},
    {"refused-undo-log", one_tool, INPUT_RECORDER, begin_damaged},
};

/* Writes a recorder that has the run of a snapshot, without the zeros at its end. */
static void write_recorder(const recorder_entry *made, const char *directory) {
    xt_image image;
    xt_snapshot *snapshot = made->make();
    const xt_image *from = xt_snapshot_image(snapshot);
    xt_header header = *from->header;
    header.writer_slots = 1;
    header.undo_slots = 1;
    size_t size = xt_image_size(&header);
    header.size_bytes = size;
    char *block = calloc(1, 8 + size); /* the first byte says how; the image is aligned */
    assert_non_null(block);
    block[7] = (char)made->how;
    memcpy(block + 8, from->header, xt_image_bytes(from));
    memcpy(block + 8, &header, sizeof header);
    xt_image_view(&image, block + 8);
    image.writer->opened_us = header.created_us;
    image.writer->pid = 4711;
    made->begin(&image);
    while (block[8 + size - 1] == 0) {
        size--;
    }
    write_input(directory, made->name, (uint8_t *)block + 7, 1 + size);
    free(block);
    xt_snapshot_close(snapshot);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        write_entry(&entries[i], argv[1]);
    }
    for (size_t i = 0; i < sizeof recorders / sizeof recorders[0]; i++) {
        write_recorder(&recorders[i], argv[1]);
    }
    return EXIT_SUCCESS;
}
