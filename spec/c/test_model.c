/*
 * Random operations on a tracker and on a naive model, which keeps everything and
 * computes every result from all of it. After each step the two must agree, and the image
 * must be valid. SEED in the environment repeats a test.
 */
#include "image.h"

#include "support_cmocka.h"
#include "support_model_denials.h"
#include "support_model_names.h"
#include "support_quantiles.h"
#include "support_random.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include <math.h>

enum { ROUNDS = 300, STEPS = 300, POOL = 200, LONGEST = 300, OPEN = 12 };

typedef struct model_record {
    uint32_t tool;
    uint32_t error_type;
    uint32_t args_hash;
    xt_status status;
    bool was_cached;
    xt_timing timing;
    uint64_t duration_us; /* 0 if it is untimed */
    bool is_undated;
    uint64_t end_us;
} model_record;

typedef struct model_span {
    xt_span token;
    uint32_t tool;
    uint32_t args_hash;
    uint64_t start_us;
    uint64_t serial;
    bool is_listed;
} model_span;

typedef struct model {
    size_t max_history;
    size_t max_in_flight;
    model_names tools;
    model_names error_types;
    model_record records[STEPS]; /* all since the last clear */
    size_t count;
    model_span open[OPEN]; /* in the order of their starts */
    size_t open_count;
    model_denials denials;
    uint64_t starts;
    uint64_t recorded;
    uint64_t undated;
    uint64_t now_us;
} model;

static random_source source;
static char pool_bytes[POOL][LONGEST];
static xt_text pool[POOL];
static model expected;
static xt_tracker *tracker;
static uint64_t clock_us;

static void fill_pool(void) {
    for (size_t i = 0; i < POOL; i++) {
        /* Few different bytes, so that many names are equal or prefixes of others. */
        uint32_t longest = random_once_in(&source, 2) ? 4 : LONGEST;
        size_t length = random_below(&source, longest + 1);
        for (size_t j = 0; j < length; j++) {
            pool_bytes[i][j] = "\0a\xff"[j < 2 ? random_below(&source, 3) : 1];
        }
        pool[i] = text_of(pool_bytes[i], length);
    }
    pool[0] = text_of(XT_OTHER, XT_OTHER_LENGTH);
}

static size_t retained(void) {
    return expected.count < expected.max_history ? expected.count : expected.max_history;
}

static uint64_t saturated_sum(uint64_t a, uint64_t b) {
    return b > XT_MAX_COUNT - a ? XT_MAX_COUNT : a + b;
}

static void count_record(xt_counts *counts, const model_record *record, bool saturates) {
    uint64_t *total_us = record->timing == XT_ELAPSED ? &counts->elapsed_duration_us
                                                      : &counts->total_duration_us;
    counts->executions++;
    counts->successful += record->status == XT_SUCCESS;
    counts->failed += record->status == XT_FAILED;
    counts->timed_out += record->status == XT_TIMED_OUT;
    counts->cancelled += record->status == XT_CANCELLED;
    counts->cached_hits += record->was_cached;
    counts->untimed += record->timing == XT_UNTIMED;
    counts->elapsed += record->timing == XT_ELAPSED;
    *total_us = saturates ? saturated_sum(*total_us, record->duration_us)
                          : *total_us + record->duration_us;
}

/* The counts of `tool`, or of all tools for 0, over the records from `first` on. */
static xt_counts counts_from(size_t first, uint32_t tool, bool saturates) {
    xt_counts counts = {0};
    for (size_t i = first; i < expected.count; i++) {
        if (tool == 0 || expected.records[i].tool == tool) {
            count_record(&counts, &expected.records[i], saturates);
        }
    }
    return counts;
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static void count_outcome(xt_tool_stats *stats, const model_record *record) {
    uint64_t started_us =
        record->end_us > record->duration_us ? record->end_us - record->duration_us : 0;
    if (record->status == XT_CANCELLED || record->was_cached) {
        return;
    }
    if (record->status == XT_SUCCESS) {
        if (record->is_undated || started_us >= stats->last_failure_us) {
            stats->failure_streak = 0;
            stats->failure_rounds = 0;
        }
    } else {
        stats->failure_rounds += stats->failure_streak == 0 || record->is_undated ||
                                 started_us >= stats->last_failure_us;
        stats->failure_streak++;
        stats->last_failure_us =
            larger(stats->last_failure_us, record->is_undated ? 0 : record->end_us);
    }
}

static void add_duration(xt_tool_stats *stats, const model_record *record) {
    uint64_t duration_us = record->duration_us;
    if (duration_us < stats->min_duration_us) {
        stats->min_duration_us = duration_us;
    }
    stats->max_duration_us = larger(stats->max_duration_us, duration_us);
    if (record->status != XT_SUCCESS) {
        stats->other_duration_us = saturated_sum(stats->other_duration_us, duration_us);
    }
}

static xt_tool_stats tool_stats_of(uint32_t tool) {
    xt_tool_stats stats = {.lifetime = counts_from(0, tool, true),
                           .window =
                               counts_from(expected.count - retained(), tool, false),
                           .min_duration_us = UINT64_MAX};
    for (size_t i = 0; i < expected.count; i++) {
        const model_record *record = &expected.records[i];
        if (record->tool == tool) {
            if (record->timing == XT_MEASURED) {
                add_duration(&stats, record);
            }
            stats.last_end_us =
                larger(stats.last_end_us, record->is_undated ? 0 : record->end_us);
            count_outcome(&stats, record);
        }
    }
    if (xt_counts_measured(&stats.lifetime) == 0) {
        stats.min_duration_us = 0;
    }
    for (size_t i = 0; i < expected.open_count; i++) {
        stats.in_flight += expected.open[i].tool == tool;
    }
    return stats;
}

static void compare_quantiles(const xt_image *image, uint32_t tool) {
    static const double quantiles[] = {0, 0.1, 0.5, 0.9, 0.99, 1};
    uint64_t sorted[STEPS];
    double values_us[6] = {-1};
    size_t count = 0;
    for (size_t i = 0; i < expected.count; i++) {
        const model_record *record = &expected.records[i];
        if (record->tool == tool && record->timing == XT_MEASURED) {
            sorted[count++] = expected.records[i].duration_us;
        }
    }
    bool has_any = xt_image_tool_quantiles(image, tool, 6, quantiles, values_us);
    assert_int_equal(has_any, count > 0);
    sort_durations(sorted, count);
    for (size_t i = 0; i < 6 && count > 0; i++) {
        double exact_us = (double)nearest_rank_us(sorted, count, quantiles[i]);
        double most_us = promised_error(sorted, count) * exact_us;
        assert_true(fabs(values_us[i] - exact_us) <= most_us);
    }
}

static void compare_tool(const xt_image *image, uint32_t tool) {
    xt_tool_stats actual;
    xt_tool_stats wanted = tool_stats_of(tool);
    assert_true(xt_image_tool_stats(image, tool, &actual));
    assert_true(same_tool_stats(&actual, &wanted));
    double average_us = -1;
    uint64_t measured = xt_counts_measured(&wanted.window);
    double wanted_us = (double)wanted.window.total_duration_us / (double)measured;
    bool has_average = xt_image_average_duration(image, tool, &average_us);
    assert_int_equal(has_average, measured > 0);
    assert_true(!has_average || average_us == wanted_us);
    xt_text name = expected.tools.names[tool - 1];
    assert_true(same_text(xt_image_tool_name(image, tool), name));
    assert_int_equal(xt_tracker_tool_id(tracker, name), tool);
}

static void compare_stats(const xt_image *image) {
    xt_stats actual = xt_image_stats(image);
    xt_stats wanted = {
        .lifetime = counts_from(0, 0, true),
        .window = counts_from(expected.count - retained(), 0, false),
        .overflowed = expected.tools.overflowed,
        .error_types_overflowed = expected.error_types.overflowed,
        .in_flight = (uint32_t)expected.open_count,
    };
    assert_memory_equal(&actual.lifetime, &wanted.lifetime, sizeof actual.lifetime);
    assert_memory_equal(&actual.window, &wanted.window, sizeof actual.window);
    assert_int_equal(actual.overflowed, wanted.overflowed);
    assert_int_equal(actual.error_types_overflowed, wanted.error_types_overflowed);
    assert_int_equal(actual.in_flight, wanted.in_flight);
}

static void compare_record(const xt_execution *actual, const model_record *wanted) {
    xt_text error_type = {NULL, 0};
    if (wanted->error_type != 0) {
        error_type = expected.error_types.names[wanted->error_type - 1];
    }
    assert_true(same_text(actual->tool, expected.tools.names[wanted->tool - 1]));
    assert_int_equal(actual->tool_id, wanted->tool);
    assert_int_equal(actual->outcome.status, wanted->status);
    assert_int_equal(actual->outcome.was_cached, wanted->was_cached);
    assert_true(same_text(actual->outcome.error_type, error_type));
    assert_int_equal(actual->timing, wanted->timing);
    assert_int_equal(actual->duration_us, wanted->duration_us);
    assert_int_equal(actual->is_undated, wanted->is_undated);
    assert_int_equal(actual->args_hash, wanted->args_hash);
    assert_int_equal(actual->end_us, wanted->end_us);
}

static void compare_recent(const xt_image *image) {
    xt_execution actual;
    size_t count = retained();
    assert_int_equal(xt_image_record_count(image), count);
    assert_int_equal(xt_image_recorded(image), expected.recorded);
    for (size_t age = 0; age < count; age++) {
        assert_true(xt_image_execution(image, expected.recorded - age, &actual));
        compare_record(&actual, &expected.records[expected.count - 1 - age]);
    }
    assert_false(xt_image_execution(image, expected.recorded - count, &actual));
    assert_false(xt_image_execution(image, expected.recorded + 1, &actual));
}

static void compare_in_flight(const xt_image *image) {
    xt_running running[OPEN];
    size_t listed = xt_image_in_flight(image, OPEN, running);
    size_t place = 0;
    for (size_t i = 0; i < expected.open_count; i++) {
        const model_span *span = &expected.open[i];
        if (span->is_listed) {
            assert_true(place < listed);
            const xt_running *actual = &running[place++];
            assert_int_equal(actual->serial, span->serial);
            assert_int_equal(actual->tool_id, span->tool);
            assert_true(same_text(actual->tool, expected.tools.names[span->tool - 1]));
            assert_int_equal(actual->args_hash, span->args_hash);
            assert_int_equal(actual->start_us, span->start_us);
        }
    }
    assert_int_equal(place, listed);
}

static void compare_all(void) {
    const xt_image *image = xt_tracker_image(tracker);
    assert_sound(tracker);
    compare_stats(image);
    compare_recent(image);
    compare_in_flight(image);
    compare_denials(image, &expected.denials);
    assert_int_equal(xt_image_tool_count(image), expected.tools.count);
    for (uint32_t tool = 1; tool <= expected.tools.count; tool++) {
        compare_tool(image, tool);
        if (random_once_in(&source, 8)) {
            compare_quantiles(image, tool);
        }
    }
}

/* Moves the clock, mostly forwards, and the model's, which never goes back. */
static void move_clock(void) {
    if (random_once_in(&source, 4)) {
        clock_us -= random_duration_us(&source, 12);
    } else {
        clock_us += random_duration_us(&source, 20);
    }
}

static void read_clock(void) {
    expected.now_us = larger(expected.now_us, clock_us);
}

/* A copy in a block of its own, so that addresses are reused for other bytes. */
static xt_text copy_text(xt_text text) {
    char *copy = malloc(text.length + (text.length == 0));
    assert_non_null(copy);
    memcpy(copy, text.bytes, text.length);
    return text_of(copy, text.length);
}

static xt_text random_name(uint32_t limit) {
    return pool[random_below(&source, limit)];
}

static xt_outcome random_outcome(void) {
    return (xt_outcome){
        .status = (xt_status)random_below(&source, 4),
        .was_cached = random_once_in(&source, 3),
        .error_type = random_once_in(&source, 2) ? random_name(POOL) : text_of(NULL, 0),
    };
}

static void append_to_model(model_record record, xt_text error_type) {
    if (error_type.length > 0) {
        record.error_type = intern_name(&expected.error_types, error_type);
    }
    expected.records[expected.count++] = record;
    expected.recorded++;
}

static void step_record(void) {
    xt_text tool = random_name(12);
    xt_text copy = copy_text(tool);
    bool is_copied = random_once_in(&source, 2);
    bool is_import = random_once_in(&source, 3);
    xt_execution execution = {
        .tool = is_copied ? copy : tool,
        .outcome = random_outcome(),
        .duration_us = random_duration_us(&source, random_once_in(&source, 9) ? 64 : 30),
        .args_hash = (uint32_t)random_bits(&source),
        .tool_id = 77,
        .timing = (xt_timing)(random_once_in(&source, 3) ? random_below(&source, 3) : 0),
        .is_undated = random_once_in(&source, 5),
        .end_us = random_duration_us(&source, random_once_in(&source, 9) ? 64 : 48),
    };
    xt_error error = is_import ? xt_tracker_record_at(tracker, &execution)
                               : xt_tracker_record(tracker, &execution);
    assert_int_equal(error, XT_OK);
    free((char *)(uintptr_t)copy.bytes);
    if (!is_import) {
        read_clock();
    }
    model_record record = {
        .tool = intern_name(&expected.tools, tool),
        .args_hash = execution.args_hash,
        .status = execution.outcome.status,
        .was_cached = execution.outcome.was_cached,
        .duration_us = execution.duration_us < XT_MAX_DURATION_US ? execution.duration_us
                                                                  : XT_MAX_DURATION_US,
        .end_us = !is_import                        ? expected.now_us
                  : execution.end_us < XT_MAX_COUNT ? execution.end_us
                                                    : XT_MAX_COUNT,
        .timing = execution.timing,
        .is_undated = execution.is_undated,
    };
    if (record.timing == XT_UNTIMED) {
        record.duration_us = 0;
    }
    if (record.is_undated) {
        record.end_us = ++expected.undated;
    }
    append_to_model(record, execution.outcome.error_type);
}

static size_t listed_count(void) {
    size_t listed = 0;
    for (size_t i = 0; i < expected.open_count; i++) {
        listed += expected.open[i].is_listed;
    }
    return listed;
}

static void step_start(void) {
    if (expected.open_count == OPEN) {
        return;
    }
    xt_text tool = random_name(12);
    uint32_t args_hash = (uint32_t)random_bits(&source);
    read_clock();
    model_span span = {
        .token = xt_tracker_start(tracker, tool, args_hash),
        .tool = intern_name(&expected.tools, tool),
        .args_hash = args_hash,
        .start_us = expected.now_us,
        .serial = ++expected.starts,
        .is_listed = listed_count() < expected.max_in_flight,
    };
    expected.open[expected.open_count++] = span;
}

static void step_finish(void) {
    if (expected.open_count == 0) {
        return;
    }
    size_t place = random_below(&source, (uint32_t)expected.open_count);
    model_span span = expected.open[place];
    xt_outcome outcome = random_outcome();
    uint64_t duration_us = 1;
    read_clock();
    assert_int_equal(xt_tracker_finish(tracker, &span.token, &outcome, &duration_us),
                     XT_OK);
    assert_int_equal(duration_us, expected.now_us - span.start_us);
    assert_int_equal(xt_tracker_finish(tracker, &span.token, &outcome, NULL),
                     XT_ERROR_SPAN);
    for (size_t i = place; i + 1 < expected.open_count; i++) {
        expected.open[i] = expected.open[i + 1];
    }
    expected.open_count--;
    model_record record = {
        .tool = span.tool,
        .args_hash = span.args_hash,
        .status = outcome.status,
        .was_cached = outcome.was_cached,
        .duration_us = duration_us,
        .end_us = expected.now_us,
    };
    append_to_model(record, outcome.error_type);
}

static void step_deny(void) {
    xt_text tool = random_name(12);
    xt_text reason = random_name(12);
    uint32_t args_hash = (uint32_t)random_bits(&source);
    uint64_t denied_us = random_duration_us(&source, 48);
    xt_tracker_deny(tracker, &(xt_call){.tool = tool, .args_hash = args_hash}, reason,
                    denied_us);
    uint64_t tools_overflowed = expected.tools.overflowed; /* counts only executions */
    uint64_t error_types_overflowed = expected.error_types.overflowed;
    uint32_t tool_id = intern_name(&expected.tools, tool);
    uint32_t reason_id =
        intern_name(&expected.error_types, reason.length > 0 ? reason : pool[0]);
    expected.tools.overflowed = tools_overflowed;
    expected.error_types.overflowed = error_types_overflowed;
    count_denial(&expected.denials, tool_id, reason_id, args_hash, denied_us);
}

static void step_clear(void) {
    xt_tracker_clear(tracker);
    expected.count = 0;
    expected.denials = (model_denials){0};
    expected.tools.overflowed = 0;
    expected.error_types.overflowed = 0;
}

static void step(void) {
    uint32_t choice = random_below(&source, 100);
    move_clock();
    if (choice < 50) {
        step_record();
    } else if (choice < 75) {
        step_start();
    } else if (choice < 94) {
        step_finish();
    } else if (choice < 98) {
        step_deny();
    } else {
        step_clear();
    }
}

static void start_round(void) {
    static const size_t histories[] = {0, 1, 2, 3, 7, 40};
    static const size_t tools[] = {1, 2, 3, 5, 8, 20};
    static const size_t in_flight[] = {0, 1, 2, 4, 16};
    clock_us = UINT64_C(1700000000000000);
    xt_options options = options_at(&clock_us, histories[random_below(&source, 6)]);
    options.max_tools = tools[random_below(&source, 6)];
    options.max_in_flight = in_flight[random_below(&source, 5)];
    tracker = tracker_with(&options);
    memset(&expected, 0, sizeof expected);
    expected.max_history = options.max_history;
    expected.max_in_flight = options.max_in_flight;
    expected.tools.limit = (uint32_t)options.max_tools;
    expected.error_types.limit = XT_ERROR_TYPES;
    expected.now_us = clock_us;
    fill_pool();
}

static void tracker_agrees_with_a_naive_model_after_every_step(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        start_round();
        for (int i = 0; i < STEPS; i++) {
            step();
            compare_all();
        }
        xt_tracker_close(tracker);
    }
}

int main(void) {
    source = random_seeded();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tracker_agrees_with_a_naive_model_after_every_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
