/*
 * Lua values in: the arguments of functions and the fields of their table arguments,
 * checked.
 *
 * All functions here raise an error that names the argument, and the field if it is one.
 * No coercions: a number isn't a name, nor a string a number.
 */
#ifndef XL_ARGUMENTS_H
#define XL_ARGUMENTS_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/* A value on the stack, and what to call it when it is wrong. */
typedef struct xl_argument {
    int index;         /* where the value stands on the stack */
    int number;        /* the number of the argument that it is, or is a field of */
    const char *field; /* null if it is the argument itself */
} xl_argument;

/* Argument `number` of the function, itself. */
static inline xl_argument xl_argument_at(int number) {
    return (xl_argument){number, number, NULL};
}

/* Raises `message` about `argument`. */
int xl_argument_error(lua_State *L, const xl_argument *argument, const char *message);

/* Raises that `argument` should have been `expected`. */
int xl_argument_type_error(lua_State *L, const xl_argument *argument,
                           const char *expected);

/* The string at `index`, valid as long as it is on the stack. */
static inline xt_text xl_text_at(lua_State *L, int index) {
    xt_text text;
    text.bytes = lua_tolstring(L, index, &text.length);
    return text;
}

/* A string, valid as long as it is on the stack. */
static inline xt_text xl_text_argument(lua_State *L, xl_argument argument) {
    if (lua_type(L, argument.index) != LUA_TSTRING) {
        xl_argument_type_error(L, &argument, "string");
    }
    return xl_text_at(L, argument.index);
}

/* A string, or nil for empty text. */
xt_text xl_optional_text_argument(lua_State *L, xl_argument argument);

/* One of the four status strings. */
xt_status xl_status_argument(lua_State *L, xl_argument argument);

/* `measured`, `elapsed` or `untimed`. */
xt_timing xl_timing_argument(lua_State *L, xl_argument argument);

/* Milliseconds, finite and not negative, as microseconds, to the nearest. */
uint64_t xl_duration_argument(lua_State *L, xl_argument argument);

/* Unix seconds, from 1970 on, as microseconds, to the nearest. */
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

/* A count from 0 on of what there is; more than a size_t can say is all. */
size_t xl_count_argument(lua_State *L, xl_argument argument);

/* Whether the value at `index` can be called. */
bool xl_is_callable(lua_State *L, int index);

/* A function, or what can be called like one. */
void xl_check_callable(lua_State *L, xl_argument argument);

/*
 * Pushes the fields `names[0]` to `names[count - 1]` of the table that is argument
 * `number`, in this order, without metamethods. Raises for any other key, calling it an
 * unknown `noun`.
 * [-0, +count]
 */
void xl_push_fields(lua_State *L, int number, const char *noun, size_t count,
                    const char *const names[]);

/*
 * Raises that `problem`, an unknown word, is wrong with argument `number`, and lists the
 * words that are known.
 */
int xl_unknown_word_error(lua_State *L, int number, const char *problem, size_t count,
                          const char *const words[]);

/* The same as xl_push_fields, but the error lists the names that are known. */
void xl_push_listed_fields(lua_State *L, int number, const char *noun, size_t count,
                           const char *const names[]);

/*
 * Whether the table at `index` is an array, without holes and other keys; stores how many
 * elements it has. O(elements).
 */
bool xl_is_array(lua_State *L, int index, size_t *count);

/*
 * The number of elements of `argument`, an array. Raises for a hole or any other key.
 * O(elements).
 */
size_t xl_array_argument(lua_State *L, xl_argument argument);

/*
 * Converts the Unix seconds at `index` to microseconds, to the nearest. False if they
 * aren't a number from 0 to XL_MAX_SECONDS. Gives back exactly the microseconds that
 * xl_push_time made seconds of, until the year 2106.
 */
#define XL_MAX_SECONDS 9223372036854
bool xl_to_time_us(lua_State *L, int index, uint64_t *us);

bool xl_text_equals(xt_text a, xt_text b);

/* Which of the `count` words `word` is, from 0; `count` for none. */
size_t xl_find_word(xt_text word, size_t count, const char *const words[]);

/* The value at `index` for a message: a number as it is, else its type. [-0, +1] */
const char *xl_describe(lua_State *L, int index);

/* The same, but the beginning of a string in quotes. [-0, +1 or 2] */
const char *xl_show(lua_State *L, int index);

/* The same, but a number in quotes too, and a type as "of type". [-0, +1 or 2] */
const char *xl_quote(lua_State *L, int index);

#pragma GCC visibility pop

#endif
