/* Span: an execution in flight, from `tracker:start` to `span:finish`. */
#include "arguments.h"
#include "binding.h"
#include "call_ending.h"
#include "call_nesting.h"
#include "measures.h"
#include "push.h"
#include "tracker.h"
#include "tracker_texts.h"

const xl_type xl_span_type = {"exectrack.Span", sizeof(xl_span)};

static xl_span *check_span(lua_State *L) {
    return xl_check_userdata(L, &xl_span_type);
}

/* tracker:start(tool [, args]) */
int xl_tracker_start(lua_State *L) {
    const xl_self self = xl_check_self(L);
    xl_description text;
    xt_call call = {.tool = xl_text_argument(L, xl_argument_at(2)),
                    .session = *self.session,
                    .depth = xl_depth(L, self.tracker)};
    if (!lua_isnoneornil(L, 3)) {
        call.args_hash = xl_take_args(L, 1, self.tracker, 3, 1, &text);
        call.args_text = xl_text_of(&text);
    }
    xl_span *span = lua_newuserdatauv(L, sizeof *span, XL_PARENT);
    *span = (xl_span){.type = &xl_span_type, .parent = self.tracker};
    xl_push_span_metatable(L);
    lua_setmetatable(L, -2);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, XL_PARENT);
    span->token = xt_tracker_start_call(xl_read_clock_of_self(L, self.tracker), &call);
    return 1;
}

/* Raises an error if `span` is finished or its tracker is closed. */
static void check_unfinished(lua_State *L, const xl_span *span) {
    if (span->token.serial == 0) {
        luaL_error(L, "attempt to finish a span twice");
    }
    xl_open_tracker(L, span->parent);
}

/* The span at index 1 of a method that finishes it. Raises an error if it can't be
 * finished. */
static xl_span *check_unfinished_span(lua_State *L) {
    xl_span *span = check_span(L);
    check_unfinished(L, span);
    return span;
}

/* Reads the arguments of `finish` into `outcome`, which then points to `values` if there
 * are measures. */
static void read_outcome(lua_State *L, const xl_span *span,
                         uint64_t values[XT_MAX_MEASURES], xt_outcome *outcome) {
    xl_measures measures;
    if (!lua_isnoneornil(L, 2)) {
        outcome->status = xl_status_argument(L, xl_argument_at(2));
    }
    outcome->was_cached = xl_boolean_argument(L, xl_argument_at(3));
    outcome->error_type = xl_optional_text_argument(L, xl_argument_at(4));
    if (!lua_isnoneornil(L, 5)) {
        xl_copy_measures(xt_tracker_image(xl_open_tracker(L, span->parent)), &measures);
        outcome->measures = xl_measures_argument(L, xl_argument_at(5), &measures, values);
    }
}

/* span:finish([status [, was_cached [, error_type [, measures]]]]) */
static int span_finish(lua_State *L) {
    xl_span *span = check_unfinished_span(L);
    xt_outcome outcome = {.status = XT_SUCCESS};
    uint64_t values[XT_MAX_MEASURES];
    uint64_t duration_us = 0;
    if (lua_gettop(L) > 1) {
        read_outcome(L, span, values, &outcome);
    }
    xl_read_clock_of(L, 1, span->parent);
    check_unfinished(L, span); /* the clock may have finished it */
    if (!xl_end_as(L, span, &outcome, &duration_us)) {
        luaL_error(L, "attempt to finish a span that has timed out or was abandoned");
    }
    xl_push_duration(L, duration_us);
    return 1;
}

/* span:done(...): returns these values. */
static int span_done(lua_State *L) {
    int count = lua_gettop(L) - 1;
    xl_end_with_results(L, check_unfinished_span(L), 2, count);
    return count;
}

/* span:failed(err): returns nil and `err`. */
static int span_failed(lua_State *L) {
    check_unfinished_span(L);
    lua_settop(L, 2);
    xl_end_with_error(L, 2);
    lua_settop(L, 2);
    lua_pushnil(L);
    lua_insert(L, 2);
    return 2;
}

/* span:close([err]), and `local span <close>` */
static int span_close(lua_State *L) {
    xl_span *span = check_span(L);
    xl_description text = {0};
    xt_outcome outcome = {.status = XT_CANCELLED};
    if (!xl_is_in_flight(span)) {
        return 0;
    }
    if (!lua_isnoneornil(L, 2)) {
        outcome.status = XT_FAILED;
        xl_make_error_text(L, 1, span->parent, 2, &text);
        outcome.error_text = xl_text_of(&text);
    }
    xl_read_clock_of(L, 1, span->parent);
    xl_end_as(L, span, &outcome, NULL);
    return 0;
}

/*
 * Records the span as abandoned, at the last reading of a Lua clock: calling the clock
 * might raise an error, and then nothing would be recorded.
 */
static int span_gc(lua_State *L) {
    const xt_outcome outcome = {.status = XT_CANCELLED,
                                .error_type = xt_text_of("abandoned")};
    xl_span *span = check_span(L);
    if (xl_is_in_flight(span)) {
        xl_end_as(L, span, &outcome, NULL);
    }
    return 0;
}

/* tostring(span) */
static int span_tostring(lua_State *L) {
    const xl_span *span = check_span(L);
    if (span->token.serial == 0) {
        lua_pushfstring(L, "%s (finished)", xl_span_type.name);
    } else if (span->parent->tracker == NULL) {
        lua_pushfstring(L, "%s (of a closed tracker)", xl_span_type.name);
    } else if (!xt_tracker_has(span->parent->tracker, &span->token)) {
        lua_pushfstring(L, "%s (timed out or abandoned)", xl_span_type.name);
    } else {
        /* The name first: making any other string may run a finalizer. */
        const xt_image *image = xt_tracker_image(span->parent->tracker);
        xl_push_text(L, xt_image_tool_name(image, span->token.tool_id));
        lua_pushfstring(L, "%s (", xl_span_type.name);
        lua_insert(L, -2);
        lua_pushliteral(L, ", in flight)");
        lua_concat(L, 3);
    }
    return 1;
}

static const luaL_Reg methods[] = {
    {"finish", span_finish}, {"done", span_done}, {"failed", span_failed},
    {"close", span_close},   {NULL, NULL},
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
