#include "message_line.h"

#include "ascii.h"

#include <string.h>

/* The most bytes in which positions and prefixes are looked for. */
enum { POSITION_BYTES = 1024, PREFIX_BYTES = 128 };

static xt_text first_bytes(xt_text text, size_t most) {
    return xl_text_to(text, text.length < most ? text.length : most);
}

static xt_text first_line(xt_text message, bool *is_cut) {
    bool is_long = message.length > XL_LINE_BYTES;
    size_t length = is_long ? XL_LINE_BYTES : message.length;
    const char *newline = memchr(message.bytes, '\n', length + (is_long ? 1 : 0));
    *is_cut = newline == NULL && is_long;
    if (newline != NULL) {
        return xl_text_to(message, (size_t)(newline - message.bytes));
    }
    while (*is_cut && length > 0 && !xl_is_space(message.bytes[length])) {
        length--;
    }
    return xl_text_to(message, length);
}

/* The length of `:123: ` at the beginning of `text`, or 0. */
static size_t line_number_length(xt_text text) {
    size_t i = 1;
    if (text.bytes[0] != ':') {
        return 0;
    }
    while (i < text.length && xl_is_digit(text.bytes[i])) {
        i++;
    }
    if (i == 1 || i == text.length || text.bytes[i] != ':') {
        return 0;
    }
    if (i + 1 == text.length) {
        return i + 1;
    }
    return xl_is_space(text.bytes[i + 1]) ? i + 2 : 0;
}

static bool is_between(xt_text text, const char *before, const char *after) {
    size_t start = strlen(before);
    size_t end = strlen(after);
    return text.length >= start + end && memcmp(text.bytes, before, start) == 0 &&
           memcmp(text.bytes + text.length - end, after, end) == 0;
}

/* Whether `name`, in which there are spaces, is that of a chunk. */
static bool is_spaced_name(xt_text name) {
    return is_between(name, "", ".lua") || is_between(name, "[string \"", "\"]") ||
           is_between(name, "(", ")"); /* (command line) */
}

/* The length of the position, such as `input:7: `, that `text` begins with, or 0. */
static size_t position_length(xt_text text) {
    bool has_space = false;
    for (size_t i = 0; i < text.length; i++) {
        size_t number = line_number_length(xl_text_from(text, i));
        if (number > 0 && (!has_space || is_spaced_name(xl_text_to(text, i)))) {
            return i + number;
        }
        has_space = has_space || xl_is_space(text.bytes[i]);
    }
    return 0;
}

xt_text xl_message_line(xt_text message, bool *is_cut) {
    xt_text line = first_line(message, is_cut);
    size_t length;
    while ((length = position_length(first_bytes(line, POSITION_BYTES))) > 0) {
        line = xl_text_from(line, length);
    }
    return line;
}

/* The length of what is in parentheses or brackets at the beginning of `line`, with the
 * space after it; of a bracket that nothing follows so, 1. */
static size_t bracketed_length(xt_text line) {
    const char *closing = line.bytes[0] == '(' ? ")" : "]";
    for (size_t i = 1; i + 1 < line.length; i++) {
        if (line.bytes[i] == closing[0] && xl_is_space(line.bytes[i + 1])) {
            return i + 2;
        }
    }
    return 1;
}

/* Whether `head`, before a colon, is one word, or says that something failed. */
static bool is_prefix(xt_text head) {
    static const char *const ends[] = {"error", "failed", "failure", "exception"};
    bool has_space = false;
    for (size_t i = 0; i < head.length; i++) {
        has_space = has_space || xl_is_space(head.bytes[i]);
        if (xl_is_one_of("'\"`", head.bytes[i])) {
            return false;
        }
    }
    while (head.length > 0 && !xl_is_letter(head.bytes[head.length - 1])) {
        head.length--; /* -32001 */
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (xl_ends_with(head, ends[i])) {
            return true;
        }
    }
    return head.length > 0 && !has_space;
}

xt_text xl_without_prefix(xt_text line) {
    while (line.length > 0 && xl_is_space(line.bytes[0])) {
        line = xl_text_from(line, 1);
    }
    xt_text beginning = first_bytes(line, PREFIX_BYTES);
    if (line.length > 0 && xl_is_one_of("([", line.bytes[0])) {
        return xl_text_from(line, bracketed_length(beginning));
    }
    for (size_t i = 0; i + 1 < beginning.length; i++) {
        if (line.bytes[i] == ':' && xl_is_space(line.bytes[i + 1])) {
            return is_prefix(xl_text_to(line, i)) ? xl_text_from(line, i + 2) : line;
        }
    }
    return line;
}
