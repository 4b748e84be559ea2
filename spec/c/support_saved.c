#include "support_saved.h"

#include "crc32c.h"
#include "snapshot.h"

#include "support_cmocka.h"
#include "support_tracker.h"

static uint64_t now_us;

static xt_snapshot *take_and_close(xt_tracker *tracker) {
    xt_snapshot *snapshot;
    assert_sound(tracker);
    assert_int_equal(xt_snapshot_take(xt_tracker_image(tracker), NULL, &snapshot), XT_OK);
    xt_tracker_close(tracker);
    return snapshot;
}

xt_snapshot *small_snapshot(void) {
    now_us = 1000000;
    xt_options options = options_at(&now_us, 1);
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "read", XT_SUCCESS, 100);
    return take_and_close(tracker);
}

static void record_failures(xt_tracker *tracker, const char *error_type) {
    const xt_execution execution = {
        .tool = xt_text_of("read"),
        .outcome = {.status = XT_FAILED,
                    .was_cached = true,
                    .error_type = xt_text_of(error_type)},
        .duration_us = 300,
        .args_hash = 0xabcdef,
    };
    for (int i = 0; i < 3; i++) {
        assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
    }
}

xt_tracker *busy_tracker(void) {
    now_us = 1000000;
    xt_options options = options_at(&now_us, 9);
    options.max_tools = 2;
    options.max_in_flight = 4;
    options.label = text_of("night\0ly", 8);
    xt_tracker *tracker = tracker_with(&options);
    xt_tracker_start(tracker, xt_text_of("read"), 1);
    xt_span span = xt_tracker_start(tracker, xt_text_of("write"), 2);
    xt_tracker_start(tracker, xt_text_of("search"), 3);
    record_failures(tracker, "ENOENT");
    now_us += 50;
    record_failures(tracker, "EACCES");
    for (uint64_t duration_us = 0; duration_us < 4; duration_us++) {
        record(tracker, "edit", XT_TIMED_OUT, duration_us << 18 * duration_us);
    }
    finish(tracker, &span, XT_CANCELLED);
    record_at(tracker, "read", XT_SUCCESS, 2, 5);
    const xt_image *image = xt_tracker_image(tracker);
    image->header->denial_count = 1;
    image->denials[0] = (xt_denial){.count = 3, .last_us = 9, .tool = 1, .reason = 2};
    return tracker;
}

xt_snapshot *busy_snapshot(void) {
    return take_and_close(busy_tracker());
}

xt_snapshot *with_all_slots(const xt_image *image) {
    xt_snapshot *snapshot;
    assert_int_equal(xt_snapshot_allocate(image->header, NULL, &snapshot), XT_OK);
    memcpy(snapshot->image.header, image->header, xt_image_bytes(image));
    return snapshot;
}

saved encode(const xt_snapshot *snapshot) {
    saved bytes = {.count = xt_image_bytes(xt_snapshot_image(snapshot))};
    bytes.header = malloc(bytes.count);
    assert_non_null(bytes.header);
    xt_snapshot_encode(snapshot, bytes.header);
    return bytes;
}

void seal(saved *bytes) {
    bytes->header->checksum = 0;
    bytes->header->checksum = xt_crc32c_portable(0, bytes->header, bytes->count);
}

xt_image image_of(saved *bytes) {
    xt_image image;
    xt_image_view(&image, bytes->header);
    return image;
}
