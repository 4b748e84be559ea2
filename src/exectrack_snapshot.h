/*
 * Snapshots of exectrack: runs that no longer change, to keep, send, narrow down, group
 * and merge.
 *
 * A snapshot (`xt_snapshot`) has a compact image, `xt_snapshot_image`: the used part of
 * the one that it was taken of. All functions that read an image read a tracker's and a
 * snapshot's alike. Nothing changes a snapshot, so threads may share one.
 *
 * Ownership: a function that stores a snapshot in `*snapshot` hands it over to the
 * caller, who gives it to `xt_snapshot_close`. It is one block of memory, of the allocator
 * that the function was given, or the system's if that is null; working memory comes from
 * there too (except what the C library's qsort may take), and is given back before the
 * function returns. `allocate` needn't zero it, and must not use what is being read. When
 * a function returns an error, `*snapshot` is null and nothing is left behind.
 */
#ifndef EXECTRACK_SNAPSHOT_H
#define EXECTRACK_SNAPSHOT_H

#include "exectrack_read.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct xt_snapshot xt_snapshot;

/**
 * Takes a snapshot of `image` as it is now. What is in flight stays listed, up to the
 * latest reading of the clock; read the clock first (`xt_tracker_now_us`) to have the
 * time right. Returns XT_OK or XT_ERROR_MEMORY. O(size of the used part), one copy.
 */
XT_API xt_error xt_snapshot_take(const xt_image *image, const xt_allocator *allocator,
                                 xt_snapshot **snapshot);

/**
 * The same without the texts of arguments and errors, as of a tracker that keeps none. Names
 * of sessions stay.
 */
XT_API xt_error xt_snapshot_without_texts(const xt_image *image,
                                          const xt_allocator *allocator,
                                          xt_snapshot **snapshot);

/** Frees `snapshot` and all text that was read of it. Ignores a null pointer. */
XT_API void xt_snapshot_close(xt_snapshot *snapshot);

/** The image of `snapshot`: what all functions read. It ends with the snapshot. */
XT_API const xt_image *xt_snapshot_image(const xt_snapshot *snapshot);

/** Whether two snapshots are the same in everything that can be read. O(size). */
XT_API bool xt_snapshot_equals(const xt_snapshot *a, const xt_snapshot *b);

/*
 * Narrowing down.
 */

/** As a count of records to keep: all of them. */
#define XT_KEEP_ALL SIZE_MAX

/** Which records to keep: those that pass every condition. Start from `xt_filter_all`. */
typedef struct xt_filter {
    /** By tool: of `xt_image_tool_count() + 1` entries, that at its identifier; null for
        all tools. */
    const bool *tools;
    /** By error type, the same with `xt_image_error_type_count() + 1` entries, of which
        the first is for records without one. */
    const bool *error_types;
    /** By session: the fingerprints of `session_count` of them, in ascending order, of which
        0 is for records without one; null for all. */
    const uint32_t *sessions;
    size_t session_count;
    /** By status, indexed by xt_status. */
    bool statuses[4];
    /** By whether a cache answered: [0] those without, [1] those with. */
    bool cached[2];
    /** By timing, indexed by xt_timing. */
    bool timings[3];
    /** By whether its time is known: [0] those with one, [1] those that are undated. */
    bool undated[2];
    /** When it ended: at `since_us` or later, and before `before_us`. What is undated counts
        as said for xt_execution: leave it out by `undated` if it isn't to pass. */
    uint64_t since_us;
    uint64_t before_us;
    /** How long it took, both inclusive; 0 for what is untimed, to be left out by `timings`. */
    uint64_t min_duration_us;
    uint64_t max_duration_us;
    /** Of those that pass all this so many, the newest, as `xt_image_newest` has them. */
    size_t last;
} xt_filter;

/** A filter that all records pass. */
XT_API xt_filter xt_filter_all(void);

/**
 * Takes a snapshot of `image` that has, of its records, those that `filter` keeps, in the
 * order in which they were recorded. Its lifetime, histograms, names and what is in flight
 * are those of `image`; windows count the records that it has. Numbers of records are new:
 * they end with `xt_image_recorded`. Returns XT_OK or XT_ERROR_MEMORY. O(records * log
 * sessions + up to 4.3 KB a tool), with a bit of working memory a record; if `last`
 * leaves out some of records that aren't in order, O(records * log last), with 8 bytes
 * for each of `last`.
 */
XT_API xt_error xt_snapshot_filter(const xt_image *image, const xt_filter *filter,
                                   const xt_allocator *allocator, xt_snapshot **snapshot);

/*
 * Nested calls.
 */

/**
 * Stores for each record, in the order of recording, which record is the call that it was
 * made within: its place in that order, from 1; and what the call took itself, without those
 * that were made within it. Both have room for all records.
 *
 * The parent of a record is the one of the same session, or of none too, one level up,
 * whose interval holds that of the record. It is 0 for a record of depth 0 or without a time,
 * and where none does or several do. Returns XT_OK or XT_ERROR_MEMORY. O(n * log n); uses
 * qsort.
 */
XT_API xt_error xt_image_parents(const xt_image *image, const xt_allocator *allocator,
                                 uint32_t parents[], uint64_t self_us[]);

/*
 * Grouping.
 */

/** What records are grouped by. */
typedef enum xt_key {
    XT_BY_TOOL,
    XT_BY_STATUS,
    XT_BY_CACHED,
    XT_BY_ERROR_TYPE,
    XT_BY_ARGS_HASH,
    XT_BY_SESSION,
    XT_BY_TIME /**< by when it ended, in intervals of `every_us`; undated ones are left out */
} xt_key;

enum { XT_KEYS = 7, XT_MAX_QUANTILES = 64 };

/** How to group records. All zeros is one group of everything. */
typedef struct xt_grouping {
    size_t key_count;        /**< up to XT_KEYS, each key once */
    xt_key keys[XT_KEYS];    /**< groups are told apart, and ordered, by these in turn */
    uint64_t every_us;       /**< with XT_BY_TIME, from 1 */
    size_t quantile_count;   /**< up to XT_MAX_QUANTILES */
    const double *quantiles; /**< each from 0 to 1, in any order */
    uint64_t seed; /**< of the hashes by which groups are found; 0 for a random one */
} xt_grouping;

/** What records add up to in a measure. */
typedef struct xt_measure_total {
    uint64_t sum;   /**< stops at XT_MAX_COUNT */
    uint64_t count; /**< records that have a value */
} xt_measure_total;

/** The records of one group. Of a key that they aren't grouped by, the field is 0. */
typedef struct xt_group {
    uint32_t tool_id;
    xt_status status;
    bool was_cached;
    uint32_t error_type_id; /**< 0 for none */
    uint32_t args_hash;
    xt_session session;
    uint64_t time_us; /**< start of the interval, a multiple of `every_us` in Unix time */
    xt_counts counts; /**< the totals stop at XT_MAX_COUNT */
    uint64_t
        min_duration_us; /**< of those that were measured, as the next; 0 without any */
    uint64_t max_duration_us;
    uint64_t first_end_us; /**< the earliest end; after the last if all are undated */
    uint64_t last_end_us;
    /** The exact measured durations (0 without any) at the quantiles, in the order that was
        asked for; valid as long as the groups. Nearest rank: element ceil(q * n) of the n
        sorted durations, q taken as the decimal that it was written as. Null if none was
        asked for. */
    const uint64_t *quantiles_us;
    /** What the records add up to in each measure of the image; valid as long. Null without
        measures. */
    const xt_measure_total *measures;
} xt_group;

/** The groups of an image, to be closed. They outlive the image. */
typedef struct xt_groups xt_groups;

/**
 * Groups the records of `image`, exactly, and stores the groups in `*groups`; the caller
 * owns them and gives them to `xt_groups_close`. There are none without records. They are
 * in the order of their keys, taken in turn: tools and error types by identifier (none
 * first), statuses as in xt_status, not cached before cached, fingerprints and times
 * ascending. A session counts as its fingerprint.
 *
 * Returns XT_OK, or leaves `*groups` null and returns XT_ERROR_MEMORY, or
 * XT_ERROR_GROUPING for a grouping out of the ranges above. O(records + groups * log
 * groups); quantiles are selected in O(records), whatever their distribution.
 */
XT_API xt_error xt_image_group(const xt_image *image, const xt_grouping *grouping,
                               const xt_allocator *allocator, xt_groups **groups);

/** How many groups there are. */
XT_API size_t xt_groups_count(const xt_groups *groups);

/** Group `index`, from 0, which is less than the count. O(1). */
XT_API xt_group xt_groups_get(const xt_groups *groups, size_t index);

/** Frees `groups`. Ignores a null pointer. */
XT_API void xt_groups_close(xt_groups *groups);

/*
 * Merging.
 */

/**
 * Merges the `count` runs, of which there is at least one, in `images` into a snapshot of
 * them all, whatever their order:
 * - Tools of the same name are one; they are in the order of the bytes of their names,
 *   `(other)` last. So are error types. Those that don't fit are `(other)` too.
 * - Lifetimes, histograms, denials and what is in flight add up. A failure streak is that
 *   of the run in which the tool ended last. Executions whose tool has become `(other)`
 *   count as overflowed, as do retained records whose error type has.
 * - Records are in the order of their ends, and where these are equal of their other
 *   fields. The newest `max_history` are kept, up to XT_MAX_HISTORY; XT_KEEP_ALL is as
 *   large as those of the runs together.
 * - Measures of the same name are one, and must have the same unit and scale; they are in the
 *   order of the bytes of their names, and no more than XT_MAX_MEASURES.
 * - It was made when the first run was, its time is the latest of all, and it has the
 *   label that all have, or none.
 * A run that is merged twice counts twice.
 *
 * Returns XT_OK, XT_ERROR_MEMORY, or XT_ERROR_MERGE for measures that don't go together.
 * O(n * log n) for n records, tools and error types.
 */
XT_API xt_error xt_snapshot_merge(size_t count, const xt_image *const images[],
                                  size_t max_history, const xt_allocator *allocator,
                                  xt_snapshot **snapshot);

/*
 * Keeping.
 */

/**
 * Stores what a saved file of `snapshot` has at `bytes`: the block, with its checksum. It
 * is as large as `xt_image_bytes` says of its image. O(size).
 */
XT_API void xt_snapshot_encode(const xt_snapshot *snapshot, void *bytes);

/**
 * Makes a snapshot of what `xt_snapshot_encode` or `xt_snapshot_save` has stored, on a
 * machine with the same byte order. Takes any bytes: what it returns is sound.
 *
 * Returns XT_OK, or XT_ERROR_MEMORY, XT_ERROR_KIND, XT_ERROR_BYTE_ORDER,
 * XT_ERROR_VERSION, XT_ERROR_SIZE, XT_ERROR_CHECKSUM or XT_ERROR_INVALID; then `*problem`,
 * if `problem` isn't null, is a sentence in static memory that says what is wrong. O(size).
 */
XT_API xt_error xt_snapshot_decode(const void *bytes, size_t length,
                                   const xt_allocator *allocator, xt_snapshot **snapshot,
                                   const char **problem);

/**
 * Saves `snapshot` in the file at `path`, which it replaces at once: the bytes are written
 * to a new file beside it and flushed to the disk, and that file is renamed. The new file
 * has the permissions of a regular file that it replaces, without set-user-ID and the
 * like, and its owner and group where that is permitted; if its group is lost, group and
 * others get only what both had. On Linux it has its POSIX access control list, too; if
 * that or the group is lost, a file that had a list is open to its owner alone. A
 * symbolic link is replaced, not followed; a device, a FIFO or a socket isn't replaced
 * (EINVAL). A process that is killed meanwhile may leave its `.exectrack-PID-N.tmp`
 * there.
 *
 * Returns XT_OK, or XT_ERROR_FILE with the reason in `errno`; then what was at `path` is
 * unchanged, and nothing new is left beside it.
 */
XT_API xt_error xt_snapshot_save(const xt_snapshot *snapshot, const char *path);

/**
 * Where bytes come from: a pipe, a socket, a stream that is unpacked. `read` is given
 * `context`, stores from 1 to `count` bytes and returns how many, or 0 at the end; or
 * returns -1, with the reason in `errno`.
 */
typedef struct xt_source {
    ptrdiff_t (*read)(void *context, void *bytes, size_t count);
    void *context;
} xt_source;

/**
 * Makes a snapshot of what `source` gives: a saved run and then its end. Reads the header
 * first, then no more than that says, and a byte of what mustn't follow. Memory for all of
 * it is asked for in between. Returns what `xt_snapshot_decode` returns, and sets
 * `*problem` like that, or XT_ERROR_FILE with the reason in `errno`.
 */
XT_API xt_error xt_snapshot_read(const xt_source *source, const xt_allocator *allocator,
                                 xt_snapshot **snapshot, const char **problem);

/**
 * Makes a snapshot of the file at `path`. Its size is compared with its header before
 * memory is asked for. Returns XT_OK, XT_ERROR_FILE with the reason in `errno`, or what
 * `xt_snapshot_decode` returns, and sets `*problem` like that.
 */
XT_API xt_error xt_snapshot_load(const char *path, const xt_allocator *allocator,
                                 xt_snapshot **snapshot, const char **problem);

#ifdef __cplusplus
}
#endif

#endif
