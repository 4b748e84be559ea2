#include "message.h"

#include "ascii.h"

#include <limits.h>
#include <string.h>

/* The most bytes of a line that count, and of those in which positions and prefixes are
 * looked for. */
enum { LINE_BYTES = 16384, POSITION_BYTES = 1024, PREFIX_BYTES = 128 };

static xt_text first_bytes(xt_text text, size_t most) {
    return xl_text_to(text, text.length < most ? text.length : most);
}

xt_text xl_cut(xt_text text, size_t most) {
    size_t length = text.length < most ? text.length : most;
    while (length > 0 && length < text.length && (text.bytes[length] & 0xC0) == 0x80) {
        length--;
    }
    return xl_text_to(text, length);
}

static xt_text without_spaces_before(xt_text text) {
    size_t spaces = 0;
    while (spaces < text.length && xl_is_space(text.bytes[spaces])) {
        spaces++;
    }
    return xl_text_from(text, spaces);
}

/* The beginning of `text` up to its newline. If that isn't within LINE_BYTES, the words
 * that end there, and `*is_cut` is true. */
static xt_text first_line(xt_text text, bool *is_cut) {
    xt_text counted = first_bytes(text, LINE_BYTES);
    const char *newline =
        memchr(text.bytes, '\n', first_bytes(text, LINE_BYTES + 1).length);
    *is_cut = newline == NULL && text.length > LINE_BYTES;
    if (newline != NULL) {
        return xl_text_to(text, (size_t)(newline - text.bytes));
    }
    while (*is_cut && counted.length > 0 && !xl_is_space(text.bytes[counted.length])) {
        counted.length--;
    }
    return counted;
}

static bool starts_with(xt_text text, const char *bytes) {
    size_t length = strlen(bytes);
    return text.length >= length && memcmp(text.bytes, bytes, length) == 0;
}

/* The last line of `text`, if that is a traceback of Python's; else `text`. */
static xt_text without_traceback(xt_text text) {
    if (!starts_with(text, "Traceback (most recent call last)")) {
        return text;
    }
    while (text.length > 0 && xl_is_space(text.bytes[text.length - 1])) {
        text.length--;
    }
    size_t start = text.length;
    while (start > 0 && text.bytes[start - 1] != '\n') {
        start--;
    }
    return xl_text_from(text, start);
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

static xt_text without_positions(xt_text line) {
    size_t length;
    while ((length = position_length(first_bytes(line, POSITION_BYTES))) > 0) {
        line = xl_text_from(line, length);
    }
    return line;
}

/* The line of `message` that says what happened. */
static xt_text telling_line(xt_text message, bool *is_cut) {
    for (;;) {
        message = without_traceback(without_spaces_before(message));
        xt_text line = first_line(message, is_cut);
        xt_text told = without_positions(line);
        if (told.length > 0 || line.length == 0) {
            return told;
        }
        message = xl_text_from(message, line.length);
    }
}

static bool is_boundary(char byte) {
    return xl_is_space(byte) || xl_is_control(byte) ||
           (xl_is_punctuation(byte) && byte != '_');
}

/* Where the quote at `opening` is closed; the end of the line if it isn't. */
static size_t closing_quote(xt_text line, size_t opening) {
    for (size_t i = opening + 1; i < line.length; i++) {
        if (line.bytes[i] == line.bytes[opening] &&
            (i + 1 == line.length || is_boundary(line.bytes[i + 1]))) {
            return i;
        }
    }
    return line.length;
}

/* Pairs of quotation marks beyond ASCII: in each, both have the same length. */
static const char *const marks[][2] = {
    {"\xE2\x80\x98", "\xE2\x80\x99"}, /* ‘ ’ */
    {"\xE2\x80\x9C", "\xE2\x80\x9D"}, /* “ ” */
    {"\xE2\x80\x9E", "\xE2\x80\x9C"}, /* „ “ */
    {"\xC2\xAB", "\xC2\xBB"},         /* « » */
    {"\xE3\x80\x8A", "\xE3\x80\x8B"}, /* 《 》 */
    {"\xE3\x80\x8C", "\xE3\x80\x8D"}, /* 「 」 */
    {"\xE3\x80\x8E", "\xE3\x80\x8F"}, /* 『 』 */
};
enum { MARKS = sizeof marks / sizeof marks[0] };

static bool is_at(xt_text line, size_t i, const char *bytes) {
    size_t length = strlen(bytes);
    return line.length - i >= length && memcmp(line.bytes + i, bytes, length) == 0;
}

/* What is known of quotes that nothing closes, so that each is searched for once, which
 * keeps it O(n). */
typedef struct quotes {
    bool is_unclosed[UCHAR_MAX + 1]; /* by the ASCII quote */
    bool is_mark_unclosed[MARKS];
    bool is_cut; /* what isn't closed is quoted to the end of the line */
} quotes;

/* The end of the part that a quote begins: after it, which has so many bytes and is
 * closed at `closing`, or isn't if that is the end of the line. */
static size_t part_end(xt_text line, size_t i, size_t bytes, size_t closing,
                       bool *is_unclosed, bool is_cut) {
    *is_unclosed = closing == line.length;
    if (*is_unclosed) {
        return is_cut ? line.length : i + bytes;
    }
    return closing + bytes;
}

/* The end of what is between the quotation marks of which the first is at `i`; `i` if
 * there is none. */
static size_t marked_end(xt_text line, size_t i, quotes *found) {
    for (size_t pair = 0; pair < MARKS && !xl_is_ascii(line.bytes[i]); pair++) {
        if (is_at(line, i, marks[pair][0])) {
            size_t closing = found->is_mark_unclosed[pair] ? line.length : i + 1;
            while (closing < line.length && !is_at(line, closing, marks[pair][1])) {
                closing++;
            }
            return part_end(line, i, strlen(marks[pair][0]), closing,
                            &found->is_mark_unclosed[pair], found->is_cut);
        }
    }
    return i;
}

/* The end of the quoted part that begins at `i`, after the byte `before`; `i` if none does.
 * A quote that isn't closed is a part of its own; an apostrophe in a word opens none. */
static size_t quoted_end(xt_text line, size_t i, char before, quotes *found) {
    if (!xl_is_one_of("'\"`", line.bytes[i]) || !is_boundary(before)) {
        return marked_end(line, i, found);
    }
    bool *is_unclosed = &found->is_unclosed[(unsigned char)line.bytes[i]];
    size_t closing = *is_unclosed ? line.length : closing_quote(line, i);
    return part_end(line, i, 1, closing, is_unclosed, found->is_cut);
}

/* The end of the escape sequence, such as `ESC [ 31 m`, that begins at `i`; `i` if none
 * does. */
static size_t escape_end(xt_text line, size_t i) {
    size_t end = i + 2;
    if (!is_at(line, i, "\x1b[")) {
        return i;
    }
    while (end < line.length && line.bytes[end] >= ' ' && line.bytes[end] < '@') {
        end++;
    }
    return end < line.length ? end + 1 : end;
}

/* What is in `room`, of which `length` bytes are used, without a word that goes on after
 * it. */
static xt_text whole_words(const char *room, size_t length) {
    while (length > 0 && !xl_is_space(room[length - 1])) {
        length--;
    }
    return (xt_text){room, length};
}

xt_text xl_message_text(xt_text message, char room[XL_MESSAGE_BYTES]) {
    quotes found = {.is_cut = false};
    size_t length = 0;
    xt_text line = telling_line(message, &found.is_cut);
    for (size_t i = 0; i < line.length;) {
        size_t end = escape_end(line, i);
        if (end == i) {
            end = quoted_end(line, i, length > 0 ? room[length - 1] : ' ', &found);
        }
        if (end > i) {
            i = end;
        } else if (length < XL_MESSAGE_BYTES) {
            room[length++] = line.bytes[i++];
        } else {
            return xl_is_space(line.bytes[i]) ? (xt_text){room, length}
                                              : whole_words(room, length);
        }
    }
    return (xt_text){room, length};
}

/* The length of what is in parentheses or brackets at the beginning of `text`, with the
 * space after it; of a bracket that nothing follows so, 1. */
static size_t bracketed_length(xt_text text) {
    const char closing = text.bytes[0] == '(' ? ')' : ']';
    for (size_t i = 1; i + 1 < text.length; i++) {
        if (text.bytes[i] == closing && xl_is_space(text.bytes[i + 1])) {
            return i + 2;
        }
    }
    return 1;
}

static bool has_space(xt_text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (xl_is_space(text.bytes[i])) {
            return true;
        }
    }
    return false;
}

/* Whether `head`, before a colon, is one word, or says that something failed. */
static bool is_prefix(xt_text head) {
    static const char *const ends[] = {"error", "failed", "failure", "exception"};
    bool is_word = !has_space(head);
    while (head.length > 0 && !xl_is_letter(head.bytes[head.length - 1])) {
        head.length--; /* -32001 */
    }
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (xl_ends_with(head, ends[i])) {
            return true;
        }
    }
    return head.length > 0 && is_word;
}

/* The length of `text` up to its first colon that a space follows; its whole length if
 * there is none. */
static size_t length_to_colon(xt_text text) {
    for (size_t i = 0; i + 1 < text.length; i++) {
        if (text.bytes[i] == ':' && xl_is_space(text.bytes[i + 1])) {
            return i;
        }
    }
    return text.length;
}

xt_text xl_without_prefix(xt_text text) {
    text = without_spaces_before(text);
    xt_text beginning = first_bytes(text, PREFIX_BYTES);
    if (text.length > 0 && xl_is_one_of("([", text.bytes[0])) {
        return xl_text_from(text, bracketed_length(beginning));
    }
    size_t colon = length_to_colon(beginning);
    bool has_prefix = colon < beginning.length && is_prefix(xl_text_to(text, colon));
    return has_prefix ? xl_text_from(text, colon + 2) : text;
}

xt_text xl_after_colon(xt_text text) {
    size_t colon = length_to_colon(text);
    return xl_text_from(text, colon < text.length ? colon + 2 : colon);
}
