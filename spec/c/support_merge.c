#include "support_merge.h"

#include "support_cmocka.h"
#include "support_tracker.h"

xt_error make_merge(const void *context, const xt_allocator *allocator,
                    xt_snapshot **snapshot) {
    const merging *what = context;
    return xt_snapshot_merge(what->count, what->images, what->max_history, allocator,
                             snapshot);
}

xt_snapshot *merged(size_t count, const xt_image *const images[], size_t max_history) {
    xt_snapshot *merge;
    assert_int_equal(xt_snapshot_merge(count, images, max_history, NULL, &merge), XT_OK);
    assert_string_equal(verdict_on(xt_snapshot_image(merge)), "sound");
    return merge;
}

xt_snapshot *merge_one(const xt_image *image) {
    return merged(1, &image, XT_KEEP_ALL);
}

xt_snapshot *merge_two(const xt_image *a, const xt_image *b) {
    const xt_image *images[] = {a, b};
    return merged(2, images, XT_KEEP_ALL);
}

xt_snapshot *merge_and_close(xt_tracker *a, xt_tracker *b) {
    xt_snapshot *merge = merge_two(xt_tracker_image(a), xt_tracker_image(b));
    xt_tracker_close(a);
    xt_tracker_close(b);
    return merge;
}

xt_tool_stats stats_in(const xt_image *image, const char *tool) {
    xt_tool_stats stats;
    uint32_t id = xt_image_tool_id(image, xt_text_of(tool));
    assert_true(xt_image_tool_stats(image, id, &stats));
    return stats;
}

void record_failure(xt_tracker *tracker, const char *tool, const char *error_type) {
    const xt_execution execution = {
        .tool = xt_text_of(tool),
        .outcome = {.status = XT_FAILED, .error_type = xt_text_of(error_type)}};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

bool has_name(const xt_image *image, name_getter *get, xt_text name) {
    uint32_t id = 1;
    while (get(image, id).bytes != NULL && !same_text(get(image, id), name)) {
        id++;
    }
    return get(image, id).bytes != NULL;
}
