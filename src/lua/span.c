/* Span: an execution in flight, from `tracker:start` to `span:finish`. */
#include "arguments.h"
#include "binding.h"
#include "call_nesting.h"
#include "measures.h"
#include "push.h"
#include "tracker_texts.h"

const xl_type xl_span_type = {"exectrack.Span", sizeof(xl_span)};

static xl_span *check_span(lua_State *L) {
    return xl_check_userdata(L, &xl_span_type);
}

static bool is_finished(const xl_span *handle) {
    return handle->span.serial == 0;
}

int xl_tracker_start(lua_State *L) {
    const xl_self self = xl_check_self(L);
    xl_description text;
    xt_call call = {.tool = xl_text_argument(L, xl_argument_at(2)),
                    .session = *self.session,
                    .depth = xl_depth(L, self.tracker)};
    if (!lua_isnoneornil(L, 3)) {
        call.args_hash = xl_take_args(L, 1, 3, 1, &text);
        call.args_text = xl_text_of(&text);
    }
    xl_span *handle = lua_newuserdatauv(L, sizeof *handle, XL_PARENT);
    *handle = (xl_span){.type = &xl_span_type, .parent = self.tracker};
    xl_push_span_metatable(L);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, XL_PARENT);
    handle->span = xt_tracker_start_call(xl_read_clock_of_self(L, self.tracker), &call);
    return 1;
}

/* Finishes the span that is at index 1, by its tracker's clock. Returns microseconds. */
static uint64_t finish(lua_State *L, xl_span *handle, const xt_outcome *outcome) {
    uint64_t duration_us = 0;
    xl_read_clock_of_parent(L, handle->parent);
    xt_tracker *tracker = xl_open_tracker(L, handle->parent);
    if (xt_tracker_finish(tracker, &handle->span, outcome, &duration_us) != XT_OK) {
        luaL_error(L, "attempt to finish a span twice");
    }
    return duration_us;
}

/* Reads argument `number`, a table, into `values`, to which `outcome` points then. */
static void read_measures(lua_State *L, int number, const xl_span *handle,
                          uint64_t values[XT_MAX_MEASURES], xt_outcome *outcome) {
    xl_measures measures;
    xl_copy_measures(xt_tracker_image(xl_open_tracker(L, handle->parent)), &measures);
    outcome->measures =
        xl_measures_argument(L, xl_argument_at(number), &measures, values);
}

/* span:finish([status [, was_cached [, error_type [, measures]]]]) */
static int span_finish(lua_State *L) {
    xl_span *handle = check_span(L);
    if (is_finished(handle)) {
        luaL_error(L, "attempt to finish a span twice");
    }
    xt_outcome outcome = {
        .status =
            lua_isnoneornil(L, 2) ? XT_SUCCESS : xl_status_argument(L, xl_argument_at(2)),
        .was_cached = xl_boolean_argument(L, xl_argument_at(3)),
        .error_type = xl_optional_text_argument(L, xl_argument_at(4)),
    };
    uint64_t values[XT_MAX_MEASURES];
    if (!lua_isnoneornil(L, 5)) {
        read_measures(L, 5, handle, values, &outcome);
    }
    xl_push_duration(L, finish(L, handle, &outcome));
    return 1;
}

/* The error, if one is passing through, is argument 2. */
static int span_close(lua_State *L) {
    xl_span *handle = check_span(L);
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
    xl_span *handle = check_span(L);
    if (!is_finished(handle) && handle->parent->tracker != NULL) {
        xt_outcome outcome = {.status = XT_CANCELLED,
                              .error_type = xt_text_of("abandoned")};
        xt_tracker_finish(handle->parent->tracker, &handle->span, &outcome, NULL);
    }
    return 0;
}

/* tostring(span) */
static int span_tostring(lua_State *L) {
    const xl_span *handle = check_span(L);
    if (is_finished(handle)) {
        lua_pushfstring(L, "%s (finished)", xl_span_type.name);
    } else if (handle->parent->tracker == NULL) {
        lua_pushfstring(L, "%s (of a closed tracker)", xl_span_type.name);
    } else {
        /* The name first: making any other string may run a finalizer. */
        const xt_image *image = xt_tracker_image(handle->parent->tracker);
        xl_push_text(L, xt_image_tool_name(image, handle->span.tool_id));
        lua_pushfstring(L, "%s (", xl_span_type.name);
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

void xl_push_span_metatable(lua_State *L) {
    xl_push_metatable(L, &xl_span_type, metamethods, methods, false);
}
