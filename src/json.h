/*
 * Reading JSON (RFC 8259) from one piece of memory, without copying or allocating.
 *
 * The reader is a cursor that the caller moves from value to value, so it needs no stack:
 * the caller knows which arrays and objects it is in, and how deep. It accepts exactly
 * the texts of the RFC's grammar, in UTF-8, and a byte order mark at the beginning.
 *
 *     xt_json json = xt_json_open(text);
 *     xt_json_value value;
 *     if (xt_json_read(&json, &value) && value.kind == XT_JSON_OBJECT) {
 *         for (bool more = xt_json_first_key(&json, &key); more;
 *              more = xt_json_next_key(&json, &key)) {
 *             xt_json_read(&json, &value); ...
 *         }
 *     }
 *     xt_json_finish(&json);
 *
 * After a problem every function returns false, and `problem` says what is wrong at `at`.
 * So it is enough to look once, in the end.
 */
#ifndef XT_JSON_H
#define XT_JSON_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

typedef struct xt_json {
    const char *start;
    const char *at; /* the next byte to read; after a problem, where it is */
    const char *end;
    const char *problem; /* null, or a message in static memory */
} xt_json;

typedef enum xt_json_kind {
    XT_JSON_NULL,
    XT_JSON_FALSE,
    XT_JSON_TRUE,
    XT_JSON_INTEGER, /* without fraction and exponent, and an int64_t */
    XT_JSON_FLOAT,   /* any other number */
    XT_JSON_STRING,
    XT_JSON_ARRAY,
    XT_JSON_OBJECT
} xt_json_kind;

/* A value; of an array and an object only that it begins. */
typedef struct xt_json_value {
    xt_json_kind kind;
    bool has_escapes; /* of a string */
    union {
        int64_t integer;
        double number; /* the nearest double; infinite if it is too large */
        xt_text text;  /* a string as it is written, between its quotes: valid UTF-8 */
    };
} xt_json_value;

/* A cursor at the beginning of `text`, which must stay as long as the cursor and what it
 * reads are used. */
xt_json xt_json_open(xt_text text);

/* Reads a value. Of an array or an object it reads the bracket only; what is in it comes
 * next. O(length of the value). */
bool xt_json_read(xt_json *json, xt_json_value *value);

/* In an array: whether it has a first, or another, element, which xt_json_read reads
 * next. False also behind its end. */
bool xt_json_first_element(xt_json *json);
bool xt_json_next_element(xt_json *json);

/* In an object: reads the first, or the next, key, a string; xt_json_read reads its value
 * next. False also behind the object's end. */
bool xt_json_first_key(xt_json *json, xt_json_value *key);
bool xt_json_next_key(xt_json *json, xt_json_value *key);

/* Whether nothing but white space follows. */
bool xt_json_finish(xt_json *json);

/*
 * Writes the text that a string means to `bytes`, which has room for the bytes that it is
 * written in, and returns how many bytes were written. An escape of half a surrogate pair
 * becomes U+FFFD. O(length).
 */
size_t xt_json_unescape(const xt_json_value *string, char bytes[]);

/* Where the cursor is: the line and the byte in it, from 1. O(text read). */
void xt_json_position(const xt_json *json, size_t *line, size_t *byte);

#pragma GCC visibility pop

#endif
