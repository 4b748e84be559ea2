/*
 * Building an image from its parts: the only code that lays one out.
 *
 * The caller first gives the facts of the run and the numbers of everything (the room).
 * Then it adds error types, tools with their histograms, executions in flight, denials,
 * denied calls, texts, log files and records, in this order. The builder derives the rest: sums,
 * windows, links. It doesn't check what is added, unless a comment says so.
 */
#ifndef XT_BUILDER_H
#define XT_BUILDER_H

#include "log_files.h"
#include "snapshot.h"

#pragma GCC visibility push(hidden)

/* The fields of a run as a whole. */
typedef struct xt_facts {
    xt_text label; /* up to XT_LABEL_BYTES */
    uint8_t instance[XT_INSTANCE_BYTES];
    uint32_t max_history;
    uint32_t max_tools;
    uint32_t max_in_flight;
    uint32_t ignored_args;
    uint32_t max_texts[XT_TEXTS_KINDS]; /* whole sets */
    bool is_in_order;                   /* records are in the order of their ends */
    bool is_filtered;                   /* a filter left out records */
    uint64_t created_us;                /* Unix time */
    uint64_t cleared_us;                /* when the lifetime began */
    uint64_t now_us;
    uint64_t lost_us;  /* xt_image_lost_us */
    uint64_t recorded; /* executions, retained or not */
    uint64_t undated;  /* those of them that were undated */
    uint64_t started;  /* the serial of the last start */
    uint64_t tools_overflowed;
    uint64_t error_types_overflowed;
    uint64_t denials_overflowed;
    uint32_t measure_count;
    xt_measure_entry measures[XT_MAX_MEASURES];
} xt_facts;

/* How many items of each kind an image has room for. */
typedef struct xt_room {
    uint32_t tools;
    uint32_t tool_name_bytes;
    uint32_t histograms;
    uint32_t error_types;
    uint32_t error_type_bytes;
    uint32_t in_flight;
    uint32_t known; /* 0, or `in_flight` */
    uint32_t denials;
    uint32_t denied_calls;
    uint32_t texts[XT_TEXTS_KINDS];
    uint32_t measures;
    uint32_t records;
    uint32_t log_files; /* if there are any, records have places */
    uint32_t log_file_bytes;
    uint32_t writers; /* 1 in a recorder's file, which also has an undo log; else 0 */
} xt_room;

/* The facts of `image`, and the room that its contents need. */
xt_facts xt_facts_of(const xt_image *image);
xt_room xt_room_of(const xt_image *image);

/* The facts of a new tracker with `options`, which are in their ranges; its times are 0. */
xt_facts xt_facts_of_options(const xt_options *options);

/* The room of a tracker with these limits: the most that a run with them can need. */
xt_room xt_room_for_limits(const xt_facts *facts);

/* Where a tracker's image is. */
typedef enum xt_place_of_image { XT_IN_MEMORY, XT_IN_A_FILE } xt_place_of_image;

/*
 * Stores in `*bytes` the size of the image of a tracker with `options`. XT_ERROR_MEMORY
 * if a size_t can't hold it, or the error of the option that is out of its range.
 */
xt_error xt_build_plan(const xt_options *options, xt_place_of_image place, size_t *bytes);

/*
 * Makes the zeroed `block`, of the size that xt_build_plan stores, the image of an empty
 * tracker with `options`, whose times are 0. Writes only the header, and the measures if
 * there are any.
 */
void xt_build_empty(xt_image *image, xt_place_of_image place, void *block,
                    const xt_options *options);

/* A snapshot that is being built. */
typedef struct xt_builder {
    xt_snapshot *snapshot;
    xt_image *image; /* the snapshot's */
} xt_builder;

/* How many bytes xt_builder_open allocates; SIZE_MAX for too many. */
size_t xt_builder_bytes(const xt_room *room);

/*
 * Begins a snapshot with exactly this room. On XT_ERROR_MEMORY the builder's snapshot is
 * null. The allocator needn't zero the memory.
 */
xt_error xt_builder_open(xt_builder *builder, const xt_facts *facts, const xt_room *room,
                         const xt_allocator *allocator);

/*
 * Begins a copy of `image` with room for `records` records, and adds everything but the
 * records. The copy is marked as filtered if `image` has more records. Its log files are
 * `files`, or those of `image` if that is null.
 */
xt_error xt_builder_open_like(xt_builder *builder, const xt_image *image, size_t records,
                              const xt_log_files *files, const xt_allocator *allocator);

/* Adds an error type. False, with nothing added, if its bytes have no room. */
bool xt_builder_add_error_type(xt_builder *builder, xt_text text);

/*
 * Adds a tool without histograms; its other fields are those of `tool`, or 0 if that is
 * null. `listed` is counted as executions in flight are added. False if its name has no
 * room.
 */
bool xt_builder_add_tool(xt_builder *builder, xt_text name, const xt_tool *tool);

/* The same from the public statistics of a tool. */
bool xt_builder_add_tool_stats(xt_builder *builder, xt_text name,
                               const xt_tool_stats *stats);

/*
 * Adds an empty histogram for `outcome` to the last added tool, which the caller must
 * fill: no histogram may stay empty. The one of successes is added first. Null if there
 * is no room.
 */
xt_histogram *xt_builder_add_histogram(xt_builder *builder, xt_outcome_kind outcome);

/* Sets the statistics of measure `index` of the last added tool, except the window. */
void xt_builder_set_measure(xt_builder *builder, size_t index,
                            const xt_measure_stats *stats);

/* Adds an execution in flight, the newest so far; its tool's name is ignored. */
void xt_builder_add_running(xt_builder *builder, const xt_running *running);

/* Adds a denial by its identifiers; if there is no room, counts it as overflowed. */
void xt_builder_add_denied(xt_builder *builder, const xt_denied *denied);

/* Adds a denied call, the newest so far. */
void xt_builder_add_denied_call(xt_builder *builder, const xt_denied_entry *call);

/* Adds a text, not longer than its kind allows. Texts may be added in any order. */
void xt_builder_add_text(xt_builder *builder, xt_texts_kind kind,
                         const xt_kept_text *text);

/* Adds a log file. False if its name has no room. */
bool xt_builder_add_log_file(xt_builder *builder, xt_text name);

/* Adds `count` records, and returns where the caller must store them. Their values and
 * places must be stored after those of the previous records. */
xt_record *xt_builder_add_records(xt_builder *builder, size_t count);

/* Adds the records of `stretch`, with their values and places, which it must have if there
 * is room for them. */
void xt_builder_add_stretch(xt_builder *builder, xt_stretch stretch);

/* Adds a record of `execution`, by its identifiers. */
void xt_builder_add_execution(xt_builder *builder, const xt_execution *execution);

/* Sets the windows of all tools to count the records, whatever they were added with. */
void xt_builder_count_windows(xt_builder *builder);

/* Whether all room is used. */
bool xt_builder_is_full(const xt_builder *builder);

/*
 * Derives the rest from what was added, and returns the snapshot, which the caller owns.
 * All room must be used, and windows must count the records.
 */
xt_snapshot *xt_builder_finish(xt_builder *builder);

#pragma GCC visibility pop

#endif
