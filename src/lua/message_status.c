#include "message_status.h"

#include "ascii.h"
#include "message.h"

#include <string.h>

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

static bool take_one_of(xt_text *rest, const char *const words[]) {
    for (; *words != NULL; words++) {
        if (take(rest, *words)) {
            return true;
        }
    }
    return false;
}

/* Whether `rest` says somewhere what a value has to be like. */
static bool has_demand(xt_text rest) {
    static const char *const demands[] = {"must", "should", "invalid", "valid", NULL};
    while (rest.length > 0) {
        if (take_one_of(&rest, demands)) {
            return true;
        }
        while (rest.length > 0 && !xl_is_space(rest.bytes[0])) {
            rest = xl_text_from(rest, 1);
        }
        skip_spaces(&rest);
    }
    return false;
}

/* Words that may follow a word such as `timeout` which says how a call ended. */
static const char *const following[] = {
    "after", "as",       "at",      "because", "before", "by",      "due",      "during",
    "error", "exceeded", "expired", "for",     "from",   "in",      "occurred", "of",
    "on",    "reached",  "since",   "when",    "while",  "waiting", NULL};

/* Words that may follow `timeout:` if that is the name of an argument. */
static const char *const problems[] = {
    "bad",     "cannot",  "command", "expected", "field",   "input", "is",
    "missing", "no such", "not",     "required", "unknown", "value", NULL};

/* Whether a word that may as well begin another sentence, before `rest`, says how a call
 * ended. */
static bool is_said_of_call(xt_text rest) {
    if (rest.length == 0 || has_demand(rest)) {
        return rest.length == 0;
    }
    if (rest.bytes[0] == ':') { /* `timeout: expected a number` */
        rest = xl_text_from(rest, 1);
        skip_spaces(&rest);
        return !take_one_of(&rest, problems);
    }
    if (xl_is_one_of("()[],;.!-", rest.bytes[0])) {
        return rest.bytes[0] != '.' || is_word_end(xl_text_from(rest, 1));
    }
    return xl_is_digit(rest.bytes[0]) || xl_is_control(rest.bytes[0]) ||
           take_one_of(&rest, following);
}

/* The phrases; and whether one can't mean anything else. */
static const struct {
    const char *words;
    xt_status status;
    bool is_sure;
} phrases[] = {
    {"timed out", XT_TIMED_OUT, true},
    {"deadline exceeded", XT_TIMED_OUT, true},
    {"timeout was reached", XT_TIMED_OUT, true},
    {"i/o timeout", XT_TIMED_OUT, true},
    {"timeout", XT_TIMED_OUT, false},
    {"timedout", XT_TIMED_OUT, false},
    {"time-out", XT_TIMED_OUT, false},
    {"aborted by user", XT_CANCELLED, true},
    {"aborted by the user", XT_CANCELLED, true},
    {"abort error", XT_CANCELLED, true},
    {"keyboard interrupt", XT_CANCELLED, true},
    {"cancelled", XT_CANCELLED, false},
    {"canceled", XT_CANCELLED, false},
    {"interrupted", XT_CANCELLED, false},
};

/* The status of the phrase that `rest` begins with, which is taken off it. */
static xt_status take_phrase(xt_text *rest, bool *is_sure) {
    static const char *const subjects[] = {
        "operation", "request",    "command",   "connection", "call",
        "context",   "tool",       "execution", "process",    "query",
        "read",      "write",      "connect",   "socket",     "response",
        "gateway",   "navigation", "upstream",  "ssl",        "tls",
        "handshake", "http",       "dns",       "server",     NULL};
    take(rest, "the");
    if (take_one_of(rest, subjects)) {
        take_one_of(rest, subjects); /* `tool call` */
        (void)(take(rest, "was") || take(rest, "has"));
    }
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        if (take(rest, phrases[i].words)) {
            *is_sure = phrases[i].is_sure;
            return phrases[i].status;
        }
    }
    return XT_FAILED;
}

/* Whether a part of the name `code` begins at `i`, as the `E` of `TimeoutError`. */
static bool is_inner_capital(xt_text code, size_t i) {
    return i > 0 && xl_is_upper(code.bytes[i]) && xl_is_lower(code.bytes[i - 1]);
}

xt_status xl_code_status(xt_text code) {
    enum { MOST_BYTES = 64 };
    static const char *const endings[] = {"error", "exception", NULL};
    char room[2 * MOST_BYTES];
    xt_text words = {room, 0};
    bool is_sure;
    if (code.length > MOST_BYTES) {
        return XT_FAILED;
    }
    for (size_t i = 0; i < code.length; i++) {
        if (is_inner_capital(code, i)) {
            room[words.length++] = ' ';
        }
        room[words.length++] = xl_is_one_of("_-", code.bytes[i]) ? ' ' : code.bytes[i];
    }
    take(&words, "err");
    xt_status status = take_phrase(&words, &is_sure);
    take_one_of(&words, endings);
    return words.length == 0 ? status : XT_FAILED;
}

/* The status of the exception, such as `socket.TimeoutError`, whose name `text` begins
 * with. */
static xt_status status_of_exception(xt_text text) {
    size_t start = 0;
    size_t end = 0;
    for (; end < text.length &&
           (xl_is_alphanumeric(text.bytes[end]) || xl_is_one_of("._", text.bytes[end]));
         end++) {
        start = text.bytes[end] == '.' ? end + 1 : start;
    }
    xt_text name = xl_text_from(xl_text_to(text, end), start);
    bool is_exception = xl_ends_with(name, "error") || xl_ends_with(name, "exception");
    return is_exception ? xl_code_status(name) : XT_FAILED;
}

/* The status of the phrase at the beginning of `text`. */
static xt_status status_at_beginning(xt_text text, bool must_be_sure) {
    bool is_sure = false;
    skip_spaces(&text);
    xt_status status = status_of_exception(text);
    if (status == XT_FAILED) {
        status = take_phrase(&text, &is_sure);
        return is_sure || (!must_be_sure && is_said_of_call(text)) ? status : XT_FAILED;
    }
    return status;
}

xt_status xl_message_status(xt_text text) {
    enum { MOST_PREFIXES = 8 };
    xt_status status = xl_code_status(text);
    xt_text rest = text;
    size_t length = SIZE_MAX;
    for (int i = 0; i <= MOST_PREFIXES && status == XT_FAILED && rest.length < length;
         i++) {
        status = status_at_beginning(rest, false);
        length = rest.length;
        rest = xl_without_prefix(rest);
    }
    while (status == XT_FAILED && (text = xl_after_colon(text)).length > 0) {
        status = status_at_beginning(text, true);
    }
    return status;
}
