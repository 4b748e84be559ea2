/*
 * Importing, compared with a tracker that records the same executions in the order of
 * their ends.
 */
#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_random.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include "import_state.h"
#include "tracker.h"

#include <stdio.h>

enum { MOST = 400, ROUNDS = 150, NAMES = 300, TEXT_BYTES = 160 };

static random_source source;
static char tool_names[NAMES][8];
static char long_text[TEXT_BYTES];

/* An execution with its values, which point to themselves. */
typedef struct given {
    xt_execution execution;
    char session[8];
    char args_text[24];
    char error_text[24];
    size_t value_count;
    xt_import_value values[XT_MAX_MEASURES];
} given;

/* The options of the run, and its executions in the order of their coming. */
typedef struct plan {
    xt_options options;
    size_t max_history;
    xt_measure measures[XT_MAX_MEASURES];
    size_t count;
    given given[MOST];
} plan;

static plan drawn; /* too large for the stack */

static xt_text drawn_name(uint32_t limit) {
    uint32_t i = random_below(&source, limit);
    snprintf(tool_names[i], sizeof tool_names[i], "t%u", i);
    return xt_text_of(tool_names[i]);
}

static void draw_texts(given *to, size_t i) {
    xt_execution *execution = &to->execution;
    if (execution->args_hash % 2 == 1) { /* always, as for the same arguments */
        snprintf(to->args_text, sizeof to->args_text, "args %u %zu", execution->args_hash,
                 i);
        execution->args_text = xt_text_of(to->args_text);
    }
    if (random_once_in(&source, 3)) {
        snprintf(to->error_text, sizeof to->error_text, "error %zu", i);
        execution->outcome.error_text = xt_text_of(to->error_text);
    }
}

static void draw_values(given *to, const plan *from) {
    to->value_count = 0;
    for (size_t i = 0; i < from->options.measure_count; i++) {
        if (random_once_in(&source, 2)) {
            double number = random_below(&source, 100000) * from->measures[i].scale;
            to->values[to->value_count++] =
                (xt_import_value){from->measures[i].name, number};
        }
    }
}

/* Draws one of `keys` sessions and arguments, and an end. */
static void draw_execution(given *to, size_t i, uint32_t keys, bool has_ties) {
    xt_execution *execution = &to->execution;
    *execution = (xt_execution){
        .tool = drawn_name(keys),
        .outcome = {.status = (xt_status)random_below(&source, 4),
                    .was_cached = random_once_in(&source, 4),
                    .result_hash = random_below(&source, 3)},
        .duration_us = random_duration_us(&source, 53),
        .timing = random_once_in(&source, 3) ? (xt_timing)random_below(&source, 3)
                                             : XT_MEASURED,
        .args_hash = random_below(&source, keys),
        .depth = random_below(&source, 9),
        .is_undated = random_once_in(&source, 8),
        .end_us = 1000000 + (has_ties ? random_below(&source, 20)
                                      : random_below(&source, 1000) * 1000 + i),
    };
    if (random_once_in(&source, 2)) {
        execution->outcome.error_type = drawn_name(NAMES);
    }
    if (random_once_in(&source, 2)) {
        snprintf(to->session, sizeof to->session, "s%u", random_below(&source, keys));
        execution->session = xt_session_of(xt_text_of(to->session));
    }
}

static void draw_options(plan *to) {
    static uint64_t now_us;
    static const double scales[] = {1, 0.001, 0.25, 5};
    to->options = options_at(&now_us, 0);
    to->options.max_tools = 1 + random_below(&source, 20);
    to->options.session_names = 8 * random_below(&source, 4);
    to->options.args_texts = 8 * random_below(&source, 4);
    to->options.error_texts = 8 * random_below(&source, 4);
    to->options.label = xt_text_of("a run");
    to->options.instance[0] = 1;
    to->options.ignored_args = random_below(&source, 2);
    to->options.measures = to->measures;
    to->options.measure_count = random_below(&source, 3);
    for (size_t i = 0; i < to->options.measure_count; i++) {
        to->measures[i] = (xt_measure){.name = xt_text_of(i == 0 ? "zeta" : "alpha"),
                                       .unit = xt_text_of("By"),
                                       .scale = scales[random_below(&source, 4)]};
    }
}

/* Draws a plan. With equal ends there are so few sessions and arguments that all fit in
 * one set, as the tracker breaks ties by the order of coming. */
static void draw_plan(plan *to) {
    bool has_ties = random_once_in(&source, 2);
    draw_options(to);
    to->count = random_below(&source, MOST);
    to->max_history =
        random_once_in(&source, 3) ? random_below(&source, MOST) : XT_KEEP_ALL;
    for (size_t i = 0; i < to->count; i++) {
        draw_execution(&to->given[i], i, has_ties ? 8 : NAMES, has_ties);
        draw_texts(&to->given[i], i);
        draw_values(&to->given[i], to);
    }
    if (has_ties) {
        to->options.error_texts = 0;
    }
}

static uint64_t key_of(const given *of) {
    return of->execution.is_undated ? 0 : of->execution.end_us + 1;
}

/* Sorts by end, stably: slowly, and obviously. */
static void sort(const plan *from, const given *sorted[]) {
    for (size_t i = 0; i < from->count; i++) {
        size_t place = i;
        for (; place > 0 && key_of(sorted[place - 1]) > key_of(&from->given[i]);
             place--) {
            sorted[place] = sorted[place - 1];
        }
        sorted[place] = &from->given[i];
    }
}

static uint64_t start_of(const xt_execution *execution) {
    uint64_t duration_us = execution->timing == XT_UNTIMED ? 0 : execution->duration_us;
    return execution->end_us > duration_us ? execution->end_us - duration_us : 0;
}

/* Records `what`, with its values in the order of the options. */
static void record_given(xt_tracker *tracker, const plan *from, const given *what) {
    uint64_t values[XT_MAX_MEASURES];
    xt_execution execution = what->execution;
    for (size_t i = 0; i < from->options.measure_count; i++) {
        values[i] = XT_NO_MEASURE;
        for (size_t j = 0; j < what->value_count; j++) {
            if (same_text(what->values[j].name, from->measures[i].name)) {
                values[i] =
                    xt_measure_value(what->values[j].number, from->measures[i].scale);
            }
        }
    }
    execution.outcome.measures = from->options.measure_count > 0 ? values : NULL;
    assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
}

/* The run as a tracker records it. */
static xt_snapshot *expected_run(const plan *from) {
    static const given *sorted[MOST];
    uint64_t first_us = UINT64_MAX;
    uint64_t last_us = 0;
    for (size_t i = 0; i < from->count; i++) {
        const xt_execution *execution = &from->given[i].execution;
        if (!execution->is_undated) {
            uint64_t start_us = start_of(execution);
            first_us = start_us < first_us ? start_us : first_us;
            last_us = execution->end_us > last_us ? execution->end_us : last_us;
        }
    }
    uint64_t now_us = first_us < UINT64_MAX ? first_us : 0;
    xt_options options = from->options;
    options.clock = clock_at(&now_us);
    options.max_history = from->max_history != XT_KEEP_ALL ? from->max_history
                          : from->count > 0                ? from->count
                                                           : 1;
    xt_tracker *tracker = tracker_with(&options);
    xt_tracker_set_clock(tracker, last_us);
    sort(from, sorted);
    for (size_t i = 0; i < from->count; i++) {
        record_given(tracker, from, sorted[i]);
    }
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    xt_tracker_close(tracker);
    return snapshot;
}

/* An importer with the options of `from`. */
static xt_error create(const plan *from, const xt_allocator *allocator,
                       xt_importer **importer) {
    xt_tracker *like = tracker_with(&from->options);
    xt_error error = xt_importer_create(xt_tracker_image(like), from->max_history,
                                        allocator, importer);
    xt_tracker_close(like);
    return error;
}

static xt_error add(xt_importer *importer, const given *what) {
    return xt_importer_add(importer, &what->execution, what->value_count, what->values);
}

static xt_error add_all(xt_importer *importer, const plan *from) {
    xt_error error = XT_OK;
    for (size_t i = 0; error == XT_OK && i < from->count; i++) {
        error = add(importer, &from->given[i]);
    }
    return error;
}

/* The run as an importer makes it. It has no bigger a memory block than needed. */
static xt_error make_import(const void *context, const xt_allocator *allocator,
                            xt_snapshot **snapshot) {
    const plan *from = context;
    xt_importer *importer;
    *snapshot = NULL;
    xt_error error = create(from, allocator, &importer);
    if (error == XT_OK) {
        error = add_all(importer, from);
    }
    if (error == XT_OK) {
        error = xt_importer_build(importer, allocator, snapshot);
    }
    xt_importer_close(importer);
    return error;
}

static xt_snapshot *import(const plan *from) {
    xt_snapshot *snapshot;
    assert_int_equal(make_import(from, NULL, &snapshot), XT_OK);
    assert_string_equal(verdict_on(xt_snapshot_image(snapshot)), "sound");
    return snapshot;
}

static void an_import_is_the_run_in_the_order_of_the_ends(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        draw_plan(&drawn);
        xt_snapshot *expected = expected_run(&drawn);
        xt_snapshot *imported = import(&drawn);
        assert_same_reading(xt_snapshot_image(imported), xt_snapshot_image(expected));
        assert_true(xt_snapshot_equals(imported, expected));
        xt_snapshot_close(imported);
        xt_snapshot_close(expected);
    }
}

static void shuffle(plan *of) {
    for (size_t i = of->count; i > 1; i--) {
        size_t other = random_below(&source, (uint32_t)i);
        given held = of->given[i - 1];
        of->given[i - 1] = of->given[other];
        of->given[other] = held;
    }
    for (size_t i = 0; i < of->count; i++) { /* texts point into their execution */
        given *moved = &of->given[i];
        xt_execution *execution = &moved->execution;
        if (execution->session.hash != 0) {
            execution->session.name.bytes = moved->session;
        }
        if (execution->args_text.length > 0) {
            execution->args_text.bytes = moved->args_text;
        }
        execution->outcome.error_text.bytes = moved->error_text;
    }
}

/* Different ends, and different durations in place of different texts. */
static void the_order_of_coming_does_not_count(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 3; round++) {
        draw_plan(&drawn);
        for (size_t i = 0; i < drawn.count; i++) {
            drawn.given[i].execution.end_us = 5000 + i / 2 * 7;
            drawn.given[i].execution.is_undated = false;
            drawn.given[i].execution.end_us += i;
        }
        xt_snapshot *expected = import(&drawn);
        shuffle(&drawn);
        xt_snapshot *imported = import(&drawn);
        assert_true(xt_snapshot_equals(imported, expected));
        xt_snapshot_close(imported);
        xt_snapshot_close(expected);
    }
}

/* An empty plan with room for all. */
static void clear_plan(plan *to) {
    static uint64_t now_us;
    *to = (plan){.options = options_at(&now_us, 0), .max_history = XT_KEEP_ALL};
}

/* Adds an execution of `tool` to the plan. */
static given *plan_execution(plan *to, const char *tool, uint64_t end_us) {
    given *what = &to->given[to->count++];
    *what = (given){.execution = {.tool = xt_text_of(tool), .end_us = end_us}};
    return what;
}

static void nothing_gives_an_empty_run(void **state) {
    (void)state;
    clear_plan(&drawn);
    xt_snapshot *imported = import(&drawn);
    const xt_image *image = xt_snapshot_image(imported);
    assert_int_equal(xt_image_recorded(image), 0);
    assert_int_equal(xt_image_max_history(image), 1);
    assert_int_equal(xt_image_created_us(image), 0);
    assert_int_equal(xt_image_now_us(image), 0);
    xt_snapshot_close(imported);
}

static void what_is_counted_is_what_was_added(void **state) {
    (void)state;
    xt_importer *importer;
    clear_plan(&drawn);
    plan_execution(&drawn, "b", 70)->execution.session = xt_session_of(xt_text_of("one"));
    plan_execution(&drawn, "a", 90)->execution.session = xt_session_of(xt_text_of("two"));
    plan_execution(&drawn, "a", 0)->execution.is_undated = true;
    plan_execution(&drawn, "b", 80)->execution.session = xt_session_of(xt_text_of("one"));
    plan_execution(&drawn, "b", 75)->execution.timing = XT_UNTIMED;
    assert_int_equal(create(&drawn, NULL, &importer), XT_OK);
    xt_import_counts counts = xt_importer_counts(importer);
    assert_true(counts.first_end_us > counts.last_end_us);
    assert_int_equal(add_all(importer, &drawn), XT_OK);
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
    enum { SESSIONS = 5000 };
    xt_importer *importer;
    clear_plan(&drawn);
    drawn.options.session_names = 8;
    assert_int_equal(create(&drawn, NULL, &importer), XT_OK);
    for (uint32_t i = 0; i < 3 * SESSIONS; i++) {
        char name[16];
        snprintf(name, sizeof name, "session %u", i % SESSIONS);
        const xt_execution execution = {.session = xt_session_of(xt_text_of(name))};
        assert_int_equal(xt_importer_add(importer, &execution, 0, NULL), XT_OK);
    }
    /* of 5,000 fingerprints of 32 bits some may be equal: with these names none are */
    assert_int_equal(xt_importer_counts(importer).sessions, SESSIONS);
    xt_importer_close(importer);
}

static void wrong_executions_are_not_added(void **state) {
    (void)state;
    xt_importer *importer;
    clear_plan(&drawn);
    assert_int_equal(create(&drawn, NULL, &importer), XT_OK);
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
    drawn.max_history = XT_MAX_HISTORY + 1;
    assert_int_equal(create(&drawn, NULL, &importer), XT_ERROR_MAX_HISTORY);
    assert_null(importer);
}

/* The scale and the first value of the measure that was found with these values. */
static double found_scale(size_t count, const double numbers[], uint64_t *first) {
    clear_plan(&drawn);
    for (size_t i = 0; i < count; i++) {
        given *what = plan_execution(&drawn, "a", i);
        what->value_count = 1;
        what->values[0] = (xt_import_value){xt_text_of("m"), numbers[i]};
    }
    xt_snapshot *imported = import(&drawn);
    const xt_image *image = xt_snapshot_image(imported);
    xt_measure measures[XT_MAX_MEASURES];
    assert_int_equal(xt_image_measures(image, measures), 1);
    assert_true(is_text(measures[0].name, "m"));
    assert_int_equal(measures[0].unit.length, 0);
    *first = execution_of(image, 1).outcome.measures[0];
    double scale = measures[0].scale;
    xt_snapshot_close(imported);
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
    xt_measure measures[XT_MAX_MEASURES];
    clear_plan(&drawn);
    drawn.measures[0] = (xt_measure){.name = xt_text_of("m"), .scale = 0.5};
    drawn.options.measures = drawn.measures;
    drawn.options.measure_count = 1;
    static const char *const names[] = {"z", "m", "b", "bb"};
    for (size_t i = 0; i < 4; i++) {
        given *what = plan_execution(&drawn, "a", 10 - i);
        what->value_count = 1;
        what->values[0] = (xt_import_value){xt_text_of(names[i]), (double)i + 1};
    }
    xt_snapshot *imported = import(&drawn);
    const xt_image *image = xt_snapshot_image(imported);
    assert_int_equal(xt_image_measures(image, measures), 4);
    assert_true(is_text(measures[0].name, "m"));
    assert_true(is_text(measures[1].name, "b"));
    assert_true(is_text(measures[2].name, "bb"));
    assert_true(is_text(measures[3].name, "z"));
    const uint64_t last[] = {XT_NO_MEASURE, XT_NO_MEASURE, XT_NO_MEASURE, 1};
    assert_memory_equal(execution_of(image, 4).outcome.measures, last, sizeof last);
    const uint64_t third[] = {4, XT_NO_MEASURE, XT_NO_MEASURE, XT_NO_MEASURE};
    assert_memory_equal(execution_of(image, 3).outcome.measures, third, sizeof third);
    xt_snapshot_close(imported);
}

static void a_fifth_measure_is_refused_and_adds_nothing(void **state) {
    (void)state;
    static const xt_import_value values[] = {
        {{"a", 1}, 1}, {{"b", 1}, 1}, {{"c", 1}, 1}, {{"d", 1}, 1}, {{"e", 1}, 1}};
    const xt_import_value nameless = {{"", 0}, 1};
    const xt_import_value nameful = {{long_text, XT_MEASURE_BYTES + 1}, 1};
    const xt_execution execution = {0};
    xt_importer *importer;
    clear_plan(&drawn);
    assert_int_equal(create(&drawn, NULL, &importer), XT_OK);
    assert_int_equal(xt_importer_add(importer, &execution, 1, &nameless),
                     XT_ERROR_MEASURES);
    assert_int_equal(xt_importer_add(importer, &execution, 1, &nameful),
                     XT_ERROR_MEASURES);
    assert_int_equal(xt_importer_add(importer, &execution, 5, values), XT_ERROR_MEASURES);
    assert_int_equal(xt_importer_fitting_values(importer, 5, values), 4);
    assert_int_equal(xt_importer_add(importer, &execution, 2, values), XT_OK);
    assert_int_equal(xt_importer_add(importer, &execution, 3, values + 2),
                     XT_ERROR_MEASURES);
    assert_int_equal(xt_importer_fitting_values(importer, 3, values + 2), 2);
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
    xt_importer *importer;
    xt_snapshot *imported;
    clear_plan(&drawn);
    drawn.options.max_tools = XT_MAX_TOOLS;
    assert_int_equal(create(&drawn, NULL, &importer), XT_OK);
    for (uint32_t i = TOOLS; i > 0; i--) {
        char name[16];
        char error_type[16];
        snprintf(name, sizeof name, "tool %u", i);
        snprintf(error_type, sizeof error_type, "error %u", i);
        xt_execution execution = {.tool = xt_text_of(name), .end_us = i};
        if (i <= ERROR_TYPES) {
            execution.outcome.error_type = xt_text_of(error_type);
        }
        assert_int_equal(xt_importer_add(importer, &execution, 0, NULL), XT_OK);
    }
    assert_int_equal(xt_importer_counts(importer).tools, TOOLS);
    assert_int_equal(xt_importer_build(importer, NULL, &imported), XT_OK);
    xt_importer_close(importer);
    const xt_image *image = xt_snapshot_image(imported);
    assert_int_equal(xt_image_tool_count(image), XT_MAX_TOOLS + 1);
    assert_true(is_text(xt_image_tool_name(image, 1), "tool 1"));
    assert_true(is_text(xt_image_tool_name(image, XT_MAX_TOOLS), "tool 65535"));
    assert_true(is_text(xt_image_tool_name(image, XT_MAX_TOOLS + 1), "(other)"));
    assert_int_equal(image->header->tools_overflowed, TOOLS - XT_MAX_TOOLS);
    assert_int_equal(xt_image_error_type_count(image), XT_ERROR_TYPES + 1);
    assert_true(is_text(execution_of(image, 256).outcome.error_type, "error 256"));
    assert_true(is_text(execution_of(image, 257).outcome.error_type, "(other)"));
    xt_snapshot_close(imported);
}

/* More than a chunk of records, in order and not. */
static void chunks_follow_each_other(void **state) {
    (void)state;
    enum { COUNT = 3 * XT_CHUNK_ITEMS + 5 };
    for (int is_reversed = 0; is_reversed < 2; is_reversed++) {
        xt_importer *importer;
        xt_snapshot *imported;
        clear_plan(&drawn);
        assert_int_equal(create(&drawn, NULL, &importer), XT_OK);
        for (uint32_t i = 1; i <= COUNT; i++) {
            uint32_t number = is_reversed ? COUNT + 1 - i : i;
            const xt_import_value value = {xt_text_of("m"), number};
            const xt_execution execution = {.end_us = number * UINT64_C(1000)};
            /* one chunk has no values */
            size_t values = number % XT_CHUNK_ITEMS == 0 || number < XT_CHUNK_ITEMS;
            assert_int_equal(xt_importer_add(importer, &execution, values, &value),
                             XT_OK);
        }
        assert_int_equal(xt_importer_build(importer, NULL, &imported), XT_OK);
        xt_importer_close(importer);
        const xt_image *image = xt_snapshot_image(imported);
        assert_true(xt_image_is_in_order(image));
        for (uint32_t i = 1; i <= COUNT; i++) {
            xt_execution execution = execution_of(image, i);
            const uint64_t *values = execution.outcome.measures;
            bool has_value = i % XT_CHUNK_ITEMS == 0 || i < XT_CHUNK_ITEMS;
            assert_int_equal(execution.end_us, i * UINT64_C(1000));
            assert_int_equal(values != NULL ? values[0] : XT_NO_MEASURE,
                             has_value ? i : XT_NO_MEASURE);
        }
        xt_snapshot_close(imported);
    }
}

/* Imports while allocation `fails_at` fails. Returns whether it succeeded. */
static bool import_while_failing(const plan *from, int fails_at, bool for_good) {
    counting_allocator account = {.fails_at = fails_at, .for_good = for_good};
    xt_allocator allocator = allocator_of(&account);
    xt_snapshot *snapshot;
    xt_error error = make_import(from, &allocator, &snapshot);
    bool has_failed = account.calls >= fails_at;
    assert_int_equal(error, has_failed ? XT_ERROR_MEMORY : XT_OK);
    xt_snapshot_close(snapshot);
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
    return error == XT_OK;
}

static void importing_survives_want_of_memory(void **state) {
    (void)state;
    for (int for_good = 0; for_good < 2; for_good++) {
        draw_plan(&drawn);
        while (drawn.count < 50 || drawn.options.measure_count < 1 ||
               drawn.options.args_texts == 0) {
            draw_plan(&drawn);
        }
        drawn.options.error_texts = 8;
        drawn.given[3].values[0] = (xt_import_value){xt_text_of("found"), 3};
        drawn.given[3].value_count = 1;
        int fails_at = 1;
        while (!import_while_failing(&drawn, fails_at, for_good)) {
            fails_at++;
        }
        assert_true(fails_at > 20);
    }
}

/* After an execution wasn't added, it can be added again. */
static void adding_can_be_tried_again(void **state) {
    (void)state;
    draw_plan(&drawn);
    drawn.options.max_tools = 50;
    xt_snapshot *expected = import(&drawn);
    counting_allocator account = {0};
    xt_allocator allocator = allocator_of(&account);
    xt_importer *importer;
    xt_snapshot *imported;
    assert_int_equal(create(&drawn, &allocator, &importer), XT_OK);
    for (size_t i = 0; i < drawn.count; i++) {
        account.fails_at = account.calls + 1;
        while (add(importer, &drawn.given[i]) != XT_OK) {
            account.fails_at = account.calls + 2;
        }
    }
    account.fails_at = 0;
    assert_int_equal(xt_importer_build(importer, NULL, &imported), XT_OK);
    xt_importer_close(importer);
    assert_int_equal(blocks_left(&account), 0);
    assert_true(xt_snapshot_equals(imported, expected));
    xt_snapshot_close(imported);
    xt_snapshot_close(expected);
}

int main(void) {
    source = random_seeded();
    memset(long_text, 'x', sizeof long_text);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_is_the_run_in_the_order_of_the_ends),
        cmocka_unit_test(the_order_of_coming_does_not_count),
        cmocka_unit_test(nothing_gives_an_empty_run),
        cmocka_unit_test(what_is_counted_is_what_was_added),
        cmocka_unit_test(sessions_are_counted_even_if_their_names_are_not_kept),
        cmocka_unit_test(wrong_executions_are_not_added),
        cmocka_unit_test(the_scale_of_a_measure_is_the_largest_that_fits),
        cmocka_unit_test(found_measures_follow_the_described_by_name),
        cmocka_unit_test(a_fifth_measure_is_refused_and_adds_nothing),
        cmocka_unit_test(tools_beyond_the_limit_are_the_last_of_the_run),
        cmocka_unit_test(chunks_follow_each_other),
        cmocka_unit_test(importing_survives_want_of_memory),
        cmocka_unit_test(adding_can_be_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
