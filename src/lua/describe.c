#include "describe.h"

#include "arguments.h"
#include "ascii.h"
#include "fingerprint.h"
#include "number_text.h"
#include "redact.h"
#include "visible.h"

#include <stdio.h>
#include <string.h>

#define CUT "\xE2\x80\xA6" /* … */

enum {
    CUT_BYTES = sizeof CUT - 1,
    MOST_LEVELS = 4,
    MOST_FIELDS = XL_DESCRIPTION_BYTES / 4, /* none is shorter than `a=1,` */
    /* More bytes than fit, even if the last of them are an incomplete character. */
    TOO_MANY_BYTES = XL_DESCRIPTION_BYTES + 4,
};

/* Adds `piece`, whole or not at all. */
static void add(xl_description *to, const char *piece) {
    size_t length = strlen(piece);
    if (to->is_full) {
        return;
    }
    if (to->length + length > XL_DESCRIPTION_BYTES) {
        memcpy(to->bytes + to->cut, CUT, CUT_BYTES);
        to->length = to->cut + CUT_BYTES;
        to->is_full = true;
        return;
    }
    memcpy(to->bytes + to->length, piece, length);
    to->length += length;
    if (to->length + CUT_BYTES <= XL_DESCRIPTION_BYTES) {
        to->cut = to->length;
    }
}

/* Adds text without secrets; in `quotes`, escapes quotes and backslashes. */
static void add_plain(xl_description *to, xt_text text, bool quotes) {
    size_t at = 0;
    while (at < text.length && !to->is_full) {
        char character[XL_VISIBLE_CHARACTER_BYTES];
        if (quotes && (text.bytes[at] == '"' || text.bytes[at] == '\\')) {
            snprintf(character, sizeof character, "\\%c", text.bytes[at++]);
        } else {
            const xt_text left = {text.bytes + at, text.length - at};
            at += xl_make_character_visible(character, left);
        }
        add(to, character);
    }
}

static void add_text(xl_description *to, xt_text text, bool quotes) {
    xl_secret_search search = {.text = text};
    size_t at = 0;
    while (at < text.length && !to->is_full) {
        size_t left = text.length - at;
        size_t limit = at + (left < TOO_MANY_BYTES ? left : TOO_MANY_BYTES);
        xl_stretch secret;
        bool is_found = to->redacts && xl_next_secret(&search, limit, &secret);
        size_t plain = is_found ? secret.start : limit;
        add_plain(to, (xt_text){text.bytes + at, plain - at}, quotes);
        if (is_found) {
            add(to, XL_REDACTED);
        }
        at = is_found ? secret.end : limit;
    }
}

static void add_string(xl_description *to, xt_text text) {
    add(to, "\"");
    add_text(to, text, true);
    add(to, "\"");
}

static void add_table(lua_State *L, int index, int level, xl_description *to);

static void add_value(lua_State *L, int index, int level, xl_description *to) {
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        add(to, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        add(to, xl_number_text_at(L, index).bytes);
        break;
    case LUA_TSTRING:
        add_string(to, xl_text_at(L, index));
        break;
    case LUA_TTABLE:
        add_table(L, index, level, to);
        break;
    default:
        add(to, luaL_typename(L, index));
    }
}

/* Whether the value at `index` is a flag such as `--password`: the next element of the
 * list is then a secret. */
static bool is_secret_flag(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TSTRING) {
        return false;
    }
    xt_text text = xl_text_at(L, index);
    return text.length > 0 && text.bytes[0] == '-' &&
           memchr(text.bytes, '=', text.length) == NULL && xl_is_secret_key(text);
}

/* Adds the value at `index`, redacted if it is a secret. A boolean isn't one. */
static void add_unless_secret(lua_State *L, int index, int level, bool is_secret,
                              xl_description *to) {
    if (is_secret && to->redacts && !lua_isboolean(L, index)) {
        add(to, XL_REDACTED);
    } else {
        add_value(L, index, level, to);
    }
}

static void add_comma(xl_description *to, bool *is_first) {
    add(to, *is_first ? "" : ", ");
    *is_first = false;
}

/* Adds elements 1 to n of the table at `index`, up to the first nil. Returns n, if all
 * fit. */
static int64_t add_list(lua_State *L, int index, int level, bool *is_first,
                        xl_description *to) {
    bool is_secret = false;
    int64_t i = 1;
    for (; lua_rawgeti(L, index, i) != LUA_TNIL && !to->is_full; i++) {
        add_comma(to, is_first);
        add_unless_secret(L, lua_gettop(L), level, is_secret, to);
        is_secret = is_secret_flag(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return i - 1;
}

/* How types of keys are ordered. OTHERS can't be ordered. */
enum { NUMBERS, STRINGS, BOOLEANS, OTHERS };

static int rank_of(lua_State *L, int index) {
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        return NUMBERS;
    case LUA_TSTRING:
        return STRINGS;
    case LUA_TBOOLEAN:
        return BOOLEANS;
    default:
        return OTHERS;
    }
}

static bool is_text_less(xt_text a, xt_text b) {
    size_t common = a.length < b.length ? a.length : b.length;
    int order = memcmp(a.bytes, b.bytes, common);
    return order != 0 ? order < 0 : a.length < b.length;
}

static bool is_less(lua_State *L, int a, int b) {
    int rank = rank_of(L, a);
    if (rank != rank_of(L, b)) {
        return rank < rank_of(L, b);
    }
    switch (rank) {
    case NUMBERS:
        return lua_compare(L, a, b, LUA_OPLT);
    case STRINGS:
        return is_text_less(xl_text_at(L, a), xl_text_at(L, b));
    default:
        return lua_toboolean(L, a) < lua_toboolean(L, b);
    }
}

/* Inserts a copy of the key on top into the `count` sorted keys below it. [-0, +1] */
static void insert_key(lua_State *L, int count) {
    int place = lua_gettop(L);
    int first = place - count;
    while (place > first && is_less(L, -1, place - 1)) {
        place--;
    }
    lua_pushvalue(L, -1);
    lua_insert(L, place);
}

/* Whether the key at `index` is one of a list of this length. */
static bool is_in_list(lua_State *L, int index, int64_t length) {
    return lua_isinteger(L, index) && lua_tointeger(L, index) >= 1 &&
           lua_tointeger(L, index) <= length;
}

/*
 * Pushes the MOST_FIELDS lowest keys of the table at `index`, sorted, without the first
 * `listed` integers and the names in the table at `ignored`. Returns how many, and stores
 * whether there are others. [-0, +count]
 */
static int push_keys(lua_State *L, int index, int64_t listed, int ignored,
                     bool *has_others) {
    int count = 0;
    *has_others = false;
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        lua_pop(L, 1); /* value */
        if (is_in_list(L, -1, listed) || xl_is_ignored(L, -1, ignored)) {
            continue;
        }
        if (rank_of(L, -1) == OTHERS ||
            (count == MOST_FIELDS && !is_less(L, -1, lua_gettop(L) - 1))) {
            *has_others = true;
            continue;
        }
        if (count == MOST_FIELDS) {
            *has_others = true;
            lua_remove(L, -2); /* the highest of them */
            count--;
        }
        insert_key(L, count++);
    }
    return count;
}

static bool is_identifier(xt_text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (!xl_is_alphanumeric(text.bytes[i]) && text.bytes[i] != '_') {
            return false;
        }
    }
    return text.length > 0 && !xl_is_digit(text.bytes[0]);
}

static void add_key(lua_State *L, int index, xl_description *to) {
    if (lua_type(L, index) == LUA_TSTRING && is_identifier(xl_text_at(L, index))) {
        add_text(to, xl_text_at(L, index), false);
        add(to, "=");
    } else {
        add(to, "[");
        add_value(L, index, MOST_LEVELS, to);
        add(to, "]=");
    }
}

/* Adds the field of the table at `index` whose key is at `key`. */
static void add_field(lua_State *L, int index, int key, int level, xl_description *to) {
    bool is_secret =
        lua_type(L, key) == LUA_TSTRING && xl_is_secret_key(xl_text_at(L, key));
    add_key(L, key, to);
    lua_pushvalue(L, key);
    lua_rawget(L, index);
    add_unless_secret(L, lua_gettop(L), level, is_secret, to);
    lua_pop(L, 1); /* value */
}

static void add_fields(lua_State *L, int index, int64_t listed, int level, bool *is_first,
                       xl_description *to) {
    bool has_others;
    int first = lua_gettop(L) + 1;
    int count = push_keys(L, index, listed, level == 1 ? to->ignored : 0, &has_others);
    for (int key = first; key < first + count && !to->is_full; key++) {
        add_comma(to, is_first);
        add_field(L, index, key, level, to);
    }
    lua_settop(L, first - 1);
    if (has_others) {
        add_comma(to, is_first);
        add(to, CUT);
    }
}

static bool is_empty(lua_State *L, int index) {
    lua_pushnil(L);
    if (lua_next(L, index) == 0) {
        return true;
    }
    lua_pop(L, 2); /* key, value */
    return false;
}

static void add_table(lua_State *L, int index, int level, xl_description *to) {
    bool is_first = true;
    if (!xl_has_room(L, MOST_FIELDS + 8) ||
        (level == MOST_LEVELS && !is_empty(L, index))) {
        add(to, "{" CUT "}");
        return;
    }
    add(to, "{");
    int64_t listed = add_list(L, index, level + 1, &is_first, to);
    if (!to->is_full) {
        add_fields(L, index, listed, level + 1, &is_first, to);
    }
    add(to, "}");
}

void xl_describe_values(lua_State *L, int first, int count, xl_description *to) {
    bool is_first = true;
    bool is_secret = false;
    for (int i = first; i < first + count && !to->is_full; i++) {
        add_comma(to, &is_first);
        add_unless_secret(L, i, 0, is_secret, to);
        is_secret = is_secret_flag(L, i);
    }
}

void xl_describe_text(xt_text text, xl_description *to) {
    add_text(to, text, false);
}
