/*
 * Building an image from its parts: the only place that lays one out.
 *
 * First it is said what the run is (its facts) and how much of everything there will be
 * (the room). Then error types, tools with their histograms, what is in flight, denials,
 * denied calls, texts and records are added, in this order, and what follows from them is
 * derived: sums, windows, links. Nothing that is added is checked, unless that is said.
 */
#ifndef XT_BUILDER_H
#define XT_BUILDER_H

#include "snapshot.h"

#pragma GCC visibility push(hidden)

/* What a run is, whatever it holds. */
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
    uint64_t cleared_us;                /* when counting began */
    uint64_t now_us;
    uint64_t recorded; /* executions, retained or not */
    uint64_t undated;  /* those of them that were undated */
    uint64_t started;  /* the serial of the last start */
    uint64_t tools_overflowed;
    uint64_t error_types_overflowed;
    uint64_t denials_overflowed;
    uint32_t measure_count;
    xt_measure_entry measures[XT_MAX_MEASURES];
} xt_facts;

/* How much of everything an image has room for. */
typedef struct xt_room {
    uint32_t tools;
    uint32_t tool_name_bytes;
    uint32_t histograms;
    uint32_t error_types;
    uint32_t error_type_bytes;
    uint32_t in_flight;
    uint32_t denials;
    uint32_t denied_calls;
    uint32_t texts[XT_TEXTS_KINDS];
    uint32_t measures;
    uint32_t records;
} xt_room;

/* What `image` says, and the room that what it holds needs. */
xt_facts xt_facts_of(const xt_image *image);
xt_room xt_room_of(const xt_image *image);

/* The room of a tracker with these limits: the most that a run with them can need. */
xt_room xt_room_for_limits(const xt_facts *facts);

/*
 * Stores in `*bytes` how large the image of a tracker with `options` is.
 * XT_ERROR_MEMORY if that is more than a size_t can say, or the error of the option that
 * is out of its range.
 */
xt_error xt_build_plan(const xt_options *options, size_t *bytes);

/*
 * Makes the zeroed `block`, as large as `xt_build_plan` says, the image of an empty tracker
 * with `options`, whose times are 0. Touches only its header, and its measures if it has
 * any.
 */
void xt_build_empty(xt_image *image, void *block, const xt_options *options);

/* A snapshot that is being built. */
typedef struct xt_builder {
    xt_snapshot *snapshot;
    xt_image *image; /* the snapshot's */
} xt_builder;

/* How many bytes xt_builder_open asks for; SIZE_MAX for too many. */
size_t xt_builder_bytes(const xt_room *room);

/*
 * Begins a snapshot with exactly this room. First error types are added, then tools, then
 * what refers to them by identifiers, which aren't checked. XT_ERROR_MEMORY
 * leaves the builder's snapshot null. The memory needn't be zeroed.
 */
xt_error xt_builder_open(xt_builder *builder, const xt_facts *facts, const xt_room *room,
                         const xt_allocator *allocator);

/*
 * Begins one of the same run as `image`, to which all of that is added but its records,
 * and which has room for `records`: it is filtered if the run has more.
 */
xt_error xt_builder_open_like(xt_builder *builder, const xt_image *image, size_t records,
                              const xt_allocator *allocator);

/* Adds an error type. False if its bytes have no room: then nothing is added. */
bool xt_builder_add_error_type(xt_builder *builder, xt_text text);

/*
 * Adds a tool without histograms, and with all else that `tool` says but what is listed,
 * which is counted as it is added; null for nothing. False if its name has no room.
 */
bool xt_builder_add_tool(xt_builder *builder, xt_text name, const xt_tool *tool);

/* The same for what is read of a tool. */
bool xt_builder_add_tool_stats(xt_builder *builder, xt_text name,
                               const xt_tool_stats *stats);

/*
 * Gives the tool that was added last an empty histogram for `outcome`, which the caller is to
 * fill: one that stays empty must not be added. Successes come first. Null if there is no room.
 */
xt_histogram *xt_builder_add_histogram(xt_builder *builder, xt_outcome_kind outcome);

/* Sets what the tool that was added last adds up to in measure `index`, but the window. */
void xt_builder_set_measure(xt_builder *builder, size_t index,
                            const xt_measure_stats *stats);

/* Adds an execution in flight, the newest so far; its tool's name is ignored. */
void xt_builder_add_running(xt_builder *builder, const xt_running *running);

/* Adds a denial by its identifiers; to those that overflowed if there is no room. */
void xt_builder_add_denied(xt_builder *builder, const xt_denied *denied);

/* Adds a denied call, the newest so far. */
void xt_builder_add_denied_call(xt_builder *builder, const xt_denied_entry *call);

/* Adds a text, no longer than those of its kind are. They may come in any order. */
void xt_builder_add_text(xt_builder *builder, xt_texts_kind kind,
                         const xt_kept_text *text);

/* Adds `count` records, and returns where the caller is to store them; their values likewise
 * behind those of the records before them. */
xt_record *xt_builder_add_records(xt_builder *builder, size_t count);

/* Adds the records of `stretch`, with their values. */
void xt_builder_add_stretch(xt_builder *builder, xt_stretch stretch);

/* Adds a record of `execution`, by its identifiers. */
void xt_builder_add_execution(xt_builder *builder, const xt_execution *execution);

/* Makes the windows of all tools what the records are, whatever they were added with. */
void xt_builder_count_windows(xt_builder *builder);

/* Whether all room is used. */
bool xt_builder_is_full(const xt_builder *builder);

/*
 * Derives what follows from all that was added, and hands the snapshot over. All room must
 * be used, and windows must count the records.
 */
xt_snapshot *xt_builder_finish(xt_builder *builder);

#pragma GCC visibility pop

#endif
