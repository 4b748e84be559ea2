#include "tracker.h"

#include "kept_texts.h"
#include "measures.h"

#include <assert.h>
#include <string.h>

/*
 * Operations take the journal as a parameter, so that each is compiled twice: with a null
 * journal, where nothing is left of the calls to it, and with one. Those that record also
 * take `is_plain`: there are no measures and no texts but names of sessions, and the
 * execution is measured and dated. The plain case without a journal is inlined; the
 * others are functions of their own, behind one that is declared to be cold, so that
 * they don't cost the inlined case anything. They are declared to be hot, as otherwise
 * what only a cold function calls is cold, too.
 */
#define FOR_EACH_JOURNAL static inline __attribute__((always_inline))
#define APART static __attribute__((noinline, hot))
#define SELDOM static __attribute__((noinline, cold))

/* Each operation reads the clock first, as the function of a host may itself use the
 * tracker, and stores the reading when it begins. Never before the last reading. */
static uint64_t read_clock(const xt_tracker *tracker) {
    uint64_t now_us = tracker->clock.now_us != NULL
                          ? tracker->clock.now_us(tracker->clock.context)
                          : xt_system_clock_now_us(&tracker->system_clock);
    uint64_t latest_us = tracker->image.header->now_us;
    if (now_us > XT_MAX_COUNT) {
        now_us = XT_MAX_COUNT;
    }
    return now_us > latest_us ? now_us : latest_us;
}

/* Stores a reading of the clock, which no operation announces. */
FOR_EACH_JOURNAL void keep_reading(xt_header *header, uint64_t now_us,
                                   xt_journal *journal) {
    if (journal == NULL) {
        header->now_us = now_us;
    } else {
        xt_journal_store(&header->now_us, now_us);
    }
}

/* Begins an operation that has read the clock at `now_us`. It changes the header from
 * `start` on up to `running`. */
FOR_EACH_JOURNAL void begin(xt_header *header, uint64_t now_us, size_t start,
                            xt_journal *journal) {
    keep_reading(header, now_us, journal);
    xt_journal_begin(journal);
    xt_journal_touch_fast(journal, (char *)header + start,
                          XT_CHANGING_START + XT_CHANGING_BYTES - start);
}

/* The identifier of the tool called `name`, which is `known` if that isn't 0. */
static inline uint32_t intern_tool(xt_tracker *tracker, xt_text name, uint32_t known,
                                   uint64_t *overflowed, xt_journal *journal) {
    return known != 0 ? known
                      : xt_name_index_intern(&tracker->tools, &tracker->image.tool_names,
                                             name, overflowed, journal);
}

static inline uint32_t intern_error_type(xt_tracker *tracker, xt_text name,
                                         uint64_t *overflowed, xt_journal *journal) {
    return xt_name_index_intern(&tracker->error_types, &tracker->image.error_types, name,
                                overflowed, journal);
}

/* The journal of `tracker`, which has one; the compiler then needn't test for it. */
static inline xt_journal *journal_of(const xt_tracker *tracker) {
    if (tracker->journal == NULL) {
        __builtin_unreachable();
    }
    return tracker->journal;
}

static xt_tool *tool_of(xt_image *image, uint32_t tool_id) {
    return &image->tools[tool_id - 1];
}

/* Keeps the texts of `execution`, recorded as `record`, except its session's name. */
FOR_EACH_JOURNAL void keep_texts(xt_image *image, const xt_execution *execution,
                                 const xt_record *record, xt_journal *journal) {
    if (image->header->texts[XT_ARGS_TEXTS].slots > 0) {
        xt_keep_args_text(image, execution->args_hash, execution->args_text,
                          record->end_us, journal);
    }
    if (execution->outcome.error_text.length > 0) {
        xt_keep_error_text(image, record->tool + UINT32_C(1), record->error_type,
                           execution->outcome.error_text, record->end_us, journal);
    }
}

/* Adds `record`, which is of `tool`, to the ring, which has slots; if it is full, the
 * oldest record is overwritten. */
FOR_EACH_JOURNAL void retain(xt_image *image, xt_tool *tool, const xt_record *record,
                             xt_journal *journal) {
    xt_header *header = image->header;
    xt_record *place = &image->records[header->record_next];
    if (header->record_count == header->record_slots) {
        xt_tool *left = &image->tools[place->tool];
        if (left != tool) {
            xt_journal_touch_fast(journal, &left->window, sizeof left->window);
        }
        xt_window_remove(&left->window, &header->window, place);
    } else {
        header->record_count++;
    }
    xt_journal_touch_fast(journal, place, sizeof *place);
    *place = *record;
    header->record_next =
        header->record_next + 1 < header->record_slots ? header->record_next + 1 : 0;
    xt_window_add(&header->window, record);
    xt_window_add(&tool->window, record);
}

/* The end that the next undated execution gets: its number. */
static uint64_t next_undated(xt_header *header) {
    header->undated = xt_count_sum(header->undated, 1);
    return header->undated;
}

/* Adds `execution` of tool `tool_id`, which ended at `end_us` unless it is undated. Its
 * status and timing are valid. */
FOR_EACH_JOURNAL void append(xt_tracker *tracker, const xt_execution *execution,
                             uint32_t tool_id, uint64_t end_us, bool is_plain,
                             xt_journal *journal) {
    xt_image *image = &tracker->image;
    xt_header *header = image->header;
    xt_timing timing = is_plain ? XT_MEASURED : execution->timing;
    bool is_undated = !is_plain && execution->is_undated;
    if (!is_plain && image->measures.count > 0) {
        xt_measures_add(image, tool_id - 1, execution->outcome.measures, journal);
    }
    xt_tool *tool = tool_of(image, tool_id);
    xt_text error_type = execution->outcome.error_type;
    xt_record record = xt_record_as(execution, timing, is_undated, tool_id, 0);
    record.end_us = is_undated ? next_undated(header) : end_us;
    if (error_type.length > 0) {
        record.error_type = (uint16_t)intern_error_type(
            tracker, error_type, &header->error_types_overflowed, journal);
    }
    if (execution->session.hash != 0) {
        xt_keep_session(image, &execution->session, record.end_us, journal);
    }
    if (!is_plain) {
        keep_texts(image, execution, &record, journal);
    }
    if (record.end_us < tracker->newest_end_us) {
        header->flags |= XT_FLAG_UNORDERED;
    }
    xt_journal_touch_fast(journal, tool, sizeof *tool);
    header->recorded++;
    xt_lifetime_add(&header->lifetime, &record);
    xt_tool_add(tool, &record);
    if (xt_record_is_measured(&record)) {
        xt_outcome_kind outcome = xt_record_outcome(&record);
        xt_histogram_add(xt_image_use_histogram(image, tool, outcome, journal),
                         xt_record_duration_us(&record), journal);
    }
    if (header->record_slots > 0) {
        retain(image, tool, &record, journal);
        tracker->newest_end_us = record.end_us;
    }
}

static bool is_status(xt_status status) {
    return (unsigned)status <= XT_CANCELLED;
}

/* XT_OK if `execution` has a valid status and timing. */
static xt_error check_execution(const xt_execution *execution) {
    if (!is_status(execution->outcome.status)) {
        return XT_ERROR_STATUS;
    }
    return (unsigned)execution->timing <= XT_UNTIMED ? XT_OK : XT_ERROR_TIMING;
}

/* Whether `execution` is measured, dated and without an error's text. */
static bool is_usual(const xt_execution *execution) {
    size_t rare = (unsigned)execution->timing | execution->is_undated |
                  execution->outcome.error_text.length;
    return rare == 0;
}

/* Whether it can be recorded in the plain way without a journal; and with one. */
static bool is_plain(const xt_tracker *tracker, const xt_execution *execution) {
    return tracker->is_plain && is_usual(execution);
}

static bool is_plain_announced(const xt_tracker *tracker, const xt_execution *execution) {
    return tracker->is_plain_announced && is_usual(execution);
}

/* Records an execution that ended at `end_us`; `now_us` is the reading of the clock. Its tool is
 * `known`, if that isn't 0. */
FOR_EACH_JOURNAL void record_with(xt_tracker *tracker, const xt_execution *execution,
                                  uint32_t known, uint64_t end_us, uint64_t now_us,
                                  bool is_plain, xt_journal *journal) {
    xt_header *header = tracker->image.header;
    begin(header, now_us, XT_RECORDING_START, journal);
    append(
        tracker, execution,
        intern_tool(tracker, execution->tool, known, &header->tools_overflowed, journal),
        end_us, is_plain, journal);
    xt_journal_end(journal);
}

APART void record_apart(xt_tracker *tracker, const xt_execution *execution,
                        uint32_t known, uint64_t end_us, uint64_t now_us) {
    record_with(tracker, execution, known, end_us, now_us, false, NULL);
}

APART void record_announced(xt_tracker *tracker, const xt_execution *execution,
                            uint32_t known, uint64_t end_us, uint64_t now_us) {
    record_with(tracker, execution, known, end_us, now_us, false, journal_of(tracker));
}

APART void record_plainly(xt_tracker *tracker, const xt_execution *execution,
                          uint32_t known, uint64_t end_us, uint64_t now_us) {
    record_with(tracker, execution, known, end_us, now_us, true, journal_of(tracker));
}

SELDOM void record_otherwise(xt_tracker *tracker, const xt_execution *execution,
                             uint32_t known, uint64_t end_us, uint64_t now_us) {
    if (tracker->journal == NULL) {
        record_apart(tracker, execution, known, end_us, now_us);
    } else if (is_plain_announced(tracker, execution)) {
        record_plainly(tracker, execution, known, end_us, now_us);
    } else {
        record_announced(tracker, execution, known, end_us, now_us);
    }
}

FOR_EACH_JOURNAL void record_at(xt_tracker *tracker, const xt_execution *execution,
                                uint32_t known, uint64_t end_us, uint64_t now_us) {
    if (is_plain(tracker, execution)) {
        record_with(tracker, execution, known, end_us, now_us, true, NULL);
    } else {
        record_otherwise(tracker, execution, known, end_us, now_us);
    }
}

xt_error xt_tracker_record(xt_tracker *tracker, const xt_execution *execution) {
    xt_error error = check_execution(execution);
    if (error == XT_OK) {
        uint64_t now_us = read_clock(tracker);
        record_at(tracker, execution, 0, now_us, now_us);
    }
    return error;
}

xt_error xt_tracker_record_known(xt_tracker *tracker, const xt_execution *execution,
                                 uint32_t known) {
    xt_error error = check_execution(execution);
    if (error == XT_OK) {
        uint64_t end_us =
            execution->end_us < XT_MAX_COUNT ? execution->end_us : XT_MAX_COUNT;
        record_at(tracker, execution, known, end_us, tracker->image.header->now_us);
    }
    return error;
}

xt_error xt_tracker_record_at(xt_tracker *tracker, const xt_execution *execution) {
    return xt_tracker_record_known(tracker, execution, 0);
}

/* Touches the fields of `tool` about executions in flight. */
FOR_EACH_JOURNAL void touch_in_flight(const xt_tool *tool, xt_journal *journal) {
    xt_journal_touch_fast(journal, &tool->in_flight,
                          sizeof tool->in_flight + sizeof tool->listed);
}

/* Starts `call` at `start_us`; `now_us` is the reading of the clock. */
FOR_EACH_JOURNAL xt_span start_with(xt_tracker *tracker, const xt_call *call,
                                    uint32_t known, uint64_t start_us, uint64_t now_us,
                                    xt_journal *journal) {
    xt_image *image = &tracker->image;
    xt_header *header = image->header;
    begin(header, now_us, XT_STARTING_START, journal);
    xt_journal_touch_fast(journal, &header->in_flight, sizeof header->in_flight);
    header->in_flight.serial++;
    xt_span span = {
        .start_us = start_us,
        .serial = header->in_flight.serial,
        .tool_id =
            intern_tool(tracker, call->tool, known, &header->tools_overflowed, journal),
        .args_hash = call->args_hash,
        .session = call->session.hash,
        .depth = call->depth < XT_MAX_DEPTH ? call->depth : XT_MAX_DEPTH,
    };
    xt_tool *tool = tool_of(image, span.tool_id);
    touch_in_flight(tool, journal);
    if (tool->in_flight < UINT32_MAX) { /* else it isn't counted or listed */
        tool->in_flight++;
        header->running++;
        if (journal != NULL) {
            xt_in_flight_touch_next(&image->in_flight, journal);
        }
        span.slot = xt_in_flight_add(&image->in_flight, &span);
        tool->listed += span.slot != 0;
    }
    xt_keep_texts_of_call(image, call, start_us, journal);
    xt_journal_end(journal);
    return span;
}

APART xt_span start_announced(xt_tracker *tracker, const xt_call *call, uint32_t known,
                              uint64_t start_us, uint64_t now_us) {
    return start_with(tracker, call, known, start_us, now_us, journal_of(tracker));
}

static xt_span start(xt_tracker *tracker, const xt_call *call, uint32_t known,
                     uint64_t start_us, uint64_t now_us) {
    return tracker->journal == NULL
               ? start_with(tracker, call, known, start_us, now_us, NULL)
               : start_announced(tracker, call, known, start_us, now_us);
}

xt_span xt_tracker_start_call(xt_tracker *tracker, const xt_call *call) {
    uint64_t now_us = read_clock(tracker);
    return start(tracker, call, 0, now_us, now_us);
}

xt_span xt_tracker_start(xt_tracker *tracker, xt_text tool, uint32_t args_hash) {
    return xt_tracker_start_call(tracker,
                                 &(xt_call){.tool = tool, .args_hash = args_hash});
}

xt_span xt_tracker_start_known(xt_tracker *tracker, const xt_call *call, uint32_t known,
                               uint64_t start_us) {
    uint64_t latest_us = tracker->image.header->now_us;
    return start(tracker, call, known, start_us < latest_us ? start_us : latest_us,
                 latest_us);
}

xt_span xt_tracker_start_at(xt_tracker *tracker, const xt_call *call, uint64_t start_us) {
    return xt_tracker_start_known(tracker, call, 0, start_us);
}

bool xt_tracker_has(const xt_tracker *tracker, const xt_span *span) {
    const xt_image *image = &tracker->image;
    const xt_header *header = image->header;
    if (span->serial == 0 || span->serial > header->in_flight.serial ||
        span->start_us > header->now_us || span->tool_id == 0 ||
        span->tool_id > header->tool_names.count) {
        return false;
    }
    const xt_tool *tool = &image->tools[span->tool_id - 1];
    return span->slot != 0 ? xt_in_flight_has(&image->in_flight, span)
                           : tool->in_flight > tool->listed;
}

/* Removes `span`, which is in flight, from the counts and the table of executions in
 * flight, and marks it as finished. */
FOR_EACH_JOURNAL void take_out(xt_tracker *tracker, xt_span *span, xt_journal *journal) {
    xt_image *image = &tracker->image;
    xt_tool *tool = tool_of(image, span->tool_id);
    touch_in_flight(tool, journal);
    if (span->slot != 0) {
        if (journal != NULL) {
            xt_in_flight_touch(&image->in_flight, span->slot, journal);
        }
        xt_in_flight_remove(&image->in_flight, span->slot);
        tool->listed--;
    }
    tool->in_flight--;
    image->header->running--;
    span->serial = 0;
}

/* Finishes `span` and records `execution` for it, which ended at `end_us`; `now_us` is
 * the reading of the clock. */
FOR_EACH_JOURNAL void finish_with(xt_tracker *tracker, xt_span *span,
                                  const xt_execution *execution, uint64_t end_us,
                                  uint64_t now_us, bool is_plain, xt_journal *journal) {
    xt_header *header = tracker->image.header;
    begin(header, now_us, XT_RECORDING_START, journal);
    if (span->slot != 0) {
        xt_journal_touch_fast(journal, &header->in_flight, sizeof header->in_flight);
    }
    take_out(tracker, span, journal);
    append(tracker, execution, span->tool_id, end_us, is_plain, journal);
    xt_journal_end(journal);
}

APART void finish_apart(xt_tracker *tracker, xt_span *span, const xt_execution *execution,
                        uint64_t end_us, uint64_t now_us) {
    finish_with(tracker, span, execution, end_us, now_us, false, NULL);
}

APART void finish_announced(xt_tracker *tracker, xt_span *span,
                            const xt_execution *execution, uint64_t end_us,
                            uint64_t now_us) {
    finish_with(tracker, span, execution, end_us, now_us, false, journal_of(tracker));
}

APART void finish_plainly(xt_tracker *tracker, xt_span *span,
                          const xt_execution *execution, uint64_t end_us,
                          uint64_t now_us) {
    finish_with(tracker, span, execution, end_us, now_us, true, journal_of(tracker));
}

SELDOM void finish_otherwise(xt_tracker *tracker, xt_span *span,
                             const xt_execution *execution, uint64_t end_us,
                             uint64_t now_us) {
    if (tracker->journal == NULL) {
        finish_apart(tracker, span, execution, end_us, now_us);
    } else if (is_plain_announced(tracker, execution)) {
        finish_plainly(tracker, span, execution, end_us, now_us);
    } else {
        finish_announced(tracker, span, execution, end_us, now_us);
    }
}

static void finish(xt_tracker *tracker, xt_span *span, const xt_execution *execution,
                   uint64_t end_us, uint64_t now_us) {
    if (is_plain(tracker, execution)) {
        finish_with(tracker, span, execution, end_us, now_us, true, NULL);
    } else {
        finish_otherwise(tracker, span, execution, end_us, now_us);
    }
}

xt_error xt_tracker_finish(xt_tracker *tracker, xt_span *span, const xt_outcome *outcome,
                           uint64_t *duration_us) {
    if (!is_status(outcome->status)) {
        return XT_ERROR_STATUS;
    }
    if (span->serial == 0) {
        return XT_ERROR_SPAN;
    }
    uint64_t now_us = read_clock(tracker); /* a host's clock may itself finish the span */
    if (!xt_tracker_has(tracker, span)) {
        return XT_ERROR_SPAN;
    }
    /* Every field is given: else GCC clears all of it first, which takes 3 ns. */
    const xt_execution execution = {
        .tool = {NULL, 0},
        .outcome = *outcome,
        .duration_us = now_us - span->start_us,
        .timing = XT_MEASURED,
        .args_hash = span->args_hash,
        .args_text = {NULL, 0},
        .session = {span->session, {NULL, 0}},
        .depth = span->depth,
        .tool_id = 0,
        .error_type_id = 0,
        .end_us = now_us,
        .is_undated = false,
    };
    finish(tracker, span, &execution, now_us, now_us);
    if (duration_us != NULL) {
        *duration_us = execution.duration_us;
    }
    return XT_OK;
}

void xt_tracker_finish_as(xt_tracker *tracker, xt_span *span,
                          const xt_execution *execution) {
    assert(check_execution(execution) == XT_OK && execution->end_us <= XT_MAX_COUNT);
    assert(xt_tracker_has(tracker, span));
    finish(tracker, span, execution, execution->end_us, tracker->image.header->now_us);
}

uint32_t xt_tracker_tool_id(const xt_tracker *tracker, xt_text name) {
    return xt_name_index_find(&tracker->tools, &tracker->image.tool_names, name);
}

uint64_t xt_tracker_now_us(xt_tracker *tracker) {
    uint64_t now_us = read_clock(tracker);
    keep_reading(tracker->image.header, now_us, tracker->journal);
    return now_us;
}

static uint64_t standing_clock(void *context) {
    (void)context;
    return 0; /* an earlier reading than the latest counts as the latest */
}

void xt_tracker_set_clock(xt_tracker *tracker, uint64_t now_us) {
    uint64_t latest_us = tracker->image.header->now_us;
    tracker->clock = (xt_clock){standing_clock, NULL};
    keep_reading(tracker->image.header, now_us > latest_us ? now_us : latest_us,
                 tracker->journal);
}

const xt_image *xt_tracker_image(const xt_tracker *tracker) {
    return &tracker->image;
}
