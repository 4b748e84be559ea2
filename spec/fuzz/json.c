/*
 * The fuzz target `json`: reads any bytes as JSON. Of what is accepted it checks each value
 * in another way, and that the text without its white space is read alike. It reads the same
 * bytes as a line of exectrack's own.
 */
#include "json_line.h"
#include "target.h"

#include "json.h"
#include "support_cmocka.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

/* A text that is read, and what was read: each value as it is written, and what separates
 * them, without white space. */
typedef struct document {
    xt_json json;
    char *compact;
    size_t length;
} document;

/* `size` bytes in a block of its own, whose end a sanitizer guards. */
static char *block_of(size_t size) {
    char *block = malloc(size);
    assert_true(block != NULL || size == 0);
    return block;
}

static void append(document *read, const char *bytes, size_t length) {
    memcpy(read->compact + read->length, bytes, length);
    read->length += length;
}

/* -- Strings */

/* The code point at `*at`; moves behind it. Aborts if it isn't valid UTF-8. */
static uint32_t next_code_point(const unsigned char **at, const unsigned char *end) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint32_t code = *(*at)++;
    unsigned more = code >= 0xf0 ? 3 : code >= 0xe0 ? 2 : code >= 0x80 ? 1 : 0;
    if (more > 0) {
        assert_true(code >= 0xc0 && code < 0xf8);
        code &= 0x3fU >> more;
    }
    for (unsigned i = 0; i < more; i++) {
        assert_true(*at < end && (**at & 0xc0) == 0x80);
        code = code << 6 | (*(*at)++ & 0x3f);
    }
    assert_true(code >= least[more] && code < 0x110000);
    assert_true(code < 0xd800 || code >= 0xe000);
    return code;
}

/* Writes `length` bytes of text as a string with an escape for each character. */
static size_t escape_all(const char *text, size_t length, char *to) {
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + length;
    char *start = to;
    *to++ = '"';
    while (at < end) {
        unsigned code = next_code_point(&at, end);
        if (code >= 0x10000) {
            to += sprintf(to, "\\u%04X", 0xd800 + ((code - 0x10000) >> 10));
            code = 0xdc00 + (code & 0x3ff);
        }
        to += sprintf(to, "\\u%04x", code);
    }
    *to++ = '"';
    return (size_t)(to - start);
}

/* That the text of a string is read again when all of it is escaped. */
static void check_escaped(const char *text, size_t length) {
    char *escaped = block_of(6 * length + 3);
    char *again = block_of(6 * length);
    xt_json_value value;
    xt_json json = xt_json_open((xt_text){escaped, escape_all(text, length, escaped)});
    assert_true(xt_json_read(&json, &value) && value.kind == XT_JSON_STRING);
    assert_true(xt_json_finish(&json));
    assert_true(value.has_escapes == (length > 0));
    assert_int_equal(xt_json_unescape(&value, again), length);
    assert_true(length == 0 || memcmp(again, text, length) == 0);
    free(again);
    free(escaped);
}

static void check_string(const document *read, const xt_json_value *string) {
    xt_text text = string->text;
    assert_true(text.bytes > read->json.start);
    assert_true(text.bytes + text.length < read->json.at);
    bool has_escapes = memchr(text.bytes, '\\', text.length) != NULL;
    assert_true(string->has_escapes == has_escapes);
    char *bytes = block_of(text.length);
    size_t length = xt_json_unescape(string, bytes);
    assert_true(has_escapes ? length < text.length : length == text.length);
    assert_true(has_escapes || length == 0 || memcmp(bytes, text.bytes, length) == 0);
    check_escaped(bytes, length);
    free(bytes);
}

/* -- Numbers */

/* That a number is what C reads in its text. */
static void check_number(const char *text, size_t length, const xt_json_value *value) {
    char *copy = block_of(length + 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    errno = 0;
    long long integer = strtoll(copy, NULL, 10);
    bool is_integer = errno == 0 && strpbrk(copy, ".eE") == NULL;
    assert_true(is_integer == (value->kind == XT_JSON_INTEGER));
    if (is_integer) {
        assert_true(value->integer == integer);
    } else {
        double number = strtod(copy, NULL);
        assert_true(value->number == number);
        assert_true(signbit(value->number) == signbit(number));
    }
    free(copy);
}

/* -- Documents */

static void check_cursor(const xt_json *json) {
    assert_true(json->start <= json->at && json->at <= json->end);
}

/* Reads a value and appends its text. */
static bool read_one(document *read, xt_json_value *value) {
    const char *start = read->json.at;
    if (!xt_json_read(&read->json, value)) {
        return false;
    }
    check_cursor(&read->json);
    start += strspn(start, " \t\r\n"); /* there is a value before the end */
    size_t length = (size_t)(read->json.at - start);
    append(read, start, length);
    if (value->kind == XT_JSON_STRING) {
        check_string(read, value);
    } else if (value->kind == XT_JSON_INTEGER || value->kind == XT_JSON_FLOAT) {
        check_number(start, length, value);
    }
    return true;
}

/* Moves to the next value in an array or object, if it has one, and appends what comes
 * before it. */
static bool next_one(document *read, bool is_object, bool is_first) {
    xt_json *json = &read->json;
    xt_json_value key;
    if (!is_object) {
        bool has_element =
            is_first ? xt_json_first_element(json) : xt_json_next_element(json);
        append(read, ",", has_element && !is_first);
        return has_element;
    }
    bool has_key =
        is_first ? xt_json_first_key(json, &key) : xt_json_next_key(json, &key);
    if (has_key) {
        append(read, ",", !is_first);
        append(read, key.text.bytes - 1, key.text.length + 2);
        append(read, ":", 1);
        check_string(read, &key);
    }
    return has_key;
}

/* Reads all values up to the end of the first. `is_object[i]`: whether the one that is in
 * `i` others is an object. */
static void read_values(document *read, bool is_object[]) {
    size_t depth = 0;
    xt_json_value value;
    do {
        if (!read_one(read, &value)) {
            return;
        }
        bool is_first = value.kind >= XT_JSON_ARRAY;
        if (is_first) {
            is_object[depth++] = value.kind == XT_JSON_OBJECT;
        }
        while (depth > 0 && !next_one(read, is_object[depth - 1], is_first)) {
            check_cursor(&read->json);
            if (read->json.problem != NULL) {
                return;
            }
            append(read, is_object[--depth] ? "}" : "]", 1);
            is_first = false;
        }
    } while (depth > 0);
}

/* That the cursor stays where it is after a problem, in which line and byte that is. */
static void check_problem(xt_json *json) {
    xt_json_value value;
    const xt_json before = *json;
    assert_false(xt_json_read(json, &value) || xt_json_first_element(json) ||
                 xt_json_next_element(json) || xt_json_first_key(json, &value) ||
                 xt_json_next_key(json, &value) || xt_json_finish(json));
    assert_memory_equal(json, &before, sizeof before);
    size_t line;
    size_t byte;
    xt_json_position(json, &line, &byte);
    size_t lines = 1;
    size_t bytes = 1;
    for (const char *at = json->start; at < json->at; at++) {
        lines += *at == '\n';
        bytes = *at == '\n' ? 1 : bytes + 1;
    }
    assert_int_equal(line, lines);
    assert_int_equal(byte, bytes);
}

/* Reads a document. False if it is refused. `compact` has room for its bytes. */
static bool read_document(const char *bytes, size_t size, char *compact, size_t *length) {
    document read = {.json = xt_json_open((xt_text){bytes, size}), .compact = compact};
    bool *is_object = malloc(size + 1);
    assert_non_null(is_object);
    read_values(&read, is_object);
    free(is_object);
    bool is_accepted = xt_json_finish(&read.json);
    assert_true(is_accepted == (read.json.problem == NULL));
    check_cursor(&read.json);
    if (is_accepted) {
        assert_true(read.json.at == bytes + size);
    } else {
        check_problem(&read.json);
    }
    *length = read.length;
    return is_accepted;
}

/* That the first part of an accepted text without white space, up to any byte, is refused,
 * unless it is a number. */
static void check_part(const char *compact, size_t length, size_t part) {
    char *bytes = block_of(part);
    char *again = block_of(part);
    size_t ignored;
    memcpy(bytes, compact, part);
    bool is_number = memchr("-0123456789", compact[0], 11) != NULL;
    assert_true(part == length || is_number ||
                !read_document(bytes, part, again, &ignored));
    free(again);
    free(bytes);
}

bool run_target(const uint8_t *input, size_t size) {
    char *bytes = block_of(size);
    char *compact = block_of(size);
    char *again = block_of(size);
    size_t length;
    size_t length_again;
    if (size > 0) {
        memcpy(bytes, input, size);
    }
    bool is_accepted = read_document(bytes, size, compact, &length);
    if (is_accepted) {
        assert_true(read_document(compact, length, again, &length_again));
        assert_int_equal(length_again, length);
        assert_memory_equal(again, compact, length);
        check_part(compact, length, length / 2);
        check_part(compact, length, length - 1);
    }
    check_line((xt_text){bytes, size},
               is_accepted ? (xt_text){compact, length} : (xt_text){NULL, 0});
    free(again);
    free(compact);
    free(bytes);
    return is_accepted;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    run_target(input, size);
    return 0;
}
