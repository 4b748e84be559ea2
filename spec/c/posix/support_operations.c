#include "support_operations.h"

#include "support_cmocka.h"
#include "support_random.h"
#include "support_tracker.h"
#include "tracker.h"

#include <stdio.h>

#define FIRST_US UINT64_C(1700000000000000)

/* What a random name is written to. */
typedef struct name {
    char bytes[XT_NAME_BYTES];
} name;

static xt_text random_name(random_source *source, char first, uint32_t most, name *room) {
    uint32_t number = random_below(source, most);
    size_t length = number % 4 == 3 ? XT_NAME_BYTES : 1 + number % 40;
    memset(room->bytes, first + (char)(number % 20), length);
    return text_of(room->bytes, length);
}

static xt_text random_text(random_source *source, name *room) {
    size_t length = random_below(source, 140);
    memset(room->bytes, 'a' + (char)random_below(source, 20), length);
    return text_of(room->bytes, length);
}

/* A random execution, or what is needed of it. Its texts are in `names`. */
static xt_execution random_execution(random_source *source, name names[5]) {
    static uint64_t values[XT_MAX_MEASURES];
    xt_execution e = {.outcome = {.status = (xt_status)random_below(source, 4)}};
    e.tool = random_name(source, 'a', 8, &names[0]);
    if (random_once_in(source, 2)) {
        e.outcome.error_type = random_name(source, 'A', 300, &names[1]);
        e.outcome.error_text = random_text(source, &names[2]);
    }
    if (random_once_in(source, 2)) {
        e.session = xt_session_of(random_name(source, '0', 40, &names[3]));
    }
    e.outcome.was_cached = random_once_in(source, 4);
    e.outcome.result_hash = random_below(source, 3);
    e.args_hash = random_below(source, 30);
    e.args_text = random_text(source, &names[4]);
    e.depth = random_below(source, 3);
    e.duration_us = random_duration_us(source, random_once_in(source, 8) ? 50 : 12);
    e.timing =
        random_once_in(source, 6) ? (xt_timing)random_below(source, 3) : XT_MEASURED;
    e.is_undated = random_once_in(source, 12);
    for (int i = 0; i < XT_MAX_MEASURES; i++) {
        values[i] =
            random_once_in(source, 3) ? XT_NO_MEASURE : random_below(source, 1000);
    }
    e.outcome.measures = values;
    return e;
}

/* A span in flight, listed or not; its serial is 0 if there is none. */
static xt_span random_span(const xt_tracker *tracker, random_source *source) {
    const xt_image *image = &tracker->image;
    uint32_t skipped = random_below(source, image->header->in_flight.listed + 1);
    for (uint32_t slot = image->header->in_flight.oldest; slot != 0;) {
        const xt_in_flight_entry *entry = xt_in_flight_get(&image->in_flight, slot);
        if (skipped-- == 0) {
            return (xt_span){entry->start_us,
                             entry->serial,
                             entry->tool + 1,
                             entry->args_hash,
                             entry->session,
                             entry->depth,
                             slot};
        }
        slot = entry->next;
    }
    for (uint32_t i = 0; i < image->header->tool_names.count; i++) {
        if (image->tools[i].in_flight > image->tools[i].listed) {
            return (xt_span){.start_us = image->header->created_us,
                             .serial = image->header->in_flight.serial,
                             .tool_id = i + 1};
        }
    }
    return (xt_span){0};
}

static void finish_one(xt_tracker *tracker, random_source *source,
                       const xt_execution *e) {
    xt_span span = random_span(tracker, source);
    if (span.serial != 0) {
        assert_int_equal(xt_tracker_finish(tracker, &span, &e->outcome, NULL), XT_OK);
    }
}

xt_recorder_options operation_options(uint64_t seed, uint64_t *now_us) {
    static const xt_measure measures[] = {
        {.name = {"cost", 4}, .unit = {"USD", 3}, .scale = 0.5},
        {.name = {"size", 4}, .unit = {"By", 2}, .scale = 1}};
    *now_us = FIRST_US;
    xt_recorder_options options = {.run = options_at(now_us, 8),
                                   .on_mismatch = XT_MISMATCH_ERROR};
    options.run.max_tools = 5;
    options.run.max_in_flight = 3;
    options.run.session_names = 8;
    if (seed % 2 == 0) { /* else operations are plain */
        options.run.args_texts = 8;
        options.run.error_texts = 16;
        options.run.measures = measures;
        options.run.measure_count = 2;
    }
    return options;
}

void operate(xt_tracker *tracker, uint64_t seed, uint64_t number, uint64_t *now_us) {
    name names[5];
    random_source source = {(seed << 40) ^ (number * UINT64_C(0x9e3779b97f4a7c15))};
    uint32_t choice = random_below(&source, 100);
    xt_execution e = random_execution(&source, names);
    const xt_call call = {e.tool, e.args_hash, e.args_text, e.session, e.depth};
    *now_us = FIRST_US + number * 1000;
    if (choice < 40) {
        assert_int_equal(xt_tracker_record(tracker, &e), XT_OK);
    } else if (choice < 50) {
        e.end_us = *now_us - random_below(&source, 5000);
        assert_int_equal(xt_tracker_record_at(tracker, &e), XT_OK);
    } else if (choice < 70) {
        xt_tracker_start_call(tracker, &call);
    } else if (choice < 90) {
        finish_one(tracker, &source, &e);
    } else if (choice < 97) {
        xt_tracker_deny(tracker, &call, e.outcome.error_type, *now_us);
    } else if (choice < 99) {
        xt_tracker_clear(tracker);
    } else {
        xt_tracker_now_us(tracker);
    }
}
