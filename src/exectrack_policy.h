/*
 * Policies of exectrack: they decide, before a tool is called, whether the call is
 * allowed.
 *
 * A policy is a function of the image alone: all that it decides from is stored in the
 * image or computed from it. So it keeps no state of its own, continues correctly after a
 * restart, and can be replayed on a recorded run. exectrack's own policies are written in
 * Lua, using the functions here, which read the image of a tracker or of a snapshot.
 *
 * `tool_id` is a tool's identifier, or XT_ALL_TOOLS where the function says so. A tool
 * that doesn't exist, such as 0, has no executions.
 */
#ifndef EXECTRACK_POLICY_H
#define EXECTRACK_POLICY_H

#include "exectrack_read.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Starting allowed calls and counting denied ones.
 */

/**
 * Starts `call` as `xt_tracker_start_call` does, but at `start_us`: the reading of the
 * tracker's clock (`xt_tracker_now_us`) at which a policy was asked, so that the clock
 * isn't read again. A time after the latest reading counts as the latest reading. The
 * call is listed after those that are in flight already. O(1).
 */
XT_API xt_span xt_tracker_start_at(xt_tracker *tracker, const xt_call *call,
                                   uint64_t start_us);

/** The most pairs of tool and reason for which denials are counted. */
#define XT_MAX_DENIALS 256

/** How many denied calls are kept individually: the newest. */
#define XT_MAX_DENIED_CALLS 256

/**
 * Counts `call`, which a policy denied for `reason` at `denied_us` (at most XT_MAX_COUNT;
 * a later time counts as that), and keeps it until XT_MAX_DENIED_CALLS more are denied.
 * The reason is a short stable word, kept in the table of error types; an empty one
 * counts as `(other)`. A denied call isn't an execution. When XT_MAX_DENIALS pairs of
 * tool and reason are counted already, a new pair only adds to
 * `xt_image_denials_overflowed`. O(XT_MAX_DENIALS).
 */
XT_API void xt_tracker_deny(xt_tracker *tracker, const xt_call *call, xt_text reason,
                            uint64_t denied_us);

/** Calls of one tool that were denied for one reason, since the last clear. */
typedef struct xt_denied {
    xt_text tool;
    xt_text reason;
    uint32_t tool_id;
    uint32_t reason_id; /**< in the table of error types */
    uint64_t count;
    uint64_t last_us; /**< when the latest was denied */
} xt_denied;

/**
 * Stores up to `capacity` of the denials, in the order in which each pair of tool and
 * reason was first denied, and returns how many there are. `denials` may be null with a
 * capacity of 0. O(1) for each.
 */
XT_API size_t xt_image_denials(const xt_image *image, size_t capacity,
                               xt_denied denials[]);

/** How many more calls were denied, whose tool and reason had no room. */
XT_API uint64_t xt_image_denials_overflowed(const xt_image *image);

/** One call that was denied. */
typedef struct xt_denied_call {
    xt_text tool;
    xt_text reason;
    uint32_t tool_id;
    uint32_t reason_id; /**< in the table of error types */
    uint32_t args_hash; /**< the fingerprint of its arguments; 0 for none */
    xt_session session;
    uint64_t denied_us;
} xt_denied_call;

/**
 * Stores up to `capacity` of the denied calls that are kept, newest first, and returns
 * how many are kept. Clearing removes them. `calls` may be null with a capacity of 0. In
 * merged runs they are ordered by their times. O(1) for each.
 */
XT_API size_t xt_image_denied_calls(const xt_image *image, size_t capacity,
                                    xt_denied_call calls[]);

/*
 * What policies read, besides `xt_image_stats` and `xt_image_tool_stats`.
 */

/** The most executions that count as recent, and how many records are searched. */
#define XT_RECENT_EXECUTIONS 200
#define XT_RECENT_RECORDS 2000

/**
 * How often `tool_id` was called with arguments of fingerprint `args_hash` in the session
 * of fingerprint `session`, 0 for none. Counts the last `records` records of the session,
 * and the listed executions in flight. Only the newest XT_RECENT_RECORDS records, or
 * `records` if that is more, are searched. O(records searched + listed executions).
 */
XT_API size_t xt_image_repeats(const xt_image *image, uint32_t tool_id,
                               uint32_t args_hash, size_t records, uint32_t session);

/**
 * Stores the numbers of the newest `records` executions of the session of fingerprint
 * `session`, 0 for none, in the order in which they were recorded, newest first, as far
 * as they are among the newest XT_RECENT_RECORDS records, or `records` if that is more.
 * Returns how many it stored. `sequences` may be null with `records` 0.
 * O(records searched).
 */
XT_API size_t xt_image_newest_of_session(const xt_image *image, uint32_t session,
                                         size_t records, uint64_t sequences[]);

/** The reason for which calls in a loop are denied. */
#define XT_REPEATED_CALL "repeated_call"

/** The most calls of a cycle that is found, and the most similar failures counted. */
#define XT_MAX_CYCLE 6
#define XT_MAX_SIMILAR_FAILURES 64

/** A call that may be one of a loop, and what to compare. */
typedef struct xt_loop_call {
    uint32_t tool_id;
    uint32_t args_hash;   /**< 0 if the arguments aren't known: then there is no loop */
    uint32_t session;     /**< the fingerprint of its name; 0 for none */
    bool ignores_results; /**< whether calls are repeats whatever became of them */
    size_t records;       /**< how many of the session's newest records to look at */
    size_t searched;      /**< among how many of the newest records of all to look for
                               them, if that is more than `records` and XT_RECENT_RECORDS */
} xt_loop_call;

/** What is known of a loop; all 0 if there is none. */
typedef struct xt_loop {
    size_t repeats;     /**< earlier calls, the same as this one, with the same result */
    size_t denied;      /**< how often this call was denied since, as a repeated one */
    size_t cycle_calls; /**< how many calls a cycle has that this call begins again: 2 to
                             XT_MAX_CYCLE; 0 for none */
    size_t rounds;      /**< how often the cycle was gone through, at least twice */
    size_t failures;    /**< failures in a row of the same type, of this tool with other
                             arguments; at most XT_MAX_SIMILAR_FAILURES */
} xt_loop;

/**
 * Whether `call` is one of a loop within its session: what the newest `records` records
 * of the session say, as far as they are among the newest XT_RECENT_RECORDS records of
 * all, or `records` or `searched` if that is more; what is in flight and listed; and the
 * denied calls that are kept.
 *
 * - Two executions are the same call if tool and arguments are, and end alike if their
 *   results have the same fingerprint or, of failed and timed-out ones, their error types
 *   are the same (or both have none). A result without a fingerprint, and that of what is
 *   in flight, may be any. The latest known result of `call` counts: `repeats` are those
 *   that ended alike, from the newest back to the first that didn't. Cached executions
 *   count like others, cancelled ones are left out.
 * - A cycle consists of at least two different calls. Each call in it has its result
 *   again, too. What is in flight isn't looked at.
 * - `failures` counts the session's executions in a row, from the newest on, without
 *   cached and cancelled ones, that failed or timed out with the same error type and
 *   whose arguments all differ, also from those of `call`. Those without an error type
 *   aren't similar.
 * - Denied calls count that are the same call, were denied for the reason
 *   XT_REPEATED_CALL, and were so after the newest same call in the records ended,
 *   whatever its result. If there is none, none counts: so a call that is denied again
 *   and again is allowed when the records have gone.
 *
 * With `ignores_results`, any two results are the same, and cancelled executions count for
 * repeats and cycles like others. O(records searched + listed executions + denied calls
 * kept).
 */
XT_API xt_loop xt_image_loop(const xt_image *image, const xt_loop_call *call);

/**
 * How many executions of `tool_id`, or XT_ALL_TOOLS, started after `after_us`: retained
 * records that aren't undated, and executions in flight. An unlisted execution in flight
 * counts as started at the latest reading of the clock.
 * O(listed + records that ended after `after_us`), or O(listed + records) if the records
 * aren't in the order of their ends (`xt_image_is_in_order`).
 */
XT_API uint64_t xt_image_starts(const xt_image *image, uint32_t tool_id,
                                int64_t after_us);

/**
 * Stores when the `n`th newest of these started, from 1. False if there are fewer. At
 * most 9 times the cost of `xt_image_starts`; 4 times for starts within 16 seconds.
 */
XT_API bool xt_image_nth_start(const xt_image *image, uint32_t tool_id, int64_t after_us,
                               uint64_t n, uint64_t *start_us);

/**
 * How many executions of `tool_id`, or XT_ALL_TOOLS, are in flight: listed ones that
 * started at or after `since_us`, and all unlisted ones. O(1) for a `since_us` of 0, else
 * O(listed).
 */
XT_API uint32_t xt_image_running(const xt_image *image, uint32_t tool_id,
                                 uint64_t since_us);

/**
 * Stores a quantile, 0 to 1, of the recent durations of `tool_id` in `*value_us`, by
 * nearest rank: element ceil(quantile * n), or the first, of the n sorted durations, as
 * for `xt_image_tool_quantiles`. The recent durations are those of the tool's last
 * XT_RECENT_EXECUTIONS executions within the last XT_RECENT_RECORDS records. Executions
 * that were cancelled, answered by a cache or not measured are left out; one that timed
 * out counts with its duration. Returns n. If n is 0, or `quantile` is out of range,
 * returns 0 and leaves `*value_us` unchanged. O(XT_RECENT_RECORDS).
 */
XT_API size_t xt_image_recent_quantile(const xt_image *image, uint32_t tool_id,
                                       double quantile, uint64_t *value_us);

/** When the circuit of a tool opens, and for how long. */
typedef struct xt_circuit_settings {
    uint32_t failures;        /**< so many in a row open it, from 1 */
    uint32_t min_calls;       /**< of fewer calls, `failure_rate` doesn't open it */
    double failure_rate;      /**< opens it, too, 0 to 1; above 1 for none */
    uint64_t cooldown_us;     /**< this and the next at most XT_MAX_DURATION_US */
    uint64_t max_cooldown_us; /**< up to which it doubles */
    /** Failures with these error types don't count: those that equal one, or have it
        among their words, whatever the case of ASCII letters; `exit` is among those of
        `exit_1`. Empty text stands for failures without an error type. May be null with a
        count of 0. */
    const xt_text *ignored;
    size_t ignored_count;
    /** Only failures with these error types count, and those that timed out; as in
        `ignored`, which goes before. Null for all. */
    const xt_text *only;
    size_t only_count;
    /** Whether the failure with this sequence number (see `xt_image_execution`) doesn't
        count. Asked once for each of those looked at that would count else, oldest first.
        It must not change the image. Null for none. */
    bool (*ignores)(void *context, uint64_t number);
    void *context;
} xt_circuit_settings;

/** An open circuit. Its counts are since it was closed last. */
typedef struct xt_circuit {
    bool keeps_failing; /**< opened by failures in a row, else by their rate */
    uint32_t streak;    /**< failures in a row */
    uint32_t failures;
    uint32_t calls;         /**< successes and failures */
    uint64_t open_until_us; /**< when the cooldown is over and a call is a trial */
    /** When the next call is allowed, although trials are in flight; `open_until_us` if
        none is. */
    uint64_t half_open_until_us;
} xt_circuit;

/**
 * Whether the circuit of `tool_id` is open, or half-open; then stores it in `*circuit`,
 * else leaves that unchanged.
 *
 * Walks over the tool's newest XT_RECENT_EXECUTIONS executions among the newest
 * XT_RECENT_RECORDS records, in the order of recording, from a closed circuit on. Those
 * that were cancelled or that a cache answered are left out: they say nothing about the
 * tool. Failures that are ignored don't count either, but are among the newest.
 *
 * - A failure opens the circuit if it is the `failures`th in a row, or if `min_calls`
 *   calls have ended since it was closed last and the share `failure_rate` failed.
 * - A success ends the failures in a row, and closes the circuit; but if it started before
 *   the latest failure ended, an open circuit stays as it is: it is a call, and no more.
 *
 * The cooldown begins at the latest end of a failure. If the tool keeps failing, it
 * doubles with each round beyond `failures`, as in `xt_tool_stats`; else it never does.
 * An execution in flight that started when it was over is a trial. It counts as lost a
 * cooldown after its start, and so does the trial after it. An unlisted execution in
 * flight counts as a trial whenever it started: n of them are lost n cooldowns after the
 * first cooldown. Undated failures have no end and are a round each; an undated success
 * started after any failure. Times stop at XT_MAX_COUNT.
 *
 * O(XT_RECENT_RECORDS + listed executions), and the texts in `ignored` and `only` for
 * each error type of the failures.
 */
XT_API bool xt_image_circuit(const xt_image *image, uint32_t tool_id,
                             const xt_circuit_settings *settings, xt_circuit *circuit);

/*
 * Replaying a run, to see what a policy would have decided.
 */

/** A replay of the retained executions of a run. */
typedef struct xt_replay xt_replay;

/** An execution of the replay that is about to start. */
typedef struct xt_replayed {
    xt_execution execution; /**< as it was recorded */
    size_t index;           /**< of its record, from 0 for the oldest */
    uint64_t now_us; /**< when it starts: the time that the tracker's clock shows */
} xt_replayed;

/**
 * Prepares a replay of `image` and stores it in `*replay`; the caller owns it and closes
 * it with `xt_replay_close`. `image` must outlive the replay and not change. The memory
 * is one block from `allocator`, or from the system's if that is null. Returns XT_OK; or
 * sets `*replay` to null and returns XT_ERROR_MEMORY. O(n * log n); uses qsort.
 */
XT_API xt_error xt_replay_create(const xt_image *image, const xt_allocator *allocator,
                                 xt_replay **replay);

/**
 * The options of a tracker to replay into: the limits, the measures and the label of the
 * run, and a clock; but `max_history` is at least XT_RECENT_RECORDS. They point into the
 * replay. Create a tracker with them, change it only by `xt_replay_next` and
 * `xt_tracker_deny`, and close it at any time. Its clock is usable without the replay
 * after the first `xt_replay_next`.
 */
XT_API xt_options xt_replay_options(const xt_replay *replay);

/**
 * Advances to the next start: starts in `tracker` the execution that the previous call
 * stored in `*next`, unless it was skipped; finishes the executions that end before the
 * next start, each at its own time; and stores the next execution to start. False if
 * there are no more.
 *
 * Starts and ends are in the order of time; at equal times ends come first, and both are
 * in the order of the records. But an execution starts before those within it, and
 * ends after them, if the records are in the order of their ends. A start before 1970 counts as at 0. Undated executions
 * come first, in their order, each ending before the next starts; meanwhile the clock
 * shows their numbers, which a policy must not use as times. O(1) for each that ends.
 */
XT_API bool xt_replay_next(xt_replay *replay, xt_tracker *tracker, xt_replayed *next);

/** Skips the execution that `xt_replay_next` stored last: it isn't started. */
XT_API void xt_replay_skip(xt_replay *replay);

/** Frees `replay`. Ignores a null pointer. */
XT_API void xt_replay_close(xt_replay *replay);

#ifdef __cplusplus
}
#endif

#endif
