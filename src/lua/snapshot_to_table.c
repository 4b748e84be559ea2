/* Writing a snapshot as a table that JSON can keep. */
#include "binding.h"
#include "exectrack_policy.h"
#include "instance_id.h"
#include "push.h"
#include "table_form.h"

static void set_options_and_sums(lua_State *L, const xt_image *image) {
    xt_stats stats = xt_image_stats(image);
    uint8_t instance[XT_INSTANCE_BYTES];
    xt_image_instance(image, instance);
    xl_set_text(L, "format", xt_text_of(XL_TABLE_FORMAT));
    xl_set_exact(L, "version", XL_TABLE_VERSION);
    xl_set_text(L, "label", xt_image_label(image));
    xl_push_instance_id(L, instance);
    lua_setfield(L, -2, "instance_id");
    xl_set_exact(L, "max_history", xt_image_max_history(image));
    xl_set_exact(L, "max_tools", xt_image_max_tools(image));
    xl_set_exact(L, "max_in_flight", xt_image_max_in_flight(image));
    if (xt_image_ignored_args(image) != 0) {
        xl_set_exact(L, "ignored_args", xt_image_ignored_args(image));
    }
    xl_set_exact(L, "max_session_names", xt_image_max_texts(image, XT_SESSION_NAMES));
    xl_set_exact(L, "max_args_texts", xt_image_max_texts(image, XT_ARGS_TEXTS));
    xl_set_exact(L, "max_error_texts", xt_image_max_texts(image, XT_ERROR_TEXTS));
    xl_set_exact_time(L, "created_seconds", "created_microseconds",
                      xt_image_created_us(image));
    xl_set_exact_time(L, "cleared_seconds", "cleared_microseconds",
                      xt_image_cleared_us(image));
    xl_set_exact_time(L, "taken_seconds", "taken_microseconds", xt_image_now_us(image));
    xl_set_exact(L, "recorded", xt_image_recorded(image));
    xl_set_exact(L, "undated", xt_image_undated(image));
    xl_set_exact(L, "started", xt_image_started(image));
    lua_pushboolean(L, xt_image_is_in_order(image));
    lua_setfield(L, -2, "in_order");
    lua_pushboolean(L, xt_image_is_filtered(image));
    lua_setfield(L, -2, "filtered");
    if (xt_image_lost_us(image) != 0) {
        xl_set_exact_time(L, "lost_seconds", "lost_microseconds",
                          xt_image_lost_us(image));
    }
    xl_set_exact(L, "overflowed", stats.overflowed);
    xl_set_exact(L, "error_types_overflowed", stats.error_types_overflowed);
    xl_set_exact(L, "denials_overflowed", xt_image_denials_overflowed(image));
}

static void set_error_types(lua_State *L, const xt_image *image) {
    uint32_t count = xt_image_error_type_count(image);
    lua_createtable(L, (int)count, 0);
    for (uint32_t id = 1; id <= count; id++) {
        xl_push_text(L, xt_image_error_type(image, id));
        lua_rawseti(L, -2, id);
    }
    lua_setfield(L, -2, "error_types");
}

static void set_histogram(lua_State *L, const char *field, const xt_image *image,
                          uint32_t tool_id, xt_outcome_kind outcome) {
    xt_tool_histogram histogram;
    xt_image_tool_histogram(image, tool_id, outcome, &histogram);
    xl_push_histogram(L, &histogram);
    lua_setfield(L, -2, field);
}

static void push_tool(lua_State *L, const xt_image *image, uint32_t id) {
    xt_tool_stats stats;
    xt_image_tool_stats(image, id, &stats);
    lua_createtable(L, 0, 21);
    xl_set_text(L, "name", xt_image_tool_name(image, id));
    xl_set_exact(L, "successful", stats.lifetime.successful);
    xl_set_exact(L, "failed", stats.lifetime.failed);
    xl_set_exact(L, "timed_out", stats.lifetime.timed_out);
    xl_set_exact(L, "cancelled", stats.lifetime.cancelled);
    xl_set_exact(L, "cached_hits", stats.lifetime.cached_hits);
    xl_set_exact(L, "total_duration_us", stats.lifetime.total_duration_us);
    xl_set_exact(L, "untimed", stats.lifetime.untimed);
    xl_set_exact(L, "elapsed", stats.lifetime.elapsed);
    xl_set_exact(L, "elapsed_us", stats.lifetime.elapsed_duration_us);
    xl_set_exact(L, "min_duration_us", stats.min_duration_us);
    xl_set_exact(L, "max_duration_us", stats.max_duration_us);
    xl_set_exact(L, "other_duration_us", stats.other_duration_us);
    xl_set_exact_time(L, "last_end_seconds", "last_end_microseconds", stats.last_end_us);
    xl_set_exact_time(L, "last_failure_seconds", "last_failure_microseconds",
                      stats.last_failure_us);
    xl_set_exact(L, "failure_streak", stats.failure_streak);
    xl_set_exact(L, "failure_rounds", stats.failure_rounds);
    xl_set_exact(L, "in_flight", stats.in_flight);
    set_histogram(L, "histogram", image, id, XT_OUTCOME_SUCCESS);
    set_histogram(L, "other_histogram", image, id, XT_OUTCOME_OTHER);
    xl_set_exact_tool_measures(L, image, id);
}

static void set_tools(lua_State *L, const xt_image *image) {
    uint32_t count = xt_image_tool_count(image);
    lua_createtable(L, (int)count, 0);
    for (uint32_t id = 1; id <= count; id++) {
        push_tool(L, image, id);
        lua_rawseti(L, -2, id);
    }
    lua_setfield(L, -2, "tools");
}

static void set_in_flight(lua_State *L, const xt_image *image) {
    size_t count = xt_image_in_flight(image, 0, NULL);
    xt_running *listed = lua_newuserdatauv(L, count * sizeof *listed, 0);
    xt_image_in_flight(image, count, listed);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 7);
        xl_set_exact(L, "tool_id", listed[i].tool_id);
        xl_set_exact(L, "serial", listed[i].serial);
        xl_set_exact(L, "args_hash", listed[i].args_hash);
        xl_set_session(L, listed[i].session);
        xl_set_exact_depth(L, listed[i].depth);
        xl_set_exact_time(L, "start_seconds", "start_microseconds", listed[i].start_us);
        if (listed[i].known_us != xt_image_now_us(image)) {
            xl_set_exact_time(L, "known_seconds", "known_microseconds",
                              listed[i].known_us);
        }
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_remove(L, -2); /* listed */
    lua_setfield(L, -2, "in_flight");
}

static void set_denials(lua_State *L, const xt_image *image) {
    xt_denied denials[XT_MAX_DENIALS];
    size_t count = xt_image_denials(image, XT_MAX_DENIALS, denials);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 5);
        xl_set_exact(L, "tool_id", denials[i].tool_id);
        xl_set_exact(L, "reason_id", denials[i].reason_id);
        xl_set_exact(L, "count", denials[i].count);
        xl_set_exact_time(L, "last_seconds", "last_microseconds", denials[i].last_us);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_setfield(L, -2, "denials");
}

static void set_denied_calls(lua_State *L, const xt_image *image) {
    xt_denied_call calls[XT_MAX_DENIED_CALLS];
    size_t count = xt_image_denied_calls(image, XT_MAX_DENIED_CALLS, calls);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const xt_denied_call *call = &calls[count - 1 - i];
        lua_createtable(L, 0, 6);
        xl_set_exact(L, "tool_id", call->tool_id);
        xl_set_exact(L, "reason_id", call->reason_id);
        xl_set_exact(L, "args_hash", call->args_hash);
        xl_set_session(L, call->session);
        xl_set_exact_time(L, "denied_seconds", "denied_microseconds", call->denied_us);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_setfield(L, -2, "denied");
}

/* Sets the fields of a kept text in the table on top: the text, what it belongs to, and
 * its time. */
static void set_kept_text(lua_State *L, xt_texts_kind kind, const xt_kept_text *kept) {
    xl_set_text(L, kind == XT_SESSION_NAMES ? "name" : "text", kept->text);
    if (kind == XT_ARGS_TEXTS) {
        xl_set_exact(L, "args_hash", kept->hash);
    } else if (kind == XT_ERROR_TEXTS) {
        xl_set_exact(L, "tool_id", kept->tool_id);
        if (kept->error_type_id != 0) {
            xl_set_exact(L, "error_type_id", kept->error_type_id);
        }
    }
    xl_set_exact_time(L, "last_seconds", "last_microseconds", kept->last_us);
}

static void set_texts(lua_State *L, const xt_image *image, xt_texts_kind kind) {
    size_t count = xt_image_texts(image, kind, 0, NULL);
    xt_kept_text *texts = lua_newuserdatauv(L, count * sizeof *texts, 0);
    xt_image_texts(image, kind, count, texts);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 5);
        set_kept_text(L, kind, &texts[i]);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_remove(L, -2); /* texts */
    lua_setfield(L, -2, xl_texts_fields[kind]);
}

static void set_records(lua_State *L, const xt_image *image) {
    size_t count = xt_image_record_count(image);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xl_get_execution(image, i, &execution);
        xl_push_exact_record(L, &execution);
        xl_set_exact_values(L, image->measures.count, execution.outcome.measures);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_setfield(L, -2, "records");
}

/* snapshot:to_table() */
int xl_snapshot_to_table(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    lua_createtable(L, 0, 32);
    set_options_and_sums(L, image);
    xl_set_exact_measures(L, image);
    set_error_types(L, image);
    set_tools(L, image);
    set_in_flight(L, image);
    set_denials(L, image);
    set_denied_calls(L, image);
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        set_texts(L, image, (xt_texts_kind)kind);
    }
    set_records(L, image);
    return 1;
}
