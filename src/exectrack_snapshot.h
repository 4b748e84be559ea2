/*
 * Snapshots of exectrack: immutable runs, to save, send, filter, group and merge.
 *
 * A snapshot (`xt_snapshot`) has a compact image, `xt_snapshot_image`: a copy of the used
 * part of another image. All functions that read an image accept a tracker's and a
 * snapshot's. Nothing changes a snapshot, so threads may share one.
 *
 * Ownership: a snapshot that a function stores in `*snapshot` belongs to the caller, who
 * closes it with `xt_snapshot_close`. It is one block of memory from the allocator that
 * the function was given, or from the system's if that is null. Working memory comes from
 * the same allocator (except what the C library's qsort may allocate, and the copy of a
 * recorder), and is released
 * before the function returns. `allocate` needn't zero the memory, and must not change
 * the image that is being read. When a function returns an error, `*snapshot` is null and
 * all memory has been released.
 */
#ifndef EXECTRACK_SNAPSHOT_H
#define EXECTRACK_SNAPSHOT_H

#include "exectrack_read.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct xt_snapshot xt_snapshot;

/**
 * Takes a snapshot of `image` as it is now, including the executions in flight. Its time
 * is the latest reading of the clock; call `xt_tracker_now_us` first to make that now.
 * Returns XT_OK or XT_ERROR_MEMORY. O(size of the used part), one copy.
 */
XT_API xt_error xt_snapshot_take(const xt_image *image, const xt_allocator *allocator,
                                 xt_snapshot **snapshot);

/**
 * The same without the texts of arguments and errors, as if the tracker kept none. Names
 * of sessions stay.
 */
XT_API xt_error xt_snapshot_without_texts(const xt_image *image,
                                          const xt_allocator *allocator,
                                          xt_snapshot **snapshot);

/** Frees `snapshot` and all text that was read from it. Ignores a null pointer. */
XT_API void xt_snapshot_close(xt_snapshot *snapshot);

/** The image of `snapshot`, borrowed: it is valid until the snapshot is closed. */
XT_API const xt_image *xt_snapshot_image(const xt_snapshot *snapshot);

/** Whether two snapshots have the same run: everything that can be read of their images is
    the same. O(size). */
XT_API bool xt_snapshot_equals(const xt_snapshot *a, const xt_snapshot *b);

/*
 * The writer of a recorder.
 */

/** What had become of the writer of a recorder when it was loaded. */
typedef enum xt_writer_state {
    XT_WRITER_NONE,   /**< the run wasn't loaded from a recorder */
    XT_WRITER_LIVE,   /**< it had the recorder open */
    XT_WRITER_CLOSED, /**< it had closed the recorder */
    XT_WRITER_DIED    /**< it had ended without closing the recorder */
} xt_writer_state;

/** The last process that opened a recorder (exectrack_recorder.h). */
typedef struct xt_known_writer {
    xt_writer_state state; /**< if it is XT_WRITER_NONE, all else is 0 */
    uint32_t pid;
    xt_text host;       /**< the name of its machine; valid as long as the snapshot */
    uint64_t opened_us; /**< when it opened the recorder */
} xt_known_writer;

/**
 * What is known of the writer of a recorder: for a snapshot that `xt_snapshot_load` made,
 * and for one that was decoded or read from a recorder's bytes, for which nobody knows if
 * the writer still lived: then XT_WRITER_DIED only means that it hadn't closed it. It isn't
 * part of the run, so a saved snapshot has none.
 */
XT_API xt_known_writer xt_snapshot_writer(const xt_snapshot *snapshot);

/** Says of `snapshot` what is known of the writer of `from`, of which it is a part: for the
    results of xt_snapshot_filter and the like, which take images. */
XT_API void xt_snapshot_copy_writer(xt_snapshot *snapshot, const xt_snapshot *from);

/*
 * Filtering.
 */

/** As a count of records to keep: all of them. */
#define XT_KEEP_ALL SIZE_MAX

/** Which records to keep: those that pass every condition. Start from `xt_filter_all`. */
typedef struct xt_filter {
    /** By tool: an array indexed by identifier, with `xt_image_tool_count() + 1` entries;
        null for all tools. */
    const bool *tools;
    /** By error type: an array indexed by identifier, with `xt_image_error_type_count() +
        1` entries, the first for records without an error type; null for all. */
    const bool *error_types;
    /** By session: `session_count` fingerprints in ascending order, 0 for records without
        a session; null for all. */
    const uint32_t *sessions;
    size_t session_count;
    /** By status, indexed by xt_status. */
    bool statuses[4];
    /** By whether a cache answered: [0] those without, [1] those with. */
    bool cached[2];
    /** By timing, indexed by xt_timing. */
    bool timings[3];
    /** By whether its time is known: [0] those with a time, [1] undated ones. */
    bool undated[2];
    /** By end: at `since_us` or later, and before `before_us`. An undated record has the
        end that xt_execution says; to leave these out, use `undated`. */
    uint64_t since_us;
    uint64_t before_us;
    /** By duration, both inclusive. An untimed record has the duration 0; to leave these
        out, use `timings`. */
    uint64_t min_duration_us;
    uint64_t max_duration_us;
    /** By number, as `xt_image_execution` counts them: only those recorded after the one with
        this number; 0 for all. */
    uint64_t after;
    /** How many of the records that pass all this are kept: the newest, in the order of
        `xt_image_newest`. */
    size_t last;
} xt_filter;

/** A filter that all records pass. */
XT_API xt_filter xt_filter_all(void);

/**
 * Takes a snapshot of `image` with only the records that `filter` keeps, in the order in
 * which they were recorded. Lifetimes, histograms, names and executions in flight are
 * those of `image`; windows count the records kept. The records are renumbered, so
 * that the last one has the number `xt_image_recorded`. Returns XT_OK or XT_ERROR_MEMORY.
 *
 * O(records * log sessions + up to 4.3 KB per tool), with one bit of working memory per
 * record. If `last` leaves out records and they aren't in order, O(records * log last),
 * with 8 bytes for each of `last`.
 */
XT_API xt_error xt_snapshot_filter(const xt_image *image, const xt_filter *filter,
                                   const xt_allocator *allocator, xt_snapshot **snapshot);

/*
 * Nested calls.
 */

/**
 * Finds the enclosing call of each record. For each record, in the order of recording,
 * stores in `parents` the place of its parent in that order, from 1, or 0 for none; and
 * in `self_us` its own time: its duration without the time covered by its children. Both
 * arrays have room for all records.
 *
 * The parent of a record is the record of the same session (or both of none), one level
 * up, whose interval contains that of the record. There is none for a record of depth 0
 * or an undated one, and if no record or more than one qualifies. Returns XT_OK or
 * XT_ERROR_MEMORY. O(n * log n); uses qsort.
 */
XT_API xt_error xt_image_parents(const xt_image *image, const xt_allocator *allocator,
                                 uint32_t parents[], uint64_t self_us[]);

/**
 * Moves to the front of `self_us`, which has the own times of all records of `image`, those
 * of the records of `part`, which was filtered from it: what was left out still counts as
 * time of children. False if `part` has another record; then `self_us` is undefined.
 * O(records).
 */
XT_API bool xt_image_self_of_part(const xt_image *image, const xt_image *part,
                                  uint64_t self_us[]);

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
    XT_BY_TIME /**< by end, in intervals of `every_us`; undated records are left out */
} xt_key;

enum { XT_KEYS = 7, XT_MAX_QUANTILES = 64 };

/** How to group records. All zeros is one group of everything. */
typedef struct xt_grouping {
    size_t key_count;        /**< up to XT_KEYS, each key once */
    xt_key keys[XT_KEYS];    /**< groups are separated and ordered by these in turn */
    uint64_t every_us;       /**< the interval of XT_BY_TIME, from 1; else ignored */
    size_t quantile_count;   /**< up to XT_MAX_QUANTILES */
    const double *quantiles; /**< each from 0 to 1, in any order */
    uint64_t seed;           /**< of the hash table of groups; 0 for a random one */
} xt_grouping;

/** The total of a measure over some records. */
typedef struct xt_measure_total {
    uint64_t sum;   /**< stops at XT_MAX_COUNT */
    uint64_t count; /**< records that have a value */
} xt_measure_total;

/** One group of records. A field of a key that wasn't grouped by is 0. */
typedef struct xt_group {
    uint32_t tool_id;
    xt_status status;
    bool was_cached;
    uint32_t error_type_id; /**< 0 for none */
    uint32_t args_hash;
    xt_session session;
    uint64_t time_us; /**< start of the interval, a multiple of `every_us` in Unix time */
    xt_counts counts; /**< the totals stop at XT_MAX_COUNT */
    uint64_t min_duration_us; /**< shortest measured duration; 0 if there is none */
    uint64_t max_duration_us; /**< longest measured duration, likewise */
    /** The earliest and the latest end. If all are undated, the first is larger. */
    uint64_t first_end_us;
    uint64_t last_end_us;
    /** The exact quantiles of the measured durations, in the order that was asked for; 0
        if none was measured. By nearest rank: element ceil(q * n), or the first, of the n
        sorted durations, where q is taken as the decimal that it was written as. Valid as
        long as the groups; null if no quantiles were asked for. */
    const uint64_t *quantiles_us;
    /** The total of each measure of the image. Valid as long as the groups; null if the
        image has no measures. */
    const xt_measure_total *measures;
} xt_group;

/** The groups of an image. They stay valid when the image no longer exists. */
typedef struct xt_groups xt_groups;

/**
 * Groups the records of `image`, exactly, and stores the groups in `*groups`; the caller
 * owns them and closes them with `xt_groups_close`. Without records there are no groups.
 * The groups are ordered by the keys in turn: tools and error types by identifier (no
 * error type first), statuses as in xt_status, not cached before cached, fingerprints,
 * sessions (by fingerprint) and times ascending.
 *
 * Returns XT_OK; or sets `*groups` to null and returns XT_ERROR_MEMORY, or
 * XT_ERROR_GROUPING for a grouping out of the ranges above. O(records + groups * log
 * groups); quantiles are selected in O(records), whatever their distribution.
 */
XT_API xt_error xt_image_group(const xt_image *image, const xt_grouping *grouping,
                               const xt_allocator *allocator, xt_groups **groups);

/** How many groups there are. */
XT_API size_t xt_groups_count(const xt_groups *groups);

/** The group at `index`, from 0 and less than the count. O(1). */
XT_API xt_group xt_groups_get(const xt_groups *groups, size_t index);

/** Frees `groups`. Ignores a null pointer. */
XT_API void xt_groups_close(xt_groups *groups);

/*
 * Merging.
 */

/**
 * Merges the runs in `images`, of which there are `count`, at least one, into one
 * snapshot. Their order doesn't matter:
 * - Tools of the same name become one; they are ordered by the bytes of their names,
 *   `(other)` last. Likewise error types. Those that don't fit become `(other)`.
 * - Lifetimes, histograms, denials and executions in flight add up. A failure streak is
 *   that of the run in which the tool ended last. Executions whose tool has become
 *   `(other)` count as overflowed, as do retained records whose error type has.
 * - Records are ordered by their ends, and if these are equal by their other fields. The
 *   newest `max_history` are kept, up to XT_MAX_HISTORY. With XT_KEEP_ALL the limit is
 *   the sum of the runs' limits.
 * - Measures of the same name become one, and must have the same unit and scale; they are
 *   ordered by the bytes of their names. There may be at most XT_MAX_MEASURES.
 * - It was made when the first run was made. Its time is the latest of all runs' times.
 *   It has the label that all runs have, or none.
 * A run that is merged twice counts twice.
 *
 * Returns XT_OK; XT_ERROR_MEMORY; or XT_ERROR_MERGE for measures that are too many or
 * differ in unit or scale. O(n * log n) for n records, tools and error types.
 */
XT_API xt_error xt_snapshot_merge(size_t count, const xt_image *const images[],
                                  size_t max_history, const xt_allocator *allocator,
                                  xt_snapshot **snapshot);

/*
 * Saving and loading.
 */

/**
 * Stores the contents of a saved file of `snapshot` at `bytes`: its block, with a
 * checksum. There must be room for `xt_image_bytes` of its image. O(size).
 */
XT_API void xt_snapshot_encode(const xt_snapshot *snapshot, void *bytes);

/**
 * Makes a snapshot from what `xt_snapshot_encode` or `xt_snapshot_save` stored, on a
 * machine with the same byte order, or from the bytes of a recorder's file. Accepts any
 * bytes safely: a snapshot that it returns keeps all invariants. An operation that a
 * recorder's writer left unfinished is undone. Bytes that were copied while it was writing
 * may be inconsistent: `xt_snapshot_load` reads these from the file.
 *
 * Returns XT_OK, or XT_ERROR_MEMORY, XT_ERROR_KIND, XT_ERROR_BYTE_ORDER,
 * XT_ERROR_VERSION, XT_ERROR_SIZE, XT_ERROR_CHECKSUM or XT_ERROR_INVALID. After an error,
 * `*problem`, if `problem` isn't null, is a message in static memory. O(size).
 */
XT_API xt_error xt_snapshot_decode(const void *bytes, size_t length,
                                   const xt_allocator *allocator, xt_snapshot **snapshot,
                                   const char **problem);

/**
 * Saves `snapshot` in the file at `path`. A file there is replaced atomically: the bytes
 * are written to a new file in the same directory and flushed to the disk, and the new
 * file is renamed to `path`.
 *
 * If a regular file is replaced, the new one gets its permissions, without set-user-ID,
 * set-group-ID and the sticky bit, and its owner and group where that is permitted. If
 * the group can't be set, group and others get only the permissions that both had. On
 * Linux the new file also gets the POSIX access control list; if the list or the group
 * can't be set, a file that had a list gets permissions for its owner alone. A symbolic
 * link is replaced, not followed; a device, a FIFO or a socket isn't replaced (EINVAL).
 * On Windows the new file gets the access control list of the old one, and a file that is
 * read-only or open in another process isn't replaced (EACCES). The file of a recorder that
 * is open, or a link to it, isn't replaced either (EBUSY). A process that is killed while
 * saving may leave a file `.exectrack-PID-N.tmp` in the directory.
 *
 * Returns XT_OK; or XT_ERROR_FILE with the reason in `errno`: then what was at `path` is
 * unchanged, and no new file is left.
 */
XT_API xt_error xt_snapshot_save(const xt_snapshot *snapshot, const char *path);

/**
 * A source of bytes: a pipe, a socket, a decompressed stream. `read` is given `context`,
 * stores from 1 to `count` bytes and returns how many, or returns 0 at the end, or -1
 * with the reason in `errno`.
 */
typedef struct xt_source {
    ptrdiff_t (*read)(void *context, void *bytes, size_t count);
    void *context;
} xt_source;

/**
 * Makes a snapshot from the bytes of `source`: a saved run, after which the source must
 * end. Reads the header first; allocates the memory that it says; then reads the rest,
 * and one byte more to find the end. Returns what `xt_snapshot_decode` returns, or
 * XT_ERROR_FILE with the reason in `errno`; sets `*problem` likewise.
 */
XT_API xt_error xt_snapshot_read(const xt_source *source, const xt_allocator *allocator,
                                 xt_snapshot **snapshot, const char **problem);

/**
 * Makes a snapshot from the file at `path`. The file's size is compared with its header
 * before memory is allocated. Returns what `xt_snapshot_decode` returns, or XT_ERROR_FILE
 * with the reason in `errno`; sets `*problem` likewise.
 *
 * The file of a recorder may be open for writing, in this process or another. The snapshot
 * is what it was at one moment, between two operations, and its time is now, by the
 * system's clock, unless the file's is later; while executions are recorded very fast, it
 * may lack the oldest records. The writer isn't stopped, the file isn't locked, and nothing
 * is written, so it is enough to be permitted to read. If the writer changes too much to be
 * read for 100 ms, returns XT_ERROR_CHANGING. Besides the snapshot this needs memory for
 * the used part of the file, in pages from the system.
 */
XT_API xt_error xt_snapshot_load(const char *path, const xt_allocator *allocator,
                                 xt_snapshot **snapshot, const char **problem);

#ifdef __cplusplus
}
#endif

#endif
