#include "json.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Stores `problem`; at the end of the text, that it ends too early. Returns false. */
static bool fail(xt_json *json, const char *problem) {
    json->problem = json->at < json->end ? problem : "the text ends too early";
    return false;
}

xt_json xt_json_open(xt_text text) {
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    bool has_mark =
        text.length >= sizeof mark && memcmp(text.bytes, mark, sizeof mark) == 0;
    const char *start = text.bytes + (has_mark ? sizeof mark : 0);
    return (xt_json){.start = start, .at = start, .end = text.bytes + text.length};
}

/* Skips white space; false after a problem, when the cursor stays where it is. */
static bool skip_space(xt_json *json) {
    if (json->problem != NULL) {
        return false;
    }
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\n' ||
                                    *json->at == '\r' || *json->at == '\t')) {
        json->at++;
    }
    return true;
}

/* Whether the next byte is `byte`. */
static bool is_at(const xt_json *json, char byte) {
    return json->at < json->end && *json->at == byte;
}

/* The same, and then reads it. */
static bool take(xt_json *json, char byte) {
    bool is_there = is_at(json, byte);
    json->at += is_there;
    return is_there;
}

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

/* -- Strings */

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The highest bit of each byte of `word` that is less than `limit`, up to 0x80 (Bit
 * Twiddling Hacks, Sean Eron Anderson). Above the lowest such byte other bits may be set,
 * too. */
static uint64_t less_than(uint64_t word, unsigned limit) {
    return (word - EACH_BYTE(limit)) & ~word & EACH_BYTE(0x80);
}

static bool is_plain(unsigned char byte) {
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* The 8 bytes at `at`, the first as the lowest of the word. */
static uint64_t word_at(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The first byte from `at` on that isn't plain: not ASCII, a control character, a quote
 * or a backslash. Reads 8 bytes at a time. */
static const char *skip_plain(const char *at, const char *end) {
    while (end - at >= 8) {
        uint64_t word = word_at(at);
        uint64_t found = less_than(word, 0x20) | less_than(word ^ EACH_BYTE('"'), 1) |
                         less_than(word ^ EACH_BYTE('\\'), 1) | (word & EACH_BYTE(0x80));
        if (found != 0) {
            return at + __builtin_ctzll(found) / 8;
        }
        at += 8;
    }
    while (at < end && is_plain((unsigned char)*at)) {
        at++;
    }
    return at;
}

/* The length of the UTF-8 sequence at `at`, which begins with a byte from 0x80 on; 0 if
 * it is invalid (RFC 3629, section 4). */
static size_t sequence_length(const char *at, const char *end) {
    const unsigned char *bytes = (const unsigned char *)at;
    unsigned lead = bytes[0];
    size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || (size_t)(end - at) < length) {
        return 0;
    }
    unsigned least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    bool is_valid = bytes[1] >= least && bytes[1] <= most;
    for (size_t i = 2; i < length; i++) {
        is_valid &= (bytes[i] & 0xc0) == 0x80;
    }
    return is_valid ? length : 0;
}

/* The value of a hexadecimal digit; negative for another byte. */
static int hexadecimal(char byte) {
    if (is_digit(byte)) {
        return byte - '0';
    }
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Reads an escape after its backslash. */
static bool read_escape(xt_json *json) {
    if (!take(json, 'u')) {
        bool is_known =
            json->at < json->end && memchr("\"\\/bfnrt", *json->at, 8) != NULL;
        json->at += is_known;
        return is_known || fail(json, "an unknown escape");
    }
    for (int i = 0; i < 4; i++) {
        if (json->at == json->end || hexadecimal(*json->at) < 0) {
            return fail(json, "four hexadecimal digits expected");
        }
        json->at++;
    }
    return true;
}

/* Reads a string from its opening quote on. */
static bool read_string(xt_json *json, xt_json_value *value) {
    const char *start = ++json->at;
    value->kind = XT_JSON_STRING;
    value->has_escapes = false;
    for (;;) {
        json->at = skip_plain(json->at, json->end);
        if (take(json, '"')) {
            value->text = (xt_text){start, (size_t)(json->at - start) - 1};
            return true;
        }
        if (take(json, '\\')) {
            value->has_escapes = true;
            if (!read_escape(json)) {
                return false;
            }
        } else if (json->at == json->end || (unsigned char)*json->at < 0x20) {
            return fail(json, "a control character in a string, without an escape");
        } else {
            size_t length = sequence_length(json->at, json->end);
            if (length == 0) {
                return fail(json, "a byte that isn't UTF-8");
            }
            json->at += length;
        }
    }
}

/* The four hexadecimal digits at `at`. */
static uint32_t code_unit(const char *at) {
    uint32_t code = 0;
    for (int i = 0; i < 4; i++) {
        code = code << 4 | (uint32_t)hexadecimal(at[i]);
    }
    return code;
}

static bool is_surrogate(uint32_t code, uint32_t first) {
    return code >= first && code < first + 0x400;
}

/* Reads the code point of the escape at `*at`, behind `\u`: two escapes if they are a
 * pair. */
static uint32_t read_code_point(const char **at, const char *end) {
    uint32_t code = code_unit(*at);
    *at += 4;
    if (is_surrogate(code, 0xd800) && end - *at >= 6 && (*at)[0] == '\\' &&
        (*at)[1] == 'u') {
        uint32_t low = code_unit(*at + 2);
        if (is_surrogate(low, 0xdc00)) {
            *at += 6;
            return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return is_surrogate(code, 0xd800) || is_surrogate(code, 0xdc00) ? 0xfffd : code;
}

/* Writes a code point in UTF-8, and returns what follows it. */
static char *write_code_point(char *to, uint32_t code) {
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    int length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = length - 1; i > 0; i--) {
        to[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    to[0] = (char)(length == 1 ? code : leads[length] | code);
    return to + length;
}

/* The byte that is written as a backslash and `letter`. */
static char escaped(char letter) {
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter;
    }
}

size_t xt_json_unescape(const xt_json_value *string, char bytes[]) {
    const char *at = string->text.bytes;
    const char *end = at + string->text.length;
    char *to = bytes;
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((backslash != NULL ? backslash : end) - at);
        memcpy(to, at, plain);
        to += plain;
        at += plain;
        if (at < end && at[1] == 'u') {
            at += 2;
            to = write_code_point(to, read_code_point(&at, end));
        } else if (at < end) {
            *to++ = escaped(at[1]);
            at += 2;
        }
    }
    return (size_t)(to - bytes);
}

/* -- Numbers */

/*
 * A number without its sign: `digits` times ten to the power of `shift` + `exponent`, and
 * a little more if it has other digits, which didn't fit.
 */
typedef struct decimal {
    uint64_t digits;
    int64_t shift;    /* of the decimal point */
    int64_t exponent; /* as it is written, or 0 */
    bool has_all_digits;
    bool is_integer; /* it is written without fraction and exponent */
} decimal;

/* Beyond this exponent, whatever the digits of a text that fits in memory are, a number
 * is 0 or infinite. */
#define MOST_EXPONENT (INT64_C(1) << 60)

/* Reads digits, at least one, of an integer or of a fraction. */
static bool read_digits(xt_json *json, bool is_fraction, decimal *number) {
    const char *at = json->at;
    uint64_t digits = number->digits;
    while (at < json->end && is_digit(*at) && digits < UINT64_MAX / 10) {
        digits = digits * 10 + (uint64_t)(*at++ - '0');
    }
    number->digits = digits;
    number->shift -= is_fraction ? at - json->at : 0;
    for (; at < json->end && is_digit(*at); at++) { /* those that don't fit */
        number->has_all_digits &= *at == '0';
        number->shift += !is_fraction;
    }
    bool has_digit = at > json->at;
    json->at = at;
    return has_digit || fail(json, "a digit expected");
}

/* Reads an exponent behind its `e`. */
static bool read_exponent(xt_json *json, decimal *number) {
    bool is_negative = take(json, '-');
    if (!is_negative) {
        take(json, '+');
    }
    int64_t exponent = 0;
    const char *at = json->at;
    for (; at < json->end && is_digit(*at); at++) {
        exponent =
            exponent < MOST_EXPONENT / 10 ? exponent * 10 + (*at - '0') : MOST_EXPONENT;
    }
    bool has_digit = at > json->at;
    json->at = at;
    number->exponent = is_negative ? -exponent : exponent;
    return has_digit || fail(json, "a digit expected");
}

/* Reads a number behind its sign. */
static bool read_decimal(xt_json *json, decimal *number) {
    const char *start = json->at;
    *number = (decimal){.has_all_digits = true, .is_integer = true};
    if (!read_digits(json, false, number)) {
        return false;
    }
    if (*start == '0' && json->at > start + 1) {
        json->at = start + 1;
        return fail(json, "a digit after a leading zero");
    }
    if (take(json, '.')) {
        number->is_integer = false;
        if (!read_digits(json, true, number)) {
            return false;
        }
    }
    if (take(json, 'e') || take(json, 'E')) {
        number->is_integer = false;
        return read_exponent(json, number);
    }
    return true;
}

/* Whether `number` is written as an integer, and an int64_t with this sign; stores it. */
static bool to_integer(const decimal *number, bool is_negative, int64_t *integer) {
    uint64_t most = (uint64_t)INT64_MAX + is_negative;
    if (!number->is_integer || number->shift != 0 || number->digits > most) {
        return false;
    }
    *integer = (int64_t)(is_negative ? 0 - number->digits : number->digits);
    return true;
}

/*
 * The nearest double, if it follows from one operation on two exact doubles (Clinger, How
 * to Read Floating Point Numbers Accurately, 1990); else negative. That needs operations
 * that round to double.
 */
static double to_double_at_once(const decimal *number) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t exponent = number->shift + number->exponent;
    if (FLT_EVAL_METHOD != 0 || !number->has_all_digits ||
        number->digits > UINT64_C(1) << DBL_MANT_DIG || exponent < -22 || exponent > 22) {
        return -1;
    }
    double digits = (double)(int64_t)number->digits;
    return exponent < 0 ? digits / powers[-exponent] : digits * powers[exponent];
}

/*
 * The nearest double, by `strtod`, of the number written from `at` to `end` with this
 * exponent. `strtod` gets no decimal point, as that differs by locale, and at most so many
 * digits: a double, or the middle of two, has fewer, so that of the others it only counts
 * whether one isn't 0.
 */
static double to_double(const char *at, const char *end, int64_t exponent) {
    enum { MOST_DIGITS = 800, EXPONENT_BYTES = 32 };
    char text[MOST_DIGITS + EXPONENT_BYTES];
    size_t count = 0;
    bool is_fraction = false;
    for (; at < end && (*at | 0x20) != 'e'; at++) {
        if (*at == '.') {
            is_fraction = true;
        } else if (count < MOST_DIGITS) {
            text[count] = *at;
            count += count > 0 || *at != '0';
            exponent -= is_fraction;
        } else {
            text[MOST_DIGITS - 1] = *at != '0' ? '1' : text[MOST_DIGITS - 1];
            exponent += !is_fraction;
        }
    }
    exponent = exponent > 9999 ? 9999 : exponent < -9999 ? -9999 : exponent;
    snprintf(text + count, EXPONENT_BYTES, "e%d", (int)exponent);
    return count > 0 ? strtod(text, NULL) : 0;
}

static bool read_number(xt_json *json, xt_json_value *value) {
    bool is_negative = take(json, '-');
    const char *start = json->at;
    decimal number;
    if (!read_decimal(json, &number)) {
        return false;
    }
    value->kind = XT_JSON_INTEGER;
    if (!to_integer(&number, is_negative, &value->integer)) {
        double absolute = to_double_at_once(&number);
        if (absolute < 0) {
            absolute = to_double(start, json->at, number.exponent);
        }
        value->kind = XT_JSON_FLOAT;
        value->number = is_negative ? -absolute : absolute;
    }
    return true;
}

/* -- Values */

/* Reads `word`, which is a value of this kind, or the bracket that begins one. */
static bool read_word(xt_json *json, const char *word, xt_json_kind kind,
                      xt_json_value *value) {
    const char *start = json->at;
    for (; *word != 0; word++) {
        if (!take(json, *word)) {
            json->at = json->at < json->end ? start : json->end;
            return fail(json, "a value expected");
        }
    }
    value->kind = kind;
    return true;
}

bool xt_json_read(xt_json *json, xt_json_value *value) {
    if (!skip_space(json)) {
        return false;
    }
    switch (json->at < json->end ? *json->at : 0) {
    case '"':
        return read_string(json, value);
    case '{':
        return read_word(json, "{", XT_JSON_OBJECT, value);
    case '[':
        return read_word(json, "[", XT_JSON_ARRAY, value);
    case 't':
        return read_word(json, "true", XT_JSON_TRUE, value);
    case 'f':
        return read_word(json, "false", XT_JSON_FALSE, value);
    case 'n':
        return read_word(json, "null", XT_JSON_NULL, value);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(json, value);
    default:
        return fail(json, "a value expected");
    }
}

bool xt_json_first_element(xt_json *json) {
    return skip_space(json) && !take(json, ']');
}

bool xt_json_next_element(xt_json *json) {
    if (!skip_space(json) || take(json, ']')) {
        return false;
    }
    return take(json, ',') || fail(json, "',' or ']' expected");
}

/* Reads a key and the colon behind it. */
static bool read_key(xt_json *json, xt_json_value *key) {
    if (!is_at(json, '"')) {
        return fail(json, "a key in quotes expected");
    }
    if (!read_string(json, key)) {
        return false;
    }
    skip_space(json);
    return take(json, ':') || fail(json, "':' expected");
}

bool xt_json_first_key(xt_json *json, xt_json_value *key) {
    return skip_space(json) && !take(json, '}') && read_key(json, key);
}

bool xt_json_next_key(xt_json *json, xt_json_value *key) {
    if (!skip_space(json) || take(json, '}')) {
        return false;
    }
    if (!take(json, ',')) {
        return fail(json, "',' or '}' expected");
    }
    skip_space(json);
    return read_key(json, key);
}

bool xt_json_finish(xt_json *json) {
    return skip_space(json) && (json->at == json->end || fail(json, "the end expected"));
}

void xt_json_position(const xt_json *json, size_t *line, size_t *byte) {
    const char *start = json->start;
    const char *end;
    *line = 1;
    while ((end = memchr(start, '\n', (size_t)(json->at - start))) != NULL) {
        start = end + 1;
        ++*line;
    }
    *byte = (size_t)(json->at - start) + 1;
}
