/* Records in the table form of a run. */
#include "table_form.h"

#include "push.h"
#include "status.h"

static void set_unless_zero(lua_State *L, const char *field, uint32_t value) {
    if (value != 0) {
        xl_set_exact(L, field, value);
    }
}

/* Sets the field `timing` of the table on top, unless it is `measured`. */
static void set_timing(lua_State *L, xt_timing timing) {
    if (timing != XT_MEASURED) {
        xl_set_text(L, "timing", xt_text_of(xt_timing_word(timing)));
    }
}

void xl_push_exact_record(lua_State *L, const xt_execution *execution) {
    const xt_outcome *outcome = &execution->outcome;
    enum { MOST_FIELDS = 15 };
    lua_createtable(L, 0, MOST_FIELDS);
    xl_set_exact(L, "tool_id", execution->tool_id);
    xl_set_text(L, "status", xt_text_of(xt_status_word(outcome->status)));
    set_timing(L, execution->timing);
    if (execution->timing != XT_UNTIMED) {
        xl_set_exact(L, "duration_us", execution->duration_us);
    }
    lua_pushboolean(L, outcome->was_cached);
    lua_setfield(L, -2, "was_cached");
    set_unless_zero(L, "error_type_id", execution->error_type_id);
    xl_set_exact(L, "args_hash", execution->args_hash);
    set_unless_zero(L, "result_hash", outcome->result_hash);
    xl_set_session(L, execution->session);
    xl_set_exact_depth(L, execution->depth);
    xl_set_exact_place(L, &execution->place);
    if (execution->is_undated) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "undated");
    }
    xl_set_exact_time(L, "end_seconds", "end_microseconds", execution->end_us);
}

static xt_status read_status(lua_State *L, const xl_place *in) {
    const xl_place at = {in, "status", 0};
    xt_status status;
    if (!xt_status_of(xl_push_text_at(L, &at, SIZE_MAX), &status)) {
        xl_refuse(L, &at, lua_pushfstring(L, "unknown status %s", xl_quote(L, -1)));
    }
    lua_pop(L, 1); /* status */
    return status;
}

static xt_timing read_timing(lua_State *L, const xl_place *in) {
    const xl_place at = {in, "timing", 0};
    xt_timing timing = XT_MEASURED;
    if (xl_has_field(L, "timing")) {
        if (!xt_timing_of(xl_push_text_at(L, &at, SIZE_MAX), &timing)) {
            xl_refuse(L, &at, lua_pushfstring(L, "unknown timing %s", xl_quote(L, -1)));
        }
        lua_pop(L, 1); /* word */
    }
    return timing;
}

static xt_outcome read_outcome(lua_State *L, const xl_place *at) {
    xt_outcome outcome = {.status = read_status(L, at)};
    outcome.was_cached = xl_read_boolean(L, at, "was_cached");
    if (xl_has_field(L, "result_hash")) {
        outcome.result_hash = xl_read_uint32(L, at, "result_hash");
    }
    return outcome;
}

xt_execution xl_read_exact_record(lua_State *L, const xl_place *at, uint32_t tools,
                                  uint32_t error_types) {
    xt_execution execution = {.tool_id = xl_read_id(L, at, "tool_id", tools)};
    execution.outcome = read_outcome(L, at);
    execution.timing = read_timing(L, at);
    if (execution.timing != XT_UNTIMED) {
        execution.duration_us =
            xl_read_integer(L, at, "duration_us", 0, XT_MAX_DURATION_US);
    }
    if (xl_has_field(L, "error_type_id")) {
        execution.error_type_id = xl_read_id(L, at, "error_type_id", error_types);
    }
    execution.args_hash = xl_read_uint32(L, at, "args_hash");
    execution.session = xl_read_exact_session(L, at);
    execution.depth = xl_read_exact_depth(L, at);
    if (xl_has_field(L, "undated")) {
        execution.is_undated = xl_read_boolean(L, at, "undated");
    }
    execution.end_us = xl_read_exact_time(L, at, "end_seconds", "end_microseconds");
    return execution;
}
