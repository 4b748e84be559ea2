/* Recording executions that have ended: `tracker:record` and `tracker:recorder`. */
#include "arguments.h"
#include "binding.h"
#include "call_nesting.h"
#include "record_fields.h"
#include "tracker.h"
#include "tracker_texts.h"

/* Sets the session of a record table that has none to that of `self`. Raises an error for
 * another one. */
static void set_session(lua_State *L, const xl_self *self, xt_session *session) {
    static const xl_argument field = {.number = 2, .field = "session"};
    if (session->hash == 0) {
        *session = *self->session;
    } else if (self->session->hash != 0 && self->session->hash != session->hash) {
        xl_argument_error(L, &field, "isn't the session that it is recorded for");
    }
}

/* tracker:record(record): the table is at index 2. Its fields stay on the stack
 * meanwhile. */
static int record_table(lua_State *L, const xl_self *self) {
    if (!lua_istable(L, 2)) {
        xl_argument tool = xl_argument_at(2);
        xl_argument_type_error(L, &tool, "string");
    }
    lua_settop(L, 2);
    xl_measures measures;
    xl_given_record given;
    xl_copy_measures(xt_tracker_image(xl_open_tracker(L, self->tracker)), &measures);
    xl_read_record(L, 2, self->tracker, &measures, &given);
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

/* Reads the duration that is argument `number`, if there is one. */
static inline xt_timing read_duration(lua_State *L, int number, uint64_t *duration_us) {
    int type = lua_type(L, number);
    if (type == LUA_TNONE || type == LUA_TNIL) {
        return XT_UNTIMED;
    }
    *duration_us = xl_duration_of_type(L, xl_argument_at(number), type);
    return XT_MEASURED;
}

/*
 * Records an execution of `tool`, whose identifier is `known`, or 0 if it isn't known.
 * `self` is the Tracker or Session that the userdata at `index` is or belongs to. The
 * arguments from number `first` on are the status and what may follow it.
 */
static inline __attribute__((always_inline)) void record(lua_State *L, int index,
                                                         const xl_self *self,
                                                         xt_text tool, uint32_t known,
                                                         int first) {
    xl_tracker *tracker = self->tracker;
    xt_outcome outcome = {.status = XT_SUCCESS};
    uint64_t end_us = 0;
    uint64_t duration_us = 0;
    uint32_t args_hash = 0;
    xl_description args_text;
    args_text.length = 0;
    if (!tracker->has_clock) {
        /* First, so that the processor can read the arguments while it waits for the
         * clock. */
        end_us = xt_tracker_now_us(tracker->tracker);
    }
    outcome.status = xl_status_argument(L, xl_argument_at(first));
    xt_timing timing = read_duration(L, first + 1, &duration_us);
    outcome.was_cached = xl_boolean_argument(L, xl_argument_at(first + 2));
    if (lua_gettop(L) > first + 2) {
        outcome.error_type = xl_optional_text_argument(L, xl_argument_at(first + 3));
        if (!lua_isnoneornil(L, first + 4)) {
            args_hash = xl_take_args(L, index, tracker, first + 4, 1, &args_text);
        }
    }
    if (tracker->has_clock) {
        xl_read_clock_of(L, index, tracker);
        end_us = xt_tracker_now_us(xl_open_tracker(L, tracker));
    }
    /* All fields are given: otherwise GCC zeroes the whole struct first, which takes 3
     * ns. */
    const xt_execution execution = {
        .tool = tool,
        .outcome = outcome,
        .duration_us = duration_us,
        .timing = timing,
        .args_hash = args_hash,
        .args_text = xl_text_of(&args_text),
        .session = *self->session,
        .depth = xl_depth(L, tracker),
        .tool_id = 0,
        .error_type_id = 0,
        .end_us = end_us,
        .is_undated = false,
        .place = {{NULL, 0}, 0, 0},
    };
    xt_tracker_record_known(xl_open_tracker(L, tracker), &execution, known);
}

/* tracker:record(tool, status [, duration_ms [, was_cached [, error_type [, args]]]]) */
int xl_tracker_record(lua_State *L) {
    const xl_self self = xl_check_self(L);
    if (lua_type(L, 2) != LUA_TSTRING) {
        return record_table(L, &self);
    }
    record(L, 1, &self, xl_text_at(L, 2), 0, 3);
    return 0;
}

/* The userdata that is the upvalue of a recorder's function. Its user values are the
 * Tracker or Session, and the tool's name. */
typedef struct recorder {
    xl_self self;
    xt_text tool;
    uint32_t tool_id; /* 0 if it isn't known yet */
} recorder;

enum { RECORDER_TOOL = XL_PARENT + 1 };

/* record(status [, duration_ms [, was_cached [, error_type [, args]]]]) */
static int call_recorder(lua_State *L) {
    const int index = lua_upvalueindex(1);
    recorder *bound = lua_touserdata(L, index);
    xl_tracker *tracker = bound->self.tracker;
    xl_settle(L, index, tracker);
    xl_open_tracker(L, tracker);
    record(L, index, &bound->self, bound->tool, bound->tool_id, 1);
    if (bound->tool_id == 0) {
        bound->tool_id = xt_tracker_tool_id(tracker->tracker, bound->tool);
    }
    return 0;
}

/* tracker:recorder(tool) */
int xl_tracker_recorder(lua_State *L) {
    const xl_self self = xl_check_self(L);
    xt_text tool = xl_text_argument(L, xl_argument_at(2));
    recorder *bound = lua_newuserdatauv(L, sizeof *bound, RECORDER_TOOL);
    *bound = (recorder){.self = self, .tool = tool};
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, XL_PARENT);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, RECORDER_TOOL);
    lua_pushcclosure(L, call_recorder, 1);
    return 1;
}
