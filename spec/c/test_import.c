#include "support_cmocka.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include "import_state.h"

#include <stdio.h>

/* An importer with `options`. */
static xt_importer *importer_with(const xt_options *options, size_t max_history) {
    xt_importer *importer;
    xt_tracker *like = tracker_with(options);
    assert_int_equal(
        xt_importer_create(xt_tracker_image(like), max_history, NULL, &importer), XT_OK);
    xt_tracker_close(like);
    return importer;
}

/* An importer with the default options. */
static xt_importer *new_importer(void) {
    const xt_options options = xt_options_default();
    return importer_with(&options, XT_KEEP_ALL);
}

static void add(xt_importer *importer, const xt_execution *execution) {
    assert_int_equal(xt_importer_add(importer, execution, 0, NULL), XT_OK);
}

/* Adds an execution that has one value, and ended at `end_us`. */
static void add_value(xt_importer *importer, const char *name, double number,
                      uint64_t end_us) {
    const xt_execution execution = {.end_us = end_us};
    const xt_import_value value = {xt_text_of(name), number};
    assert_int_equal(xt_importer_add(importer, &execution, 1, &value), XT_OK);
}

/* The run of `importer`, which is closed. */
static xt_snapshot *run_of(xt_importer *importer) {
    xt_snapshot *snapshot;
    assert_int_equal(xt_importer_build(importer, NULL, &snapshot), XT_OK);
    xt_importer_close(importer);
    assert_string_equal(verdict_on(xt_snapshot_image(snapshot)), "sound");
    return snapshot;
}

static void nothing_gives_an_empty_run(void **state) {
    (void)state;
    xt_snapshot *run = run_of(new_importer());
    const xt_image *image = xt_snapshot_image(run);
    assert_int_equal(xt_image_recorded(image), 0);
    assert_int_equal(xt_image_max_history(image), 1);
    assert_int_equal(xt_image_created_us(image), 0);
    assert_int_equal(xt_image_now_us(image), 0);
    xt_snapshot_close(run);
}

static void what_is_counted_is_what_was_added(void **state) {
    (void)state;
    xt_session one = xt_session_of(xt_text_of("one"));
    xt_session two = xt_session_of(xt_text_of("two"));
    xt_importer *importer = new_importer();
    xt_import_counts counts = xt_importer_counts(importer);
    assert_int_equal(counts.executions, 0);
    assert_true(counts.first_end_us > counts.last_end_us);
    add(importer, &(xt_execution){.tool = {"b", 1}, .end_us = 70, .session = one});
    add(importer, &(xt_execution){.tool = {"a", 1}, .end_us = 90, .session = two});
    add(importer, &(xt_execution){.tool = {"a", 1}, .is_undated = true});
    add(importer, &(xt_execution){.tool = {"b", 1}, .end_us = 80, .session = one});
    add(importer, &(xt_execution){.tool = {"b", 1}, .end_us = 75, .timing = XT_UNTIMED});
    counts = xt_importer_counts(importer);
    assert_int_equal(counts.executions, 5);
    assert_int_equal(counts.sessions, 2);
    assert_int_equal(counts.tools, 2);
    assert_int_equal(counts.untimed, 1);
    assert_int_equal(counts.undated, 1);
    assert_int_equal(counts.first_end_us, 70);
    assert_int_equal(counts.last_end_us, 90);
    xt_importer_close(importer);
}

static void sessions_are_counted_even_if_their_names_are_not_kept(void **state) {
    (void)state;
    enum { SESSIONS = 5000 }; /* with different fingerprints */
    xt_options options = xt_options_default();
    options.session_names = 8;
    xt_importer *importer = importer_with(&options, 0);
    for (uint32_t i = 0; i < 3 * SESSIONS; i++) {
        char name[16];
        snprintf(name, sizeof name, "session %u", i % SESSIONS);
        add(importer, &(xt_execution){.session = xt_session_of(xt_text_of(name))});
    }
    assert_int_equal(xt_importer_counts(importer).sessions, SESSIONS);
    xt_importer_close(importer);
}

/* They are cut, and then the same if only later bytes differ. */
static void long_names_of_tools_are_counted_once(void **state) {
    (void)state;
    enum { TOOLS = 1000 };
    xt_importer *importer = new_importer();
    for (uint32_t i = 0; i < 3 * TOOLS; i++) {
        char name[XT_NAME_BYTES + 16];
        memset(name, 'x', XT_NAME_BYTES);
        snprintf(name + XT_NAME_BYTES, 16, "%u", i);
        int length = snprintf(name, 16, "%u", i % TOOLS);
        name[length] = 'x';
        add(importer, &(xt_execution){.tool = xt_text_of(name)});
    }
    assert_int_equal(xt_importer_counts(importer).tools, TOOLS);
    xt_importer_close(importer);
}

static void wrong_executions_are_not_added(void **state) {
    (void)state;
    xt_importer *importer = new_importer();
    xt_execution execution = {.outcome = {.status = (xt_status)4}};
    assert_int_equal(xt_importer_add(importer, &execution, 0, NULL), XT_ERROR_STATUS);
    execution = (xt_execution){.timing = (xt_timing)3};
    assert_int_equal(xt_importer_add(importer, &execution, 0, NULL), XT_ERROR_TIMING);
    importer->counts.executions = XT_MAX_HISTORY;
    execution = (xt_execution){0};
    assert_int_equal(xt_importer_add(importer, &execution, 0, NULL),
                     XT_ERROR_MAX_HISTORY);
    importer->counts.executions = 0;
    assert_int_equal(xt_importer_counts(importer).tools, 0);
    xt_importer_close(importer);
}

static void a_limit_out_of_range_is_refused(void **state) {
    (void)state;
    const xt_options options = xt_options_default();
    xt_tracker *like = tracker_with(&options);
    xt_importer *importer = (void *)like;
    assert_int_equal(
        xt_importer_create(xt_tracker_image(like), XT_MAX_HISTORY + 1, NULL, &importer),
        XT_ERROR_MAX_HISTORY);
    assert_null(importer);
    xt_tracker_close(like);
}

static void the_latest_time_is_the_latest_end(void **state) {
    (void)state;
    xt_importer *importer = new_importer();
    add(importer, &(xt_execution){.end_us = UINT64_MAX, .duration_us = 5});
    add(importer, &(xt_execution){.end_us = 7, .duration_us = 8});
    xt_snapshot *run = run_of(importer);
    assert_int_equal(xt_image_created_us(xt_snapshot_image(run)), 0);
    assert_int_equal(xt_image_now_us(xt_snapshot_image(run)), XT_MAX_COUNT);
    assert_int_equal(execution_of(xt_snapshot_image(run), 2).end_us, XT_MAX_COUNT);
    xt_snapshot_close(run);
}

/* The scale and the first value of the measure that was found with these values. */
static double found_scale(size_t count, const double numbers[], uint64_t *first) {
    xt_importer *importer = new_importer();
    xt_measure measures[XT_MAX_MEASURES];
    for (size_t i = 0; i < count; i++) {
        add_value(importer, "m", numbers[i], i);
    }
    xt_snapshot *run = run_of(importer);
    assert_int_equal(xt_image_measures(xt_snapshot_image(run), measures), 1);
    assert_true(is_text(measures[0].name, "m"));
    assert_int_equal(measures[0].unit.length, 0);
    *first = execution_of(xt_snapshot_image(run), 1).outcome.measures[0];
    double scale = measures[0].scale;
    xt_snapshot_close(run);
    return scale;
}

static void the_scale_of_a_measure_is_the_largest_that_fits(void **state) {
    (void)state;
    static const struct {
        double numbers[3];
        double scale;
        uint64_t first;
    } cases[] = {
        {{7, 0, 1e15}, 1, 7},       {{0, 0, 0}, 1, 0},
        {{0.5, 2, 3}, 0.1, 5},      {{0.002, 1, 0.5}, 1e-3, 2},
        {{0.25, 0.1, 3}, 0.01, 25}, {{0.0019999, 1, 1}, 1e-7, 19999},
        {{1e-9, 0, 0}, 1e-9, 1},    {{1.0 / 3, 1, 2}, 1e-9, 333333333},
        {{1e-12, 1, 2}, 1e-9, 0},   {{1.0 / 3, 1e10, 2}, 1e-8, 33333333},
        {{1.0 / 3, 1e18, 2}, 1, 0}, {{1e300, 0.5, 0}, 1, XT_MAX_COUNT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t first;
        double scale = found_scale(3, cases[i].numbers, &first);
        assert_true(scale == cases[i].scale);
        assert_int_equal(first, cases[i].first);
    }
}

static void found_measures_follow_the_described_by_name(void **state) {
    (void)state;
    const xt_measure described = {.name = xt_text_of("m"), .scale = 0.5};
    xt_measure measures[XT_MAX_MEASURES];
    xt_options options = xt_options_default();
    options.measures = &described;
    options.measure_count = 1;
    xt_importer *importer = importer_with(&options, XT_KEEP_ALL);
    add_value(importer, "z", 1, 10);
    add_value(importer, "m", 2, 9);
    add_value(importer, "b", 3, 8);
    add_value(importer, "bb", 4, 7);
    xt_snapshot *run = run_of(importer);
    const xt_image *image = xt_snapshot_image(run);
    assert_int_equal(xt_image_measures(image, measures), 4);
    assert_true(is_text(measures[0].name, "m"));
    assert_true(is_text(measures[1].name, "b"));
    assert_true(is_text(measures[2].name, "bb"));
    assert_true(is_text(measures[3].name, "z"));
    const uint64_t last[] = {XT_NO_MEASURE, XT_NO_MEASURE, XT_NO_MEASURE, 1};
    assert_memory_equal(execution_of(image, 4).outcome.measures, last, sizeof last);
    const uint64_t third[] = {4, XT_NO_MEASURE, XT_NO_MEASURE, XT_NO_MEASURE};
    assert_memory_equal(execution_of(image, 3).outcome.measures, third, sizeof third);
    xt_snapshot_close(run);
}

static void a_name_that_no_measure_can_have_is_refused(void **state) {
    (void)state;
    char bytes[XT_MEASURE_BYTES + 1];
    memset(bytes, 'x', sizeof bytes);
    const xt_import_value nameless = {{"", 0}, 1};
    const xt_import_value nameful = {{bytes, sizeof bytes}, 1};
    const xt_execution execution = {0};
    xt_importer *importer = new_importer();
    assert_int_equal(xt_importer_add(importer, &execution, 1, &nameless),
                     XT_ERROR_MEASURES);
    assert_int_equal(xt_importer_add(importer, &execution, 1, &nameful),
                     XT_ERROR_MEASURES);
    xt_importer_close(importer);
}

static void a_fifth_measure_is_refused_and_adds_nothing(void **state) {
    (void)state;
    static const xt_import_value values[] = {
        {{"a", 1}, 1}, {{"b", 1}, 1}, {{"c", 1}, 1}, {{"d", 1}, 1}, {{"e", 1}, 1}};
    const xt_execution execution = {0};
    xt_importer *importer = new_importer();
    assert_int_equal(xt_importer_add(importer, &execution, 5, values), XT_ERROR_MEASURES);
    assert_int_equal(xt_importer_fitting_values(importer, 5, values), 4);
    assert_int_equal(xt_importer_add(importer, &execution, 2, values), XT_OK);
    assert_int_equal(xt_importer_add(importer, &execution, 3, values + 2),
                     XT_ERROR_MEASURES);
    assert_int_equal(xt_importer_fitting_values(importer, 3, values + 2), 2);
    assert_int_equal(importer->measure_count, 2);
    assert_int_equal(xt_importer_add(importer, &execution, 4, values), XT_OK);
    assert_int_equal(xt_importer_add(importer, &execution, 1, values + 4),
                     XT_ERROR_MEASURES);
    assert_int_equal(importer->measure_count, 4);
    assert_int_equal(xt_importer_counts(importer).executions, 2);
    xt_importer_close(importer);
}

/* More names than a tracker has identifiers for, of which the later ones come first. */
static void tools_beyond_the_limit_are_the_last_of_the_run(void **state) {
    (void)state;
    enum { TOOLS = 70000, ERROR_TYPES = 300 };
    xt_options options = xt_options_default();
    options.max_tools = XT_MAX_TOOLS;
    xt_importer *importer = importer_with(&options, XT_KEEP_ALL);
    for (uint32_t i = TOOLS; i > 0; i--) {
        char name[16];
        char error_type[16];
        snprintf(name, sizeof name, "tool %u", i);
        snprintf(error_type, sizeof error_type, "error %u", i);
        xt_execution execution = {.tool = xt_text_of(name), .end_us = i};
        if (i <= ERROR_TYPES) {
            execution.outcome.error_type = xt_text_of(error_type);
        }
        add(importer, &execution);
    }
    assert_int_equal(xt_importer_counts(importer).tools, TOOLS);
    xt_snapshot *run = run_of(importer);
    const xt_image *image = xt_snapshot_image(run);
    assert_int_equal(xt_image_tool_count(image), XT_MAX_TOOLS + 1);
    assert_true(is_text(xt_image_tool_name(image, 1), "tool 1"));
    assert_true(is_text(xt_image_tool_name(image, XT_MAX_TOOLS), "tool 65535"));
    assert_true(is_text(xt_image_tool_name(image, XT_MAX_TOOLS + 1), "(other)"));
    assert_int_equal(image->header->tools_overflowed, TOOLS - XT_MAX_TOOLS);
    assert_int_equal(xt_image_error_type_count(image), XT_ERROR_TYPES + 1);
    assert_true(is_text(execution_of(image, 256).outcome.error_type, "error 256"));
    assert_true(is_text(execution_of(image, 257).outcome.error_type, "(other)"));
    xt_snapshot_close(run);
}

enum { CHUNKED = 3 * XT_CHUNK_ITEMS + 5 };

/* The second chunk has a value only at its end, the third has none. */
static bool has_value(uint32_t number) {
    return number < XT_CHUNK_ITEMS || number == 2 * XT_CHUNK_ITEMS;
}

static void assert_chunked(const xt_image *image) {
    assert_true(xt_image_is_in_order(image));
    assert_int_equal(xt_image_record_count(image), CHUNKED);
    for (uint32_t i = 1; i <= CHUNKED; i++) {
        xt_execution execution = execution_of(image, i);
        const uint64_t *values = execution.outcome.measures;
        assert_int_equal(execution.end_us, i * UINT64_C(1000));
        assert_int_equal(values != NULL ? values[0] : XT_NO_MEASURE,
                         has_value(i) ? i : XT_NO_MEASURE);
    }
}

/* More than a chunk of records, in order and not. */
static void chunks_follow_each_other(void **state) {
    (void)state;
    for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
        xt_importer *importer = new_importer();
        for (uint32_t i = 1; i <= CHUNKED; i++) {
            uint32_t number = is_reversed ? CHUNKED + 1 - i : i;
            if (has_value(number)) {
                add_value(importer, "m", number, number * UINT64_C(1000));
            } else {
                add(importer, &(xt_execution){.end_us = number * UINT64_C(1000)});
            }
        }
        xt_snapshot *run = run_of(importer);
        assert_chunked(xt_snapshot_image(run));
        xt_snapshot_close(run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_gives_an_empty_run),
        cmocka_unit_test(what_is_counted_is_what_was_added),
        cmocka_unit_test(sessions_are_counted_even_if_their_names_are_not_kept),
        cmocka_unit_test(long_names_of_tools_are_counted_once),
        cmocka_unit_test(wrong_executions_are_not_added),
        cmocka_unit_test(a_limit_out_of_range_is_refused),
        cmocka_unit_test(the_latest_time_is_the_latest_end),
        cmocka_unit_test(the_scale_of_a_measure_is_the_largest_that_fits),
        cmocka_unit_test(found_measures_follow_the_described_by_name),
        cmocka_unit_test(a_name_that_no_measure_can_have_is_refused),
        cmocka_unit_test(a_fifth_measure_is_refused_and_adds_nothing),
        cmocka_unit_test(tools_beyond_the_limit_are_the_last_of_the_run),
        cmocka_unit_test(chunks_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
