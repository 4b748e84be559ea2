#include "place.h"

#include <string.h>

static const char ellipsis[] = "\xe2\x80\xa6";
enum { ELLIPSIS_BYTES = sizeof ellipsis - 1, MOST_DIGITS = 10 };

_Static_assert(XT_PLACE_BYTES == XT_NAME_BYTES + 1 + MOST_DIGITS,
               "a colon or a bracket, and the number");

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

/* Reads the number that ends before `end`. Stores where it begins; returns 0 if there is
 * none. */
static uint32_t read_number(xt_text text, size_t end, size_t *start) {
    uint64_t number = 0;
    size_t at = end;
    while (at > 0 && end - at < MOST_DIGITS && is_digit(text.bytes[at - 1])) {
        at--;
    }
    *start = at;
    for (; at < end; at++) {
        number = 10 * number + (uint64_t)(text.bytes[at] - '0');
    }
    bool is_canonical = *start < end && text.bytes[*start] != '0' && number <= UINT32_MAX;
    return is_canonical ? (uint32_t)number : 0;
}

/* Behind `[` a number is an element's, so `[:7` isn't split: it would be written as `[7]`. */
xt_place xt_place_of(xt_text text) {
    const xt_place whole = {.file = text};
    size_t start;
    bool is_element = text.length > 0 && text.bytes[text.length - 1] == ']';
    uint32_t number = read_number(text, text.length - is_element, &start);
    if (number == 0 || start == 0) {
        return whole;
    }
    char before = text.bytes[start - 1];
    if (is_element) {
        return before == '[' ? (xt_place){.file = {text.bytes, start}, .line = number}
                             : whole;
    }
    bool is_line = before == ':' && start > 1 && text.bytes[start - 2] != '[';
    return is_line ? (xt_place){.file = {text.bytes, start - 1}, .line = number} : whole;
}

/* Writes the digits of `number` at `text`, and returns how many. */
static size_t write_number(uint32_t number, char *text) {
    char digits[MOST_DIGITS];
    size_t at = MOST_DIGITS;
    for (; number > 0; number /= 10) {
        digits[--at] = (char)('0' + number % 10);
    }
    memcpy(text, digits + at, MOST_DIGITS - at);
    return MOST_DIGITS - at;
}

size_t xt_place_write(const xt_place *place, char text[XT_PLACE_BYTES]) {
    size_t length = place->file.length;
    if (length == 0) {
        return 0;
    }
    memcpy(text, place->file.bytes, length);
    bool is_element = text[length - 1] == '[';
    if (place->line > 0) {
        if (!is_element) {
            text[length++] = ':';
        }
        length += write_number(place->line, text + length);
        if (is_element) {
            text[length++] = ']';
        }
    }
    return length;
}

static bool is_continuation(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

xt_text xt_place_cut(xt_text file, char bytes[XT_NAME_BYTES]) {
    enum { MOST_CONTINUATIONS = 3 };
    if (file.length <= XT_NAME_BYTES) {
        return file;
    }
    const char *end = file.bytes + file.length;
    const char *rest = end - (XT_NAME_BYTES - ELLIPSIS_BYTES);
    for (int i = 0; i < MOST_CONTINUATIONS && is_continuation(*rest); i++) {
        rest++;
    }
    memcpy(bytes, ellipsis, ELLIPSIS_BYTES);
    memcpy(bytes + ELLIPSIS_BYTES, rest, (size_t)(end - rest));
    return (xt_text){bytes, ELLIPSIS_BYTES + (size_t)(end - rest)};
}
