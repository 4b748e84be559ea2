/***
Tracker: records what an agent's tools did, and answers questions about it.

Durations are milliseconds, an integer when whole, else a float, kept to the microsecond.
Times are Unix seconds with a fraction. A status is one of the strings `"success"`,
`"failed"`, `"timed_out"` and `"cancelled"`. Misuse raises an error that names the
argument.
@classmod Tracker
*/
#include "arguments.h"
#include "fingerprint.h"
#include "handle.h"
#include "lua_memory.h"
#include "nesting.h"
#include "read_methods.h"
#include "record_fields.h"
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

/* Records what the table at index 2 says, whose fields stay on the stack meanwhile. */
static int record_table(lua_State *L, xt_tracker_handle *handle) {
    if (!lua_istable(L, 2)) {
        xt_argument tool = xt_argument_at(2);
        xt_argument_type_error(L, &tool, "string");
    }
    lua_settop(L, 2);
    xt_given_record given = xt_read_record(L, 2);
    if (given.has_end) {
        xt_tracker_record_at(xt_open_tracker(L, handle), &given.execution);
    } else {
        given.execution.depth =
            given.has_depth ? given.execution.depth : xl_depth(L, handle);
        xt_tracker_record(xt_read_clock_of_self(L, handle), &given.execution);
    }
    return 0;
}

/***
Records an execution that ends now. O(1).

A table in place of the first argument has the arguments as fields of these names, and
these too: `timestamp`, the Unix seconds at which it ended, from 1970 on, to import a past
run; `args_hash`, in place of `args`; `result_hash`; `session`, its name; `depth`, how many
calls it was made within, where `timestamp` is given, else as many as it is; and `tool_id`, which is ignored. So it takes what
`recent_executions` returns. Records stay in the order in which they are recorded.
@function record
@tparam string tool any bytes; of more than 255 the first 255 count. When the tracker
  knows `max_tools` tools, or their names have no more room, a new one counts as
  `(other)`.
@tparam string status how it ended
@tparam number duration_ms milliseconds, finite, from 0; kept to the nearest microsecond
@tparam[opt=false] boolean was_cached whether a cache answered
@tparam[opt] string error_type a short stable class such as `ENOENT`; of 256 of them, a
  new one counts as `(other)`
@param[opt] args what the tool was called with, any value; only its fingerprint is kept
*/
static int tracker_record(lua_State *L) {
    xt_tracker_handle *handle = check_open(L);
    if (lua_type(L, 2) != LUA_TSTRING) {
        return record_table(L, handle);
    }
    xt_execution execution = {.depth = xl_depth(L, handle)};
    if (!handle->has_clock) {
        /* First of all: reading the arguments then goes on while the clock is waited for.
         */
        execution.end_us = xt_tracker_now_us(handle->tracker);
    }
    execution.tool.bytes = lua_tolstring(L, 2, &execution.tool.length);
    execution.outcome.status = xt_status_argument(L, xt_argument_at(3));
    execution.duration_us = xt_duration_argument(L, xt_argument_at(4));
    execution.outcome.was_cached = xt_boolean_argument(L, xt_argument_at(5));
    if (lua_gettop(L) > 5) {
        execution.outcome.error_type = xt_optional_text_argument(L, xt_argument_at(6));
        execution.args_hash = xt_args_argument(L, xt_argument_at(7));
    }
    if (handle->has_clock) {
        execution.end_us = xt_tracker_now_us(xt_read_clock_of_self(L, handle));
    }
    xt_tracker_record_at(xt_open_tracker(L, handle), &execution);
    return 0;
}

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
    {"record", tracker_record},
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
