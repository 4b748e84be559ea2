/*
 * Finds out whether a call is one of a loop: one walk over the records of its session,
 * newest first, and one over the denied calls.
 */
#include "image.h"

#include <string.h>

/* What is known of a loop after some records. */
typedef struct loop_walk {
    const xt_loop_call *call;
    xt_loop found;
    bool has_repeat;
    uint64_t denied_after_us; /* denials count after this time, if there is a repeat */
    bool has_other_result;    /* a repeat ended otherwise: older ones don't count */
    const xt_record *latest;  /* the newest repeat whose result is known */
    bool has_other_end;       /* the similar failures in a row have ended */
    uint16_t error_type;      /* theirs */
    uint32_t failed[XT_MAX_SIMILAR_FAILURES]; /* the arguments of each */
    size_t steps;                             /* records that count */
    size_t same_steps; /* the newest of them that are all the call itself */
    const xt_record *last[XT_MAX_CYCLE]; /* steps, by their number */
    size_t matched[XT_MAX_CYCLE + 1];    /* by length, steps of a cycle */
    uint32_t possible;                   /* a bit for each length that a cycle may have */
} loop_walk;

static bool has_failed(const xt_record *record) {
    xt_status status = xt_record_status(record);
    return status == XT_FAILED || status == XT_TIMED_OUT;
}

static bool is_result_known(const xt_record *record) {
    return has_failed(record) || record->result_hash != 0;
}

/* What isn't known may be the same. */
static bool is_same_result(const xt_record *a, const xt_record *b) {
    if (!is_result_known(a) || !is_result_known(b)) {
        return true;
    }
    return has_failed(a) ? has_failed(b) && a->error_type == b->error_type
                         : !has_failed(b) && a->result_hash == b->result_hash;
}

static bool is_same_call(const xt_record *record, const xt_loop_call *call) {
    return record->tool + UINT32_C(1) == call->tool_id &&
           record->args_hash == call->args_hash;
}

/* Whether `a` is a repeat of `b`. */
static bool is_repeat(const loop_walk *walk, const xt_record *a, const xt_record *b) {
    return a->tool == b->tool && a->args_hash != 0 && a->args_hash == b->args_hash &&
           (walk->call->ignores_results || is_same_result(a, b));
}

static void count_repeat(loop_walk *walk, const xt_record *record) {
    if (!is_same_call(record, walk->call)) {
        return;
    }
    if (!walk->has_repeat) {
        walk->has_repeat = true;
        walk->denied_after_us = xt_record_is_undated(record) ? 0 : record->end_us;
    }
    if (walk->has_other_result) {
        return;
    }
    if (walk->latest == NULL && is_result_known(record)) {
        walk->latest = record;
    }
    if (walk->latest != NULL && !is_repeat(walk, record, walk->latest)) {
        walk->has_other_result = true;
        return;
    }
    walk->found.repeats++;
}

/*
 * A cycle of n calls, of which the call that is asked about begins another round, has made
 * this call n steps ago, and each of its steps n steps before that one.
 */
static void count_step(loop_walk *walk, const xt_record *record) {
    const size_t number = walk->steps++;
    if (walk->same_steps == number && is_same_call(record, walk->call)) {
        walk->same_steps++;
    }
    for (size_t length = 2; length <= XT_MAX_CYCLE && length <= number + 1; length++) {
        uint32_t bit = UINT32_C(1) << length;
        bool goes_on = number + 1 == length
                           ? is_same_call(record, walk->call)
                           : (walk->possible & bit) != 0 &&
                                 is_repeat(walk, record,
                                           walk->last[(number - length) % XT_MAX_CYCLE]);
        walk->possible = goes_on ? walk->possible | bit : walk->possible & ~bit;
        walk->matched[length] += goes_on && number >= length;
    }
    walk->last[number % XT_MAX_CYCLE] = record;
}

/* Whether a failure with these arguments is in the row, or the call has them itself. */
static bool is_in_row(const loop_walk *walk, uint32_t args_hash) {
    bool is_there = args_hash == walk->call->args_hash;
    for (size_t i = 0; i < walk->found.failures && !is_there; i++) {
        is_there = walk->failed[i] == args_hash;
    }
    return is_there;
}

/* Executions that were cancelled or answered by a cache say nothing about how calls
 * fail. */
static void count_failure(loop_walk *walk, const xt_record *record) {
    size_t count = walk->found.failures;
    if (walk->has_other_end || xt_record_was_cached(record) ||
        xt_record_status(record) == XT_CANCELLED) {
        return;
    }
    bool is_similar = has_failed(record) && record->error_type != 0 &&
                      record->tool + UINT32_C(1) == walk->call->tool_id &&
                      (count == 0 || record->error_type == walk->error_type);
    if (!is_similar || record->args_hash == 0 || is_in_row(walk, record->args_hash) ||
        count == XT_MAX_SIMILAR_FAILURES) {
        walk->has_other_end = true;
        return;
    }
    walk->error_type = record->error_type;
    walk->failed[walk->found.failures++] = record->args_hash;
}

static void take(loop_walk *walk, const xt_record *record) {
    count_failure(walk, record);
    if (walk->call->ignores_results || xt_record_status(record) != XT_CANCELLED) {
        count_repeat(walk, record);
        count_step(walk, record);
    }
}

/* How many records are searched for the newest of the session. */
static uint32_t searched_records(const xt_image *image, const xt_loop_call *call) {
    size_t most = call->records > call->searched ? call->records : call->searched;
    uint32_t records = image->header->record_count;
    most = most > XT_RECENT_RECORDS ? most : XT_RECENT_RECORDS;
    return records < most ? records : (uint32_t)most;
}

/* Takes the session's newest records, as many as count. */
static void take_records(loop_walk *walk, const xt_image *image) {
    const xt_loop_call *call = walk->call;
    uint32_t count = searched_records(image, call);
    size_t taken = 0;
    for (uint32_t age = 0; age < count && taken < call->records; age++) {
        const xt_record *record = &image->records[xt_image_place(image->header, age)];
        if (record->session == call->session) {
            take(walk, record);
            taken++;
        }
    }
}

/* Their results aren't known. */
static void count_in_flight(loop_walk *walk, const xt_image *image) {
    const xt_in_flight *table = &image->in_flight;
    for (uint32_t slot = table->head->oldest; slot != 0;) {
        const xt_in_flight_entry *entry = xt_in_flight_get(table, slot);
        walk->found.repeats += entry->tool + 1 == walk->call->tool_id &&
                               entry->args_hash == walk->call->args_hash &&
                               entry->session == walk->call->session;
        slot = entry->next;
    }
}

static bool is_denied_as_repeated(const xt_image *image, const xt_denied_entry *denied) {
    static const char reason[] = XT_REPEATED_CALL;
    xt_text text = xt_names_get(&image->error_types, denied->reason);
    return text.length == sizeof reason - 1 &&
           memcmp(text.bytes, reason, text.length) == 0;
}

/* They are in the order of time. Those before the newest repeat don't count; and none does
 * without a repeat, as then a call that is denied again and again would never be allowed. */
static void count_denied(loop_walk *walk, const xt_image *image) {
    uint32_t count = walk->has_repeat ? image->header->denied_count : 0;
    for (uint32_t age = 0; age < count; age++) {
        const xt_denied_entry *denied = xt_image_denied(image, age);
        if (denied->denied_us <= walk->denied_after_us) {
            break;
        }
        walk->found.denied += denied->tool + 1 == walk->call->tool_id &&
                              denied->args_hash == walk->call->args_hash &&
                              denied->session == walk->call->session &&
                              is_denied_as_repeated(image, denied);
    }
}

/* Of the cycles the one of the most rounds, and of these the shortest, which the others
 * consist of. One of the call alone isn't a cycle. */
static void choose_cycle(loop_walk *walk) {
    xt_loop *found = &walk->found;
    for (size_t length = 2; length <= XT_MAX_CYCLE; length++) {
        size_t rounds = (length + walk->matched[length]) / length;
        if (rounds >= 2 && rounds > found->rounds && walk->same_steps < length) {
            found->rounds = rounds;
            found->cycle_calls = length;
        }
    }
}

xt_loop xt_image_loop(const xt_image *image, const xt_loop_call *call) {
    loop_walk walk = {.call = call};
    if (call->args_hash != 0) {
        take_records(&walk, image);
        count_in_flight(&walk, image);
        count_denied(&walk, image);
        choose_cycle(&walk);
    }
    return walk.found;
}
