/*
 * exectrack: records what an agent's tools did, in memory that never grows.
 *
 * A tracker (`xt_tracker`) is made once, with all the memory that it will ever use, and
 * records executions: which tool, how it ended, how long it took, whether a cache
 * answered. Everything that can be asked is asked of its image: the one block of memory
 * in which it keeps them, of which an `xt_image` is a view.
 *
 * Caveats, before anything else:
 * - A tracker belongs to one thread at a time. There is no lock in it.
 * - Text is `xt_text`: bytes and a length. It may hold zero bytes and need not be UTF-8.
 *   Text that a function returns points into the tracker: it is not zero-terminated, and
 *   it stays valid and unchanged until `xt_tracker_close`, as names of tools and error
 *   types are never removed. Only names of sessions and the texts of arguments and errors
 *   may be replaced by whatever is recorded, started, denied or cleared next.
 * - Durations and times are unsigned microseconds; a time is Unix time.
 * - Identifiers of tools start at 1. Zero is no tool.
 * - Recording, starting and finishing are O(1), allocate nothing and never fail for want
 *   of room: a name that no longer fits is counted under `(other)`.
 */
#ifndef EXECTRACK_H
#define EXECTRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The Lua module is one file and exports nothing but its luaopen function. */
#ifdef XT_BUILDING_MODULE
#define XT_API __attribute__((visibility("hidden")))
#else
#define XT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this header and library. */
#define XT_VERSION "0.1.0"

/** The largest values of the options of the same names; a smaller tracker costs less. */
#define XT_MAX_HISTORY ((size_t)1 << 28)
#define XT_MAX_TOOLS ((size_t)65535)
#define XT_MAX_IN_FLIGHT ((size_t)65535)

/** The longest label and the longest name in bytes; of a longer name the first count. */
#define XT_LABEL_BYTES 64
#define XT_NAME_BYTES 255

/**
 * The most texts that a tracker keeps of a kind, and the longest in bytes: names of
 * sessions, and texts of arguments and errors.
 */
#define XT_MAX_TEXTS ((size_t)65536)
#define XT_SESSION_NAME_BYTES 64
#define XT_TEXT_BYTES 120

/** The bytes that name the instance of a tracker: those of a UUID. */
#define XT_INSTANCE_BYTES 16

/** The longest duration in microseconds, 142 years; a longer one is stored as this. */
#define XT_MAX_DURATION_US (((uint64_t)1 << 52) - 1)

/** The depth of nested calls stops here: this deep, or deeper. */
#define XT_MAX_DEPTH 7

/** Lifetime counts and sums stop here, at Lua's largest integer, and never wrap. */
#define XT_MAX_COUNT ((uint64_t)INT64_MAX)

/** In place of a tool's identifier: all tools together. (0 is no tool.) */
#define XT_ALL_TOOLS UINT32_MAX

typedef struct xt_tracker xt_tracker;
typedef struct xt_image xt_image;

/** Bytes with a length. Empty text may have a null pointer. */
typedef struct xt_text {
    const char *bytes;
    size_t length;
} xt_text;

/** Zero-terminated `string` as text, without its zero. A null pointer is empty text. */
XT_API xt_text xt_text_of(const char *string);

/** How an execution ended. */
typedef enum xt_status { XT_SUCCESS, XT_FAILED, XT_TIMED_OUT, XT_CANCELLED } xt_status;

/** What the duration of an execution is. */
typedef enum xt_timing {
    XT_MEASURED, /**< how long it took */
    XT_ELAPSED, /**< from its request to its result, which may include waiting for a person */
    XT_UNTIMED /**< none: it isn't known */
} xt_timing;

/** Executions as their durations are told apart. */
typedef enum xt_outcome_kind {
    XT_OUTCOME_SUCCESS, /**< those that succeeded */
    XT_OUTCOME_OTHER,   /**< all others: failed, timed out or cancelled */
    XT_OUTCOME_ALL      /**< both */
} xt_outcome_kind;

/** What can go wrong. `XT_OK` is zero. */
typedef enum xt_error {
    XT_OK,
    XT_ERROR_MEMORY,        /**< the allocator gave no memory */
    XT_ERROR_MAX_HISTORY,   /**< `max_history` is above XT_MAX_HISTORY */
    XT_ERROR_MAX_TOOLS,     /**< `max_tools` is 0 or above XT_MAX_TOOLS */
    XT_ERROR_MAX_IN_FLIGHT, /**< `max_in_flight` is above XT_MAX_IN_FLIGHT */
    XT_ERROR_LABEL,         /**< the label is longer than XT_LABEL_BYTES */
    XT_ERROR_SESSION_NAMES, /**< `session_names` is above XT_MAX_TEXTS */
    XT_ERROR_ARGS_TEXTS,    /**< `args_texts` is above XT_MAX_TEXTS */
    XT_ERROR_ERROR_TEXTS,   /**< `error_texts` is above XT_MAX_TEXTS */
    XT_ERROR_MEASURES, /**< `measures` are too many, out of range, or two are the same */
    XT_ERROR_STATUS,   /**< the status is none of xt_status */
    XT_ERROR_TIMING,   /**< the timing is none of xt_timing */
    XT_ERROR_SPAN,     /**< the span is finished, or not in flight in this tracker */
    XT_ERROR_GROUPING, /**< a key, an interval or a quantile is out of its range */
    XT_ERROR_MERGE,    /**< runs have measures that don't go together */
    XT_ERROR_FILE,     /**< the system refused; `errno` has the reason */
    XT_ERROR_KIND,     /**< the bytes don't begin as a saved run does */
    XT_ERROR_BYTE_ORDER, /**< the run was saved on a machine of another byte order */
    XT_ERROR_VERSION,    /**< the run is in another version of the format */
    XT_ERROR_SIZE,       /**< the bytes are fewer or more than the run's header says */
    XT_ERROR_CHECKSUM,   /**< the bytes aren't those that were saved */
    XT_ERROR_INVALID     /**< the contents are inconsistent */
} xt_error;

/** One sentence that says what `error` means, in static memory. */
XT_API const char *xt_error_message(xt_error error);

/**
 * Where a tracker reads the time. `now_us` returns Unix time in microseconds; it is given
 * `context`, is called once an operation and before the operation changes anything, and
 * must return. A reading that is earlier than one before it counts as that one. With
 * `now_us` null a tracker uses the system's: Unix time when it was made, plus the time
 * since, which setting the system's time doesn't change. The time that the machine sleeps
 * counts on Linux and macOS; elsewhere it may not.
 */
typedef struct xt_clock {
    uint64_t (*now_us)(void *context);
    void *context;
} xt_clock;

/**
 * Where the memory of a tracker or a snapshot comes from. `allocate` returns `bytes`
 * zeroed bytes, aligned for any type, or null; `release` takes back a block of `bytes`
 * that `allocate` gave. Both are given `context`, and are called only by functions that
 * make or close something. With `allocate` null it is the system's: an anonymous mapping
 * for large blocks, whose untouched pages cost nothing, and `calloc` for small ones.
 */
typedef struct xt_allocator {
    void *(*allocate)(void *context, size_t bytes);
    void (*release)(void *context, void *block, size_t bytes);
    void *context;
} xt_allocator;

/** The most measures, and the longest name and unit of one in bytes. */
#define XT_MAX_MEASURES 4
#define XT_MEASURE_BYTES 32

/** Among the values of an execution: one that it doesn't have. */
#define XT_NO_MEASURE UINT64_MAX

/**
 * A number of your own that executions may have, such as what one cost or how large its
 * result was. Values are whole numbers of `scale`: with a scale of 1e-6, a value of 2,000 is
 * 0.002 of the unit. So they add up in any order to the same.
 */
typedef struct xt_measure {
    xt_text name; /**< 1 to XT_MEASURE_BYTES */
    xt_text unit; /**< such as `USD`, or `By` for bytes; up to XT_MEASURE_BYTES */
    double scale; /**< finite and above 0 */
} xt_measure;

/** How to make a tracker. Begin with `xt_options_default()` and change what you need. */
typedef struct xt_options {
    /** Records retained: 0 to XT_MAX_HISTORY, 32 bytes each. */
    size_t max_history;
    /** Tools told apart: 1 to XT_MAX_TOOLS, 2.3 KB each and 2.1 KB more for one that has
        also failed, taken when it is used. Their names have 64 bytes each on average. */
    size_t max_tools;
    /** Executions listed while they run: 0 to XT_MAX_IN_FLIGHT, 40 bytes each. */
    size_t max_in_flight;
    /** Names of sessions kept, 80 bytes each, and texts of arguments and of errors, 136
        bytes each: 0 to XT_MAX_TEXTS, rounded up to a multiple of 8. They are kept in sets
        of 8, in each of which the one that was used longest ago makes room. */
    size_t session_names;
    size_t args_texts;
    size_t error_texts;
    /** A name for the run, up to XT_LABEL_BYTES; it is copied. */
    xt_text label;
    xt_clock clock;
    xt_allocator allocator;
    /** Of the hashes by which names are found; 0 for a random one, so that nobody can choose
        names that are slow to find. Nothing that can be read depends on it. */
    uint64_t seed;
    /** A fingerprint of the fields of arguments that fingerprints leave out, for whoever reads
        the run; 0 for none. */
    uint32_t ignored_args;
    /** Names this tracker among all others; zeros for a random UUID of version 4. */
    uint8_t instance[XT_INSTANCE_BYTES];
    /** Up to XT_MAX_MEASURES, of distinct names; they are copied. Each takes 8 bytes a record
        and 32 bytes a tool. */
    const xt_measure *measures;
    size_t measure_count;
} xt_options;

/** 1,000 records, 512 tools, 64 in flight, 256 names of sessions, no texts, no label, the
    system's clock and allocator. */
XT_API xt_options xt_options_default(void);

/**
 * Makes a tracker and stores it in `*tracker`; the caller owns it and gives it to
 * `xt_tracker_close`. `options` may be null for the defaults; it is not kept.
 *
 * Returns XT_OK, or leaves `*tracker` null and returns XT_ERROR_MEMORY or the error of
 * the option that is out of its range. The clock is read once.
 */
XT_API xt_error xt_tracker_create(const xt_options *options, xt_tracker **tracker);

/** Frees `tracker`, its image and all text that it returned. Ignores a null pointer. */
XT_API void xt_tracker_close(xt_tracker *tracker);

/** How an execution ended: all that `xt_tracker_finish` must be told. */
typedef struct xt_outcome {
    xt_status status;
    bool was_cached;      /**< a cache answered */
    xt_text error_type;   /**< a short stable class such as `ENOENT`; empty for none */
    uint32_t result_hash; /**< a fingerprint of what it returned; 0 for none */
    /** A value for each measure of the tracker, in their order, or XT_NO_MEASURE; those above
        XT_MAX_COUNT are stored as that. Null for none. */
    const uint64_t *measures;
    xt_text error_text; /**< what the error said; empty for nothing. Ignored when read */
} xt_outcome;

/**
 * The session that an execution belongs to: a conversation, an episode, a request. It is
 * known by the fingerprint of its name, which is the same in every process. Of two of
 * 10,000 sessions the fingerprints are the same with a chance of 1 %.
 */
typedef struct xt_session {
    uint32_t hash; /**< 0 for no session */
    xt_text name;  /**< empty if it isn't known */
} xt_session;

/** The bytes of `#` and eight hexadecimal digits: a session by its fingerprint. */
#define XT_SESSION_HASH_BYTES 9

/**
 * The session called `name`, which is borrowed. `#` and eight lower-case hexadecimal digits,
 * not all 0, are its fingerprint itself; of all other names, the empty one too, that is
 * XXH64 of their bytes, folded to 32 bits. O(length).
 */
XT_API xt_session xt_session_of(xt_text name);

/** Stores the name by which the session of fingerprint `hash` is known without another. */
XT_API void xt_session_write_hash(uint32_t hash, char name[XT_SESSION_HASH_BYTES]);

/** One execution, to record or as it was recorded. */
typedef struct xt_execution {
    xt_text tool; /**< any bytes, the empty name too; up to XT_NAME_BYTES of them count */
    xt_outcome outcome;
    uint64_t duration_us; /**< up to XT_MAX_DURATION_US; a longer one is stored as that */
    xt_timing timing;     /**< what that is; of XT_UNTIMED it is stored as 0 */
    uint32_t args_hash;   /**< a fingerprint of the arguments; 0 for none */
    xt_text
        args_text; /**< what the arguments were; empty for nothing. Ignored when read */
    xt_session session;
    uint32_t depth;         /**< how many calls it was made within, up to XT_MAX_DEPTH */
    uint32_t tool_id;       /**< set when it is read, ignored when it is recorded */
    uint32_t error_type_id; /**< the same; 0 for none */
    uint64_t end_us;        /**< when it ended; ignored by `xt_tracker_record` */
    /** When it ended isn't known, only its order: the nth of them that a tracker records, from
        1, counts as having ended at n microseconds of Unix time. */
    bool is_undated;
} xt_execution;

/**
 * Records an execution that ends now, by the tracker's clock.
 * Returns XT_OK; or XT_ERROR_STATUS or XT_ERROR_TIMING, and records nothing. O(1).
 */
XT_API xt_error xt_tracker_record(xt_tracker *tracker, const xt_execution *execution);

/**
 * Records an execution that ended at `execution->end_us`, up to XT_MAX_COUNT, to import a
 * past run. Records stay in the order in which they were recorded, whatever their times.
 * Returns XT_OK; or XT_ERROR_STATUS or XT_ERROR_TIMING, and records nothing. O(1).
 */
XT_API xt_error xt_tracker_record_at(xt_tracker *tracker, const xt_execution *execution);

/**
 * An execution in flight: a token that `xt_tracker_start` gives and `xt_tracker_finish`
 * takes. It holds no memory, and its fields are the tracker's.
 */
typedef struct xt_span {
    uint64_t start_us;
    uint64_t serial; /**< counts the tracker's starts from 1; 0 once it is finished */
    uint32_t tool_id;
    uint32_t args_hash;
    uint32_t session; /**< the fingerprint of its name; 0 for none */
    uint32_t depth;
    uint32_t slot; /**< its place in the table of what is in flight, from 1; 0 for none */
} xt_span;

/** What is called, before it is known how that ends. */
typedef struct xt_call {
    xt_text tool;
    uint32_t args_hash; /**< a fingerprint of the arguments; 0 for none */
    xt_text args_text;  /**< what they were; empty for nothing */
    xt_session session;
    uint32_t depth; /**< how many calls it is made within, up to XT_MAX_DEPTH */
} xt_call;

/**
 * Starts an execution of `tool` and returns its token, which must be finished once. When
 * `max_in_flight` executions are in flight already, it is timed and counted all the same,
 * but `xt_image_in_flight` doesn't list it. O(1).
 */
XT_API xt_span xt_tracker_start(xt_tracker *tracker, xt_text tool, uint32_t args_hash);

/** The same with all that can be known of a call. O(1). */
XT_API xt_span xt_tracker_start_call(xt_tracker *tracker, const xt_call *call);

/**
 * Finishes `span` and records its execution, which ends now. `*duration_us`, if not null,
 * receives the time since its start.
 *
 * Returns XT_OK and marks `*span` as finished; or records nothing and returns
 * XT_ERROR_STATUS, or XT_ERROR_SPAN for a span that is finished already or isn't this
 * tracker's. Of a span that isn't listed no more is known than how many of its tool are
 * in flight: so don't finish a copy of one, which may pass for another. O(1).
 */
XT_API xt_error xt_tracker_finish(xt_tracker *tracker, xt_span *span,
                                  const xt_outcome *outcome, uint64_t *duration_us);

/**
 * Empties the history and zeroes all statistics, as at the start of a session, and forgets
 * the texts of arguments and errors. Names, those of sessions too, identifiers, the number of
 * undated executions and what is in flight stay; a span that is finished later counts then.
 * Doesn't read the clock: counting begins anew at its latest reading. O(tools), and
 * touches no page that recording hasn't touched.
 */
XT_API void xt_tracker_clear(xt_tracker *tracker);

/** The identifier of the tool called `name`, or 0 if there is none. O(1). */
XT_API uint32_t xt_tracker_tool_id(const xt_tracker *tracker, xt_text name);

/**
 * The tracker's clock now, in microseconds: never before the end of an execution that the
 * clock has timed, nor before an earlier reading.
 */
XT_API uint64_t xt_tracker_now_us(xt_tracker *tracker);

/**
 * The image that `tracker` writes to: what all functions below read. It is borrowed,
 * follows the tracker as it records, and ends with it.
 */
XT_API const xt_image *xt_tracker_image(const xt_tracker *tracker);

/** Executions counted: those of a lifetime (since the last clear) or of the records. */
typedef struct xt_counts {
    uint64_t executions; /**< all of them, whatever their status */
    uint64_t successful;
    uint64_t failed;
    uint64_t timed_out;
    uint64_t cancelled;
    uint64_t cached_hits;         /**< answered by a cache, whatever their status */
    uint64_t total_duration_us;   /**< of those that were measured */
    uint64_t untimed;             /**< those whose duration isn't known */
    uint64_t elapsed;             /**< those of which it is from request to result */
    uint64_t elapsed_duration_us; /**< of the elapsed ones */
} xt_counts;

/** How many were measured: what averages, extremes and quantiles are of. */
XT_API uint64_t xt_counts_measured(const xt_counts *counts);

/** The statistics of all tools together. */
typedef struct xt_stats {
    xt_counts lifetime;
    xt_counts window; /**< over the records that are retained */
    /** Executions recorded or started under `(other)` since the last clear. */
    uint64_t overflowed;
    /** Executions recorded with the error type `(other)` since the last clear. */
    uint64_t error_types_overflowed;
    /** Executions started and not finished, all of them. */
    uint32_t in_flight;
} xt_stats;

/** The statistics of one tool. */
typedef struct xt_tool_stats {
    xt_counts lifetime;
    xt_counts window;
    /** Of the lifetime; both 0 if none was measured. */
    uint64_t min_duration_us;
    uint64_t max_duration_us;
    /** When one last ended, and last failed or timed out, undated ones left out; 0 for never. */
    uint64_t last_end_us;
    uint64_t last_failure_us;
    /** Failures and time-outs since the last success, cancelled ones left out. */
    uint32_t failure_streak;
    /** Of the streak, the first, those that began after the previous one ended, and all that
        are undated. */
    uint32_t failure_rounds;
    /** Executions started and not finished. */
    uint32_t in_flight;
} xt_tool_stats;

/** The statistics of all tools together. O(1). */
XT_API xt_stats xt_image_stats(const xt_image *image);

/** Stores the statistics of tool `tool_id`; false if there is no such tool. O(1). */
XT_API bool xt_image_tool_stats(const xt_image *image, uint32_t tool_id,
                                xt_tool_stats *stats);

/**
 * Estimates quantiles of the measured durations of tool `tool_id`: `values_us[i]`
 * receives the microseconds of element ceil(q * n) of the n sorted durations, q being
 * `quantiles[i]` from 0 to 1 in ascending order, each taken as the decimal that it was
 * written as: 0.07 of 100 durations is the 7th. An estimate is never
 * below the shortest nor above the longest duration, and errs by at most 1.1 % while a
 * tool's durations span less than a factor of 64,000, 2.2 % up to 4 * 10^9, 4.4 % beyond.
 * The method is a histogram of OpenTelemetry's exponential kind, each bucket answering
 * with the value that DDSketch (Masson, Rim, Lee, VLDB 2019) shows to have the smallest
 * largest error.
 *
 * False, with nothing stored, if there is no such tool or none of it was measured. O(1): it
 * reads two histograms of 512 counters, once for all quantiles.
 */
XT_API bool xt_image_tool_quantiles(const xt_image *image, uint32_t tool_id, size_t count,
                                    const double quantiles[], double values_us[]);

/** The most buckets of a histogram of durations. */
#define XT_HISTOGRAM_BUCKETS 512

/**
 * Measured durations of a tool's lifetime, as OpenTelemetry's exponential histogram has them:
 * bucket i, from 0, counts the durations above base^(offset + i) seconds and up to
 * base^(offset + i + 1), where base is 2^(2^-scale).
 */
typedef struct xt_tool_histogram {
    int32_t scale;         /**< from 6, the finest, to 3 */
    uint32_t zero_count;   /**< durations of 0; this and the counts stop at 2^32 - 1 */
    int32_t offset;        /**< 0 without buckets */
    uint32_t bucket_count; /**< 0, or those from the first to the last that isn't empty */
    uint32_t counts[XT_HISTOGRAM_BUCKETS];
} xt_tool_histogram;

/**
 * Stores the histogram of the executions of tool `tool_id` that ended as `outcome` says,
 * without buckets and of scale 6 if there are none. False if there is no such tool. O(1).
 */
XT_API bool xt_image_tool_histogram(const xt_image *image, uint32_t tool_id,
                                    xt_outcome_kind outcome,
                                    xt_tool_histogram *histogram);

/**
 * Stores the mean duration, in microseconds, of the retained records of tool `tool_id` that
 * were measured, those of every status and those that a cache answered included. False if it
 * has none. O(1).
 */
XT_API bool xt_image_average_duration(const xt_image *image, uint32_t tool_id,
                                      double *average_us);

/**
 * Returns how many measures the run has, and stores those that there are, in the order of
 * the options; in a merged run they are in the order of the bytes of their names. O(1).
 */
XT_API size_t xt_image_measures(const xt_image *image,
                                xt_measure measures[XT_MAX_MEASURES]);

/** What executions add up to in a measure. */
typedef struct xt_measure_stats {
    uint64_t sum;        /**< of the lifetime; sums and counts stop at XT_MAX_COUNT */
    uint64_t count;      /**< executions that have a value */
    uint64_t max;        /**< 0 without one */
    uint64_t window_sum; /**< over the records that are retained */
} xt_measure_stats;

/**
 * Stores what the executions of tool `tool_id`, or XT_ALL_TOOLS, add up to in measure `index`,
 * from 0. False if there is no such tool or measure. O(1) for a tool, O(tools) for all; and
 * O(records) once a sum of the lifetime has stopped.
 */
XT_API bool xt_image_tool_measure(const xt_image *image, uint32_t tool_id, size_t index,
                                  xt_measure_stats *stats);

/** The number of tools; their identifiers are 1 to this. */
XT_API uint32_t xt_image_tool_count(const xt_image *image);

/** The name of tool `tool_id`; a null pointer for no such tool. O(1). */
XT_API xt_text xt_image_tool_name(const xt_image *image, uint32_t tool_id);

/** The identifier of the tool called `name`, or 0 if there is none. O(tools). */
XT_API uint32_t xt_image_tool_id(const xt_image *image, xt_text name);

/** The number of error types; their identifiers are 1 to this. */
XT_API uint32_t xt_image_error_type_count(const xt_image *image);

/** Error type `id`; a null pointer for no such error type. O(1). */
XT_API xt_text xt_image_error_type(const xt_image *image, uint32_t id);

/** The number of records retained. */
XT_API size_t xt_image_record_count(const xt_image *image);

/** The limits that the tracker was made with. */
XT_API size_t xt_image_max_history(const xt_image *image);
XT_API size_t xt_image_max_tools(const xt_image *image);
XT_API size_t xt_image_max_in_flight(const xt_image *image);

/** How many executions were recorded since the tracker was made, cleared or not. */
XT_API uint64_t xt_image_recorded(const xt_image *image);

/** How many of them were undated, in merged runs all of theirs. */
XT_API uint64_t xt_image_undated(const xt_image *image);

/** How many were started; the largest serial of a span. */
XT_API uint64_t xt_image_started(const xt_image *image);

/**
 * Stores the execution that was recorded as number `sequence`, counting from 1 to
 * `xt_image_recorded()`, the latest. The number of an execution never changes; false if
 * it isn't retained any more (or never was). O(1).
 */
XT_API bool xt_image_execution(const xt_image *image, uint64_t sequence,
                               xt_execution *execution);

/**
 * Whether the retained executions ended in the order in which they were recorded, as they
 * do unless `xt_tracker_record_at` said otherwise. O(1).
 */
XT_API bool xt_image_is_in_order(const xt_image *image);

/**
 * Whether filters left out records that were retained: of the run itself, of one that it
 * was filtered from, or of one that was merged into it. O(1).
 */
XT_API bool xt_image_is_filtered(const xt_image *image);

/**
 * Stores the numbers of the newest `capacity` executions that are retained, newest first,
 * and returns how many they are. The newest is the one that ended last, and of those that
 * ended together the one recorded last. O(capacity) if they are in order; else O(records *
 * log capacity).
 */
XT_API size_t xt_image_newest(const xt_image *image, size_t capacity,
                              uint64_t sequences[]);

/** An execution in flight. */
typedef struct xt_running {
    xt_text tool;
    uint32_t tool_id;
    uint32_t args_hash;
    xt_session session;
    uint32_t depth;
    uint64_t start_us;
    uint64_t serial; /**< as in its span: later starts have larger ones */
} xt_running;

/**
 * Stores up to `capacity` of the listed executions in flight, in the order of their
 * starts, oldest first, and returns how many are listed in all. `running` may be null
 * with a capacity of 0. O(1) for each that is stored.
 */
XT_API size_t xt_image_in_flight(const xt_image *image, size_t capacity,
                                 xt_running running[]);

/*
 * Texts, each of which a tracker keeps until others make room for it.
 */

/** What texts a run keeps. */
typedef enum xt_texts_kind {
    /** Names of sessions of what was executed, started or denied, up to
        XT_SESSION_NAME_BYTES; a longer, an empty one or a fingerprint isn't kept. */
    XT_SESSION_NAMES,
    /** What arguments were, by their fingerprints: the first XT_TEXT_BYTES, or up to 3 fewer
        so that they don't end within a character of UTF-8. */
    XT_ARGS_TEXTS,
    /** What the latest error said of each tool and error type, likewise. */
    XT_ERROR_TEXTS
} xt_texts_kind;

enum { XT_TEXTS_KINDS = 3 };

/** How many texts of a kind the tracker keeps at most, a multiple of 8; merged runs as many
    as they do together, up to XT_MAX_TEXTS. */
XT_API size_t xt_image_max_texts(const xt_image *image, xt_texts_kind kind);

/** The name of the session of fingerprint `hash`; empty if it isn't kept. A tracker's image
    answers in O(1), a snapshot's in O(log texts); so do the next three. */
XT_API xt_text xt_image_session_name(const xt_image *image, uint32_t hash);

/** What the arguments of fingerprint `args_hash` were; empty if it isn't kept. */
XT_API xt_text xt_image_args_text(const xt_image *image, uint32_t args_hash);

/** Whether a tracker would keep a text of these arguments that it hasn't: so that it need
    not be made for others. */
XT_API bool xt_image_wants_args_text(const xt_image *image, uint32_t args_hash);

/** What the latest error of a tool and an error type, 0 for none, said; empty if it isn't
    kept. */
XT_API xt_text xt_image_error_text(const xt_image *image, uint32_t tool_id,
                                   uint32_t error_type_id);

/** A text that is kept. */
typedef struct xt_kept_text {
    xt_text text;
    uint32_t hash;          /**< of the session or the arguments; 0 for an error's */
    uint32_t tool_id;       /**< of an error's; 0 for others */
    uint32_t error_type_id; /**< the same; 0 for none */
    uint64_t last_us;       /**< when what it is of last started, was denied or ended */
} xt_kept_text;

/**
 * Stores up to `capacity` of the texts of a kind, and returns how many there are. `texts`
 * may be null with a capacity of 0. A snapshot has them in ascending order of fingerprints,
 * or of tools and then error types; a tracker in no order. O(size of the table).
 */
XT_API size_t xt_image_texts(const xt_image *image, xt_texts_kind kind, size_t capacity,
                             xt_kept_text texts[]);

/**
 * The size in bytes of the block that `image` is a view of (and doesn't point to). Only
 * the pages of it that were touched take memory.
 */
XT_API size_t xt_image_bytes(const xt_image *image);

/** The label that the run was given; empty for none. */
XT_API xt_text xt_image_label(const xt_image *image);

/**
 * Stores what names the tracker that recorded the run: no other has the same, unless it
 * was told to. Of merged runs it is the sum of theirs, as numbers whose first byte is the
 * highest, modulo 2^128, so that it doesn't depend on their order.
 */
XT_API void xt_image_instance(const xt_image *image, uint8_t instance[XT_INSTANCE_BYTES]);

/** The option `ignored_args`; of merged runs that which all of them have, or 0. */
XT_API uint32_t xt_image_ignored_args(const xt_image *image);

/** When the tracker was made, and the latest reading of its clock. */
XT_API uint64_t xt_image_created_us(const xt_image *image);
XT_API uint64_t xt_image_now_us(const xt_image *image);

/**
 * When the counting of the lifetime began: when the tracker was made, or the latest reading
 * of its clock when it was last cleared. Of merged runs the earliest.
 */
XT_API uint64_t xt_image_cleared_us(const xt_image *image);

#ifdef __cplusplus
}
#endif

#endif
