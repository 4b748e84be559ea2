/***
Span: an execution in flight, from `tracker:start` to `span:finish`.

A span declared `local span <close>` that isn't finished when it goes out of scope is
recorded then: as failed if an error other than nil is passing through, else as cancelled
(it was left by `break`, `return`, the end of the block or `coroutine.close`). One that is
collected unfinished is recorded as cancelled, with the error type `abandoned`.
@classmod Span
*/
#include "arguments.h"
#include "measures.h"
#include "nesting.h"
#include "push.h"
#include "self.h"
#include "tracker_texts.h"

const xt_type xt_span_type = {"exectrack.Span", sizeof(xt_span_handle)};

static xt_span_handle *check_span(lua_State *L) {
    return xt_check_self(L, &xt_span_type);
}

static bool is_finished(const xt_span_handle *handle) {
    return handle->span.serial == 0;
}

int xt_lua_start(lua_State *L) {
    const xl_self self = xl_check_self(L);
    xl_description text;
    xt_call call = {.tool = xt_text_argument(L, xt_argument_at(2)),
                    .session = *self.session,
                    .depth = xl_depth(L, self.tracker)};
    if (!lua_isnoneornil(L, 3)) {
        call.args_hash = xl_take_args(L, 1, 3, 1, &text);
        call.args_text = xl_text_of(&text);
    }
    xt_span_handle *handle = lua_newuserdatauv(L, sizeof *handle, XT_PARENT);
    *handle = (xt_span_handle){.type = &xt_span_type, .parent = self.tracker};
    xt_push_span_metatable(L);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, XT_PARENT);
    handle->span = xt_tracker_start_call(xt_read_clock_of_self(L, self.tracker), &call);
    return 1;
}

/* Finishes the span that is at index 1, by its tracker's clock. Returns microseconds. */
static uint64_t finish(lua_State *L, xt_span_handle *handle, const xt_outcome *outcome) {
    uint64_t duration_us = 0;
    xt_read_clock_of_parent(L, handle->parent);
    xt_tracker *tracker = xt_open_tracker(L, handle->parent);
    if (xt_tracker_finish(tracker, &handle->span, outcome, &duration_us) != XT_OK) {
        luaL_error(L, "attempt to finish a span twice");
    }
    return duration_us;
}

/* Reads argument `number`, a table, into `values`, to which `outcome` points then. */
static void read_measures(lua_State *L, int number, const xt_span_handle *handle,
                          uint64_t values[XT_MAX_MEASURES], xt_outcome *outcome) {
    xl_measures measures;
    xl_copy_measures(xt_tracker_image(xt_open_tracker(L, handle->parent)), &measures);
    outcome->measures =
        xl_measures_argument(L, xt_argument_at(number), &measures, values);
}

/***
Finishes the execution, which is recorded. O(1). Finishing twice raises.
@function finish
@tparam[opt="success"] string status how it ended
@tparam[opt=false] boolean was_cached whether a cache answered
@tparam[opt] string error_type a short stable class such as `ENOENT`
@tparam[opt] table measures numbers by the names of the tracker's measures
@treturn number its duration in milliseconds
*/
static int span_finish(lua_State *L) {
    xt_span_handle *handle = check_span(L);
    if (is_finished(handle)) {
        luaL_error(L, "attempt to finish a span twice");
    }
    xt_outcome outcome = {
        .status =
            lua_isnoneornil(L, 2) ? XT_SUCCESS : xt_status_argument(L, xt_argument_at(2)),
        .was_cached = xt_boolean_argument(L, xt_argument_at(3)),
        .error_type = xt_optional_text_argument(L, xt_argument_at(4)),
    };
    uint64_t values[XT_MAX_MEASURES];
    if (!lua_isnoneornil(L, 5)) {
        read_measures(L, 5, handle, values, &outcome);
    }
    xt_push_duration(L, finish(L, handle, &outcome));
    return 1;
}

/* The error, if one is passing through, is argument 2. */
static int span_close(lua_State *L) {
    xt_span_handle *handle = check_span(L);
    if (!is_finished(handle) && handle->parent->tracker != NULL) {
        xl_description text = {0};
        xt_outcome outcome = {.status = XT_CANCELLED};
        if (!lua_isnoneornil(L, 2)) {
            outcome.status = XT_FAILED;
            xl_make_error_text(L, 1, handle->parent, 2, &text);
            outcome.error_text = xl_text_of(&text);
        }
        finish(L, handle, &outcome);
    }
    return 0;
}

/*
 * Records the span as abandoned. The core reads the last reading of a Lua clock here:
 * calling it might raise, and then nothing would be recorded.
 */
static int span_gc(lua_State *L) {
    xt_span_handle *handle = check_span(L);
    if (!is_finished(handle) && handle->parent->tracker != NULL) {
        xt_outcome outcome = {.status = XT_CANCELLED,
                              .error_type = xt_text_of("abandoned")};
        xt_tracker_finish(handle->parent->tracker, &handle->span, &outcome, NULL);
    }
    return 0;
}

/***
`tostring(span)` names its tool: `exectrack.Span (read_file, in flight)`.
@function __tostring
@treturn string
*/
static int span_tostring(lua_State *L) {
    const xt_span_handle *handle = check_span(L);
    if (is_finished(handle)) {
        lua_pushfstring(L, "%s (finished)", xt_span_type.name);
    } else if (handle->parent->tracker == NULL) {
        lua_pushfstring(L, "%s (of a closed tracker)", xt_span_type.name);
    } else {
        /* The name first: making any other string may run a finalizer. */
        const xt_image *image = xt_tracker_image(handle->parent->tracker);
        xt_push_text(L, xt_image_tool_name(image, handle->span.tool_id));
        lua_pushfstring(L, "%s (", xt_span_type.name);
        lua_insert(L, -2);
        lua_pushliteral(L, ", in flight)");
        lua_concat(L, 3);
    }
    return 1;
}

static const luaL_Reg methods[] = {
    {"finish", span_finish},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__tostring", span_tostring},
    {"__gc", span_gc},
    {"__close", span_close},
    {NULL, NULL},
};

void xt_push_span_metatable(lua_State *L) {
    xt_push_metatable(L, &xt_span_type, metamethods, methods, false);
}
