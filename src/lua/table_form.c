#include "table_form.h"

#include "arguments.h"

const char *const xl_texts_fields[XT_TEXTS_KINDS] = {"session_names", "args_texts",
                                                     "error_texts"};

/* The largest integer of 14 digits, which is what lua-cjson prints. */
static const uint64_t largest_number = UINT64_C(99999999999999);

void xt_push_exact(lua_State *L, uint64_t value) {
    if (value <= largest_number) {
        lua_pushinteger(L, (lua_Integer)value);
    } else {
        lua_pushfstring(L, "%I", (LUAI_UACINT)value);
    }
}

void xt_set_exact(lua_State *L, const char *field, uint64_t value) {
    xt_push_exact(L, value);
    lua_setfield(L, -2, field);
}

void xt_set_exact_time(lua_State *L, const char *seconds, const char *microseconds,
                       uint64_t time_us) {
    xt_set_exact(L, seconds, time_us / 1000000);
    xt_set_exact(L, microseconds, time_us % 1000000);
}

void xl_set_exact_depth(lua_State *L, uint32_t depth) {
    if (depth != 0) {
        xt_set_exact(L, "depth", depth);
    }
}

uint32_t xl_read_exact_depth(lua_State *L, const xt_place *in) {
    bool has_depth = xt_has_field(L, "depth");
    return has_depth ? (uint32_t)xt_read_integer(L, in, "depth", 0, XT_MAX_DEPTH) : 0;
}

xt_session xl_read_exact_session(lua_State *L, const xt_place *in) {
    const xt_place at = {in, "session", 0};
    xt_session session = {0};
    if (xt_has_field(L, "session")) {
        session = xt_session_of(xt_push_text_at(L, &at, SIZE_MAX));
        session.name = (xt_text){NULL, 0};
        lua_pop(L, 1); /* text */
    }
    return session;
}

uint64_t xt_read_exact_time(lua_State *L, const xt_place *in, const char *seconds,
                            const char *microseconds) {
    uint64_t whole = xt_read_integer(L, in, seconds, 0, XT_MAX_SECONDS);
    uint64_t most = whole < XT_MAX_SECONDS ? 999999 : XT_MAX_COUNT % 1000000;
    return whole * 1000000 + xt_read_integer(L, in, microseconds, 0, most);
}

uint64_t xt_read_count(lua_State *L, const xt_place *in, const char *field) {
    return xt_read_integer(L, in, field, 0, XT_MAX_COUNT);
}

uint32_t xt_read_uint32(lua_State *L, const xt_place *in, const char *field) {
    return (uint32_t)xt_read_integer(L, in, field, 0, UINT32_MAX);
}

uint32_t xt_read_id(lua_State *L, const xt_place *in, const char *field, uint32_t count) {
    return (uint32_t)xt_read_integer(L, in, field, 1, count);
}
