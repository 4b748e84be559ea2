/* The module `exectrack.core` and its functions. */
#include "arguments.h"
#include "binding.h"
#include "convention.h"
#include "describe.h"
#include "fingerprint.h"
#include "redact.h"
#include "visible.h"

/* exectrack.fingerprint(...) */
static int fingerprint(lua_State *L) {
    lua_pushinteger(L, xl_fingerprint_args(L, 1, lua_gettop(L), 0));
    return 1;
}

/* exectrack.describe(...) */
static int describe(lua_State *L) {
    xl_description description = {.redacts = true};
    xl_describe_values(L, 1, lua_gettop(L), &description);
    lua_pushlstring(L, description.bytes, description.length);
    return 1;
}

/* exectrack.redact(text) */
static int redact(lua_State *L) {
    xt_text text = xl_text_argument(L, xl_argument_at(1));
    xl_secret_search search = {.text = text};
    xl_stretch secret;
    size_t at = 0;
    luaL_Buffer redacted;
    luaL_buffinit(L, &redacted);
    while (xl_next_secret(&search, text.length, &secret)) {
        luaL_addlstring(&redacted, text.bytes + at, secret.start - at);
        luaL_addstring(&redacted, XL_REDACTED);
        at = secret.end;
    }
    luaL_addlstring(&redacted, text.bytes + at, text.length - at);
    luaL_pushresult(&redacted);
    return 1;
}

/* session_hash(name): the fingerprint of a session by its name, or by what is shown
 * instead of a forgotten one. */
static int session_hash(lua_State *L) {
    lua_pushinteger(L, xt_session_of(xl_text_argument(L, xl_argument_at(1))).hash);
    return 1;
}

/* plain_width(text): the columns of a text of printable ASCII, frames and blocks; nil for
 * any other. */
static int plain_width(lua_State *L) {
    ptrdiff_t width = xl_plain_width(xl_text_argument(L, xl_argument_at(1)));
    if (width >= 0) {
        lua_pushinteger(L, width);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

static const luaL_Reg functions[] = {
    {"new", xl_tracker_new},
    {"open", xl_tracker_open},
    {"fingerprint", fingerprint},
    {"describe", describe},
    {"redact", redact},
    {"load", xl_snapshot_load},
    {"from_bytes", xl_snapshot_from_bytes},
    {"from_table", xl_snapshot_from_table},
    {"merge", xl_snapshot_merge},
    {"convention", xl_convention},  /* for exectrack.classify alone */
    {"importer", xl_importer_new},  /* for exectrack.format.read alone */
    {"session_hash", session_hash}, /* for exectrack.format.otlp_ids alone */
    {"plain_width", plain_width},   /* for exectrack.report.unicode alone */
    {NULL, NULL},
};

int luaopen_exectrack_core(lua_State *L) {
    xl_set_up_convention(L);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    xl_push_json_functions(L);
    lua_setfield(L, -2, "json");
    lua_pushliteral(L, "exectrack " XT_VERSION);
    lua_setfield(L, -2, "_VERSION");
    return 1;
}
