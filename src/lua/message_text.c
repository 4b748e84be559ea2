#include "message_text.h"

#include "ascii.h"
#include "message_line.h"

#include <limits.h>
#include <string.h>

static bool is_boundary(char byte) {
    return xl_is_space(byte) || (xl_is_punctuation(byte) && byte != '_');
}

/* An apostrophe in a word opens nothing. */
static bool is_opening_quote(xt_text line, size_t i) {
    return xl_is_one_of("'\"`", line.bytes[i]) &&
           (i == 0 || is_boundary(line.bytes[i - 1]));
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
    {"\xC2\xAB", "\xC2\xBB"},         /* « » */
    {"\xE3\x80\x8C", "\xE3\x80\x8D"}, /* 「 」 */
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

/* The end of the quoted part that begins at `i`; `i` if none does. A quote that isn't
 * closed is a part of its own. */
static size_t quoted_end(xt_text line, size_t i, quotes *found) {
    if (!is_opening_quote(line, i)) {
        return marked_end(line, i, found);
    }
    bool *is_unclosed = &found->is_unclosed[(unsigned char)line.bytes[i]];
    size_t closing = *is_unclosed ? line.length : closing_quote(line, i);
    return part_end(line, i, 1, closing, is_unclosed, found->is_cut);
}

/* What is in `room`, of which `length` bytes are used, without a word that goes on after
 * it. */
static xt_text whole_words(const char *room, size_t length) {
    while (length > 0 && !xl_is_space(room[length - 1])) {
        length--;
    }
    return (xt_text){room, length};
}

xt_text xl_message_text(xt_text line, bool is_cut, char room[XL_MESSAGE_BYTES]) {
    quotes found = {.is_cut = is_cut};
    size_t length = 0;
    for (size_t i = 0; i < line.length;) {
        size_t end = quoted_end(line, i, &found);
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
