/*
 * The circuit of a tool: a walk over its newest executions, from a closed circuit on.
 */
#include "image.h"

#include <string.h>

/* What is known so far. All counts are since the circuit was closed last. */
typedef struct walk {
    const xt_circuit_settings *settings;
    uint64_t last_failure_us; /* the latest end; 0 for none that is dated */
    uint32_t streak;          /* failures in a row */
    uint32_t rounds;          /* of them, those that began after the previous one ended */
    uint32_t failures;
    uint32_t calls;
    bool is_open;
    bool keeps_failing; /* it is open by the failures in a row */
} walk;

static uint64_t smaller(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static void add_failure(walk *walked, uint64_t start_us, uint64_t end_us) {
    const xt_circuit_settings *settings = walked->settings;
    walked->rounds += walked->streak == 0 || start_us >= walked->last_failure_us;
    walked->streak++;
    walked->failures++;
    walked->calls++;
    walked->last_failure_us = larger(end_us, walked->last_failure_us);
    double rate = (double)walked->failures / (double)walked->calls;
    walked->keeps_failing |= walked->streak >= settings->failures;
    walked->is_open |= walked->keeps_failing || (walked->calls >= settings->min_calls &&
                                                 rate >= settings->failure_rate);
}

static void add_success(walk *walked, uint64_t start_us) {
    walked->calls++;
    if (walked->is_open && start_us < walked->last_failure_us) {
        return;
    }
    walked->streak = 0;
    walked->rounds = 0;
    if (walked->is_open) {
        walked->is_open = false;
        walked->keeps_failing = false;
        walked->failures = 0;
        walked->calls = 0;
    }
}

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

/* Part of a word. Bytes from 0x80 on are letters, so that UTF-8 stays whole. */
static bool is_of_word(char byte) {
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '_' || (unsigned char)byte >= 0x80;
}

static char lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* Whether a word ends at `end`. A number may follow it, as in `exit_1`. */
static bool is_word_end(xt_text type, size_t end) {
    size_t after = end + 1;
    while (after < type.length && is_digit(type.bytes[after])) {
        after++;
    }
    if (end < type.length && type.bytes[end] == '_' && after > end + 1) {
        end = after;
    }
    return end == type.length || !is_of_word(type.bytes[end]);
}

/* Whether `words` are at `start` in `type`, and are whole words there. */
static bool are_at(xt_text words, xt_text type, size_t start) {
    size_t same = 0;
    while (same < words.length &&
           lower(words.bytes[same]) == lower(type.bytes[start + same])) {
        same++;
    }
    return same == words.length && (start == 0 || !is_of_word(type.bytes[start - 1])) &&
           is_word_end(type, start + words.length);
}

static bool has_words(xt_text type, xt_text words) {
    if (words.length == 0) {
        return type.length == 0;
    }
    for (size_t start = 0; start + words.length <= type.length; start++) {
        if (are_at(words, type, start)) {
            return true;
        }
    }
    return false;
}

static bool has_words_of(xt_text type, const xt_text *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (has_words(type, list[i])) {
            return true;
        }
    }
    return false;
}

/* What is known of the error types with the lowest identifiers, which are all that a
 * tracker has; those of a merged run may be more. One that is UNLISTED counts if the
 * execution timed out. */
enum { VERDICTS = XT_ERROR_TYPES + 2 };
typedef enum verdict { UNKNOWN, IGNORED, UNLISTED, COUNTED } verdict;

static verdict verdict_on(const xt_image *image, const xt_circuit_settings *settings,
                          uint32_t error_type) {
    xt_text type = xt_names_get(&image->error_types, error_type);
    if (has_words_of(type, settings->ignored, settings->ignored_count)) {
        return IGNORED;
    }
    return settings->only == NULL ||
                   has_words_of(type, settings->only, settings->only_count)
               ? COUNTED
               : UNLISTED;
}

static bool is_ignored(const xt_image *image, const xt_circuit_settings *settings,
                       const xt_record *record, uint64_t number,
                       uint8_t verdicts[VERDICTS]) {
    uint8_t unkept = UNKNOWN;
    uint8_t *its =
        record->error_type < VERDICTS ? &verdicts[record->error_type] : &unkept;
    if (*its == UNKNOWN) {
        *its = (uint8_t)verdict_on(image, settings, record->error_type);
    }
    bool has_timed_out = xt_record_status(record) == XT_TIMED_OUT;
    return *its == IGNORED || (*its == UNLISTED && !has_timed_out) ||
           (settings->ignores != NULL && settings->ignores(settings->context, number));
}

static const xt_record *record_of_age(const xt_image *image, uint32_t age) {
    return &image->records[xt_image_place(image->header, age)];
}

/* Stores the ages of the tool's newest executions that say something about it, newest
 * first, and returns how many. */
static size_t recent_ages(const xt_image *image, uint32_t tool_id,
                          uint32_t ages[XT_RECENT_EXECUTIONS]) {
    uint32_t records = image->header->record_count;
    size_t count = 0;
    records = records < XT_RECENT_RECORDS ? records : XT_RECENT_RECORDS;
    for (uint32_t age = 0; age < records && count < XT_RECENT_EXECUTIONS; age++) {
        const xt_record *record = record_of_age(image, age);
        if (record->tool + UINT32_C(1) == tool_id && !xt_record_says_nothing(record)) {
            ages[count++] = age;
        }
    }
    return count;
}

static walk walk_circuit(const xt_image *image, uint32_t tool_id,
                         const xt_circuit_settings *settings) {
    uint32_t ages[XT_RECENT_EXECUTIONS];
    walk walked = {.settings = settings};
    uint8_t verdicts[VERDICTS] = {UNKNOWN};
    for (size_t i = recent_ages(image, tool_id, ages); i > 0; i--) {
        const xt_record *record = record_of_age(image, ages[i - 1]);
        bool is_undated = xt_record_is_undated(record);
        uint64_t start_us = is_undated ? UINT64_MAX : xt_record_start_us(record);
        if (xt_record_status(record) == XT_SUCCESS) {
            add_success(&walked, start_us);
        } else if (!is_ignored(image, settings, record,
                               image->header->recorded - ages[i - 1], verdicts)) {
            add_failure(&walked, start_us, is_undated ? 0 : record->end_us);
        }
    }
    return walked;
}

static uint64_t cooldown_of(const walk *walked) {
    const xt_circuit_settings *settings = walked->settings;
    uint64_t cooldown_us = smaller(settings->cooldown_us, settings->max_cooldown_us);
    uint32_t round = walked->keeps_failing ? settings->failures : walked->rounds;
    for (; round < walked->rounds && cooldown_us < settings->max_cooldown_us; round++) {
        cooldown_us = smaller(2 * cooldown_us, settings->max_cooldown_us);
    }
    return cooldown_us;
}

/* When `count` cooldowns after `start_us` are over, at most XT_MAX_COUNT. */
static uint64_t after_cooldowns(uint64_t start_us, uint64_t count, uint64_t cooldown_us) {
    if (cooldown_us > 0 && count > XT_MAX_COUNT / cooldown_us) {
        return XT_MAX_COUNT;
    }
    return smaller(start_us + count * cooldown_us, XT_MAX_COUNT);
}

/* When the latest listed execution of the tool started, if that isn't before `since_us`;
 * else 0. One that was asked about earlier may be listed later, so all are looked at. */
static uint64_t latest_start(const xt_image *image, uint32_t tool_id, uint64_t since_us) {
    uint64_t latest_us = 0;
    uint32_t slot = image->in_flight.head->newest;
    while (slot != 0) {
        const xt_in_flight_entry *entry = xt_in_flight_get(&image->in_flight, slot);
        if (entry->tool + 1 == tool_id && entry->start_us >= since_us) {
            latest_us = larger(latest_us, entry->start_us);
        }
        slot = entry->previous;
    }
    return latest_us;
}

bool xt_image_circuit(const xt_image *image, uint32_t tool_id,
                      const xt_circuit_settings *settings, xt_circuit *circuit) {
    const walk walked = walk_circuit(image, tool_id, settings);
    if (!walked.is_open) {
        return false;
    }
    uint64_t cooldown_us = cooldown_of(&walked);
    uint64_t open_until_us = after_cooldowns(walked.last_failure_us, 1, cooldown_us);
    uint64_t unlisted = xt_image_running(image, tool_id, UINT64_MAX);
    uint64_t until_us = after_cooldowns(open_until_us, unlisted, cooldown_us);
    uint64_t trial_us = latest_start(image, tool_id, open_until_us);
    if (trial_us > 0) {
        until_us = larger(until_us, after_cooldowns(trial_us, 1, cooldown_us));
    }
    *circuit = (xt_circuit){
        .keeps_failing = walked.keeps_failing,
        .streak = walked.streak,
        .failures = walked.failures,
        .calls = walked.calls,
        .open_until_us = open_until_us,
        .half_open_until_us = until_us,
    };
    return true;
}
