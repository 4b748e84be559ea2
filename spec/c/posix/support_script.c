#include "support_script.h"

#include "support_cmocka.h"
#include "support_tracker.h"

enum { FIRST_US = 1000000, STEP_US = 1000 };

static xt_execution execution(const char *tool, xt_status status, uint64_t duration_us) {
    return (xt_execution){.tool = xt_text_of(tool),
                          .outcome = {.status = status},
                          .duration_us = duration_us};
}

static void add(script *self, const xt_execution *added) {
    assert_int_equal(xt_tracker_record(self->tracker, added), XT_OK);
}

static void record_new_tool(script *self) {
    const xt_execution e = execution("read", XT_SUCCESS, 100);
    add(self, &e);
}

static void record_known_tool(script *self) {
    const xt_execution e = execution("read", XT_SUCCESS, 101);
    add(self, &e);
}

static void record_failure(script *self) {
    xt_execution e = execution("read", XT_FAILED, 102);
    e.outcome.error_type = xt_text_of("ENOENT");
    e.outcome.error_text = xt_text_of("No such file: notes.txt");
    e.outcome.was_cached = false;
    e.args_hash = 7;
    e.args_text = xt_text_of("{\"path\":\"notes.txt\"}");
    add(self, &e);
}

static void record_other_tool(script *self) {
    const xt_execution e = execution("write", XT_TIMED_OUT, 5000);
    add(self, &e);
}

static void record_evicting(script *self) {
    xt_execution e = execution("write", XT_SUCCESS, 40);
    e.outcome.was_cached = true;
    add(self, &e);
}

static void record_measured(script *self) {
    static const uint64_t values[] = {5, XT_NO_MEASURE};
    xt_execution e = execution("read", XT_SUCCESS, 99);
    e.outcome.measures = values;
    add(self, &e);
}

/* The span of its histogram is too wide for the scale. */
static void record_downscaling(script *self) {
    const xt_execution e = execution("read", XT_SUCCESS, UINT64_C(1) << 40);
    add(self, &e);
}

static void record_untimed_and_undated(script *self) {
    xt_execution e = execution("list", XT_CANCELLED, 0);
    e.timing = XT_UNTIMED;
    e.is_undated = true;
    add(self, &e);
}

static void record_past(script *self) {
    xt_execution e = execution("list", XT_SUCCESS, 12);
    e.end_us = FIRST_US - 5;
    assert_int_equal(xt_tracker_record_at(self->tracker, &e), XT_OK);
}

/* All tools have names, and so this one is counted as (other). */
static void record_overflowing(script *self) {
    const xt_execution e = execution("search", XT_SUCCESS, 1);
    add(self, &e);
}

static void record_in(script *self, const char *session) {
    xt_execution e = execution("read", XT_SUCCESS, 100);
    e.session = xt_session_of(xt_text_of(session));
    add(self, &e);
}

static void record_new_session(script *self) {
    record_in(self, "first");
}

static void record_known_session(script *self) {
    record_in(self, "first");
}

/* There is room for eight names. */
static void fill_sessions(script *self) {
    static const char *const names[] = {"2", "3", "4", "5", "6", "7", "8"};
    for (size_t i = 0; i < 7; i++) {
        record_in(self, names[i]);
    }
}

static void replace_session(script *self) {
    record_in(self, "a name that is longer than the one that it replaces");
}

static void replace_error_text(script *self) {
    xt_execution e = execution("read", XT_FAILED, 103);
    e.outcome.error_type = xt_text_of("ENOENT");
    e.outcome.error_text = xt_text_of("No such file");
    add(self, &e);
}

static void start_at(script *self, size_t i, const char *tool) {
    const xt_call call = {.tool = xt_text_of(tool),
                          .args_hash = (uint32_t)i,
                          .session = xt_session_of(xt_text_of("first"))};
    self->spans[i] = xt_tracker_start_call(self->tracker, &call);
}

static void start_first(script *self) {
    start_at(self, 0, "read");
}

static void start_second(script *self) {
    start_at(self, 1, "write");
}

/* Two are listed already. */
static void start_unlisted(script *self) {
    start_at(self, 2, "read");
}

static void start_new_tool_that_overflows(script *self) {
    start_at(self, 3, "search again");
}

static void finish_at(script *self, size_t i, xt_status status) {
    finish(self->tracker, &self->spans[i], status);
}

static void finish_unlisted(script *self) {
    finish_at(self, 2, XT_FAILED);
}

static void finish_listed(script *self) {
    finish_at(self, 0, XT_SUCCESS);
}

static void start_in_a_free_slot(script *self) {
    start_at(self, 0, "list");
}

static void deny_as(script *self, const char *reason) {
    const xt_call call = {.tool = xt_text_of("write"), .args_hash = 3};
    xt_tracker_deny(self->tracker, &call, xt_text_of(reason), self->now_us);
}

static void deny_for_a_new_reason(script *self) {
    deny_as(self, "budget");
}

static void deny_again(script *self) {
    deny_as(self, "budget");
}

static void read_clock(script *self) {
    assert_int_equal(xt_tracker_now_us(self->tracker), self->now_us);
}

static void clear(script *self) {
    xt_tracker_clear(self->tracker);
}

#define STEP(act)                                                                        \
    { #act, act }
const script_step script_steps[] = {
    STEP(record_new_tool),
    STEP(record_known_tool),
    STEP(record_failure),
    STEP(record_other_tool),
    STEP(record_evicting),
    STEP(record_measured),
    STEP(record_downscaling),
    STEP(record_untimed_and_undated),
    STEP(record_past),
    STEP(record_overflowing),
    STEP(record_new_session),
    STEP(record_known_session),
    STEP(fill_sessions),
    STEP(replace_session),
    STEP(replace_error_text),
    STEP(start_first),
    STEP(start_second),
    STEP(start_unlisted),
    STEP(start_new_tool_that_overflows),
    STEP(finish_unlisted),
    STEP(finish_listed),
    STEP(start_in_a_free_slot),
    STEP(deny_for_a_new_reason),
    STEP(deny_again),
    STEP(read_clock),
    STEP(clear),
    STEP(record_known_tool),
};
const size_t script_length = sizeof script_steps / sizeof script_steps[0];

xt_recorder_options script_options(script *self, bool is_plain) {
    static const xt_measure measures[] = {
        {.name = {"cost", 4}, .unit = {"USD", 3}, .scale = 0.5},
        {.name = {"size", 4}, .unit = {"By", 2}, .scale = 1}};
    self->now_us = FIRST_US;
    xt_recorder_options options = {.run = options_at(&self->now_us, 4),
                                   .on_mismatch = XT_MISMATCH_ERROR};
    options.run.max_tools = 3;
    options.run.max_in_flight = 2;
    options.run.session_names = 8;
    if (!is_plain) {
        options.run.args_texts = 8;
        options.run.error_texts = 8;
        options.run.measures = measures;
        options.run.measure_count = 2;
    }
    return options;
}

void script_act(script *self, size_t i) {
    self->now_us += STEP_US;
    script_steps[i].act(self);
}
