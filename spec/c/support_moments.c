#include "support_moments.h"

#include "snapshot.h"

#include "support_cmocka.h"
#include "support_snapshot.h"
#include "support_tracker.h"

void add_moment(moments *of, const xt_image *image) {
    if (of->count == of->room) {
        of->room = 2 * of->room + 16;
        of->taken = realloc(of->taken, of->room * sizeof of->taken[0]);
        assert_non_null(of->taken);
    }
    assert_int_equal(xt_snapshot_take(image, NULL, &of->taken[of->count]), XT_OK);
    of->count++;
}

void forget_moments(moments *of) {
    for (size_t i = 0; i < of->count; i++) {
        xt_snapshot_close(of->taken[i]);
    }
    free(of->taken);
    *of = (moments){0};
}

/* Whether `copy` is the run of `moment` with the newest records, as many as it has. */
static bool is_newest_of(const xt_snapshot *copy, const xt_snapshot *moment) {
    const xt_header *of_copy = copy->image.header;
    const xt_header *of_moment = moment->image.header;
    xt_snapshot *newest;
    xt_filter filter = xt_filter_all();
    if (of_copy->recorded != of_moment->recorded ||
        of_copy->record_count > of_moment->record_count) {
        return false;
    }
    filter.after = of_copy->recorded - of_copy->record_count;
    assert_int_equal(xt_snapshot_filter(&moment->image, &filter, NULL, &newest), XT_OK);
    newest->image.header->now_us = of_copy->now_us;
    newest->image.header->flags &= ~(uint32_t)XT_FLAG_FILTERED;
    newest->image.header->lost_us = xt_image_lost_us(&newest->image);
    bool is_same = xt_snapshot_equals(copy, newest);
    xt_snapshot_close(newest);
    return is_same;
}

/* How many records of `moment` may be overwritten when `recorded` are recorded, and one
 * more is about to be. */
static uint64_t overwritten(const xt_snapshot *moment, uint64_t recorded) {
    const xt_header *header = moment->image.header;
    uint64_t added = recorded - header->recorded + 1;
    uint64_t free_slots = header->max_history - (uint64_t)header->record_count;
    return added > free_slots ? added - free_slots : 0;
}

uint64_t assert_is_moment(const moments *of, const xt_image *copy) {
    assert_string_equal(verdict_on(copy), "sound");
    uint64_t last = of->taken[of->count - 1]->image.header->recorded;
    xt_snapshot *snapshot = snapshot_of(copy);
    const xt_header *header = snapshot->image.header;
    size_t i = 0;
    while (i < of->count && !is_newest_of(snapshot, of->taken[i])) {
        i++;
    }
    assert_true(i < of->count);
    uint64_t left_out =
        of->taken[i]->image.header->record_count - (uint64_t)header->record_count;
    assert_true(left_out <= overwritten(of->taken[i], last));
    xt_snapshot_close(snapshot);
    return left_out;
}
