/*
 * A snapshot from a table, as `to_table` makes one, or as the reference implementation
 * serializes its records.
 *
 * Reading runs in protected mode, where a wrong value is raised as a message that names
 * its place. Nothing is taken on trust: what was read is checked as a file is.
 */
#include "arguments.h"
#include "lua_memory.h"
#include "problem.h"
#include "snapshot.h"
#include "snapshot_handle.h"
#include "status.h"
#include "table_form.h"
#include "table_place.h"

#include <string.h>

const char *const xt_table_counts[XT_STATUSES] = {"successful", "failed", "timed_out",
                                                  "cancelled"};

static uint64_t read_time(lua_State *L, const xt_place *in, const char *seconds,
                          const char *microseconds) {
    uint64_t whole = xt_read_integer(L, in, seconds, 0, XT_MAX_SECONDS);
    uint64_t most = whole < XT_MAX_SECONDS ? 999999 : XT_MAX_COUNT % 1000000;
    return whole * 1000000 + xt_read_integer(L, in, microseconds, 0, most);
}

static uint64_t read_count(lua_State *L, const xt_place *in, const char *field) {
    return xt_read_integer(L, in, field, 0, XT_MAX_COUNT);
}

static uint32_t read_uint32(lua_State *L, const xt_place *in, const char *field) {
    return (uint32_t)xt_read_integer(L, in, field, 0, UINT32_MAX);
}

/* The index, from 0, of the tool that a field identifies, from `first` on. */
static uint16_t read_tool(lua_State *L, const xt_place *in, const xt_image *image,
                          uint32_t first) {
    uint32_t count = image->header->tool_names.count;
    uint64_t id = xt_read_integer(L, in, "tool_id", first, first + count - UINT64_C(1));
    return (uint16_t)(id - first);
}

/*
 * Room for the names of an array, which are its elements, or their field `field`; no more
 * than `most` has.
 */
static xt_names_head measure_names(lua_State *L, const char *array, const char *field,
                                   const xt_names_head *most) {
    const xt_place at = {NULL, array, 0};
    xt_names_head head = {0};
    size_t count = xt_enter_array(L, &at, most->slots);
    for (size_t i = 1; i <= count; i++) {
        const xt_place element = {&at, NULL, i};
        head.byte_slots += (uint32_t)xt_push_name(L, &element, field).length;
        lua_pop(L, 1); /* name */
    }
    if (head.byte_slots > most->byte_slots) {
        xt_refuse(L, &at,
                  lua_pushfstring(L, "names of at most %I bytes expected, got %I",
                                  (LUAI_UACINT)most->byte_slots,
                                  (LUAI_UACINT)head.byte_slots));
    }
    lua_pop(L, 1); /* array */
    head.slots = (uint32_t)count;
    return head;
}

/* Stores those names, for which there is that room, in `names`. */
static void read_names(lua_State *L, const char *array, const char *field,
                       xt_names *names) {
    const xt_place at = {NULL, array, 0};
    xt_names_head *head = names->head;
    xt_enter_array(L, &at, XT_MAX_TOOLS + 1);
    while (head->count < head->slots) {
        const xt_place element = {&at, NULL, head->count + UINT64_C(1)};
        xt_text text = xt_push_name(L, &element, field);
        if (text.length > head->byte_slots - head->byte_count) {
            xt_refuse(L, &element, "it has changed meanwhile");
        }
        names->names[head->count] = (xt_name){head->byte_count, (uint32_t)text.length};
        memcpy(names->bytes + head->byte_count, text.bytes, text.length);
        head->byte_count += (uint32_t)text.length;
        head->count++;
        lua_pop(L, 1); /* name */
    }
    lua_pop(L, 1); /* array */
}

static size_t measure_array(lua_State *L, const char *array, size_t most) {
    const xt_place at = {NULL, array, 0};
    size_t count = xt_enter_array(L, &at, most);
    lua_pop(L, 1); /* array */
    return count;
}

static void read_label(lua_State *L, xt_header *header) {
    const xt_place at = {NULL, "label", 0};
    xt_text label = xt_push_text_at(L, &at, XT_LABEL_BYTES);
    memcpy(header->label, label.bytes, label.length);
    header->label_length = (uint32_t)label.length;
    lua_pop(L, 1); /* label */
}

static void check_format(lua_State *L) {
    const xt_place at = {NULL, "format", 0};
    xt_text format = xt_push_text_at(L, &at, SIZE_MAX);
    if (!xt_text_equals(format, xt_text_of(XT_TABLE_FORMAT))) {
        xt_refuse(L, &at, "'" XT_TABLE_FORMAT "' expected");
    }
    lua_pop(L, 1); /* format */
    xt_read_integer(L, NULL, "version", XT_TABLE_VERSION, XT_TABLE_VERSION);
}

/* Room for what the table on top has, with its options and sums. */
static xt_header read_header(lua_State *L) {
    xt_header header = {.magic = XT_IMAGE_MAGIC,
                        .version = XT_IMAGE_VERSION,
                        .byte_order = XT_IMAGE_BYTE_ORDER};
    check_format(L);
    read_label(L, &header);
    header.max_history =
        (uint32_t)xt_read_integer(L, NULL, "max_history", 0, XT_MAX_HISTORY);
    header.max_tools = (uint32_t)xt_read_integer(L, NULL, "max_tools", 1, XT_MAX_TOOLS);
    header.max_in_flight =
        (uint32_t)xt_read_integer(L, NULL, "max_in_flight", 0, XT_MAX_IN_FLIGHT);
    header.created_us = read_time(L, NULL, "created_seconds", "created_microseconds");
    header.now_us = read_time(L, NULL, "taken_seconds", "taken_microseconds");
    header.recorded = read_count(L, NULL, "recorded");
    header.in_flight.serial = read_count(L, NULL, "started");
    header.flags = xt_read_boolean(L, NULL, "in_order") ? 0 : XT_FLAG_UNORDERED;
    header.tools_overflowed = read_count(L, NULL, "overflowed");
    header.error_types_overflowed = read_count(L, NULL, "error_types_overflowed");
    header.denials_overflowed = read_count(L, NULL, "denials_overflowed");
    const xt_names_head most_tools = xt_names_head_for(header.max_tools);
    const xt_names_head most_error_types = xt_names_head_for(XT_ERROR_TYPES);
    header.tool_names = measure_names(L, "tools", "name", &most_tools);
    header.error_types = measure_names(L, "error_types", NULL, &most_error_types);
    header.in_flight.slots =
        (uint32_t)measure_array(L, "in_flight", header.max_in_flight);
    header.denial_slots = (uint32_t)measure_array(L, "denials", XT_MAX_DENIALS);
    header.record_slots = (uint32_t)measure_array(L, "records", header.max_history);
    return header;
}

static void read_histogram(lua_State *L, const xt_place *in, xt_histogram *histogram) {
    const xt_place at = {in, "histogram", 0};
    const xt_place counts = {&at, "bucket_counts", 0};
    const xt_place offset = {&at, "offset", 0};
    const uint64_t finest = XT_HISTOGRAM_SCALE;
    xt_enter(L, &at);
    uint64_t scale =
        xt_read_integer(L, &at, "scale", finest - XT_HISTOGRAM_HALVINGS, finest);
    histogram->halvings = (uint32_t)(finest - scale);
    histogram->zero_count = read_uint32(L, &at, "zero_count");
    histogram->lowest = (int32_t)xt_read_integer_at(L, &offset, INT16_MIN, INT16_MAX);
    histogram->width = (uint32_t)xt_enter_array(L, &counts, XT_HISTOGRAM_COUNTERS);
    for (uint32_t i = 0; i < histogram->width; i++) {
        const xt_place element = {&counts, NULL, i + UINT64_C(1)};
        histogram->counters[xt_histogram_place(histogram->lowest + (int32_t)i)] =
            (uint32_t)xt_read_integer_at(L, &element, 0, UINT32_MAX);
    }
    lua_pop(L, 2); /* histogram, bucket_counts */
}

static void read_tool_at(lua_State *L, const xt_place *at, xt_tool *tool) {
    for (int status = 0; status < XT_STATUSES; status++) {
        tool->lifetime.by_status[status] = read_count(L, at, xt_table_counts[status]);
    }
    tool->lifetime.cached_hits = read_count(L, at, "cached_hits");
    tool->lifetime.total_us = read_count(L, at, "total_duration_us");
    tool->min_us = xt_read_integer(L, at, "min_duration_us", 0, XT_MAX_DURATION_US);
    tool->max_us = xt_read_integer(L, at, "max_duration_us", 0, XT_MAX_DURATION_US);
    tool->last_end_us = read_time(L, at, "last_end_seconds", "last_end_microseconds");
    tool->last_failure_us =
        read_time(L, at, "last_failure_seconds", "last_failure_microseconds");
    tool->failure_streak = read_uint32(L, at, "failure_streak");
    tool->failure_rounds = read_uint32(L, at, "failure_rounds");
    tool->in_flight = read_uint32(L, at, "in_flight");
}

/* Reads the tools, of which the names have been read, and sums them up. */
static void read_tools(lua_State *L, xt_image *image) {
    const xt_place array = {NULL, "tools", 0};
    xt_header *header = image->header;
    uint64_t running = 0;
    xt_enter(L, &array);
    for (uint32_t i = 0; i < header->tool_names.count; i++) {
        const xt_place at = {&array, NULL, i + UINT64_C(1)};
        xt_tool *tool = &image->tools[i];
        xt_enter(L, &at);
        read_tool_at(L, &at, tool);
        read_histogram(L, &at, &image->histograms[i]);
        lua_pop(L, 1); /* tool */
        xt_lifetime_merge(&header->lifetime, &tool->lifetime);
        running += tool->in_flight;
    }
    lua_pop(L, 1); /* array */
    header->running = running < UINT32_MAX ? (uint32_t)running : UINT32_MAX;
}

static void read_in_flight(lua_State *L, xt_image *image) {
    const xt_place array = {NULL, "in_flight", 0};
    xt_in_flight_head *head = image->in_flight.head;
    uint32_t count = head->slots;
    xt_enter(L, &array);
    for (uint32_t i = 0; i < count; i++) {
        const xt_place at = {&array, NULL, i + UINT64_C(1)};
        xt_enter(L, &at);
        xt_in_flight_entry *entry = &image->in_flight.entries[i];
        entry->tool = read_tool(L, &at, image, 1);
        entry->serial = read_count(L, &at, "serial");
        entry->args_hash = read_uint32(L, &at, "args_hash");
        entry->start_us = read_time(L, &at, "start_seconds", "start_microseconds");
        entry->previous = i;
        entry->next = i + 1 < count ? i + 2 : 0;
        image->tools[entry->tool].listed++;
        lua_pop(L, 1); /* element */
    }
    lua_pop(L, 1); /* array */
    head->used = count;
    head->listed = count;
    head->oldest = count > 0 ? 1 : 0;
    head->newest = count;
}

static void read_denials(lua_State *L, xt_image *image) {
    const xt_place array = {NULL, "denials", 0};
    xt_header *header = image->header;
    xt_enter(L, &array);
    for (uint32_t i = 0; i < header->denial_slots; i++) {
        const xt_place at = {&array, NULL, i + UINT64_C(1)};
        xt_enter(L, &at);
        image->denials[i] = (xt_denial){
            .tool = read_tool(L, &at, image, 1),
            .reason = (uint32_t)xt_read_integer(L, &at, "reason_id", 1,
                                                header->error_types.count),
            .count = read_count(L, &at, "count"),
            .last_us = read_time(L, &at, "last_seconds", "last_microseconds"),
        };
        lua_pop(L, 1); /* element */
    }
    lua_pop(L, 1); /* array */
    header->denial_count = header->denial_slots;
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

static xt_record read_record(lua_State *L, const xt_place *at, const xt_image *image) {
    uint64_t duration_us = xt_read_integer(L, at, "duration_us", 0, XT_MAX_DURATION_US);
    xt_record record = {
        .end_us = read_time(L, at, "end_seconds", "end_microseconds"),
        .packed = xt_record_pack(duration_us, read_status(L, at),
                                 xt_read_boolean(L, at, "was_cached")),
        .args_hash = read_uint32(L, at, "args_hash"),
        .tool = read_tool(L, at, image, 1),
    };
    if (xt_has_field(L, "error_type_id")) {
        record.error_type = (uint16_t)xt_read_integer(L, at, "error_type_id", 1,
                                                      image->header->error_types.count);
    }
    return record;
}

/* The reference's own record: its tools count from 0, its statuses are in CamelCase. */
static xt_record read_reference_record(lua_State *L, const xt_place *at,
                                       const xt_image *image) {
    static const char *const words[XT_STATUSES] = {"Success", "Failed", "TimedOut",
                                                   "Cancelled"};
    const xt_place status_at = {at, "status", 0};
    xt_text word = xt_push_text_at(L, &status_at, SIZE_MAX);
    size_t status = xt_find_word(word, XT_STATUSES, words);
    if (status == XT_STATUSES) {
        xt_refuse(L, &status_at,
                  lua_pushfstring(L,
                                  "'Success', 'Failed', 'TimedOut' or 'Cancelled' "
                                  "expected, got %s",
                                  xt_quote(L, -1)));
    }
    lua_pop(L, 1); /* status */
    uint64_t duration_ms = read_count(L, at, "duration_ms");
    uint64_t duration_us = duration_ms <= XT_MAX_DURATION_US / 1000 ? duration_ms * 1000
                                                                    : XT_MAX_DURATION_US;
    return (xt_record){
        .packed = xt_record_pack(duration_us, (xt_status)status,
                                 xt_read_boolean(L, at, "was_cached")),
        .tool = read_tool(L, at, image, 0),
    };
}

typedef xt_record record_reader(lua_State *L, const xt_place *at, const xt_image *image);

static void read_records(lua_State *L, xt_image *image, record_reader *read) {
    const xt_place array = {NULL, "records", 0};
    xt_header *header = image->header;
    xt_enter(L, &array);
    for (uint32_t i = 0; i < header->record_slots; i++) {
        const xt_place at = {&array, NULL, i + UINT64_C(1)};
        xt_enter(L, &at);
        image->records[i] = read(L, &at, image);
        lua_pop(L, 1); /* element */
    }
    lua_pop(L, 1); /* array */
    header->record_count = header->record_slots;
    xt_snapshot_count_windows(image);
}

/* Room for what the reference serializes: names of tools, and records. */
static xt_header read_reference_header(lua_State *L) {
    const xt_names_head most_tools = {.slots = XT_MAX_TOOLS,
                                      .byte_slots = XT_MAX_TOOLS * XT_BYTES_PER_NAME};
    xt_options defaults = xt_options_default();
    xt_header header = {.magic = XT_IMAGE_MAGIC,
                        .version = XT_IMAGE_VERSION,
                        .byte_order = XT_IMAGE_BYTE_ORDER};
    header.tool_names = measure_names(L, "tool_ids", NULL, &most_tools);
    header.record_slots = (uint32_t)measure_array(L, "records", XT_MAX_HISTORY);
    header.recorded = header.record_slots;
    header.max_history = header.record_slots;
    header.max_tools =
        (header.tool_names.byte_slots + XT_BYTES_PER_NAME - 1) / XT_BYTES_PER_NAME;
    if (header.max_tools < header.tool_names.slots) {
        header.max_tools = header.tool_names.slots;
    }
    if (header.max_tools < defaults.max_tools) {
        header.max_tools = (uint32_t)defaults.max_tools;
    }
    header.max_in_flight = (uint32_t)defaults.max_in_flight;
    return header;
}

/* Counts the records, which are all that there ever were. */
static void count_records(xt_image *image) {
    xt_header *header = image->header;
    for (uint32_t i = 0; i < header->record_count; i++) {
        const xt_record *record = &image->records[i];
        xt_lifetime_add(&header->lifetime, record);
        xt_tool_add(&image->tools[record->tool], record);
        xt_histogram_add(&image->histograms[record->tool], xt_record_duration_us(record));
    }
}

/* Pushes the snapshot for `header`, of which all else is 0, and the table at index 1. */
static xt_image *push_empty(lua_State *L, const xt_header *header) {
    xt_lua_memory memory = xt_lua_memory_of(L);
    xt_allocator allocator = xt_lua_allocator(&memory);
    xt_snapshot *snapshot;
    xt_error error = xt_snapshot_allocate(header, &allocator, &snapshot);
    xt_check_lua_memory(&memory, error, false);
    xt_push_snapshot(L, snapshot);
    xt_image *image = &snapshot->image;
    memset(image->header + 1, 0, xt_image_bytes(image) - sizeof *header);
    lua_pushvalue(L, 1);
    return image;
}

static void fill(lua_State *L, xt_image *image) {
    read_names(L, "tools", "name", &image->tool_names);
    read_names(L, "error_types", NULL, &image->error_types);
    read_tools(L, image);
    read_in_flight(L, image);
    read_denials(L, image);
    read_records(L, image, read_record);
}

static void fill_from_reference(lua_State *L, xt_image *image) {
    read_names(L, "tool_ids", NULL, &image->tool_names);
    read_records(L, image, read_reference_record);
    count_records(image);
}

/* Makes a snapshot of the table at index 1, or raises what is wrong with it. */
static int read_run(lua_State *L) {
    bool is_reference = xt_has_field(L, "tool_ids");
    const xt_header header = is_reference ? read_reference_header(L) : read_header(L);
    xt_image *image = push_empty(L, &header);
    int snapshot = lua_gettop(L) - 1;
    if (is_reference) {
        fill_from_reference(L, image);
    } else {
        fill(L, image);
    }
    const char *wrong =
        xt_image_check(image, lua_newuserdatauv(L, xt_image_check_bytes(image), 0));
    if (wrong != NULL) {
        xt_refuse_table(L, wrong);
    }
    lua_settop(L, snapshot);
    return 1;
}

int xt_lua_from_table(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushcfunction(L, read_run);
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) {
        return 1;
    }
    if (!xt_is_refusal(L)) {
        return lua_error(L); /* no memory, or what a debug hook raised */
    }
    return xt_push_problem(L, NULL, XT_ERROR_INVALID, lua_tostring(L, -1), 0);
}
