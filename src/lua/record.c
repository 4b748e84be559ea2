/***
@submodule Tracker
*/
#include "arguments.h"
#include "nesting.h"
#include "record_fields.h"
#include "self.h"
#include "tracker_texts.h"

/* Sets the session that a record table has left out to that of `self`. */
static void set_session(lua_State *L, const xl_self *self, xt_session *session) {
    static const xt_argument field = {.number = 2, .field = "session"};
    if (session->hash == 0) {
        *session = *self->session;
    } else if (self->session->hash != 0 && self->session->hash != session->hash) {
        xt_argument_error(L, &field,
                          "another session than that which it is recorded for");
    }
}

/* Records what the table at index 2 says, whose fields stay on the stack meanwhile. */
static int record_table(lua_State *L, const xl_self *self) {
    if (!lua_istable(L, 2)) {
        xt_argument tool = xt_argument_at(2);
        xt_argument_type_error(L, &tool, "string");
    }
    lua_settop(L, 2);
    xl_measures measures;
    xt_given_record given;
    xl_copy_measures(xt_tracker_image(xt_open_tracker(L, self->tracker)), &measures);
    xt_read_record(L, 2, &measures, &given);
    set_session(L, self, &given.execution.session);
    if (given.has_end) {
        xt_tracker_record_at(xt_open_tracker(L, self->tracker), &given.execution);
    } else {
        given.execution.depth =
            given.has_depth ? given.execution.depth : xl_depth(L, self->tracker);
        xt_tracker_record(xt_read_clock_of_self(L, self->tracker), &given.execution);
    }
    return 0;
}

/***
Records an execution that ends now. O(1).

A table in place of the first argument has the arguments as fields of these names, and
these too: `timestamp`, the Unix seconds at which it ended, from 1970 on, to import a past
run, or false for an undated one, of which only the order is known; `timing`, `"elapsed"` for
a duration from request to result, which may include waiting for a person, else what follows
from `duration_ms`; `args_hash`, in place of `args`; `result`, what the tool returned, of
which only the fingerprint is kept, or `result_hash`; `args_text` and `error_text`, what
the arguments were and what the error said, which count if the tracker keeps such texts;
`session`, its name; `depth`, how many calls it was made within, where `timestamp` is
given, else as many as it is; `measures`, numbers that aren't negative by the names of the
tracker's measures, in their units; and `tool_id`, which is ignored. So it takes what
`recent_executions` returns. Records stay in the order in which they are recorded.
@function record
@tparam string tool any bytes; of more than 255 the first 255 count. When the tracker
  knows `max_tools` tools, or their names have no more room, a new one counts as
  `(other)`.
@tparam string status how it ended
@tparam[opt] number duration_ms milliseconds, finite, from 0; kept to the nearest
  microsecond; nil for an untimed one, whose duration isn't known
@tparam[opt=false] boolean was_cached whether a cache answered
@tparam[opt] string error_type a short stable class such as `ENOENT`; of 256 of them, a
  new one counts as `(other)`
@param[opt] args what the tool was called with, any value; only its fingerprint is kept
*/
int xl_lua_record(lua_State *L) {
    const xl_self self = xl_check_self(L);
    xt_tracker_handle *handle = self.tracker;
    if (lua_type(L, 2) != LUA_TSTRING) {
        return record_table(L, &self);
    }
    xt_execution execution = {.session = *self.session, .depth = xl_depth(L, handle)};
    xl_description text;
    if (!handle->has_clock) {
        /* First of all: reading the arguments then goes on while the clock is waited for.
         */
        execution.end_us = xt_tracker_now_us(handle->tracker);
    }
    execution.tool.bytes = lua_tolstring(L, 2, &execution.tool.length);
    execution.outcome.status = xt_status_argument(L, xt_argument_at(3));
    if (lua_isnoneornil(L, 4)) {
        execution.timing = XT_UNTIMED;
    } else {
        execution.duration_us = xt_duration_argument(L, xt_argument_at(4));
    }
    execution.outcome.was_cached = xt_boolean_argument(L, xt_argument_at(5));
    if (lua_gettop(L) > 5) {
        execution.outcome.error_type = xt_optional_text_argument(L, xt_argument_at(6));
        if (!lua_isnoneornil(L, 7)) {
            execution.args_hash = xl_take_args(L, 1, 7, 1, &text);
            execution.args_text = xl_text_of(&text);
        }
    }
    if (handle->has_clock) {
        execution.end_us = xt_tracker_now_us(xt_read_clock_of_self(L, handle));
    }
    xt_tracker_record_at(xt_open_tracker(L, handle), &execution);
    return 0;
}
