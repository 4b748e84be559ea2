/*
 * Reading Lua values: checks the arguments of functions, and the fields of arguments that
 * are tables.
 *
 * For a wrong value, these functions raise an error that names the argument, and the
 * field if it is one. No coercions: a number isn't accepted as a string, nor a string as
 * a number.
 */
#ifndef XL_ARGUMENTS_H
#define XL_ARGUMENTS_H

#include "binding.h"
#include "microseconds.h"

#include <string.h>

#pragma GCC visibility push(hidden)

/* A value on the stack, and how error messages name it. */
typedef struct xl_argument {
    int index;         /* of the value on the stack */
    int number;        /* of the argument that it is, or that it is a field of */
    const char *field; /* the field's name; null for the argument itself */
} xl_argument;

/* Argument `number` itself. */
static inline xl_argument xl_argument_at(int number) {
    return (xl_argument){number, number, NULL};
}

/* Raises `message` about `argument`. */
int xl_argument_error(lua_State *L, const xl_argument *argument, const char *message);

/* Raises a type error: `argument` isn't an `expected`. */
int xl_argument_type_error(lua_State *L, const xl_argument *argument,
                           const char *expected);

/* The string at `index`, valid as long as it is on the stack. */
static inline xt_text xl_text_at(lua_State *L, int index) {
    xt_text text;
    text.bytes = lua_tolstring(L, index, &text.length);
    return text;
}

/* A string. The text is valid as long as the string is on the stack. */
static inline xt_text xl_text_argument(lua_State *L, xl_argument argument) {
    if (lua_type(L, argument.index) != LUA_TSTRING) {
        xl_argument_type_error(L, &argument, "string");
    }
    return xl_text_at(L, argument.index);
}

/* A string, or nil for empty text. */
xt_text xl_optional_text_argument(lua_State *L, xl_argument argument);

/* The path of a file: a string without zero bytes. */
const char *xl_path_argument(lua_State *L, xl_argument argument);

/* The status that `word`, which is `argument`, is for. */
xt_status xl_status_of_argument(lua_State *L, const xl_argument *argument, xt_text word);

/* One of the four status strings. The usual one is recognized at once. */
static inline xt_status xl_status_argument(lua_State *L, xl_argument argument) {
    static const char usual[] = "success";
    xt_text word = xl_text_argument(L, argument);
    return word.length == sizeof usual - 1 &&
                   memcmp(word.bytes, usual, sizeof usual - 1) == 0
               ? XT_SUCCESS
               : xl_status_of_argument(L, &argument, word);
}

/* `measured`, `elapsed` or `untimed`. */
xt_timing xl_timing_argument(lua_State *L, xl_argument argument);

/* Raises an error about `argument`, which isn't a duration. */
uint64_t xl_wrong_duration(lua_State *L, const xl_argument *argument);

/*
 * A finite number of milliseconds of at least 0; the type of the value is `type`. Returns
 * microseconds, rounded to the nearest; at most XT_MAX_DURATION_US.
 */
static inline uint64_t xl_duration_of_type(lua_State *L, xl_argument argument, int type) {
    uint64_t duration_us;
    return type == LUA_TNUMBER &&
                   xt_us_of_ms(lua_tonumber(L, argument.index), &duration_us)
               ? duration_us
               : xl_wrong_duration(L, &argument);
}

/* The same of a value of any type. */
static inline uint64_t xl_duration_argument(lua_State *L, xl_argument argument) {
    return xl_duration_of_type(L, argument, lua_type(L, argument.index));
}

/* Unix seconds from 0 to XT_MAX_SECONDS. Returns microseconds, rounded to the nearest. */
uint64_t xl_time_argument(lua_State *L, xl_argument argument);

/* A boolean, or nil for false. */
static inline bool xl_boolean_argument(lua_State *L, xl_argument argument) {
    if (!lua_toboolean(L, argument.index)) {
        return false;
    }
    if (lua_type(L, argument.index) != LUA_TBOOLEAN) {
        xl_argument_type_error(L, &argument, "boolean");
    }
    return true;
}

/* An integer from `low` to `high`. */
int64_t xl_integer_argument(lua_State *L, xl_argument argument, int64_t low,
                            int64_t high);

/* An integer of at least 0. Returns SIZE_MAX for one that a size_t can't hold. */
size_t xl_count_argument(lua_State *L, xl_argument argument);

/* Whether the value at `index` can be called. */
bool xl_is_callable(lua_State *L, int index);

/* Raises a type error if `argument` can't be called. */
void xl_check_callable(lua_State *L, xl_argument argument);

/*
 * Pushes the fields `names[0]` to `names[count - 1]` of the table that is argument
 * `number`, in this order, without metamethods. If the table has any other key, raises
 * that it is an unknown `noun`, such as an "unknown option". [-0, +count]
 */
void xl_push_fields(lua_State *L, int number, const char *noun, size_t count,
                    const char *const names[]);

/*
 * Raises an error about argument `number`: `problem`, which names an unknown word, and
 * then the list of known `words`.
 */
int xl_unknown_word_error(lua_State *L, int number, const char *problem, size_t count,
                          const char *const words[]);

/* The same as xl_push_fields, but the error lists the known names. */
void xl_push_listed_fields(lua_State *L, int number, const char *noun, size_t count,
                           const char *const names[]);

/*
 * Whether the key of a table at `key` is before the one at `other`, so that a message
 * names the same one of several wrong keys whatever the order in the table: strings by
 * their bytes, after all other keys. Any key is before nil.
 */
bool xl_is_key_before(lua_State *L, int key, int other);

/*
 * Whether the table at `index` is an array: its keys are 1 to n, for the n that this
 * stores in `*count`. O(elements).
 */
bool xl_is_array(lua_State *L, int index, size_t *count);

/*
 * The number of elements of `argument`, an array. Raises an error for any other table or
 * value. O(elements).
 */
size_t xl_array_argument(lua_State *L, xl_argument argument);

/* Stores the microseconds of the Unix seconds at `index`, as xt_us_of_seconds does. False
 * if the value isn't a number from 0 to XT_MAX_SECONDS. */
bool xl_to_time_us(lua_State *L, int index, uint64_t *us);

bool xl_text_equals(xt_text a, xt_text b);

/* The index of `word` in `words`, from 0; `count` if it isn't there. */
size_t xl_find_word(xt_text word, size_t count, const char *const words[]);

/*
 * The value at `index`, as error messages write it: a number as it is, such as `7`; of
 * any other value its type, such as `table`. [-0, +1]
 */
const char *xl_describe(lua_State *L, int index);

/* The same, but a string as its beginning in quotes: `'abc'`. [-0, +1 or 2] */
const char *xl_show(lua_State *L, int index);

/* A string or number in quotes: `'abc'`, `'7'`; else `of type table`. [-0, +1 or 2] */
const char *xl_quote(lua_State *L, int index);

#pragma GCC visibility pop

#endif
