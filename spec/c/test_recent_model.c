/*
 * What policies decide from is that of the naive model, which sees a run through
 * xt_image_execution and xt_image_in_flight.
 */
#include "support_cmocka.h"
#include "support_quantiles.h"
#include "support_random.h"
#include "support_snapshot.h"
#include "support_tracker.h"

enum { OPEN = 8, LISTED = 3, HASHES = 3, MOST = 600 };

static random_source source;
static const char *const tools[] = {"read", "write", "edit"};

/* A random run; its clock begins so early that some executions start before 1970. */
typedef struct own_run {
    uint64_t now_us;
    xt_tracker *tracker;
    const xt_image *image;
    xt_span open[OPEN];
    size_t open_count;
    bool is_ordered;
} own_run;

static xt_text random_tool(void) {
    return xt_text_of(tools[random_below(&source, 3)]);
}

/* All tools, or one, which may not exist. */
static uint32_t random_tool_id(void) {
    uint32_t tool_id = random_below(&source, 6);
    return tool_id == 5 ? XT_ALL_TOOLS : tool_id;
}

static uint64_t random_length_us(void) {
    return random_duration_us(&source, random_once_in(&source, 10) ? 56 : 6);
}

static void step_record(own_run *run) {
    xt_execution execution = {
        .tool = random_tool(),
        .outcome = {.status = (xt_status)random_below(&source, 4),
                    .was_cached = random_once_in(&source, 4)},
        .duration_us = random_length_us(),
        .args_hash = random_below(&source, HASHES),
        .end_us = run->now_us + random_below(&source, 20),
    };
    xt_error error = run->is_ordered ? xt_tracker_record(run->tracker, &execution)
                                     : xt_tracker_record_at(run->tracker, &execution);
    assert_int_equal(error, XT_OK);
}

static void step_start(own_run *run) {
    if (run->open_count < OPEN) {
        uint64_t asked_us = run->now_us - random_below(&source, 4);
        run->open[run->open_count++] = xt_tracker_start_at(
            run->tracker, random_tool(), random_below(&source, HASHES), asked_us);
    }
}

static void step_finish(own_run *run) {
    if (run->open_count > 0) {
        size_t place = random_below(&source, (uint32_t)run->open_count);
        finish(run->tracker, &run->open[place], (xt_status)random_below(&source, 4));
        run->open[place] = run->open[--run->open_count];
    }
}

static void step(own_run *run) {
    uint32_t choice = random_below(&source, 100);
    run->now_us += random_below(&source, 4);
    if (random_once_in(&source, 2)) {
        xt_tracker_now_us(run->tracker);
    }
    if (choice < 50) {
        step_record(run);
    } else if (choice < 75) {
        step_start(run);
    } else if (choice < 99) {
        step_finish(run);
    } else {
        xt_tracker_clear(run->tracker);
    }
}

static void start_run(own_run *run, size_t max_history) {
    *run = (own_run){.now_us = 20, .is_ordered = random_once_in(&source, 2)};
    xt_options options = options_at(&run->now_us, max_history);
    options.max_in_flight = LISTED;
    run->tracker = tracker_with(&options);
    run->image = xt_tracker_image(run->tracker);
}

static bool is_meant(uint32_t tool_id, uint32_t other_id) {
    return tool_id == XT_ALL_TOOLS || tool_id == other_id;
}

/* The executions that are retained or in flight, of one tool or of all. */
typedef struct timing {
    uint64_t starts_us[MOST];
    size_t count;
    uint64_t running_us[MOST]; /* the starts of what is listed */
    size_t listed;
    size_t unlisted;
    uint64_t now_us;
} timing;

static void model_records(timing *model, const xt_image *image, uint32_t tool_id) {
    xt_execution execution;
    uint64_t sequence = xt_image_recorded(image);
    for (; xt_image_execution(image, sequence, &execution); sequence--) {
        if (is_meant(tool_id, execution.tool_id)) {
            model->starts_us[model->count++] =
                execution.end_us > execution.duration_us
                    ? execution.end_us - execution.duration_us
                    : 0;
        }
    }
}

static uint32_t running_of(const xt_image *image, uint32_t tool_id) {
    xt_tool_stats stats;
    if (tool_id == XT_ALL_TOOLS) {
        return xt_image_stats(image).in_flight;
    }
    return xt_image_tool_stats(image, tool_id, &stats) ? stats.in_flight : 0;
}

static void model_in_flight(timing *model, const xt_image *image, uint32_t tool_id) {
    xt_running running[LISTED];
    size_t listed = xt_image_in_flight(image, LISTED, running);
    for (size_t i = 0; i < listed; i++) {
        if (is_meant(tool_id, running[i].tool_id)) {
            model->running_us[model->listed++] = running[i].start_us;
            model->starts_us[model->count++] = running[i].start_us;
        }
    }
    model->unlisted = running_of(image, tool_id) - model->listed;
    for (size_t i = 0; i < model->unlisted; i++) {
        model->starts_us[model->count++] = model->now_us;
    }
}

static int compare_descending(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left < right) - (left > right);
}

static void make_model(timing *model, const xt_image *image, uint32_t tool_id) {
    *model = (timing){.now_us = xt_image_now_us(image)};
    model_records(model, image, tool_id);
    model_in_flight(model, image, tool_id);
    qsort(model->starts_us, model->count, sizeof model->starts_us[0], compare_descending);
}

static size_t modelled_starts(const timing *model, int64_t after_us) {
    size_t starts = 0;
    while (starts < model->count &&
           (after_us < 0 || model->starts_us[starts] > (uint64_t)after_us)) {
        starts++;
    }
    return starts;
}

static void assert_starts(const xt_image *image, uint32_t tool_id, const timing *model,
                          int64_t after_us) {
    size_t starts = modelled_starts(model, after_us);
    assert_int_equal(xt_image_starts(image, tool_id, after_us), starts);
    for (size_t n = 0; n <= starts + 1; n++) {
        uint64_t start_us = 77;
        bool exists = n >= 1 && n <= starts;
        assert_int_equal(xt_image_nth_start(image, tool_id, after_us, n, &start_us),
                         exists);
        assert_int_equal(start_us, exists ? model->starts_us[n - 1] : 77);
    }
}

static void assert_running(const xt_image *image, uint32_t tool_id, const timing *model,
                           uint64_t since_us) {
    size_t running = model->unlisted;
    for (size_t i = 0; i < model->listed; i++) {
        running += model->running_us[i] >= since_us;
    }
    assert_int_equal(xt_image_running(image, tool_id, since_us), running);
}

/* All questions about times that are near the executions' own, and others. */
static void assert_times(const xt_image *image, uint32_t tool_id) {
    static timing model;
    make_model(&model, image, tool_id);
    assert_starts(image, tool_id, &model, -1);
    assert_starts(image, tool_id, &model, 0);
    assert_running(image, tool_id, &model, 0);
    for (int i = 0; i < 3; i++) {
        uint64_t time_us = model.now_us + 20 - random_below(&source, 40);
        if (model.count > 0) {
            uint32_t place = random_below(&source, (uint32_t)model.count);
            assert_starts(image, tool_id, &model, (int64_t)model.starts_us[place]);
            assert_starts(image, tool_id, &model, (int64_t)model.starts_us[place] - 1);
            assert_running(image, tool_id, &model, model.starts_us[place]);
            assert_running(image, tool_id, &model, model.starts_us[place] + 1);
        }
        assert_starts(image, tool_id, &model, (int64_t)time_us);
        assert_running(image, tool_id, &model, time_us);
    }
}

static void starts_and_what_is_running_are_those_of_the_model(void **state) {
    (void)state;
    static const size_t histories[] = {0, 1, 7, 40};
    for (int round = 0; round < 60; round++) {
        own_run run;
        start_run(&run, histories[random_below(&source, 4)]);
        for (int i = 0; i < 100; i++) {
            step(&run);
            if (random_once_in(&source, 4)) {
                assert_times(run.image, random_tool_id());
            }
        }
        assert_sound(run.tracker);
        xt_tracker_close(run.tracker);
    }
}

static size_t modelled_repeats(const xt_image *image, uint32_t tool_id,
                               uint32_t args_hash, size_t records) {
    xt_execution execution;
    xt_running running[LISTED];
    size_t listed = xt_image_in_flight(image, LISTED, running);
    size_t repeats = 0;
    uint64_t sequence = xt_image_recorded(image);
    for (; records > 0 && xt_image_execution(image, sequence, &execution); sequence--) {
        repeats += execution.tool_id == tool_id && execution.args_hash == args_hash;
        records--;
    }
    for (size_t i = 0; i < listed; i++) {
        repeats += running[i].tool_id == tool_id && running[i].args_hash == args_hash;
    }
    return repeats;
}

static void repeats_are_those_of_the_model(void **state) {
    (void)state;
    for (int round = 0; round < 60; round++) {
        own_run run;
        start_run(&run, 30);
        for (int i = 0; i < 100; i++) {
            uint32_t tool_id = random_tool_id();
            uint32_t args_hash = random_below(&source, HASHES);
            size_t records = random_below(&source, 40);
            step(&run);
            assert_int_equal(xt_image_repeats(run.image, tool_id, args_hash, records),
                             modelled_repeats(run.image, tool_id, args_hash, records));
        }
        xt_tracker_close(run.tracker);
    }
}

/* Stores the recent durations that count, longest first. */
static size_t modelled_durations(const xt_image *image, uint32_t tool_id,
                                 uint64_t durations_us[]) {
    xt_execution execution;
    uint64_t newest = xt_image_recorded(image);
    size_t count = 0;
    for (uint64_t age = 0; age < XT_RECENT_RECORDS && count < XT_RECENT_EXECUTIONS &&
                           xt_image_execution(image, newest - age, &execution);
         age++) {
        if (execution.tool_id == tool_id && !execution.outcome.was_cached &&
            execution.outcome.status != XT_CANCELLED) {
            durations_us[count++] = execution.duration_us;
        }
    }
    qsort(durations_us, count, sizeof durations_us[0], compare_descending);
    return count;
}

static void assert_quantile(const xt_image *image, uint32_t tool_id, double quantile) {
    uint64_t durations_us[XT_RECENT_EXECUTIONS];
    uint64_t value_us = 77;
    size_t count = modelled_durations(image, tool_id, durations_us);
    assert_int_equal(xt_image_recent_quantile(image, tool_id, quantile, &value_us),
                     count);
    if (count == 0) {
        assert_int_equal(value_us, 77);
    } else {
        size_t rank = nearest_rank(quantile, count);
        assert_int_equal(value_us, durations_us[count - rank]);
    }
}

static void recent_quantiles_are_those_of_the_model(void **state) {
    (void)state;
    for (int round = 0; round < 4; round++) {
        own_run run;
        start_run(&run, round % 2 == 0 ? 2500 : 50);
        for (int i = 0; i < 6000; i++) {
            step(&run);
            if (random_once_in(&source, 40)) {
                uint32_t tool_id = random_tool_id();
                assert_quantile(run.image, tool_id, random_unit(&source));
                assert_quantile(run.image, tool_id, random_below(&source, 21) / 20.0);
            }
        }
        xt_tracker_close(run.tracker);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_and_what_is_running_are_those_of_the_model),
        cmocka_unit_test(repeats_are_those_of_the_model),
        cmocka_unit_test(recent_quantiles_are_those_of_the_model),
    };
    source = random_seeded();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
