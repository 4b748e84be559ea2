/***
@submodule Snapshot
*/
#include "arguments.h"
#include "push.h"
#include "snapshot_handle.h"
#include "status.h"

/* `snapshot[i]`, or a method from the table that is upvalue 2. */
int xt_snapshot_lua_index(lua_State *L) {
    const xt_image *image = xt_check_snapshot_image(L);
    if (lua_type(L, 2) != LUA_TNUMBER) {
        lua_settop(L, 2);
        lua_rawget(L, lua_upvalueindex(2));
        return 1;
    }
    lua_Integer i = lua_tointeger(L, 2); /* 0 if it isn't one */
    if (i < 1 || (lua_Unsigned)i > xt_image_record_count(image)) {
        lua_pushnil(L);
        return 1;
    }
    xt_execution execution;
    xt_get_execution(image, (size_t)i - 1, &execution);
    xt_push_execution(L, &execution);
    return 1;
}

typedef enum field {
    TOOL,
    TOOL_ID,
    STATUS,
    DURATION_MS,
    WAS_CACHED,
    ERROR_TYPE,
    ARGS_HASH,
    TIMESTAMP,
    FIELDS
} field;

static const char *const field_names[FIELDS] = {"tool",        "tool_id",    "status",
                                                "duration_ms", "was_cached", "error_type",
                                                "args_hash",   "timestamp"};

/* Strings that many records need, on the stack: from here on, where they stand. */
typedef struct strings {
    int fields;   /* the names of the fields, one after the other */
    int statuses; /* the words, one after the other */
    int tools;    /* an array of names, by identifier */
} strings;

static strings push_strings(lua_State *L, const xt_image *image) {
    strings at = {.fields = lua_gettop(L) + 1};
    luaL_checkstack(L, FIELDS + 10, "too many fields");
    for (int i = 0; i < FIELDS; i++) {
        lua_pushstring(L, field_names[i]);
    }
    at.statuses = lua_gettop(L) + 1;
    for (int status = XT_SUCCESS; status <= XT_CANCELLED; status++) {
        lua_pushstring(L, xt_status_word((xt_status)status));
    }
    uint32_t tools = xt_image_tool_count(image);
    lua_createtable(L, (int)tools, 0);
    at.tools = lua_gettop(L);
    for (uint32_t id = 1; id <= tools; id++) {
        xt_push_text(L, xt_image_tool_name(image, id));
        lua_rawseti(L, -2, id);
    }
    return at;
}

/* Pushes a field of `execution`; nil for no error type. [-0, +1] */
static void push_value(lua_State *L, const strings *at, const xt_execution *execution,
                       field which) {
    const xt_outcome *outcome = &execution->outcome;
    switch (which) {
    case TOOL:
        lua_rawgeti(L, at->tools, execution->tool_id);
        break;
    case TOOL_ID:
        lua_pushinteger(L, execution->tool_id);
        break;
    case STATUS:
        lua_pushvalue(L, at->statuses + (int)outcome->status);
        break;
    case DURATION_MS:
        xt_push_duration(L, execution->duration_us);
        break;
    case WAS_CACHED:
        lua_pushboolean(L, outcome->was_cached);
        break;
    case ERROR_TYPE:
        if (outcome->error_type.length > 0) {
            xt_push_text(L, outcome->error_type);
        } else {
            lua_pushnil(L);
        }
        break;
    case ARGS_HASH:
        lua_pushinteger(L, execution->args_hash);
        break;
    case TIMESTAMP:
        xt_push_time(L, execution->end_us);
        break;
    case FIELDS:
        break;
    }
}

/* Pushes the record table of `execution`. [-0, +1] */
static void push_record(lua_State *L, const strings *at, const xt_execution *execution) {
    lua_createtable(L, 0, FIELDS);
    for (field which = TOOL; which < FIELDS; which++) {
        if (which != ERROR_TYPE || execution->outcome.error_type.length > 0) {
            lua_pushvalue(L, at->fields + (int)which);
            push_value(L, at, execution, which);
            lua_rawset(L, -3);
        }
    }
}

/***
All records as an array of record tables, oldest first. O(records).
@function records
@treturn {table,...}
*/
int xt_snapshot_lua_records(lua_State *L) {
    const xt_image *image = xt_check_snapshot_image(L);
    size_t count = xt_image_record_count(image);
    strings at = push_strings(L, image);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xt_get_execution(image, i, &execution);
        push_record(L, &at, &execution);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* The field that argument 2 names. */
static field field_argument(lua_State *L) {
    xt_text name = xt_text_argument(L, xt_argument_at(2));
    size_t which = xt_find_word(name, FIELDS, field_names);
    if (which == FIELDS) {
        luaL_argerror(L, 2,
                      lua_pushfstring(L, "a record has no field %s", xt_quote(L, 2)));
    }
    return (field)which;
}

/***
One field of all records as an array, oldest first. O(records).
@function column
@tparam string field of a record: `tool`, `tool_id`, `status`, `duration_ms`, `was_cached`,
  `error_type` (false for none), `args_hash` or `timestamp`
@treturn table an array with as many values as there are records
*/
int xt_snapshot_lua_column(lua_State *L) {
    const xt_image *image = xt_check_snapshot_image(L);
    size_t count = xt_image_record_count(image);
    field which = field_argument(L);
    strings at = push_strings(L, image);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xt_get_execution(image, i, &execution);
        push_value(L, &at, &execution, which);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1); /* nil */
            lua_pushboolean(L, false);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}
