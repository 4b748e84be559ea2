#include "message_type.h"

#include "ascii.h"
#include "message_line.h"
#include "message_word.h"

#include <string.h>

/* Takes the next word off `rest`; empty if there is none. */
static xt_text next_word(xt_text *rest) {
    size_t start = 0;
    while (start < rest->length && xl_is_space(rest->bytes[start])) {
        start++;
    }
    size_t end = start;
    while (end < rest->length && !xl_is_space(rest->bytes[end])) {
        end++;
    }
    xt_text word = xl_text_from(xl_text_to(*rest, end), start);
    *rest = xl_text_from(*rest, end);
    return word;
}

static bool has_letter(xt_text word) {
    for (size_t i = 0; i < word.length; i++) {
        if (xl_is_letter(word.bytes[i])) {
            return true;
        }
    }
    return false;
}

/* Appends `word` to the `type` in `buffer`, after a space unless it comes first. False if
 * it doesn't fit. */
static bool append_word(xt_text *type, xt_text word, char buffer[XL_ERROR_TYPE_BYTES]) {
    size_t start = type->length > 0 ? type->length + 1 : 0;
    if (start + word.length > XL_ERROR_TYPE_BYTES) {
        return false;
    }
    if (start > 0) {
        buffer[start - 1] = ' ';
    }
    memcpy(buffer + start, word.bytes, word.length);
    type->length = start + word.length;
    return true;
}

/* The stable words of `text`; empty if none of them has an ASCII letter. */
static xt_text join_words(xt_text text, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text type = {buffer, 0};
    xt_text word;
    bool is_ascii = false;
    while ((word = next_word(&text)).length > 0) {
        xt_text part = xl_stable_word(word);
        is_ascii = is_ascii || has_letter(part);
        if (part.length > 0 && !append_word(&type, part, buffer)) {
            break;
        }
    }
    return is_ascii ? type : xl_text_to(type, 0);
}

/* Takes the longest beginning of `rest` off it that is ASCII or isn't, as its first byte. */
static xt_text next_run(xt_text *rest) {
    size_t length = 1;
    while (length < rest->length &&
           xl_is_ascii(rest->bytes[length]) == xl_is_ascii(rest->bytes[0])) {
        length++;
    }
    xt_text run = xl_text_to(*rest, length);
    *rest = xl_text_from(*rest, length);
    return run;
}

/* Appends as much of `text` as fits, cut at a character. False if that isn't all. */
static bool append_cut(xt_text *type, xt_text text, char buffer[XL_ERROR_TYPE_BYTES]) {
    size_t room = XL_ERROR_TYPE_BYTES - type->length;
    size_t length = text.length < room ? text.length : room;
    while (length > 0 && length < text.length && (text.bytes[length] & 0xC0) == 0x80) {
        length--;
    }
    memcpy(buffer + type->length, text.bytes, length);
    type->length += length;
    return length == text.length;
}

/* The beginning of `text`, which has hardly a word of ASCII. */
static xt_text take_beginning(xt_text text, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text type = {buffer, 0};
    xt_text word;
    bool fits = true;
    while (fits && (word = next_word(&text)).length > 0) {
        bool needs_space = type.length > 0;
        while (fits && word.length > 0) {
            xt_text run = next_run(&word);
            run = xl_is_ascii(run.bytes[0]) ? xl_stable_word(run) : run;
            if (run.length > 0 && needs_space) {
                fits = append_cut(&type, xt_text_of(" "), buffer);
                needs_space = false;
            }
            fits = fits && append_cut(&type, run, buffer);
        }
    }
    while (type.length > 0 && buffer[type.length - 1] == ' ') {
        type.length--;
    }
    return type;
}

xt_text xl_message_type(xt_text text, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text type = join_words(text, buffer);
    if (type.length == 0) {
        type = take_beginning(text, buffer);
    }
    return type.length > 0 ? type : xt_text_of("error");
}
