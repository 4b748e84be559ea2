/*
 * Policies of exectrack: what decides, before a tool is called, whether it should be.
 *
 * A policy is a function of the image alone: everything that it decides from is in there
 * or follows from it. So it needs no memory of its own, goes on where it was after a
 * restart, and can be replayed on a run that was recorded. exectrack's own policies are
 * written in Lua, over the functions here, which take a tracker's image or a snapshot.
 *
 * `tool_id` is a tool's identifier, or XT_ALL_TOOLS where that is said. A tool that
 * doesn't exist, such as 0, has no executions.
 */
#ifndef EXECTRACK_POLICY_H
#define EXECTRACK_POLICY_H

#include "exectrack_read.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Asking and obeying.
 */

/**
 * Starts `call` as `xt_tracker_start_call` does, but at `start_us`: the reading of the
 * tracker's clock (`xt_tracker_now_us`) at which a policy was asked, so that the clock
 * isn't read again. A later time than the latest reading counts as that. It is listed after
 * what is in flight already. O(1).
 */
XT_API xt_span xt_tracker_start_at(xt_tracker *tracker, const xt_call *call,
                                   uint64_t start_us);

/** The most pairs of tool and reason for which denials are counted. */
#define XT_MAX_DENIALS 256

/** The most denied calls that are kept one by one. */
#define XT_MAX_DENIED_CALLS 256

/**
 * Counts `call`, which a policy denied at `denied_us`, up to XT_MAX_COUNT, for `reason`,
 * and keeps it until XT_MAX_DENIED_CALLS more are denied. The reason is a short stable
 * word, kept in the table of error types; empty counts as `(other)`. It is no execution.
 * When XT_MAX_DENIALS pairs of tool and reason are counted already, a new pair only adds
 * to `xt_image_denials_overflowed`. O(XT_MAX_DENIALS).
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
    uint64_t last_us; /**< when the latest was */
} xt_denied;

/**
 * Stores up to `capacity` of the denials, in the order of the first of each, and returns
 * how many there are. `denials` may be null with a capacity of 0. O(1) for each.
 */
XT_API size_t xt_image_denials(const xt_image *image, size_t capacity,
                               xt_denied denials[]);

/** How many more calls were denied, for which there was no room. */
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
 * Stores up to `capacity` of the denied calls since the last clear that are kept, the one
 * that was denied last first, and returns how many are kept. `calls` may be null with a
 * capacity of 0. In merged runs they are in the order of their times. O(1) for each.
 */
XT_API size_t xt_image_denied_calls(const xt_image *image, size_t capacity,
                                    xt_denied_call calls[]);

/*
 * What policies decide from, beside `xt_image_stats` and `xt_image_tool_stats`.
 */

/** How many executions count as recent, and among how many records they are. */
#define XT_RECENT_EXECUTIONS 200
#define XT_RECENT_RECORDS 2000

/**
 * How often `tool_id` was executed with arguments of fingerprint `args_hash` in the session
 * of fingerprint `session`, 0 for none, among the `records` records of the session that were
 * recorded last, and how often it is in flight so (as far as that is listed). They are looked
 * for among the newest XT_RECENT_RECORDS, or `records` if that is more. O(that + listed).
 */
XT_API size_t xt_image_repeats(const xt_image *image, uint32_t tool_id,
                               uint32_t args_hash, size_t records, uint32_t session);

/**
 * How many executions of `tool_id`, or XT_ALL_TOOLS, started after `after_us`, of those
 * that are retained or in flight, undated ones left out. What is in flight and not listed
 * counts as started now.
 * O(listed + records that ended after `after_us`), or O(listed + records) in a run into
 * which past records were imported out of their order.
 */
XT_API uint64_t xt_image_starts(const xt_image *image, uint32_t tool_id,
                                int64_t after_us);

/**
 * Stores when the `n`th newest of these started, from 1; false if they are fewer. One
 * that is in flight and not listed started at the latest reading of the clock. At most 9
 * times the cost of `xt_image_starts`, 4 times for starts within 16 seconds.
 */
XT_API bool xt_image_nth_start(const xt_image *image, uint32_t tool_id, int64_t after_us,
                               uint64_t n, uint64_t *start_us);

/**
 * How many executions of `tool_id`, or XT_ALL_TOOLS, are in flight that started at or
 * after `since_us`, and all those that aren't listed. O(1) for a `since_us` of 0, else
 * O(listed).
 */
XT_API uint32_t xt_image_running(const xt_image *image, uint32_t tool_id,
                                 uint64_t since_us);

/**
 * Stores a quantile, 0 to 1, of the recent durations of `tool_id` in `*value_us`, by
 * nearest rank: element ceil(quantile * n), or the first, of the n sorted durations, as
 * for `xt_image_tool_quantiles`. They are those of its XT_RECENT_EXECUTIONS latest among
 * the XT_RECENT_RECORDS records that were recorded last, not counting those that were
 * cancelled, that a cache answered or that weren't measured; one that timed out counts
 * with its duration. Returns n; for 0, or a `quantile` out of range, `*value_us` is left
 * as it is and 0 is returned. O(XT_RECENT_RECORDS).
 */
XT_API size_t xt_image_recent_quantile(const xt_image *image, uint32_t tool_id,
                                       double quantile, uint64_t *value_us);

/*
 * Replaying a run, to see what a policy would have decided.
 */

/** The executions that a run has records of, to be replayed. */
typedef struct xt_replay xt_replay;

/** An execution that is about to start. */
typedef struct xt_replayed {
    xt_execution execution; /**< as it was recorded */
    size_t index;           /**< of its record, from 0 for the oldest */
    uint64_t now_us; /**< when it starts, which is what the tracker's clock shows */
} xt_replayed;

/**
 * Prepares a replay of `image`, which must outlive it and not change, and stores it in
 * `*replay`; the caller owns it and gives it to `xt_replay_close`. Its memory is one block
 * from `allocator`, or the system's if that is null. Returns XT_OK, or leaves `*replay`
 * null and returns XT_ERROR_MEMORY. O(n * log n); uses qsort.
 */
XT_API xt_error xt_replay_create(const xt_image *image, const xt_allocator *allocator,
                                 xt_replay **replay);

/**
 * The options of a tracker to replay into: the limits, the measures and the label of the
 * run, and a clock, which belong to the replay. Make one with them, change it by nothing but
 * `xt_replay_next` and `xt_tracker_deny`, and close it whenever you like after the first
 * `xt_replay_next`, which sets its clock.
 */
XT_API xt_options xt_replay_options(const xt_replay *replay);

/**
 * Goes on to the next start: what `*next` was last is started in `tracker`, unless it was
 * skipped, and what ends until the next start is finished, each at its own time. Stores
 * the execution that is to start; false if there are no more.
 *
 * Starts and ends are in the order of time; at equal times ends come first, and both are in
 * the order of the records. A start before 1970 counts as at 0. What is undated comes first,
 * in its order, each ending before the next starts: the clock shows its number, which a
 * policy must not take for a time. O(1) for each that ends.
 */
XT_API bool xt_replay_next(xt_replay *replay, xt_tracker *tracker, xt_replayed *next);

/** Has the execution that `xt_replay_next` stored last not take place. */
XT_API void xt_replay_skip(xt_replay *replay);

/** Frees `replay`. Ignores a null pointer. */
XT_API void xt_replay_close(xt_replay *replay);

#ifdef __cplusplus
}
#endif

#endif
