#include "support_snapshot.h"

#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_texts.h"
#include "support_tracker.h"

enum { DIRT = 0xa5 };

xt_snapshot *snapshot_of(const xt_image *image) {
    xt_snapshot *snapshot;
    assert_int_equal(xt_snapshot_take(image, NULL, &snapshot), XT_OK);
    assert_string_equal(verdict_on(xt_snapshot_image(snapshot)), "sound");
    return snapshot;
}

bool same_text(xt_text a, xt_text b) {
    return a.length == b.length && (a.bytes == NULL) == (b.bytes == NULL) &&
           (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

xt_execution execution_of(const xt_image *image, uint64_t sequence) {
    xt_execution execution;
    assert_true(xt_image_execution(image, sequence, &execution));
    return execution;
}

xt_execution execution_of_age(const xt_image *image, size_t age) {
    return execution_of(image, xt_image_recorded(image) - age);
}

bool same_execution(const xt_execution *a, const xt_execution *b) {
    return same_text(a->tool, b->tool) && a->outcome.status == b->outcome.status &&
           a->outcome.was_cached == b->outcome.was_cached &&
           same_text(a->outcome.error_type, b->outcome.error_type) &&
           a->duration_us == b->duration_us && a->timing == b->timing &&
           a->is_undated == b->is_undated && a->args_hash == b->args_hash &&
           a->outcome.result_hash == b->outcome.result_hash &&
           a->session.hash == b->session.hash && a->depth == b->depth &&
           a->tool_id == b->tool_id && a->end_us == b->end_us;
}

/* Values of an execution, or null. */
static void assert_same_values(size_t count, const uint64_t *a, const uint64_t *b) {
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL) {
        assert_memory_equal(a, b, count * sizeof *a);
    }
}

void assert_same_records(const xt_image *a, const xt_image *b) {
    size_t count = xt_image_record_count(a);
    assert_int_equal(xt_image_record_count(b), count);
    assert_int_equal(xt_image_recorded(a), xt_image_recorded(b));
    for (size_t age = 0; age < count; age++) {
        xt_execution left = execution_of_age(a, age);
        xt_execution right = execution_of_age(b, age);
        assert_true(same_execution(&left, &right));
        assert_same_values(a->measures.count, left.outcome.measures,
                           right.outcome.measures);
    }
}

static void assert_same_names(const xt_image *a, const xt_image *b) {
    uint32_t tools = xt_image_tool_count(a);
    uint32_t error_types = xt_image_error_type_count(a);
    assert_int_equal(xt_image_tool_count(b), tools);
    assert_int_equal(xt_image_error_type_count(b), error_types);
    for (uint32_t id = 1; id <= tools; id++) {
        xt_text name = xt_image_tool_name(a, id);
        assert_true(same_text(xt_image_tool_name(b, id), name));
        assert_int_equal(xt_image_tool_id(b, name), id);
    }
    for (uint32_t id = 1; id <= error_types; id++) {
        assert_true(same_text(xt_image_error_type(a, id), xt_image_error_type(b, id)));
    }
}

static xt_measure_stats measure_of(const xt_image *image, uint32_t id, size_t index) {
    xt_measure_stats stats;
    assert_true(xt_image_tool_measure(image, id, index, &stats));
    return stats;
}

static void assert_same_measures(const xt_image *a, const xt_image *b) {
    uint32_t count = a->measures.count;
    assert_int_equal(b->measures.count, count);
    assert_memory_equal(a->measures.entries, b->measures.entries,
                        count * sizeof(xt_measure_entry));
    for (uint32_t index = 0; index < count; index++) {
        for (uint32_t id = 1; id <= xt_image_tool_count(a); id++) {
            xt_measure_stats left = measure_of(a, id, index);
            xt_measure_stats right = measure_of(b, id, index);
            right.window_sum = left.window_sum;
            assert_memory_equal(&left, &right, sizeof left);
        }
    }
}

static void assert_same_windows(const xt_image *a, const xt_image *b) {
    xt_stats left = xt_image_stats(a);
    xt_stats right = xt_image_stats(b);
    assert_memory_equal(&left.window, &right.window, sizeof left.window);
    for (uint32_t id = 1; id <= xt_image_tool_count(a); id++) {
        xt_tool_stats tool;
        xt_tool_stats other;
        double average_us = -1;
        double other_us = -1;
        xt_image_tool_stats(a, id, &tool);
        xt_image_tool_stats(b, id, &other);
        assert_true(same_tool_stats(&tool, &other));
        assert_int_equal(xt_image_average_duration(a, id, &average_us),
                         xt_image_average_duration(b, id, &other_us));
        assert_true(average_us == other_us);
        for (uint32_t index = 0; index < a->measures.count; index++) {
            assert_int_equal(measure_of(a, id, index).window_sum,
                             measure_of(b, id, index).window_sum);
        }
    }
}

static void assert_same_tool(const xt_image *a, const xt_image *b, uint32_t id) {
    static const double quantiles[] = {0, 0.5, 0.9, 0.99, 1};
    double values_us[5] = {0};
    double other_us[5] = {0};
    xt_tool_stats left;
    xt_tool_stats right;
    assert_true(xt_image_tool_stats(a, id, &left));
    assert_true(xt_image_tool_stats(b, id, &right));
    left.window = right.window;
    assert_true(same_tool_stats(&left, &right));
    assert_int_equal(xt_image_tool_quantiles(a, id, 5, quantiles, values_us),
                     xt_image_tool_quantiles(b, id, 5, quantiles, other_us));
    assert_memory_equal(values_us, other_us, sizeof values_us);
}

static bool same_running(const xt_running *a, const xt_running *b) {
    return same_text(a->tool, b->tool) && a->tool_id == b->tool_id &&
           a->args_hash == b->args_hash && a->start_us == b->start_us &&
           a->known_us == b->known_us && a->serial == b->serial;
}

static void assert_same_in_flight(const xt_image *a, const xt_image *b) {
    size_t listed = xt_image_in_flight(a, 0, NULL);
    xt_running *left = calloc(listed + 1, sizeof *left);
    xt_running *right = calloc(listed + 1, sizeof *right);
    assert_true(left != NULL && right != NULL);
    assert_int_equal(xt_image_in_flight(a, listed, left), listed);
    assert_int_equal(xt_image_in_flight(b, listed, right), listed);
    for (size_t i = 0; i < listed; i++) {
        assert_true(same_running(&left[i], &right[i]));
    }
    free(left);
    free(right);
}

static void assert_same_denials(const xt_image *a, const xt_image *b) {
    uint32_t count = a->header->denial_count;
    assert_int_equal(b->header->denial_count, count);
    assert_int_equal(a->header->denials_overflowed, b->header->denials_overflowed);
    assert_memory_equal(a->denials, b->denials, count * sizeof a->denials[0]);
    assert_int_equal(a->header->denied_count, b->header->denied_count);
    for (uint32_t age = 0; age < a->header->denied_count; age++) {
        assert_memory_equal(xt_image_denied(a, age), xt_image_denied(b, age),
                            sizeof(xt_denied_entry));
    }
}

static void assert_same_options(const xt_image *a, const xt_image *b) {
    assert_true(same_text(xt_image_label(a), xt_image_label(b)));
    assert_memory_equal(a->header->instance, b->header->instance, XT_INSTANCE_BYTES);
    assert_int_equal(xt_image_max_history(a), xt_image_max_history(b));
    assert_int_equal(a->header->max_tools, b->header->max_tools);
    assert_int_equal(a->header->max_in_flight, b->header->max_in_flight);
    assert_int_equal(xt_image_created_us(a), xt_image_created_us(b));
    assert_int_equal(xt_image_cleared_us(a), xt_image_cleared_us(b));
    assert_int_equal(xt_image_now_us(a), xt_image_now_us(b));
    assert_int_equal(xt_image_is_in_order(a), xt_image_is_in_order(b));
    assert_int_equal(a->in_flight.head->serial, b->in_flight.head->serial);
}

void assert_same_apart_from_records(const xt_image *a, const xt_image *b) {
    xt_stats left = xt_image_stats(a);
    xt_stats right = xt_image_stats(b);
    assert_same_options(a, b);
    assert_same_names(a, b);
    assert_memory_equal(&left.lifetime, &right.lifetime, sizeof left.lifetime);
    assert_int_equal(left.overflowed, right.overflowed);
    assert_int_equal(left.error_types_overflowed, right.error_types_overflowed);
    assert_int_equal(left.in_flight, right.in_flight);
    assert_int_equal(xt_image_recorded(a), xt_image_recorded(b));
    for (uint32_t id = 1; id <= xt_image_tool_count(a); id++) {
        assert_same_tool(a, b, id);
    }
    assert_same_measures(a, b);
    assert_same_in_flight(a, b);
    assert_same_denials(a, b);
    assert_same_texts(a, b);
}

void assert_same_reading(const xt_image *a, const xt_image *b) {
    assert_same_apart_from_records(a, b);
    assert_int_equal(xt_image_is_filtered(a), xt_image_is_filtered(b));
    assert_same_records(a, b);
    assert_same_windows(a, b);
}

static void assert_fails_at(snapshot_maker *make, const void *context, int fails_at,
                            bool for_good) {
    counting_allocator account = {.fails_at = fails_at, .for_good = for_good};
    xt_allocator allocator = allocator_of(&account);
    xt_snapshot *snapshot = (void *)&account;
    assert_int_equal(make(context, &allocator, &snapshot), XT_ERROR_MEMORY);
    assert_null(snapshot);
    assert_int_equal(account.calls, fails_at);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
}

void assert_survives_want_of_memory(snapshot_maker *make, const void *context,
                                    int allocations) {
    for (int fails_at = 1; fails_at <= allocations; fails_at++) {
        assert_fails_at(make, context, fails_at, false);
        assert_fails_at(make, context, fails_at, true);
    }
    counting_allocator account = {0};
    xt_allocator allocator = allocator_of(&account);
    xt_snapshot *snapshot;
    assert_int_equal(make(context, &allocator, &snapshot), XT_OK);
    assert_int_equal(account.calls, allocations);
    assert_int_equal(blocks_left(&account), 1);
    xt_snapshot_close(snapshot);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
}

static void *allocate_dirty(void *context, size_t bytes) {
    (void)context;
    assert_true(bytes > 0); /* for 0 malloc may return null */
    void *block = malloc(bytes);
    return block != NULL ? memset(block, DIRT, bytes) : NULL;
}

static void release_dirty(void *context, void *block, size_t bytes) {
    (void)context;
    memset(block, DIRT, bytes);
    free(block);
}

void assert_same_in_dirty_memory(snapshot_maker *make, const void *context) {
    const xt_allocator dirty = {allocate_dirty, release_dirty, NULL};
    xt_snapshot *snapshot;
    xt_snapshot *same;
    assert_int_equal(make(context, NULL, &snapshot), XT_OK);
    assert_int_equal(make(context, &dirty, &same), XT_OK);
    assert_string_equal(verdict_on(xt_snapshot_image(same)), "sound");
    assert_true(xt_snapshot_equals(snapshot, same));
    xt_snapshot_close(snapshot);
    xt_snapshot_close(same);
}
