#include "tracker_texts.h"

#include "arguments.h"
#include "binding.h"
#include "failure.h"
#include "fingerprint.h"

/* Pushes the tracker's option `redact`: a function, false or nil. [-0, +1] */
static void push_redact(lua_State *L, int index, const xl_tracker *tracker) {
    xl_push_tracker_of(L, index, tracker);
    lua_getiuservalue(L, -1, XL_TRACKER_REDACT);
    lua_remove(L, -2); /* tracker */
}

/* Replaces the text at index 1 by what the function at index 2 returns for it. */
static int call_redact(lua_State *L) {
    xl_description *to = xl_to_address(L, 1);
    lua_pushlstring(L, to->bytes, to->length);
    lua_call(L, 1, 1);
    luaL_checktype(L, -1, LUA_TSTRING);
    *to = (xl_description){0};
    xl_describe_text(xl_text_at(L, -1), to);
    return 0;
}

/* Begins a text. The option `redact` is on top, and says whether secrets are redacted. */
static void begin(lua_State *L, int ignored, xl_description *to) {
    bool is_off = lua_isboolean(L, -1);
    *to = (xl_description){.redacts = !is_off, .ignored = ignored};
}

/* If the option `redact`, which is on top, is a function, has it replace the text.
 * [-1, +0] */
static void finish(lua_State *L, xl_description *to) {
    if (lua_isnil(L, -1) || lua_isboolean(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    xl_push_address(L, to);
    lua_insert(L, -2);
    if (xl_pcall(L, call_redact, 2, 0) != LUA_OK) {
        to->length = 0;
        lua_pop(L, 1); /* error */
    }
}

/* Whether the stack has room for what is done here; else there is no text. */
static bool has_room(lua_State *L, int slots, xl_description *to) {
    to->length = 0;
    return xl_has_room(L, slots + 8);
}

bool xl_wants_args_text(const xl_tracker *tracker, uint32_t args_hash) {
    return args_hash != 0 && tracker->tracker != NULL &&
           xt_image_wants_args_text(xt_tracker_image(tracker->tracker), args_hash);
}

void xl_make_args_text(lua_State *L, int index, const xl_tracker *tracker, int first,
                       int count, int ignored, xl_description *to) {
    if (has_room(L, 0, to)) {
        push_redact(L, index, tracker);
        begin(L, ignored, to);
        xl_describe_values(L, first, count, to);
        finish(L, to);
    }
}

uint32_t xl_take_args(lua_State *L, int index, const xl_tracker *tracker, int first,
                      int count, xl_description *to) {
    int ignored = xl_push_ignored_args_of(L, index, tracker);
    uint32_t args_hash = xl_fingerprint_args(L, first, count, ignored);
    to->length = 0;
    if (xl_wants_args_text(tracker, args_hash)) {
        xl_make_args_text(L, index, tracker, first, count, ignored, to);
    }
    lua_pop(L, ignored != 0 ? 1 : 0);
    return args_hash;
}

void xl_make_given_text(lua_State *L, int index, const xl_tracker *tracker, xt_text text,
                        xl_description *to) {
    if (has_room(L, 0, to)) {
        push_redact(L, index, tracker);
        begin(L, 0, to);
        xl_describe_text(text, to);
        finish(L, to);
    }
}

/* Adds to the text at index 1 what the function at index 2 returns for the values above
 * it. */
static int call_describe(lua_State *L) {
    lua_call(L, lua_gettop(L) - 2, 1);
    luaL_checktype(L, -1, LUA_TSTRING);
    xl_describe_text(xl_text_at(L, -1), xl_to_address(L, 1));
    return 0;
}

/* Adds what the function at `describe` returns for these values. False if it fails.
 * [-0, +0] */
static bool try_describe(lua_State *L, int describe, int first, int count,
                         xl_description *to) {
    xl_push_address(L, to);
    lua_pushvalue(L, describe);
    for (int i = 0; i < count; i++) {
        lua_pushvalue(L, first + i);
    }
    bool is_made = xl_pcall(L, call_describe, count + 2, 0) == LUA_OK;
    lua_pop(L, is_made ? 0 : 1); /* error */
    return is_made;
}

void xl_make_own_args_text(lua_State *L, int index, const xl_tracker *tracker, int first,
                           int count, xl_description *to) {
    int describe = lua_gettop(L);
    if (has_room(L, count, to)) {
        push_redact(L, index, tracker);
        begin(L, 0, to);
        if (try_describe(L, describe, first, count, to)) {
            finish(L, to);
        } else {
            to->length = 0;
        }
    }
    lua_settop(L, describe - 1);
}

static int push_message(lua_State *L) {
    xl_push_error_message(L, 1);
    return 1;
}

void xl_make_error_text(lua_State *L, int index, const xl_tracker *tracker, int error,
                        xl_description *to) {
    if (!has_room(L, 0, to) || tracker->tracker == NULL ||
        xt_image_max_texts(xt_tracker_image(tracker->tracker), XT_ERROR_TEXTS) == 0) {
        return;
    }
    lua_pushvalue(L, error);
    if (xl_pcall(L, push_message, 1, 1) == LUA_OK && lua_type(L, -1) == LUA_TSTRING) {
        xl_make_given_text(L, index, tracker, xl_text_at(L, -1), to);
    }
    lua_pop(L, 1); /* message, nil or error */
}
