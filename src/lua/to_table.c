/***
@submodule Snapshot
*/
#include "image.h"
#include "push.h"
#include "snapshot_handle.h"
#include "status.h"
#include "table_form.h"

/* The integer as a number if JSON printed with 14 digits keeps it, else as a string. */
static void set_exact(lua_State *L, const char *field, uint64_t value) {
    if (value <= XT_TABLE_MAX_NUMBER) {
        lua_pushinteger(L, (lua_Integer)value);
    } else {
        lua_pushfstring(L, "%I", (LUAI_UACINT)value);
    }
    lua_setfield(L, -2, field);
}

static void set_exact_time(lua_State *L, const char *seconds, const char *microseconds,
                           uint64_t time_us) {
    set_exact(L, seconds, time_us / 1000000);
    set_exact(L, microseconds, time_us % 1000000);
}

static void set_options_and_sums(lua_State *L, const xt_image *image) {
    const xt_header *header = image->header;
    xt_set_text(L, "format", xt_text_of(XT_TABLE_FORMAT));
    set_exact(L, "version", XT_TABLE_VERSION);
    xt_set_text(L, "label", xt_image_label(image));
    set_exact(L, "max_history", header->max_history);
    set_exact(L, "max_tools", header->max_tools);
    set_exact(L, "max_in_flight", header->max_in_flight);
    set_exact_time(L, "created_seconds", "created_microseconds", header->created_us);
    set_exact_time(L, "taken_seconds", "taken_microseconds", header->now_us);
    set_exact(L, "recorded", header->recorded);
    set_exact(L, "started", header->in_flight.serial);
    lua_pushboolean(L, (header->flags & XT_FLAG_UNORDERED) == 0);
    lua_setfield(L, -2, "in_order");
    set_exact(L, "overflowed", header->tools_overflowed);
    set_exact(L, "error_types_overflowed", header->error_types_overflowed);
    set_exact(L, "denials_overflowed", header->denials_overflowed);
}

static void set_error_types(lua_State *L, const xt_image *image) {
    uint32_t count = image->header->error_types.count;
    lua_createtable(L, (int)count, 0);
    for (uint32_t id = 1; id <= count; id++) {
        xt_push_text(L, xt_names_get(&image->error_types, id));
        lua_rawseti(L, -2, id);
    }
    lua_setfield(L, -2, "error_types");
}

static void set_histogram(lua_State *L, const xt_histogram *histogram) {
    lua_createtable(L, 0, 4);
    set_exact(L, "scale", XT_HISTOGRAM_SCALE - histogram->halvings);
    set_exact(L, "zero_count", histogram->zero_count);
    lua_pushinteger(L, histogram->lowest);
    lua_setfield(L, -2, "offset");
    lua_createtable(L, (int)histogram->width, 0);
    for (uint32_t i = 0; i < histogram->width; i++) {
        int32_t index = histogram->lowest + (int32_t)i;
        lua_pushinteger(L, histogram->counters[xt_histogram_place(index)]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "bucket_counts");
    lua_setfield(L, -2, "histogram");
}

static void push_tool(lua_State *L, const xt_image *image, uint32_t i) {
    const xt_tool *tool = &image->tools[i];
    lua_createtable(L, 0, 18);
    xt_set_text(L, "name", xt_names_get(&image->tool_names, i + 1));
    for (int status = 0; status < XT_STATUSES; status++) {
        set_exact(L, xt_table_counts[status], tool->lifetime.by_status[status]);
    }
    set_exact(L, "cached_hits", tool->lifetime.cached_hits);
    set_exact(L, "total_duration_us", tool->lifetime.total_us);
    set_exact(L, "min_duration_us", tool->min_us);
    set_exact(L, "max_duration_us", tool->max_us);
    set_exact_time(L, "last_end_seconds", "last_end_microseconds", tool->last_end_us);
    set_exact_time(L, "last_failure_seconds", "last_failure_microseconds",
                   tool->last_failure_us);
    set_exact(L, "failure_streak", tool->failure_streak);
    set_exact(L, "failure_rounds", tool->failure_rounds);
    set_exact(L, "in_flight", tool->in_flight);
    set_histogram(L, &image->histograms[i]);
}

static void set_tools(lua_State *L, const xt_image *image) {
    uint32_t count = image->header->tool_names.count;
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        push_tool(L, image, i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "tools");
}

static void set_in_flight(lua_State *L, const xt_image *image) {
    lua_createtable(L, (int)image->header->in_flight.listed, 0);
    uint32_t slot = image->header->in_flight.oldest;
    for (lua_Integer i = 1; slot != 0; i++) {
        const xt_in_flight_entry *entry = xt_in_flight_get(&image->in_flight, slot);
        lua_createtable(L, 0, 5);
        set_exact(L, "tool_id", entry->tool + UINT64_C(1));
        set_exact(L, "serial", entry->serial);
        set_exact(L, "args_hash", entry->args_hash);
        set_exact_time(L, "start_seconds", "start_microseconds", entry->start_us);
        lua_rawseti(L, -2, i);
        slot = entry->next;
    }
    lua_setfield(L, -2, "in_flight");
}

static void set_denials(lua_State *L, const xt_image *image) {
    uint32_t count = image->header->denial_count;
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        const xt_denial *denial = &image->denials[i];
        lua_createtable(L, 0, 5);
        set_exact(L, "tool_id", denial->tool + UINT64_C(1));
        set_exact(L, "reason_id", denial->reason);
        set_exact(L, "count", denial->count);
        set_exact_time(L, "last_seconds", "last_microseconds", denial->last_us);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "denials");
}

static void push_record(lua_State *L, const xt_record *record) {
    lua_createtable(L, 0, 8);
    set_exact(L, "tool_id", record->tool + UINT64_C(1));
    xt_set_text(L, "status", xt_text_of(xt_status_word(xt_record_status(record))));
    set_exact(L, "duration_us", xt_record_duration_us(record));
    lua_pushboolean(L, xt_record_was_cached(record));
    lua_setfield(L, -2, "was_cached");
    if (record->error_type != 0) {
        set_exact(L, "error_type_id", record->error_type);
    }
    set_exact(L, "args_hash", record->args_hash);
    set_exact_time(L, "end_seconds", "end_microseconds", record->end_us);
}

static void set_records(lua_State *L, const xt_image *image) {
    lua_createtable(L, (int)image->header->record_count, 0);
    for (uint32_t i = 0; i < image->header->record_count; i++) {
        push_record(L, &image->records[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "records");
}

/***
The whole run as a plain table of numbers, strings and booleans, which any serializer
takes: `docs/snapshots.md` has its fields. `exectrack.from_table` makes an equal snapshot of
it, also after a trip through JSON. O(size).
@function to_table
@treturn table
*/
int xt_snapshot_lua_to_table(lua_State *L) {
    const xt_image *image = xt_check_snapshot_image(L);
    lua_createtable(L, 0, 21);
    set_options_and_sums(L, image);
    set_error_types(L, image);
    set_tools(L, image);
    set_in_flight(L, image);
    set_denials(L, image);
    set_records(L, image);
    return 1;
}
