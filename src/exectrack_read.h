/*
 * Reading a run: the image of a tracker (`xt_tracker_image`) or of a snapshot
 * (`xt_snapshot_image` of exectrack_snapshot.h).
 *
 * No function here changes an image, allocates or reads a clock. Text that a function
 * returns points into the image: a tracker's stays valid as exectrack.h says, a
 * snapshot's until the snapshot is closed.
 */
#ifndef EXECTRACK_READ_H
#define EXECTRACK_READ_H

#include "exectrack.h"

#ifdef __cplusplus
extern "C" {
#endif

/** In place of a tool's identifier: all tools together. (0 is no tool.) */
#define XT_ALL_TOOLS UINT32_MAX

/** Which executions' durations: successes and others have separate histograms. */
typedef enum xt_outcome_kind {
    XT_OUTCOME_SUCCESS, /**< those that succeeded */
    XT_OUTCOME_OTHER,   /**< all others: failed, timed out or cancelled */
    XT_OUTCOME_ALL      /**< both together */
} xt_outcome_kind;

/** Counts of executions: of a lifetime (all since the last clear) or of records. */
typedef struct xt_counts {
    uint64_t executions; /**< all of them, whatever their status */
    uint64_t successful;
    uint64_t failed;
    uint64_t timed_out;
    uint64_t cancelled;
    uint64_t cached_hits;         /**< answered by a cache, whatever their status */
    uint64_t total_duration_us;   /**< of those with timing XT_MEASURED */
    uint64_t untimed;             /**< those with timing XT_UNTIMED */
    uint64_t elapsed;             /**< those with timing XT_ELAPSED */
    uint64_t elapsed_duration_us; /**< total of the elapsed ones */
} xt_counts;

/** How many were measured: averages, extremes and quantiles are of these alone. */
XT_API uint64_t xt_counts_measured(const xt_counts *counts);

/** The statistics of all tools together. */
typedef struct xt_stats {
    xt_counts lifetime;
    xt_counts window; /**< of the retained records */
    /** Executions recorded or started under `(other)` since the last clear, because there
        was no room for their tool. */
    uint64_t overflowed;
    /** Executions recorded with the error type `(other)` since the last clear. */
    uint64_t error_types_overflowed;
    /** Executions started and not finished, listed or not. */
    uint32_t in_flight;
} xt_stats;

/** The statistics of one tool. */
typedef struct xt_tool_stats {
    xt_counts lifetime;
    xt_counts window;
    /** Shortest and longest measured duration of the lifetime; both 0 for none. */
    uint64_t min_duration_us;
    uint64_t max_duration_us;
    /** Of `lifetime.total_duration_us`, the part of XT_OUTCOME_OTHER: the rest is that of
        successes. It stops where all sums do. */
    uint64_t other_duration_us;
    /** The latest end, and the latest end of a failure or time-out that no cache
        answered; 0 for never. Undated executions are left out. */
    uint64_t last_end_us;
    uint64_t last_failure_us;
    /** Failures and time-outs in a row. Executions that were cancelled or that a cache
        answered neither count nor end the streak. A success ends it, unless it started
        before the latest failure ended; an undated one always does. */
    uint32_t failure_streak;
    /** Rounds of the streak: its first failure, and failures that began after the
        previous one ended; concurrent failures are one round. Each undated failure is a
        round. */
    uint32_t failure_rounds;
    /** Executions started and not finished, listed or not. */
    uint32_t in_flight;
} xt_tool_stats;

/** The statistics of all tools together. O(1). */
XT_API xt_stats xt_image_stats(const xt_image *image);

/** Stores the statistics of tool `tool_id`; false if there is no such tool. O(1). */
XT_API bool xt_image_tool_stats(const xt_image *image, uint32_t tool_id,
                                xt_tool_stats *stats);

/**
 * Estimates quantiles of the measured durations of tool `tool_id`: `values_us[i]`
 * receives an estimate, in microseconds, of element ceil(q * n), or the first, of the n
 * sorted durations, where q is `quantiles[i]`. The quantiles are from 0 to 1 and ascend.
 * Each is taken as the decimal that it was written as: 0.07 of 100 durations is the 7th.
 *
 * An estimate is never below the shortest nor above the longest duration. Its relative
 * error is at most 1.1 % while a tool's durations span less than a factor of 64,000, 2.2
 * % up to a factor of 4 * 10^9, and 4.4 % beyond. The method is OpenTelemetry's
 * exponential histogram; a bucket is represented by the value whose largest relative
 * error is smallest, as in DDSketch (Masson, Rim, Lee, VLDB 2019).
 *
 * False, with nothing stored, if there is no such tool or none of its executions was
 * measured. O(1): it reads two histograms of 512 counters, once for all quantiles.
 */
XT_API bool xt_image_tool_quantiles(const xt_image *image, uint32_t tool_id, size_t count,
                                    const double quantiles[], double values_us[]);

/** The most buckets of a histogram of durations. */
#define XT_HISTOGRAM_BUCKETS 512

/**
 * Measured durations of a tool's lifetime, as an exponential histogram of OpenTelemetry:
 * bucket i, from 0, counts the durations above base^(offset + i) seconds and up to
 * base^(offset + i + 1), where base is 2^(2^-scale).
 */
typedef struct xt_tool_histogram {
    int32_t scale;         /**< from 6, the finest, to 3 */
    uint32_t zero_count;   /**< durations of 0; this and the counts stop at 2^32 - 1 */
    int32_t offset;        /**< 0 if there are no buckets */
    uint32_t bucket_count; /**< from the first to the last nonempty bucket; 0 for none */
    uint32_t counts[XT_HISTOGRAM_BUCKETS];
} xt_tool_histogram;

/**
 * Stores the histogram of the executions of tool `tool_id` with this `outcome`. If there
 * are none, it has no buckets and scale 6. False if there is no such tool. O(1).
 */
XT_API bool xt_image_tool_histogram(const xt_image *image, uint32_t tool_id,
                                    xt_outcome_kind outcome,
                                    xt_tool_histogram *histogram);

/**
 * Stores the mean duration, in microseconds, of the retained and measured records of tool
 * `tool_id`, whatever their status, including those that a cache answered. False if there
 * are none. O(1).
 */
XT_API bool xt_image_average_duration(const xt_image *image, uint32_t tool_id,
                                      double *average_us);

/**
 * Stores the measures of the run, in the order of the options (in a merged run, in the
 * order of the bytes of their names), and returns how many there are. O(1).
 */
XT_API size_t xt_image_measures(const xt_image *image,
                                xt_measure measures[XT_MAX_MEASURES]);

/** Statistics of the values of a measure. */
typedef struct xt_measure_stats {
    uint64_t sum;        /**< of the lifetime; sums and counts stop at XT_MAX_COUNT */
    uint64_t count;      /**< executions of the lifetime that have a value */
    uint64_t max;        /**< the largest value; 0 if there is none */
    uint64_t window_sum; /**< of the retained records */
} xt_measure_stats;

/**
 * Stores the statistics of measure `index`, from 0, for tool `tool_id`, or XT_ALL_TOOLS.
 * False if there is no such tool or measure. O(1) for a tool, O(tools) for all;
 * O(records) once a sum of the lifetime has stopped at XT_MAX_COUNT.
 */
XT_API bool xt_image_tool_measure(const xt_image *image, uint32_t tool_id, size_t index,
                                  xt_measure_stats *stats);

/** The number of tools; their identifiers are 1 to this number. */
XT_API uint32_t xt_image_tool_count(const xt_image *image);

/** The name of tool `tool_id`; its bytes are null if there is no such tool. O(1). */
XT_API xt_text xt_image_tool_name(const xt_image *image, uint32_t tool_id);

/** The identifier of the tool called `name`, or 0 if there is none. O(tools). */
XT_API uint32_t xt_image_tool_id(const xt_image *image, xt_text name);

/** The number of error types; their identifiers are 1 to this number. */
XT_API uint32_t xt_image_error_type_count(const xt_image *image);

/** Error type `id`; its bytes are null if there is no such error type. O(1). */
XT_API xt_text xt_image_error_type(const xt_image *image, uint32_t id);

/**
 * The number of log files that retained records have as their places; their identifiers are
 * 1 to this number, in the order in which the records first have them. 0 in a tracker, and
 * in a run without places.
 */
XT_API uint32_t xt_image_log_file_count(const xt_image *image);

/** Log file `id`, up to XT_NAME_BYTES; its bytes are null if there is none. O(1). */
XT_API xt_text xt_image_log_file(const xt_image *image, uint32_t id);

/** The number of records retained. */
XT_API size_t xt_image_record_count(const xt_image *image);

/** The limits that the tracker was made with. */
XT_API size_t xt_image_max_history(const xt_image *image);
XT_API size_t xt_image_max_tools(const xt_image *image);
XT_API size_t xt_image_max_in_flight(const xt_image *image);

/** How many executions were recorded since the tracker was made, also before clears. */
XT_API uint64_t xt_image_recorded(const xt_image *image);

/** How many of them were undated. Of a merged run the sum over the runs. */
XT_API uint64_t xt_image_undated(const xt_image *image);

/** How many executions were started; also the largest serial of a span. */
XT_API uint64_t xt_image_started(const xt_image *image);

/**
 * Stores the execution with number `sequence`: the first recorded has 1, the latest
 * `xt_image_recorded()`. The number of an execution never changes in a tracker. False if
 * it isn't retained any more, or never was. O(1).
 */
XT_API bool xt_image_execution(const xt_image *image, uint64_t sequence,
                               xt_execution *execution);

/**
 * Whether the retained executions were recorded in the order of their ends. Only
 * `xt_tracker_record_at` can record them in another order. O(1).
 */
XT_API bool xt_image_is_in_order(const xt_image *image);

/**
 * Whether a filter has left out retained records: of this run, or of a run that it was
 * filtered or merged from. O(1).
 */
XT_API bool xt_image_is_filtered(const xt_image *image);

/**
 * Until when executions were lost: all of the lifetime that ended later are retained, but
 * for those that a filter left out. 0 if none was lost. An execution is lost when a newer
 * one takes its place. Of a merged run the latest time of the runs, or that of records
 * for which the merged run had no room. The end of the last execution if they weren't
 * recorded in the order of their ends, or if none is retained. O(tools).
 */
XT_API uint64_t xt_image_lost_us(const xt_image *image);

/**
 * Stores the numbers of the newest `capacity` retained executions, newest first, and
 * returns how many it stored. The newest is the one that ended last; of those with the
 * same end, the one recorded last. O(capacity) if they are in order; else O(records * log
 * capacity).
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
    uint64_t known_us; /**< until when it is known to run: `xt_image_now_us`; in a merged
                            run, that of the run that it is from */
    uint64_t serial;   /**< as in its span: a later start has a larger one */
} xt_running;

/**
 * Stores up to `capacity` of the listed executions in flight, in the order of their
 * starts, oldest first, and returns how many are listed. `running` may be null with a
 * capacity of 0. O(1) for each that is stored.
 */
XT_API size_t xt_image_in_flight(const xt_image *image, size_t capacity,
                                 xt_running running[]);

/*
 * Texts. A tracker keeps each one until another replaces it.
 */

/** The kinds of texts that a run keeps. */
typedef enum xt_texts_kind {
    /** Names of the sessions of executions and denied calls, up to XT_SESSION_NAME_BYTES.
        A name that is longer, empty or a fingerprint isn't kept. */
    XT_SESSION_NAMES,
    /** Arguments as text, by their fingerprints: the first XT_TEXT_BYTES, or up to 3
        fewer, so that a character of UTF-8 isn't cut. */
    XT_ARGS_TEXTS,
    /** The latest error's message for each pair of tool and error type, cut likewise. */
    XT_ERROR_TEXTS
} xt_texts_kind;

enum { XT_TEXTS_KINDS = 3 };

/** The most texts of a kind that the tracker keeps, a multiple of 8. Of a merged run the
    sum over the runs, up to XT_MAX_TEXTS. */
XT_API size_t xt_image_max_texts(const xt_image *image, xt_texts_kind kind);

/** The name of the session of fingerprint `hash`; empty if it isn't kept. O(1) for a
    tracker's image, O(log texts) for a snapshot's, as for the next three functions. */
XT_API xt_text xt_image_session_name(const xt_image *image, uint32_t hash);

/** The arguments of fingerprint `args_hash` as text; empty if it isn't kept. */
XT_API xt_text xt_image_args_text(const xt_image *image, uint32_t args_hash);

/** Whether a tracker would keep a text of these arguments and doesn't have one yet. If
    not, the caller needn't make the text. */
XT_API bool xt_image_wants_args_text(const xt_image *image, uint32_t args_hash);

/** The message of the latest error of a tool and an error type, 0 for no type; empty if
    it isn't kept. */
XT_API xt_text xt_image_error_text(const xt_image *image, uint32_t tool_id,
                                   uint32_t error_type_id);

/** A text that is kept. */
typedef struct xt_kept_text {
    xt_text text;
    uint32_t hash;          /**< of the session or the arguments; 0 for an error's */
    uint32_t tool_id;       /**< of an error's; 0 for others */
    uint32_t error_type_id; /**< the same; 0 for none */
    uint64_t last_us;       /**< the latest start, denial or end that used it */
} xt_kept_text;

/**
 * Stores up to `capacity` of the texts of a kind, and returns how many there are. `texts`
 * may be null with a capacity of 0. For a snapshot they are in ascending order of
 * fingerprints, or of tools and then error types; for a tracker in no particular order.
 * O(size of the table).
 */
XT_API size_t xt_image_texts(const xt_image *image, xt_texts_kind kind, size_t capacity,
                             xt_kept_text texts[]);

/**
 * The size in bytes of the block of memory that `image` is a view of. Only the pages of
 * the block that were touched use memory.
 */
XT_API size_t xt_image_bytes(const xt_image *image);

/** The label of the run; empty for none. */
XT_API xt_text xt_image_label(const xt_image *image);

/**
 * Stores the identifier of the tracker that recorded the run: the option `instance`, or a
 * random UUID. Of a merged run it is the sum over the runs as big-endian numbers, modulo
 * 2^128, so that it doesn't depend on their order.
 */
XT_API void xt_image_instance(const xt_image *image, uint8_t instance[XT_INSTANCE_BYTES]);

/** The option `ignored_args`. Of a merged run the value that all runs have, or 0. */
XT_API uint32_t xt_image_ignored_args(const xt_image *image);

/** When the tracker was made, and the latest reading of its clock. */
XT_API uint64_t xt_image_created_us(const xt_image *image);
XT_API uint64_t xt_image_now_us(const xt_image *image);

/**
 * When the lifetime began: when the tracker was made, or the latest reading of its clock
 * when it was last cleared. Of a merged run the earliest.
 */
XT_API uint64_t xt_image_cleared_us(const xt_image *image);

#ifdef __cplusplus
}
#endif

#endif
