#include "message_status.h"

#include "ascii.h"
#include "message_line.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void skip_spaces(xt_text *rest) {
    while (rest->length > 0 && xl_is_space(rest->bytes[0])) {
        *rest = xl_text_from(*rest, 1);
    }
}

/* Whether a word ends before `rest`. */
static bool is_word_end(xt_text rest) {
    return rest.length == 0 ||
           (xl_is_ascii(rest.bytes[0]) && !xl_is_alphanumeric(rest.bytes[0]) &&
            !xl_is_one_of("_-/=", rest.bytes[0]));
}

/* Takes `words`, in lower case and separated by spaces, off `rest` if it begins with
 * them. */
static bool take(xt_text *rest, const char *words) {
    size_t length = strlen(words);
    if (rest->length < length || !xl_is_word(xl_text_to(*rest, length), words) ||
        !is_word_end(xl_text_from(*rest, length))) {
        return false;
    }
    *rest = xl_text_from(*rest, length);
    skip_spaces(rest);
    return true;
}

static bool take_one_of(xt_text *rest, const char *const words[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (take(rest, words[i])) {
            return true;
        }
    }
    return false;
}

/* Whether a word that may as well begin another sentence, before `rest`, says how a call
 * ended. */
static bool is_said_of_call(xt_text rest) {
    static const char *const following[] = {
        "after", "as",     "at",       "because",  "before",  "by",
        "due",   "during", "error",    "exceeded", "expired", "for",
        "from",  "in",     "occurred", "of",       "on",      "reached",
        "since", "when",   "while",    "waiting"};
    static const char *const problems[] = {"bad",      "cannot", "command", "expected",
                                           "field",    "input",  "invalid", "is",
                                           "missing",  "must",   "no such", "not",
                                           "required", "should", "unknown", "value"};
    if (rest.length == 0 || xl_is_digit(rest.bytes[0])) {
        return true;
    }
    if (rest.bytes[0] == ':') { /* `timeout: must be a number` */
        rest = xl_text_from(rest, 1);
        skip_spaces(&rest);
        return !take_one_of(&rest, problems, LENGTH(problems));
    }
    if (xl_is_one_of("()[],;.!-", rest.bytes[0])) {
        return rest.bytes[0] != '.' || is_word_end(xl_text_from(rest, 1));
    }
    return xl_is_control(rest.bytes[0]) ||
           take_one_of(&rest, following, LENGTH(following));
}

/* The phrases; and whether one can't mean anything else. */
static const struct {
    const char *words;
    xt_status status;
    bool is_sure;
} phrases[] = {
    {"timed out", XT_TIMED_OUT, true},
    {"deadline exceeded", XT_TIMED_OUT, true},
    {"timeout", XT_TIMED_OUT, false},
    {"aborted by user", XT_CANCELLED, true},
    {"aborted by the user", XT_CANCELLED, true},
    {"cancelled", XT_CANCELLED, false},
    {"canceled", XT_CANCELLED, false},
    {"interrupted", XT_CANCELLED, false},
};

/* The status of the phrase that `rest` begins with, which is taken off it. */
static xt_status take_phrase(xt_text *rest, bool *is_sure) {
    static const char *const subjects[] = {"operation",  "request", "command",
                                           "connection", "call",    "context"};
    take(rest, "the");
    if (take_one_of(rest, subjects, LENGTH(subjects))) {
        (void)(take(rest, "was") || take(rest, "has"));
    }
    for (size_t i = 0; i < LENGTH(phrases); i++) {
        if (take(rest, phrases[i].words)) {
            *is_sure = phrases[i].is_sure;
            return phrases[i].status;
        }
    }
    return XT_FAILED;
}

static xt_status status_at_beginning(xt_text line) {
    bool is_sure = false;
    skip_spaces(&line);
    xt_status status = take_phrase(&line, &is_sure);
    return is_sure || is_said_of_call(line) ? status : XT_FAILED;
}

xt_status xl_message_status(xt_text line) {
    enum { MOST_PREFIXES = 8 };
    xt_status status = status_at_beginning(line);
    for (int i = 0; i < MOST_PREFIXES && status == XT_FAILED; i++) {
        xt_text rest = xl_without_prefix(line);
        if (rest.length == line.length) {
            break;
        }
        line = rest;
        status = status_at_beginning(line);
    }
    return status;
}

xt_status xl_code_status(xt_text code) {
    char room[64];
    xt_text words = {room, code.length};
    bool is_sure;
    if (code.length > sizeof room) {
        return XT_FAILED;
    }
    for (size_t i = 0; i < code.length; i++) {
        room[i] = xl_is_one_of("_-", code.bytes[i]) ? ' ' : code.bytes[i];
    }
    xt_status status = take_phrase(&words, &is_sure);
    return words.length == 0 ? status : XT_FAILED;
}
