#include "table_form.h"

#include "arguments.h"

/* The largest integer of 14 digits, which is what lua-cjson prints. */
static const uint64_t largest_number = UINT64_C(99999999999999);

void xt_set_exact(lua_State *L, const char *field, uint64_t value) {
    if (value <= largest_number) {
        lua_pushinteger(L, (lua_Integer)value);
    } else {
        lua_pushfstring(L, "%I", (LUAI_UACINT)value);
    }
    lua_setfield(L, -2, field);
}

void xt_set_exact_time(lua_State *L, const char *seconds, const char *microseconds,
                       uint64_t time_us) {
    xt_set_exact(L, seconds, time_us / 1000000);
    xt_set_exact(L, microseconds, time_us % 1000000);
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
