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

enum { MOST = 400, ROUNDS = 150, NAMES = 300 };

static random_source source;
static char names[NAMES][XT_NAME_BYTES + 10];

/* An execution with its values, which point to themselves. */
typedef struct given {
    xt_execution execution;
    char session[8];
    char args_text[24];
    char error_text[24];
    char place[40];
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

/* One of `limit` names, of which every other is long. */
static xt_text drawn_name(uint32_t limit) {
    uint32_t i = random_below(&source, limit);
    int length = snprintf(names[i], sizeof names[i], "t%u", i);
    if (i % 2 == 0) {
        length = XT_NAME_BYTES - 50 + (int)i / 5;
        memset(names[i] + 4, 'x', (size_t)length - 4);
    }
    return text_of(names[i], (size_t)length);
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

/* Has the executions end so early that undated ones seem to end between them. Texts are
 * then kept by what seems to be the later one. */
static void make_early(plan *of) {
    of->options.args_texts = 0;
    for (size_t i = 0; i < of->count; i++) {
        of->given[i].execution.end_us -= 1000000;
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
        if (random_once_in(&source, 2)) {
            make_early(to);
        }
    }
}

/* Gives two of three executions places, mostly in the file of the one before. */
static void draw_places(plan *to) {
    uint32_t file = 0;
    for (size_t i = 0; i < to->count; i++) {
        given *what = &to->given[i];
        file = random_once_in(&source, 3) ? random_below(&source, 50) : file;
        what->place[0] = 0;
        if (!random_once_in(&source, 3)) {
            snprintf(what->place, sizeof what->place, "log %u:%zu", file, i + 1);
        }
        what->execution.place = xt_place_of(xt_text_of(what->place));
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

/* The run as an importer makes it. */
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

/* Fails the test unless the records of `image` have the places of the last executions. */
static void assert_places_of(const xt_image *image, const plan *from) {
    static const given *sorted[MOST];
    size_t count = xt_image_record_count(image);
    sort(from, sorted);
    for (size_t age = 0; age < count; age++) {
        char written[XT_PLACE_BYTES];
        const xt_execution execution = execution_of_age(image, age);
        size_t length = xt_place_write(&execution.place, written);
        assert_true(
            is_text(text_of(written, length), sorted[from->count - 1 - age]->place));
    }
}

static void places_follow_their_records_and_change_nothing_else(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 3; round++) {
        draw_plan(&drawn);
        xt_snapshot *without = import(&drawn);
        draw_places(&drawn);
        xt_snapshot *with = import(&drawn);
        assert_same_reading(xt_snapshot_image(with), xt_snapshot_image(without));
        assert_places_of(xt_snapshot_image(with), &drawn);
        xt_snapshot_close(with);
        xt_snapshot_close(without);
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
        execution->place = xt_place_of(xt_text_of(moved->place));
    }
}

static void the_order_of_coming_does_not_count(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 3; round++) {
        draw_plan(&drawn);
        for (size_t i = 0; i < drawn.count; i++) {
            drawn.given[i].execution.end_us = 5000 + i;
            drawn.given[i].execution.is_undated = false;
        }
        draw_places(&drawn);
        xt_snapshot *expected = import(&drawn);
        shuffle(&drawn);
        xt_snapshot *imported = import(&drawn);
        assert_true(xt_snapshot_equals(imported, expected));
        xt_snapshot_close(imported);
        xt_snapshot_close(expected);
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
        draw_places(&drawn);
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
    draw_places(&drawn);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_is_the_run_in_the_order_of_the_ends),
        cmocka_unit_test(places_follow_their_records_and_change_nothing_else),
        cmocka_unit_test(the_order_of_coming_does_not_count),
        cmocka_unit_test(importing_survives_want_of_memory),
        cmocka_unit_test(adding_can_be_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
