#include "arguments.h"
#include "binding.h"
#include "call_nesting.h"
#include "record_fields.h"
#include "tracker_texts.h"

/* Sets the session that a record table has left out to that of `self`. */
static void set_session(lua_State *L, const xl_self *self, xt_session *session) {
    static const xl_argument field = {.number = 2, .field = "session"};
    if (session->hash == 0) {
        *session = *self->session;
    } else if (self->session->hash != 0 && self->session->hash != session->hash) {
        xl_argument_error(L, &field,
                          "another session than that which it is recorded for");
    }
}

/* Records what the table at index 2 says, whose fields stay on the stack meanwhile. */
static int record_table(lua_State *L, const xl_self *self) {
    if (!lua_istable(L, 2)) {
        xl_argument tool = xl_argument_at(2);
        xl_argument_type_error(L, &tool, "string");
    }
    lua_settop(L, 2);
    xl_measures measures;
    xl_given_record given;
    xl_copy_measures(xt_tracker_image(xl_open_tracker(L, self->tracker)), &measures);
    xl_read_record(L, 2, &measures, &given);
    set_session(L, self, &given.execution.session);
    if (given.has_end) {
        xt_tracker_record_at(xl_open_tracker(L, self->tracker), &given.execution);
    } else {
        given.execution.depth =
            given.has_depth ? given.execution.depth : xl_depth(L, self->tracker);
        xt_tracker_record(xl_read_clock_of_self(L, self->tracker), &given.execution);
    }
    return 0;
}

/* tracker:record(tool, status [, duration_ms [, was_cached [, error_type [, args]]]]) */
int xl_tracker_record(lua_State *L) {
    const xl_self self = xl_check_self(L);
    xl_tracker *handle = self.tracker;
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
    execution.outcome.status = xl_status_argument(L, xl_argument_at(3));
    if (lua_isnoneornil(L, 4)) {
        execution.timing = XT_UNTIMED;
    } else {
        execution.duration_us = xl_duration_argument(L, xl_argument_at(4));
    }
    execution.outcome.was_cached = xl_boolean_argument(L, xl_argument_at(5));
    if (lua_gettop(L) > 5) {
        execution.outcome.error_type = xl_optional_text_argument(L, xl_argument_at(6));
        if (!lua_isnoneornil(L, 7)) {
            execution.args_hash = xl_take_args(L, 1, 7, 1, &text);
            execution.args_text = xl_text_of(&text);
        }
    }
    if (handle->has_clock) {
        execution.end_us = xt_tracker_now_us(xl_read_clock_of_self(L, handle));
    }
    xt_tracker_record_at(xl_open_tracker(L, handle), &execution);
    return 0;
}
