#include "support_run.h"

#include "support_cmocka.h"
#include "support_measures.h"
#include "support_tracker.h"

enum { NAMES = 14, FIRST_US = 1000, LONG = 200 };

static char long_name[LONG];

/* Some are prefixes of others; some have bytes whose order depends on their sign. */
static xt_text name_at(uint32_t i) {
    const xt_text names[NAMES] = {
        text_of("", 0),       text_of("a", 1),          text_of("a\0", 2),
        text_of("a\0b", 3),   text_of("ab", 2),         text_of("b", 1),
        text_of("\x7f", 1),   text_of("\x80", 1),       text_of("\xff\xff", 2),
        text_of("(other", 6), text_of("(other)", 7),    text_of("(other)!", 8),
        text_of("read", 4),   text_of(long_name, LONG),
    };
    memset(long_name, 'x', LONG);
    return names[i];
}

/* No session, one of a few, or one whose name isn't kept. */
static xt_session random_session(random_source *source) {
    const xt_text names[] = {text_of("", 0), text_of("a", 1), text_of("a\0", 2),
                             text_of("#0000000f", 9), text_of(long_name, LONG)};
    bool is_none = random_once_in(source, 2);
    return is_none ? (xt_session){0} : xt_session_of(names[random_below(source, 5)]);
}

/* One of a few texts, or none. */
static xt_text random_text(random_source *source) {
    const xt_text texts[] = {text_of("", 0), text_of("b", 1), text_of("\xff", 1),
                             text_of(long_name, LONG)};
    return texts[random_below(source, 4)];
}

/* The outcome of the next execution in the log. */
static xt_outcome random_outcome(random_run *run, random_source *source) {
    uint64_t *values = run->values[run->count];
    random_values(source, values);
    return (xt_outcome){
        .status = (xt_status)random_below(source, 4),
        .was_cached = random_once_in(source, 3),
        .error_type =
            name_at(random_once_in(source, 2) ? random_below(source, NAMES) : 0),
        .result_hash = random_below(source, 2),
        .measures = random_once_in(source, 5) ? NULL : values,
        .error_text = random_text(source),
    };
}

static uint64_t random_length_us(random_source *source) {
    bool is_common = random_once_in(source, 3);
    return is_common ? random_below(source, 3)
                     : random_duration_us(source, random_once_in(source, 20) ? 52 : 30);
}

/* The tool under which `name` is counted. */
static uint32_t counted_under(const random_run *run, xt_text name) {
    uint32_t id = xt_tracker_tool_id(run->tracker, name);
    return id != 0 ? id : xt_tracker_tool_id(run->tracker, xt_text_of(XT_OTHER));
}

/* Logs `execution` of tool `id`, which was just recorded. */
static void log_execution(random_run *run, xt_execution execution, uint32_t id) {
    execution.tool = xt_image_tool_name(run->image, id);
    execution.tool_id = id;
    run->log[run->count++] = execution;
}

static void step_record(random_run *run, random_source *source) {
    bool is_import = random_once_in(source, 3);
    xt_execution execution = {
        .tool = name_at(random_below(source, NAMES)),
        .outcome = random_outcome(run, source),
        .duration_us = random_length_us(source),
        .timing = (xt_timing)(random_once_in(source, 2) ? random_below(source, 3) : 0),
        .args_hash = random_below(source, 3),
        .args_text = random_text(source),
        .session = random_session(source),
        .depth = random_below(source, 3),
        .end_us = FIRST_US + random_below(source, 40),
        .is_undated = random_once_in(source, 4),
    };
    xt_error error = is_import ? xt_tracker_record_at(run->tracker, &execution)
                               : xt_tracker_record(run->tracker, &execution);
    assert_int_equal(error, XT_OK);
    if (!is_import) {
        execution.end_us = xt_image_now_us(run->image);
    }
    if (execution.is_undated) {
        execution.end_us = ++run->undated;
    }
    if (execution.timing == XT_UNTIMED) {
        execution.duration_us = 0;
    }
    log_execution(run, execution, counted_under(run, execution.tool));
}

static void step_start(random_run *run, random_source *source) {
    const xt_call call = {.tool = name_at(random_below(source, NAMES)),
                          .args_hash = random_below(source, 3),
                          .args_text = random_text(source),
                          .session = random_session(source),
                          .depth = random_below(source, 2)};
    if (run->open_count < RUN_OPEN) {
        run->open[run->open_count++] = xt_tracker_start_call(run->tracker, &call);
    }
}

static void step_finish(random_run *run, random_source *source) {
    if (run->open_count == 0) {
        return;
    }
    size_t place = random_below(source, (uint32_t)run->open_count);
    xt_span span = run->open[place];
    xt_execution execution = {.outcome = random_outcome(run, source),
                              .args_hash = span.args_hash,
                              .session = {.hash = span.session},
                              .depth = span.depth};
    run->open[place] = run->open[--run->open_count];
    assert_int_equal(xt_tracker_finish(run->tracker, &span, &execution.outcome,
                                       &execution.duration_us),
                     XT_OK);
    execution.end_us = xt_image_now_us(run->image);
    log_execution(run, execution, span.tool_id);
}

/* Denies some calls of an existing tool for an existing reason. */
static void deny_some(random_run *run, random_source *source, uint32_t tool_id,
                      uint32_t reason_id) {
    xt_text tool = xt_image_tool_name(run->image, tool_id);
    xt_text reason = xt_image_error_type(run->image, reason_id);
    uint32_t many = run->is_pure ? 2 : 200;
    for (uint32_t left = random_once_in(source, 8) ? many : 1; left > 0; left--) {
        xt_tracker_deny(run->tracker,
                        &(xt_call){.tool = tool,
                                   .args_hash = random_below(source, 3),
                                   .args_text = random_text(source),
                                   .session = random_session(source)},
                        reason, FIRST_US + random_below(source, 40));
    }
}

/* Adds `denial`; as overflowed if its tool and reason have one already. */
static void count_denial(const xt_image *image, xt_denial denial) {
    xt_header *header = image->header;
    for (uint32_t i = 0; i < header->denial_count; i++) {
        const xt_denial *other = &image->denials[i];
        if (other->tool == denial.tool && other->reason == denial.reason) {
            header->denials_overflowed++;
            return;
        }
    }
    image->denials[header->denial_count++] = denial;
}

static void step_deny(random_run *run, random_source *source) {
    const xt_header *header = run->image->header;
    if (header->tool_names.count == 0 || header->error_types.count == 0) {
        return;
    }
    xt_denial denial = {
        .count = 1 + random_below(source, 9),
        .last_us = FIRST_US + random_below(source, 40),
        .tool = random_below(source, header->tool_names.count),
        .reason = 1 + random_below(source, header->error_types.count),
    };
    if (run->is_pure || random_once_in(source, 2)) {
        deny_some(run, source, denial.tool + 1, denial.reason);
        return;
    }
    begin_change(run->tracker);
    count_denial(run->image, denial);
    end_change(run->tracker);
}

void step_run(random_run *run, random_source *source) {
    uint32_t choice = random_below(source, 100);
    run->now_us += random_once_in(source, 3) ? random_below(source, 3) : 0;
    if (choice < 60 && run->count < RUN_LONGEST) {
        step_record(run, source);
    } else if (choice < 75) {
        step_start(run, source);
    } else if (choice < 90 && run->count < RUN_LONGEST) {
        step_finish(run, source);
    } else if (choice < 99) {
        step_deny(run, source);
    } else {
        xt_tracker_clear(run->tracker);
        run->count = 0;
    }
}

void start_run(random_run *run, random_source *source, uint32_t steps) {
    static const size_t histories[] = {0, 1, 7, 63, 64, 65, 150, 1000};
    static const size_t tools[] = {1, 2, 5, 30};
    static const size_t in_flight[] = {0, 1, 3, RUN_OPEN};
    static const char *const labels[] = {"", "nightly", "nightlife"};
    xt_measure measures[XT_MAX_MEASURES];
    *run = (random_run){.now_us = FIRST_US + random_below(source, 10)};
    xt_options options = options_at(&run->now_us, histories[random_below(source, 8)]);
    options.max_tools = tools[random_below(source, 4)];
    options.max_in_flight = in_flight[random_below(source, 4)];
    options.label = xt_text_of(labels[random_below(source, 3)]);
    options.measures = measures;
    options.measure_count = random_measures(source, measures);
    options.session_names = random_below(source, 2);
    options.args_texts = random_below(source, 2);
    options.error_texts = random_below(source, 20);
    for (size_t i = 0; i < XT_INSTANCE_BYTES; i++) {
        options.instance[i] = (uint8_t)(1 + random_below(source, 255));
    }
    run->tracker = tracker_with(&options);
    run->image = xt_tracker_image(run->tracker);
    for (uint32_t left = random_below(source, steps + 1); left > 0; left--) {
        step_run(run, source);
    }
    assert_sound(run->tracker);
}

void close_run(random_run *run) {
    xt_tracker_close(run->tracker);
}
