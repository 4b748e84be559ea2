#include "support_groups.h"

#include "image.h"

#include "support_cmocka.h"
#include "support_quantiles.h"

/* A record in the model, with its keys in the order of the grouping. */
typedef struct model_record {
    uint64_t keys[XT_KEYS];
    xt_execution execution;
} model_record;

static uint64_t error_type_id(const xt_image *image, xt_text error_type) {
    uint32_t id = error_type.length > 0;
    while (id > 0 && id <= xt_image_error_type_count(image)) {
        xt_text found = xt_image_error_type(image, id);
        if (found.length == error_type.length &&
            memcmp(found.bytes, error_type.bytes, found.length) == 0) {
            break;
        }
        id++;
    }
    return id;
}

static uint64_t key_of(const xt_image *image, const xt_execution *execution, xt_key key,
                       uint64_t every_us) {
    switch (key) {
    case XT_BY_TOOL:
        return execution->tool_id;
    case XT_BY_STATUS:
        return execution->outcome.status;
    case XT_BY_CACHED:
        return execution->outcome.was_cached;
    case XT_BY_ERROR_TYPE:
        return error_type_id(image, execution->outcome.error_type);
    case XT_BY_ARGS_HASH:
        return execution->args_hash;
    case XT_BY_SESSION:
        return execution->session.hash;
    default:
        return execution->end_us / every_us * every_us;
    }
}

/* By keys, then measured ones first, then by duration. */
static int compare(const void *left, const void *right) {
    const model_record *a = left;
    const model_record *b = right;
    for (size_t i = 0; i < XT_KEYS; i++) {
        if (a->keys[i] != b->keys[i]) {
            return a->keys[i] < b->keys[i] ? -1 : 1;
        }
    }
    if (a->execution.timing != b->execution.timing) { /* measured ones first */
        return a->execution.timing < b->execution.timing ? -1 : 1;
    }
    uint64_t x = a->execution.duration_us;
    uint64_t y = b->execution.duration_us;
    return (x > y) - (x < y);
}

static bool is_by_time(const xt_grouping *grouping) {
    bool is_key = false;
    for (size_t i = 0; i < grouping->key_count; i++) {
        is_key |= grouping->keys[i] == XT_BY_TIME;
    }
    return is_key;
}

/* The records of `image` that have a group, sorted; the caller frees them. */
static model_record *sorted_records(const xt_image *image, const xt_grouping *grouping,
                                    size_t *count) {
    size_t retained = xt_image_record_count(image);
    model_record *records = calloc(retained + 1, sizeof records[0]);
    assert_non_null(records);
    *count = 0;
    for (size_t i = 0; i < retained; i++) {
        model_record *record = &records[*count];
        xt_execution *execution = &record->execution;
        assert_true(xt_image_execution(image, xt_image_recorded(image) - i, execution));
        for (size_t j = 0; j < grouping->key_count; j++) {
            record->keys[j] =
                key_of(image, execution, grouping->keys[j], grouping->every_us);
        }
        *count += !execution->is_undated || !is_by_time(grouping);
    }
    memset(&records[*count], 0, sizeof records[*count]);
    qsort(records, *count, sizeof records[0], compare);
    return records;
}

/* The value of `key` in `group`. */
static uint64_t key_in(const xt_group *group, xt_key key) {
    switch (key) {
    case XT_BY_TOOL:
        return group->tool_id;
    case XT_BY_STATUS:
        return group->status;
    case XT_BY_CACHED:
        return group->was_cached;
    case XT_BY_ERROR_TYPE:
        return group->error_type_id;
    case XT_BY_ARGS_HASH:
        return group->args_hash;
    case XT_BY_SESSION:
        return group->session.hash;
    default:
        return group->time_us;
    }
}

static void compare_keys(const xt_group *group, const xt_grouping *grouping,
                         const model_record *record) {
    for (unsigned key = 0; key < XT_KEYS; key++) {
        uint64_t expected = 0;
        for (size_t i = 0; i < grouping->key_count; i++) {
            if (grouping->keys[i] == (xt_key)key) {
                expected = record->keys[i];
            }
        }
        assert_int_equal(key_in(group, (xt_key)key), expected);
    }
}

/* How many of the `count` records were measured. They come first. */
static size_t count_measured(const model_record records[], size_t count) {
    size_t measured = 0;
    while (measured < count && records[measured].execution.timing == XT_MEASURED) {
        measured++;
    }
    return measured;
}

static void add_up_to(uint64_t *total, uint64_t more) {
    uint64_t room = XT_MAX_COUNT - *total;
    *total += more < room ? more : room;
}

/* Compares all but the keys and quantiles with the `count` records. */
static void compare_counts(const xt_group *group, const model_record records[],
                           size_t count) {
    xt_counts counts = {.executions = count};
    uint64_t first_us = UINT64_MAX;
    uint64_t last_us = 0;
    for (size_t i = 0; i < count; i++) {
        const xt_execution *execution = &records[i].execution;
        uint64_t *by_status[] = {&counts.successful, &counts.failed, &counts.timed_out,
                                 &counts.cancelled};
        ++*by_status[execution->outcome.status];
        counts.cached_hits += execution->outcome.was_cached;
        counts.untimed += execution->timing == XT_UNTIMED;
        counts.elapsed += execution->timing == XT_ELAPSED;
        add_up_to(execution->timing == XT_MEASURED ? &counts.total_duration_us
                                                   : &counts.elapsed_duration_us,
                  execution->duration_us);
        if (!execution->is_undated) {
            first_us = execution->end_us < first_us ? execution->end_us : first_us;
            last_us = execution->end_us > last_us ? execution->end_us : last_us;
        }
    }
    size_t measured = count_measured(records, count);
    uint64_t least_us = measured > 0 ? records[0].execution.duration_us : 0;
    uint64_t most_us = measured > 0 ? records[measured - 1].execution.duration_us : 0;
    assert_memory_equal(&group->counts, &counts, sizeof counts);
    assert_int_equal(group->min_duration_us, least_us);
    assert_int_equal(group->max_duration_us, most_us);
    assert_int_equal(group->first_end_us, first_us);
    assert_int_equal(group->last_end_us, last_us);
}

/* Compares the total of measure `index` with that of the `count` records. */
static void compare_totals(const xt_group *group, size_t index,
                           const model_record records[], size_t count) {
    xt_measure_total total = {0};
    for (size_t i = 0; i < count; i++) {
        const uint64_t *values = records[i].execution.outcome.measures;
        if (values != NULL && values[index] != XT_NO_MEASURE) {
            uint64_t room = XT_MAX_COUNT - total.sum;
            total.sum += values[index] < room ? values[index] : room;
            total.count++;
        }
    }
    assert_memory_equal(&group->measures[index], &total, sizeof total);
}

static void compare_quantiles(const xt_group *group, const xt_grouping *grouping,
                              const model_record records[], size_t count) {
    size_t measured = count_measured(records, count);
    for (size_t i = 0; i < grouping->quantile_count; i++) {
        uint64_t expected = 0;
        if (measured > 0) {
            size_t rank = nearest_rank(grouping->quantiles[i], measured);
            expected = records[rank - 1].execution.duration_us;
        }
        assert_int_equal(group->quantiles_us[i], expected);
    }
    if (grouping->quantile_count == 0) {
        assert_null(group->quantiles_us);
    }
}

void assert_groups_are_right(const xt_groups *groups, const xt_image *image,
                             const xt_grouping *grouping) {
    size_t record_count;
    model_record *records = sorted_records(image, grouping, &record_count);
    size_t index = 0;
    size_t next;
    for (size_t first = 0; first < record_count; first = next) {
        size_t key_bytes = sizeof records[first].keys;
        next = first + 1;
        while (next < record_count &&
               memcmp(records[first].keys, records[next].keys, key_bytes) == 0) {
            next++;
        }
        assert_true(index < xt_groups_count(groups));
        xt_group group = xt_groups_get(groups, index++);
        compare_keys(&group, grouping, &records[first]);
        compare_counts(&group, &records[first], next - first);
        compare_quantiles(&group, grouping, &records[first], next - first);
        for (size_t i = 0; i < image->measures.count; i++) {
            compare_totals(&group, i, &records[first], next - first);
        }
    }
    assert_int_equal(xt_groups_count(groups), index);
    free(records);
}
