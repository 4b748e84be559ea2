/*
 * Taking a snapshot of the records that pass a filter.
 */
#include "selection.h"
#include "snapshot.h"

xt_filter xt_filter_all(void) {
    return (xt_filter){
        .statuses = {true, true, true, true},
        .cached = {true, true},
        .timings = {true, true, true},
        .undated = {true, true},
        .before_us = UINT64_MAX,
        .max_duration_us = XT_MAX_DURATION_US,
        .last = XT_KEEP_ALL,
    };
}

xt_error xt_snapshot_filter(const xt_image *image, const xt_filter *filter,
                            const xt_allocator *allocator, xt_snapshot **snapshot) {
    xt_allocator from = xt_allocator_or_system(allocator);
    size_t bytes = (xt_selection_words(image) + 1) * sizeof(uint64_t); /* never 0 */
    uint64_t *selection = from.allocate(from.context, bytes);
    *snapshot = NULL;
    if (selection == NULL) {
        return XT_ERROR_MEMORY;
    }
    xt_selection_of(image, filter, selection);
    xt_error error =
        xt_snapshot_select(image, selection, filter->last, allocator, snapshot);
    from.release(from.context, selection, bytes);
    return error;
}
