#include "record_form.h"

#include "push.h"
#include "status.h"
#include "table_form.h"
#include "timing.h"

static void set_unless_zero(lua_State *L, const char *field, uint32_t value) {
    if (value != 0) {
        xt_set_exact(L, field, value);
    }
}

void xl_push_exact_record(lua_State *L, const xt_execution *execution) {
    const xt_outcome *outcome = &execution->outcome;
    enum { MOST_FIELDS = 13 };
    lua_createtable(L, 0, MOST_FIELDS);
    xt_set_exact(L, "tool_id", execution->tool_id);
    xt_set_text(L, "status", xt_text_of(xt_status_word(outcome->status)));
    xl_set_exact_timing(L, execution->timing);
    if (execution->timing != XT_UNTIMED) {
        xt_set_exact(L, "duration_us", execution->duration_us);
    }
    lua_pushboolean(L, outcome->was_cached);
    lua_setfield(L, -2, "was_cached");
    set_unless_zero(L, "error_type_id", execution->error_type_id);
    xt_set_exact(L, "args_hash", execution->args_hash);
    set_unless_zero(L, "result_hash", outcome->result_hash);
    xt_set_session(L, execution->session);
    xl_set_exact_depth(L, execution->depth);
    if (execution->is_undated) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, "undated");
    }
    xt_set_exact_time(L, "end_seconds", "end_microseconds", execution->end_us);
}

static xt_status read_status(lua_State *L, const xt_place *in) {
    const xt_place at = {in, "status", 0};
    xt_status status;
    if (!xt_status_of(xt_push_text_at(L, &at, SIZE_MAX), &status)) {
        xt_refuse(L, &at, lua_pushfstring(L, "unknown status %s", xt_quote(L, -1)));
    }
    lua_pop(L, 1); /* status */
    return status;
}

static xt_outcome read_outcome(lua_State *L, const xt_place *at) {
    xt_outcome outcome = {.status = read_status(L, at)};
    outcome.was_cached = xt_read_boolean(L, at, "was_cached");
    if (xt_has_field(L, "result_hash")) {
        outcome.result_hash = xt_read_uint32(L, at, "result_hash");
    }
    return outcome;
}

xt_execution xl_read_exact_record(lua_State *L, const xt_place *at, uint32_t tools,
                                  uint32_t error_types) {
    xt_execution execution = {.tool_id = xt_read_id(L, at, "tool_id", tools)};
    execution.outcome = read_outcome(L, at);
    execution.timing = xl_read_exact_timing(L, at);
    if (execution.timing != XT_UNTIMED) {
        execution.duration_us =
            xt_read_integer(L, at, "duration_us", 0, XT_MAX_DURATION_US);
    }
    if (xt_has_field(L, "error_type_id")) {
        execution.error_type_id = xt_read_id(L, at, "error_type_id", error_types);
    }
    execution.args_hash = xt_read_uint32(L, at, "args_hash");
    execution.session = xl_read_exact_session(L, at);
    execution.depth = xl_read_exact_depth(L, at);
    if (xt_has_field(L, "undated")) {
        execution.is_undated = xt_read_boolean(L, at, "undated");
    }
    execution.end_us = xt_read_exact_time(L, at, "end_seconds", "end_microseconds");
    return execution;
}
