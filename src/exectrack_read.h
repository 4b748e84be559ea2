/*
 * What can be asked of a run: of the image of a tracker (`xt_tracker_image`) or of a
 * snapshot (`xt_snapshot_image` of exectrack_snapshot.h).
 *
 * Nothing here changes an image, allocates or reads a clock. Text that a function returns
 * points into the image, and stays valid as exectrack.h says; a snapshot's until the
 * snapshot is closed.
 */
#ifndef EXECTRACK_READ_H
#define EXECTRACK_READ_H

#include "exectrack.h"

#ifdef __cplusplus
extern "C" {
#endif

/** In place of a tool's identifier: all tools together. (0 is no tool.) */
#define XT_ALL_TOOLS UINT32_MAX

/** Executions as their durations are told apart. */
typedef enum xt_outcome_kind {
    XT_OUTCOME_SUCCESS, /**< those that succeeded */
    XT_OUTCOME_OTHER,   /**< all others: failed, timed out or cancelled */
    XT_OUTCOME_ALL      /**< both */
} xt_outcome_kind;

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
    /** When one last ended, and last failed or timed out, undated ones left out; 0 for
        never. */
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
