/*
 * Merges of random runs, compared with a naive model: the concatenated logs of the runs,
 * and the statistics of the runs. SEED in the environment repeats a test.
 */
#include "support_cmocka.h"
#include "support_measures.h"
#include "support_merge.h"
#include "support_model_measures.h"
#include "support_order.h"
#include "support_run.h"
#include "support_texts.h"
#include "support_tracker.h"

enum { ROUNDS = 400, STEPS = 120, RUNS = 4, MOST = RUNS * RUN_LONGEST };

static random_source source;
static random_run runs[RUNS];
static const xt_image *images[RUNS];
static size_t run_count;

static void start_runs(void) {
    run_count = 1 + random_below(&source, RUNS);
    for (size_t i = 0; i < run_count; i++) {
        start_run(&runs[i], &source, STEPS);
        images[i] = runs[i].image;
    }
}

static void close_runs(void) {
    for (size_t i = 0; i < run_count; i++) {
        close_run(&runs[i]);
    }
}

static size_t random_max_history(void) {
    const size_t choices[] = {XT_KEEP_ALL, XT_KEEP_ALL, 0, 1, 20, 100};
    return choices[random_below(&source, 6)];
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* The records of all runs, sorted, with their values by name; returns how many. */
static size_t gather_records(xt_execution records[MOST]) {
    static uint64_t values[MOST][XT_MAX_MEASURES];
    size_t total = 0;
    for (size_t i = 0; i < run_count; i++) {
        for (size_t age = 0; age < xt_image_record_count(images[i]); age++) {
            records[total] = with_values_by_name(
                images[i], execution_of_age(images[i], age), values[total]);
            total++;
        }
    }
    qsort(records, total, sizeof records[0], compare_executions);
    return total;
}

/* Asserts that `actual` is `expected`, with the identifier of its tool in the merge. */
static void assert_record(const xt_image *merge, const xt_execution *actual,
                          xt_execution expected) {
    expected.tool_id = xt_image_tool_id(merge, expected.tool);
    assert_true(same_execution(actual, &expected));
    assert_int_equal(compare_by_name(actual->outcome.measures, expected.outcome.measures),
                     0);
}

/* Asserts that `window` counts the `kept` records of `tool`, or of all if it is null. */
static void assert_window(const xt_counts *window, const xt_text *tool, size_t kept,
                          const xt_execution records[]) {
    xt_counts expected = {0};
    for (size_t i = 0; i < kept; i++) {
        if (tool == NULL || same_text(records[i].tool, *tool)) {
            count_execution(&expected, &records[i]);
        }
    }
    assert_memory_equal(window, &expected, sizeof expected);
}

static void assert_records(const xt_image *merge, size_t max_history) {
    static xt_execution all[MOST];
    size_t total = gather_records(all);
    size_t kept = total < max_history ? total : max_history;
    const xt_execution *newest = all + (total - kept);
    xt_stats stats = xt_image_stats(merge);
    uint64_t values[XT_MAX_MEASURES];
    assert_int_equal(xt_image_record_count(merge), kept);
    for (size_t i = 0; i < kept; i++) {
        xt_execution actual =
            with_values_by_name(merge, execution_of_age(merge, kept - 1 - i), values);
        assert_record(merge, &actual, newest[i]);
    }
    assert_window(&stats.window, NULL, kept, newest);
    for (uint32_t id = 1; id <= xt_image_tool_count(merge); id++) {
        xt_tool_stats tool;
        xt_text name = xt_image_tool_name(merge, id);
        assert_true(xt_image_tool_stats(merge, id, &tool));
        assert_window(&tool.window, &name, kept, newest);
    }
}

static void add_duration(xt_tool_stats *stats, uint64_t duration_us) {
    if (duration_us < stats->min_duration_us) {
        stats->min_duration_us = duration_us;
    }
    stats->max_duration_us = larger(stats->max_duration_us, duration_us);
}

/* Adds the executions of tool `name` in the log of `run`. */
static void add_log(xt_tool_stats *stats, xt_histogram histograms[XT_OUTCOMES],
                    const random_run *run, xt_text name) {
    for (size_t i = 0; i < run->count; i++) {
        const xt_execution *execution = &run->log[i];
        if (same_text(execution->tool, name)) {
            bool is_failure = !execution->outcome.was_cached &&
                              (execution->outcome.status == XT_FAILED ||
                               execution->outcome.status == XT_TIMED_OUT);
            count_execution(&stats->lifetime, execution);
            if (execution->timing == XT_MEASURED) {
                add_duration(stats, execution->duration_us);
                bool is_other = execution->outcome.status != XT_SUCCESS;
                stats->other_duration_us += is_other ? execution->duration_us : 0;
                xt_histogram_add(&histograms[is_other], execution->duration_us, NULL);
            }
            uint64_t end_us = execution->is_undated ? 0 : execution->end_us;
            stats->last_end_us = larger(stats->last_end_us, end_us);
            stats->last_failure_us =
                larger(stats->last_failure_us, is_failure ? end_us : 0);
        }
    }
}

/* Adds the streak and the number in flight of a tool in a run. `*last_us` is the last end
 * in the run whose streak is taken. */
static void add_stats(xt_tool_stats *stats, uint64_t *last_us, const xt_image *image,
                      xt_text name) {
    xt_tool_stats own;
    if (!xt_image_tool_stats(image, xt_image_tool_id(image, name), &own)) {
        return;
    }
    stats->in_flight += own.in_flight;
    int later = order(own.last_end_us, *last_us);
    later = later != 0 ? later : order(own.failure_streak, stats->failure_streak);
    later = later != 0 ? later : order(own.failure_rounds, stats->failure_rounds);
    if (later > 0) {
        *last_us = own.last_end_us;
        stats->failure_streak = own.failure_streak;
        stats->failure_rounds = own.failure_rounds;
    }
}

static void assert_tool(const xt_image *merge, uint32_t id) {
    xt_text name = xt_image_tool_name(merge, id);
    xt_histogram histograms[XT_OUTCOMES] = {{0}};
    xt_tool_stats actual;
    xt_tool_stats expected = {.min_duration_us = UINT64_MAX};
    uint64_t last_us = 0;
    for (size_t i = 0; i < run_count; i++) {
        add_log(&expected, histograms, &runs[i], name);
        add_stats(&expected, &last_us, images[i], name);
    }
    if (xt_counts_measured(&expected.lifetime) == 0) {
        expected.min_duration_us = 0;
    }
    assert_true(xt_image_tool_stats(merge, id, &actual));
    expected.window = actual.window;
    assert_true(same_tool_stats(&actual, &expected));
    for (int outcome = 0; outcome < XT_OUTCOMES; outcome++) {
        assert_memory_equal(xt_image_histogram(merge, id - 1, (xt_outcome_kind)outcome),
                            &histograms[outcome], sizeof histograms[outcome]);
    }
    assert_tool_measures(merge, id, run_count, runs);
}

static void assert_stats(const xt_image *merge) {
    xt_stats actual = xt_image_stats(merge);
    xt_stats expected = {0};
    uint64_t recorded = 0;
    uint64_t undated = 0;
    for (size_t i = 0; i < run_count; i++) {
        xt_stats own = xt_image_stats(images[i]);
        for (size_t j = 0; j < runs[i].count; j++) {
            count_execution(&expected.lifetime, &runs[i].log[j]);
        }
        expected.overflowed += own.overflowed;
        expected.error_types_overflowed += own.error_types_overflowed;
        expected.in_flight += own.in_flight;
        recorded += xt_image_recorded(images[i]);
        undated += runs[i].undated;
    }
    assert_memory_equal(&actual.lifetime, &expected.lifetime, sizeof actual.lifetime);
    assert_int_equal(actual.overflowed, expected.overflowed);
    assert_int_equal(actual.error_types_overflowed, expected.error_types_overflowed);
    assert_int_equal(actual.in_flight, expected.in_flight);
    assert_int_equal(xt_image_recorded(merge), recorded);
    assert_int_equal(merge->header->undated, undated);
}

/* Asserts that the names of `merge` are those of the runs, in order. */
static void assert_names(const xt_image *merge, name_getter *get) {
    for (uint32_t id = 1; get(merge, id).bytes != NULL; id++) {
        bool is_known = false;
        for (size_t i = 0; i < run_count; i++) {
            is_known |= has_name(images[i], get, get(merge, id));
        }
        assert_true(is_known);
        assert_true(id == 1 || compare_names(get(merge, id - 1), get(merge, id)) < 0);
    }
    for (size_t i = 0; i < run_count; i++) {
        for (uint32_t id = 1; get(images[i], id).bytes != NULL; id++) {
            assert_true(has_name(merge, get, get(images[i], id)));
        }
    }
}

static void assert_in_flight(const xt_image *merge) {
    xt_running expected[RUNS * RUN_OPEN];
    xt_running actual[RUNS * RUN_OPEN];
    size_t total = 0;
    uint64_t starts = 0;
    for (size_t i = 0; i < run_count; i++) {
        total += xt_image_in_flight(images[i], RUN_OPEN, expected + total);
        starts += images[i]->in_flight.head->serial;
    }
    qsort(expected, total, sizeof expected[0], compare_running);
    assert_int_equal(xt_image_in_flight(merge, total, actual), total);
    assert_int_equal(merge->in_flight.head->serial, starts);
    for (size_t i = 0; i < total; i++) {
        assert_int_equal(compare_running(&actual[i], &expected[i]), 0);
        assert_int_equal(actual[i].tool_id, xt_image_tool_id(merge, actual[i].tool));
        assert_int_equal(actual[i].serial, i + 1);
    }
}

/* The denial in `image` of the tool and reason of denial `place` of `merge`, or zeros. */
static xt_denial same_denial(const xt_image *image, const xt_image *merge, size_t place) {
    const xt_denial *wanted = &merge->denials[place];
    for (uint32_t i = 0; i < image->header->denial_count; i++) {
        const xt_denial *denial = &image->denials[i];
        if (same_text(xt_image_tool_name(image, denial->tool + 1),
                      xt_image_tool_name(merge, wanted->tool + 1)) &&
            same_text(xt_image_error_type(image, denial->reason),
                      xt_image_error_type(merge, wanted->reason))) {
            return *denial;
        }
    }
    return (xt_denial){0};
}

static void assert_denials(const xt_image *merge) {
    uint64_t given = 0;
    uint64_t found = 0;
    uint64_t overflowed = 0;
    for (size_t i = 0; i < run_count; i++) {
        given += images[i]->header->denial_count;
        overflowed += images[i]->header->denials_overflowed;
    }
    for (size_t place = 0; place < merge->header->denial_count; place++) {
        const xt_denial *denial = &merge->denials[place];
        xt_denial sum = {.tool = denial->tool, .reason = denial->reason};
        for (size_t i = 0; i < run_count; i++) {
            xt_denial own = same_denial(images[i], merge, place);
            found += own.count > 0;
            sum.count += own.count;
            sum.last_us = larger(sum.last_us, own.last_us);
        }
        assert_memory_equal(denial, &sum, sizeof sum);
        assert_true(
            place == 0 || denial[-1].tool < denial->tool ||
            (denial[-1].tool == denial->tool && denial[-1].reason < denial->reason));
    }
    assert_int_equal(found, given);
    assert_int_equal(merge->header->denials_overflowed, overflowed);
}

static void assert_denied_calls(const xt_image *merge) {
    xt_denied_call expected[RUNS * XT_MAX_DENIED_CALLS];
    xt_denied_call actual[XT_MAX_DENIED_CALLS];
    size_t total = 0;
    for (size_t i = 0; i < run_count; i++) {
        total += xt_image_denied_calls(images[i], XT_MAX_DENIED_CALLS, expected + total);
    }
    qsort(expected, total, sizeof expected[0], compare_denied_calls);
    size_t kept = total < XT_MAX_DENIED_CALLS ? total : XT_MAX_DENIED_CALLS;
    assert_int_equal(xt_image_denied_calls(merge, XT_MAX_DENIED_CALLS, actual), kept);
    for (size_t i = 0; i < kept; i++) {
        assert_int_equal(compare_denied_calls(&actual[i], &expected[i]), 0);
    }
}

/* How many tools of 64 bytes the merge needs room for, besides (other). */
static size_t tools_needed(const xt_image *merge) {
    size_t names = 0;
    size_t bytes = 0;
    for (uint32_t id = 1; id <= xt_image_tool_count(merge); id++) {
        xt_text name = xt_image_tool_name(merge, id);
        if (!is_text(name, XT_OTHER)) {
            names++;
            bytes += name.length;
        }
    }
    return (size_t)larger(names, (bytes + 63) / 64);
}

static void assert_options(const xt_image *merge, size_t max_history) {
    const xt_header *first = images[0]->header;
    xt_text label = xt_image_label(images[0]);
    uint64_t created_us = first->created_us;
    uint64_t cleared_us = first->cleared_us;
    uint64_t now = first->now_us;
    size_t histories = 0;
    size_t in_flight = 0;
    size_t tools = tools_needed(merge);
    for (size_t i = 0; i < run_count; i++) {
        const xt_header *header = images[i]->header;
        created_us = header->created_us < created_us ? header->created_us : created_us;
        cleared_us = header->cleared_us < cleared_us ? header->cleared_us : cleared_us;
        now = larger(now, header->now_us);
        histories += header->max_history;
        in_flight += header->max_in_flight;
        tools = (size_t)larger(tools, header->max_tools);
        label.length = same_text(label, xt_image_label(images[i])) ? label.length : 0;
    }
    assert_int_equal(xt_image_created_us(merge), created_us);
    assert_int_equal(xt_image_cleared_us(merge), cleared_us);
    assert_int_equal(xt_image_now_us(merge), now);
    assert_int_equal(xt_image_max_history(merge),
                     max_history == XT_KEEP_ALL ? histories : max_history);
    assert_int_equal(merge->header->max_in_flight, in_flight);
    assert_int_equal(merge->header->max_tools, tools);
    assert_true(same_text(xt_image_label(merge), label));
    assert_int_equal(merge->header->flags, 0);
}

static void merge_agrees_with_a_naive_model(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t max_history = random_max_history();
        start_runs();
        xt_snapshot *snapshot = merged(run_count, images, max_history);
        const xt_image *merge = xt_snapshot_image(snapshot);
        assert_names(merge, xt_image_tool_name);
        assert_names(merge, xt_image_error_type);
        assert_stats(merge);
        for (uint32_t id = 1; id <= xt_image_tool_count(merge); id++) {
            assert_tool(merge, id);
        }
        assert_records(merge, max_history);
        assert_in_flight(merge);
        assert_denials(merge);
        assert_denied_calls(merge);
        assert_merged_texts(merge, run_count, images);
        assert_options(merge, max_history);
        xt_snapshot_close(snapshot);
        close_runs();
    }
}

/* Puts the images in a random order (Fisher and Yates). */
static void shuffle(void) {
    for (size_t i = run_count; i > 1; i--) {
        size_t j = random_below(&source, (uint32_t)i);
        const xt_image *image = images[i - 1];
        images[i - 1] = images[j];
        images[j] = image;
    }
}

static void every_order_of_the_runs_gives_the_same_bytes(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 4; round++) {
        size_t max_history = random_max_history();
        start_runs();
        xt_snapshot *first = merged(run_count, images, max_history);
        for (int i = 0; i < 10; i++) {
            shuffle();
            xt_snapshot *again = merged(run_count, images, max_history);
            assert_true(xt_snapshot_equals(first, again));
            xt_snapshot_close(again);
        }
        xt_snapshot_close(first);
        close_runs();
    }
}

/*
 * This holds if all names fit, or too many don't by their number. If their bytes don't
 * fit, the first step may drop a short name that would have fit in the second.
 */
static void merging_in_two_steps_gives_the_same_bytes_as_at_once(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 2; round++) {
        size_t max_history = random_max_history();
        size_t max_first = random_once_in(&source, 2) ? max_history : XT_KEEP_ALL;
        start_runs();
        xt_snapshot *at_once = merged(run_count, images, max_history);
        size_t first = 1 + random_below(&source, (uint32_t)run_count);
        const xt_image *rest[RUNS];
        size_t rest_count = run_count - first;
        memcpy(rest, images + first, rest_count * sizeof rest[0]);
        xt_snapshot *step = merged(first, images, max_first);
        rest[rest_count++] = xt_snapshot_image(step);
        xt_snapshot *in_two_steps = merged(rest_count, rest, max_history);
        assert_true(xt_snapshot_equals(at_once, in_two_steps));
        xt_snapshot_close(in_two_steps);
        xt_snapshot_close(step);
        xt_snapshot_close(at_once);
        close_runs();
    }
}

static void merging_snapshots_is_merging_their_runs(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 4; round++) {
        xt_snapshot *snapshots[RUNS];
        const xt_image *their_images[RUNS];
        start_runs();
        for (size_t i = 0; i < run_count; i++) {
            snapshots[i] = snapshot_of(images[i]);
            their_images[i] = xt_snapshot_image(snapshots[i]);
        }
        xt_snapshot *of_runs = merged(run_count, images, XT_KEEP_ALL);
        xt_snapshot *of_snapshots = merged(run_count, their_images, XT_KEEP_ALL);
        assert_true(xt_snapshot_equals(of_runs, of_snapshots));
        xt_snapshot_close(of_runs);
        xt_snapshot_close(of_snapshots);
        for (size_t i = 0; i < run_count; i++) {
            xt_snapshot_close(snapshots[i]);
        }
        close_runs();
    }
}

static void merging_needs_no_zeroed_memory_and_survives_want_of_it(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 4; round++) {
        start_runs();
        const merging what = {run_count, images, random_max_history()};
        assert_same_in_dirty_memory(make_merge, &what);
        assert_survives_want_of_memory(make_merge, &what, 2);
        close_runs();
    }
}

int main(void) {
    source = random_seeded();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merge_agrees_with_a_naive_model),
        cmocka_unit_test(every_order_of_the_runs_gives_the_same_bytes),
        cmocka_unit_test(merging_in_two_steps_gives_the_same_bytes_as_at_once),
        cmocka_unit_test(merging_snapshots_is_merging_their_runs),
        cmocka_unit_test(merging_needs_no_zeroed_memory_and_survives_want_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
