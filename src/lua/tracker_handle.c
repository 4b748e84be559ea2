/***
Tracker: records what an agent's tools did, and answers questions about it.

Durations are milliseconds, an integer when whole, else a float, kept to the microsecond.
Times are Unix seconds with a fraction. A status is one of the strings `"success"`,
`"failed"`, `"timed_out"` and `"cancelled"`. Misuse raises an error that names the
argument.
@classmod Tracker
*/
#include "lua_memory.h"
#include "nesting.h"
#include "read_methods.h"
#include "run.h"
#include "snapshot.h"
#include "wrap.h"

const xt_type xt_tracker_type = {"exectrack.Tracker", sizeof(xt_tracker_handle)};

static xt_tracker_handle *check_tracker(lua_State *L) {
    return xt_check_self(L, &xt_tracker_type);
}

/* The handle of a method's self, which is open. */
static xt_tracker_handle *check_open(lua_State *L) {
    xt_tracker_handle *handle = check_tracker(L);
    xt_open_tracker(L, handle);
    return handle;
}

/***
A Session of this tracker: what records for the session called `name`, of which there may be
any number. O(length of the name).

A session is known by the fingerprint of its name. `#` and eight lower-case hexadecimal digits
name the session of that fingerprint.
@function session
@tparam string name any bytes
@treturn Session
*/

/***
Starts an execution, which is in flight until its Span is finished. O(1).
@function start
@tparam string tool as for `record`
@param[opt] args as for `record`
@treturn Span
*/

/***
Takes a snapshot of the run as it is now: its clock is read, and the used part of its
memory is copied. Nothing that happens to the tracker later shows in it. O(records + up to
4.3 KB a tool).
@function snapshot
@treturn Snapshot
*/
static int tracker_snapshot(lua_State *L) {
    xt_tracker_handle *handle = check_open(L);
    const xt_image *image = xt_tracker_image(xt_read_clock_of_self(L, handle));
    size_t bytes = 0;
    void *block = NULL;
    xt_snapshot *snapshot;
    xt_tracker_now_us(handle->tracker);
    while (xt_snapshot_bytes(image) > bytes) {
        bytes = xt_snapshot_bytes(image);
        lua_settop(L, 1);
        block = xt_push_block(L, bytes);
        /* A finalizer that ran meanwhile may have recorded more, or closed it. */
        image = xt_tracker_image(xt_open_tracker(L, handle));
    }
    xt_allocator memory = xt_block_allocator(block);
    xt_snapshot_take(image, &memory, &snapshot); /* now, in one go */
    xt_push_snapshot(L, snapshot);
    xt_account_for(L, bytes); /* a loop uses the same memory again */
    return 1;
}

/***
Empties the history and zeroes all statistics, as at the start of a session. Names, their
ids and what is in flight stay; a span that is finished later counts then. O(tools).
@function clear
*/
static int tracker_clear(lua_State *L) {
    xt_tracker_clear(xt_open_tracker(L, check_tracker(L)));
    return 0;
}

/***
`tostring(tracker)` names its tools and records: `exectrack.Tracker (12 tools, 1000/1000
records)`.
@function __tostring
@treturn string
*/
static int tracker_tostring(lua_State *L) {
    const xt_tracker_handle *handle = check_tracker(L);
    if (handle->tracker == NULL) {
        lua_pushfstring(L, "%s (closed)", xt_tracker_type.name);
        return 1;
    }
    const xt_image *image = xt_tracker_image(handle->tracker);
    uint32_t tools = xt_image_tool_count(image);
    lua_pushfstring(L, "%s (%d %s, %I/%I records)", xt_tracker_type.name, (int)tools,
                    tools == 1 ? "tool" : "tools",
                    (LUAI_UACINT)xt_image_record_count(image),
                    (LUAI_UACINT)xt_image_max_history(image));
    return 1;
}

/***
`local tracker <close>` frees the memory when it goes out of scope, which otherwise the
garbage collector does. Using the tracker afterwards raises. A tracker that a C host lends
isn't closed.
@function __close
*/
static int tracker_close(lua_State *L) {
    xt_tracker_handle *handle = check_tracker(L);
    if (!handle->is_borrowed) {
        xt_tracker_close(handle->tracker);
        handle->tracker = NULL;
    }
    return 0;
}

static const luaL_Reg methods[] = {
    {"session", xl_lua_session},
    {"record", xl_lua_record},
    {"start", xt_lua_start},
    {"run", xt_lua_run},
    {"wrap", xt_lua_wrap},
    {"instrument", xt_lua_instrument},
    {"snapshot", tracker_snapshot},
    {"clear", tracker_clear},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__len", xt_lua_len},
    {"__tostring", tracker_tostring},
    {"__gc", tracker_close},
    {"__close", tracker_close},
    {NULL, NULL},
};

xt_tracker_handle *xt_push_closed_tracker(lua_State *L) {
    xl_nesting *nesting = xl_nesting_of(L);
    xt_tracker_handle *handle =
        lua_newuserdatauv(L, sizeof *handle, XL_TRACKER_USER_VALUES);
    *handle = (xt_tracker_handle){.type = &xt_tracker_type, .nesting = nesting};
    xt_push_metatable(L, &xt_tracker_type, metamethods, methods, true);
    lua_setmetatable(L, -2);
    return handle;
}

void xt_push_tracker(lua_State *L, xt_tracker *tracker) {
    luaL_requiref(L, "exectrack.core", luaopen_exectrack_core, 0);
    lua_pop(L, 1); /* module */
    xt_tracker_handle *handle = xt_push_closed_tracker(L);
    handle->is_borrowed = true;
    handle->tracker = tracker;
}
