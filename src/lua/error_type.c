/*
 * How a message becomes an error type: only its first line counts, within the first
 * MESSAGE_BYTES. If it names or describes a system error, the name of that is the type.
 * Otherwise positions at its beginning and everything in quotes are removed, the rest is
 * split at white space, words that look like numbers, paths or other values are dropped,
 * and the others are joined, without the punctuation around them.
 */
#include "error_type.h"

#include "ascii.h"
#include "errno_name.h"
#include "number_text.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_BYTES = 1024, WORD_BYTES = 32, INDEX_TABLES = 8 };

/* Bytes from 0x80 on are letters in every locale, so that UTF-8 stays whole. */
static bool is_letter_beyond_ascii(char byte) {
    return (unsigned char)byte >= 0x80;
}

static bool is_punctuation(char byte) {
    return !is_letter_beyond_ascii(byte) && ispunct((unsigned char)byte) && byte != '_';
}

static bool is_control(char byte) {
    return !is_letter_beyond_ascii(byte) && iscntrl((unsigned char)byte);
}

static xt_text text_from(xt_text text, size_t start) {
    return (xt_text){text.bytes + start, text.length - start};
}

static xt_text text_to(xt_text text, size_t end) {
    return (xt_text){text.bytes, end};
}

/* The first line, or those of its words that end within its first bytes. */
static xt_text first_line(xt_text message) {
    size_t length = message.length < MESSAGE_BYTES ? message.length : MESSAGE_BYTES;
    const char *newline = memchr(message.bytes, '\n', length);
    if (newline != NULL) {
        return text_to(message, (size_t)(newline - message.bytes));
    }
    while (length > 0 && length < message.length && !xl_is_space(message.bytes[length])) {
        length--;
    }
    return text_to(message, length);
}

/* Whether a byte continues a word, so that an errno name within it isn't one by
 * itself. */
static bool is_of_name(char byte) {
    return !xl_is_space(byte) && (!is_punctuation(byte) || xl_is_one_of("/\\.@", byte));
}

static const char *errno_in(xt_text line) {
    const char *name = NULL;
    for (size_t i = 0; i < line.length && name == NULL; i++) {
        size_t start = i;
        while (i < line.length && is_of_name(line.bytes[i])) {
            i++;
        }
        xt_text word = text_from(text_to(line, i), start);
        while (word.length > 0 && word.bytes[word.length - 1] == '.') {
            word.length--;
        }
        name = xl_errno_named(word);
    }
    return name != NULL ? name : xl_errno_described(line);
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
        size_t number = line_number_length(text_from(text, i));
        if (number > 0 && (!has_space || is_spaced_name(text_to(text, i)))) {
            return i + number;
        }
        has_space = has_space || xl_is_space(text.bytes[i]);
    }
    return 0;
}

static xt_text without_positions(xt_text line) {
    size_t length;
    while ((length = position_length(line)) > 0) {
        line = text_from(line, length);
    }
    return line;
}

static bool is_boundary(char byte) {
    return xl_is_space(byte) || is_punctuation(byte);
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

/* Copies `line`, at most MESSAGE_BYTES, to `room`, without what is in quotes. */
static xt_text without_quoted(xt_text line, char room[MESSAGE_BYTES]) {
    /* The quotes that aren't closed any more. Searched once for each, which keeps it
     * O(n). */
    bool is_unclosed[UCHAR_MAX + 1] = {false};
    size_t length = 0;
    for (size_t i = 0; i < line.length; i++) {
        if (!is_opening_quote(line, i)) {
            room[length++] = line.bytes[i];
            continue;
        }
        bool *unclosed = &is_unclosed[(unsigned char)line.bytes[i]];
        size_t closing = *unclosed ? line.length : closing_quote(line, i);
        *unclosed = closing == line.length;
        i = *unclosed ? i : closing;
    }
    return (xt_text){room, length};
}

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
    xt_text word = text_from(text_to(*rest, end), start);
    *rest = text_from(*rest, end);
    return word;
}

static xt_text without_punctuation(xt_text word) {
    while (word.length > 0 && is_punctuation(word.bytes[0])) {
        word = text_from(word, 1);
    }
    while (word.length > 0 && is_punctuation(word.bytes[word.length - 1])) {
        word.length--;
    }
    return word;
}

/* Whether it looks like a number, a path, a setting or an address. */
static bool is_value(xt_text word) {
    for (size_t i = 0; i < word.length; i++) {
        char byte = word.bytes[i];
        if (xl_is_digit(byte) || is_control(byte) || xl_is_one_of("/\\=@", byte)) {
            return true;
        }
    }
    return false;
}

/* What `word` adds to an error type; may be empty. */
static xt_text stable_part(xt_text word) {
    xt_text part = without_punctuation(word);
    bool varies = is_value(word) || part.length > WORD_BYTES ||
                  memchr(part.bytes, '.', part.length) != NULL;
    return varies ? text_to(part, 0) : part;
}

/* Appends `word` to the `type` in `buffer`; false if it doesn't fit. */
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

static xt_text join_words(xt_text text, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text type = {buffer, 0};
    xt_text word;
    while ((word = next_word(&text)).length > 0) {
        xt_text part = stable_part(word);
        if (part.length > 0 && !append_word(&type, part, buffer)) {
            break;
        }
    }
    return type.length > 0 ? type : xt_text_of("error");
}

static xt_text type_of_message(xt_text message, char buffer[XL_ERROR_TYPE_BYTES]) {
    char room[MESSAGE_BYTES];
    xt_text line = first_line(message);
    const char *name = errno_in(line);
    return name != NULL
               ? xt_text_of(name)
               : join_words(without_quoted(without_positions(line), room), buffer);
}

/* Replaces the table on top by its `__index`, if that is a table; else returns false. */
static bool enter_index(lua_State *L) {
    int type = luaL_getmetafield(L, -1, "__index");
    if (type == LUA_TTABLE) {
        lua_remove(L, -2); /* table */
        return true;
    }
    lua_pop(L, type == LUA_TNIL ? 0 : 1);
    return false;
}

/* Pushes field `name` of the table on top, and returns its type. [-0, +1] */
static int push_raw_field(lua_State *L, const char *name) {
    lua_pushstring(L, name);
    return lua_rawget(L, -2);
}

/* Pushes field `name` of the table at `index`, also one that its `__index` tables have.
 * Calls no function. [-0, +1] */
static void push_field(lua_State *L, int index, const char *name) {
    lua_pushvalue(L, index);
    for (int tables = 0; push_raw_field(L, name) == LUA_TNIL; tables++) {
        lua_pop(L, 1); /* nil */
        if (tables == INDEX_TABLES || !enter_index(L)) {
            lua_pushnil(L);
            break;
        }
    }
    lua_remove(L, -2); /* table */
}

/* The string at `index`, valid as long as it is there; empty for another value. */
static xt_text string_at(lua_State *L, int index) {
    xt_text string = {"", 0};
    if (lua_type(L, index) == LUA_TSTRING) {
        string.bytes = lua_tolstring(L, index, &string.length);
    }
    return string;
}

static xt_text type_of_string(xt_text code, char buffer[XL_ERROR_TYPE_BYTES]) {
    size_t length = code.length < XL_ERROR_TYPE_BYTES ? code.length : XL_ERROR_TYPE_BYTES;
    memcpy(buffer, code.bytes, length);
    return (xt_text){buffer, length};
}

static xt_text type_of_integer(int64_t code, char buffer[XL_ERROR_TYPE_BYTES]) {
    snprintf(buffer, XL_ERROR_TYPE_BYTES, "%s", xl_digits(code).bytes);
    return xt_text_of(buffer);
}

/* The error type for the code on top; empty if it is neither a string nor an integer.
 * [-1, +0] */
static xt_text pop_code(lua_State *L, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text type = {buffer, 0};
    xt_text string = string_at(L, -1);
    int is_integer = 0;
    int64_t integer = lua_tointegerx(L, -1, &is_integer);
    if (string.length > 0) {
        type = type_of_string(string, buffer);
    } else if (is_integer) {
        type = type_of_integer(integer, buffer);
    }
    lua_pop(L, 1); /* code */
    return type;
}

/* The error type for the message on top; empty if it isn't a string. [-1, +0] */
static xt_text pop_message(lua_State *L, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text type = {buffer, 0};
    xt_text message = string_at(L, -1);
    if (message.length > 0) {
        type = type_of_message(message, buffer);
    }
    lua_pop(L, 1); /* message */
    return type;
}

static xt_text type_of_table(lua_State *L, int index, char buffer[XL_ERROR_TYPE_BYTES]) {
    push_field(L, index, "code");
    xt_text type = pop_code(L, buffer);
    if (type.length == 0) {
        push_field(L, index, "type");
        type = pop_code(L, buffer);
    }
    if (type.length == 0) {
        push_field(L, index, "message");
        type = pop_message(L, buffer);
    }
    return type.length > 0 ? type : xt_text_of("table");
}

void xl_push_error_message(lua_State *L, int index) {
    if (lua_type(L, index) == LUA_TTABLE) {
        push_field(L, index, "message");
    } else {
        lua_pushvalue(L, index);
    }
}

/* Whether it is what Lua 5.5 makes of the error nil. */
static bool is_no_error(xt_text message) {
    static const char words[] = "<no error object>";
    return message.length == sizeof words - 1 &&
           memcmp(message.bytes, words, message.length) == 0;
}

xt_text xl_error_type_of(lua_State *L, int index, char buffer[XL_ERROR_TYPE_BYTES]) {
    switch (lua_type(L, index)) {
    case LUA_TTABLE:
        return type_of_table(L, index, buffer);
    case LUA_TSTRING:
        return is_no_error(string_at(L, index))
                   ? xt_text_of("nil")
                   : type_of_message(string_at(L, index), buffer);
    default:
        return xt_text_of(luaL_typename(L, index));
    }
}
