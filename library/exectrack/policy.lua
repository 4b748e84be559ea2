---@meta exectrack.policy

--- Policies decide, before a tool is called, whether it should be. These have no state: a decision
--- follows from the call and its tracker. Their constructors take one table, which they don't keep
--- either; an option that is unknown, missing or wrong raises an error that names it,
--- and the file and line of the caller; of a tail call, those of the nearest caller that Lua knows.
---@class exectrack.policylib
---@field caller_errors string[] error types of failures that are the caller's mistake, the default
--- of `ignore` in `policy.circuit_breaker`: wrong arguments, what isn't there or is there already,
--- no permission, and exit codes of commands
---@field tool_errors string[] error types of failures that are the tool's own, whatever it was asked:
--- it can't be reached, is overloaded, or lacks memory or room; what `policy.default` counts
local policies = {}

--- What a policy is asked: whether this call may start.
---@class exectrack.Call
---@field tracker exectrack.Tracker
---@field tool string
---@field args_hash integer the fingerprint of the arguments, 1 to 2^32 - 1; 0 if they aren't known
---@field session? string as in exectrack.Record
---@field now number Unix seconds

--- What a policy that has an objection decides.
---@class exectrack.Decision
---@field action "warn"|"deny"
---@field policy? string its name
---@field reason? string a stable word, by which `Run:denials` counts; default `denied`
---@field message? string what happened and what to do, for a language model to read
---@field retry_after_ms? number in how many milliseconds the call may be made again, if that is
--- known, or is worth another try; an integer when whole, else a float, exact to the microsecond.
--- What waits does so for this time (exectrack.WrapOptions)

--- Decides about a call: nil or false if it has no objection, or a new table. Any function that
--- does so is a policy. One that reads `now` can't be replayed on undated executions.
---@alias exectrack.Policy fun(call: exectrack.Call): exectrack.Decision|false|nil

--- Calls of one tool that a policy denied for one reason.
---@class exectrack.Denial
---@field tool string
---@field tool_id integer
---@field reason string
---@field count integer
---@field last_timestamp number Unix seconds of the latest

--- A call that a policy denied.
---@class exectrack.DeniedCall
---@field tool string
---@field tool_id integer
---@field args_hash integer the fingerprint of its arguments, 1 to 2^32 - 1; 0 for none
---@field session? string as in exectrack.Record
---@field reason string
---@field timestamp number Unix seconds at which it was denied

--- Which failures say nothing about a tool: those with one of these error types, or of whose record
--- the function returns true. A type is the whole of an error type or words of it, whatever the case
--- of ASCII letters: `not found` stands for `user not found`, too, and `exit` for `exit_1`, as a
--- number may follow. An empty string stands for failures without an error type. The function can't
--- yield.
---@alias exectrack.IgnoredFailures string[]|fun(record: exectrack.Record): any

--- What a circuit is opened by, and for how long.
---@class exectrack.CircuitSettings
---@field failures integer how many in a row open it, 1 to 200
---@field min_calls integer of fewer calls, `failure_rate` doesn't open it; 1 to 200
---@field cooldown_ms number milliseconds that it stays open after the latest failure, from 0
---@field max_cooldown_ms number milliseconds up to which they double
---@field failure_rate? number|false the share of failures that opens it, too, 0 to 1; default none
---@field ignore? exectrack.IgnoredFailures default none
---@field only? string[]|false error types, as in `ignore`, of the only failures that count beside those
--- that timed out; default all

--- An open circuit. Its counts are since it was closed last, within what is looked at.
---@class exectrack.Circuit
---@field cause "streak"|"rate" whether failures in a row opened it, or their share
---@field streak integer failures in a row
---@field failures integer
---@field calls integer successes and failures
---@field open_until number Unix seconds at which the cooldown is over, and a call is a trial
---@field half_open_until number Unix seconds from which on the next call is let through, although
--- trials are in flight; `open_until` if none is

--- When a circuit opens, and for how long.
---@class exectrack.CircuitBreakerOptions
---@field failures? integer how many in a row open it, 1 to 200; default 5; the policy raises above
--- the tracker's `max_history`
---@field cooldown_ms? number milliseconds that it stays open after the latest failure, from 0;
--- default 5,000
---@field max_cooldown_ms? number milliseconds up to which they double, from `cooldown_ms`; default
--- 120,000, or `cooldown_ms` if that is more
---@field failure_rate? number|false the share of failures that opens it, too, 0 to 1; false for
--- none; default 0.5
---@field min_calls? integer of fewer calls since it was closed last, `failure_rate` doesn't open it;
--- 1 to 200; default 10
---@field ignore? exectrack.IgnoredFailures default `policy.caller_errors`
---@field only? string[]|false error types, as in `ignore`, of the only failures that count beside those
--- that timed out; false, the default, for all

--- Makes a policy that denies calls of a tool that keeps failing, for a while. Each tool has its
--- own circuit, which `Run:circuit` says. Failed and timed-out executions are failures, but not those
--- that `ignore` names, or that `only` doesn't: they say nothing about the tool, as cancelled and cached executions do.
---
--- The circuit opens when a tool has failed `failures` times in a row. It stays open for a cooldown
--- from the end of the latest failure on: `cooldown_ms`, doubled for each failure round beyond
--- `failures`, up to `max_cooldown_ms`. A round is a failure that began after the previous one
--- ended; concurrent failures are one round. It opens, too, for `cooldown_ms`, when of at least
--- `min_calls` calls since it was closed last the share `failure_rate` failed, the last one among
--- them. Meanwhile calls are denied, reason `circuit_open`. Then it is half-open: one call is let
--- through as a trial, and while it is in flight others are denied, reason `circuit_half_open`. A
--- trial that lasts for another cooldown counts as lost, and one more is let through. A success closes
--- the circuit, unless it started before the latest failure ended; another failure opens it again. Of
--- `circuit_open`, `retry_after_ms` is when the cooldown is over. Of `circuit_half_open` it is when the
--- trial counts as lost, but 50 at most, a guess, as it may end any time. An execution in flight that
--- isn't listed counts as a trial, and n of them as lost after n more cooldowns. A failure without a known
--- time counts as long past. O(1) after a success
--- that started after all failures had ended, else O(2,000 records, and
--- what is in flight and listed).
---@param given? exectrack.CircuitBreakerOptions
---@return exectrack.Policy
---@nodiscard
function policies.circuit_breaker(given) end

--- Which calls are the same, and how many are too many.
---@class exectrack.LoopGuardOptions
---@field repeats? integer after how many of the same call the next one is denied, from 1; default 3
---@field window? integer how many of the session's newest records count, from 1; default 20, or
--- `repeats` if that is more
---@field warn_at? integer|false after how many the next one is warned of, from 1, below `repeats`;
--- false for no warnings; default 2, or less if it would not be below `repeats`
---@field same_result? boolean whether calls are repeats only if they ended alike; with false the same
--- arguments are enough, whatever became of the calls; default true
---@field resets? string[]|fun(record: exectrack.Record, is_repeated: boolean): any tools, or a
--- function that is true for records, whose success means that something has changed, so that counting
--- begins anew; cached ones and repeats of the call itself don't. The function is told whether an
--- earlier success in the window was the same call. Default `policy.writes`
---@field similar_failures? integer|false after how many failures in a row, of the tool and with the same
--- error type, but each with other arguments, the next call is warned of, 2 to 64; default false
---@field within_ms? number|false how long ago, in milliseconds, an earlier call may have ended to count,
--- from 0.001; false for no limit; default 600000. An undated one counts if all newer ones do
---@field key? fun(call: exectrack.Call|exectrack.Record|exectrack.Running|exectrack.DeniedCall): any returns
--- what must be equal for two calls of a session to be the same, or nil for a call that is never the same as
--- another; by default tool and fingerprint, and calls without one are never the same
---@field exempt? string[] tools that may repeat their calls

--- Makes a policy that warns of a call that was made before in the same session, and denies it when
--- it was made too often, reason `repeated_call`. Calls without a session are those of one. With
--- `repeats` 3, a fourth call is denied. The newest `window` records of the session are searched,
--- up to one that ended more than `within_ms` ago, as far as they are among the newest 2,000 of all; what
--- is in flight, as far as it is listed; and the denied calls that are kept. O(what is looked at).
---
--- Calls that ended alike are counted, from the newest back to the first that ended otherwise. They end
--- alike if their results have the same fingerprint or, of those that failed or timed out, their error
--- types are the same. Another call that ended otherwise than before shows that something has changed,
--- as `resets` does. What is in flight, and what has no fingerprint of its result, counts too. Cached
--- executions count like others. Cancelled ones neither count nor end the counting; a denial that a tool
--- passes on is one. Denials of the call for this reason count, too, as long as the latest of the calls
--- that were made counts.
---
--- A cycle of two to six calls that begins again is found, too, and named in the message; with `key` it
--- isn't looked for. The message has the fingerprints of the arguments, as the report `loops` shows them,
--- and their texts if these are kept. For `similar_failures` the reason is `similar_failures`, and it
--- never denies.
---@param given? exectrack.LoopGuardOptions
---@return exectrack.Policy
---@nodiscard
function policies.loop_guard(given) end

--- Whether a tool may change something, by its name: whether a word of it is `write`, `edit`, `create`,
--- `delete`, `update`, `book` or another of some 60 such verbs; or the last one is `bash`, `shell`,
--- `command` or another word for what runs any command, and this one isn't repeated. Words are letters
--- in a row; in `applyPatch` there are two. Not a policy, but the default of `resets`. O(length).
---@param execution exectrack.Record|exectrack.Call|exectrack.Running only its `tool` is read
---@param is_repeated? boolean whether the same call succeeded before; default false
---@return boolean
---@nodiscard
function policies.writes(execution, is_repeated) end

--- Limits, of which at least one must be given.
---@class exectrack.BudgetOptions
---@field max_executions? integer finished or in flight, from 0
---@field max_duration_ms? number milliseconds that finished ones took together, from 0
---@field max_failures? integer those that failed or timed out, from 0
---@field max? table<string, number> sums of measures, from 0, by the names of measures that the
--- tracker has: the policy raises if it lacks one
---@field tool? string the only tool that is counted and denied; default all

--- Makes a policy that denies calls when a limit is reached, reason `budget_executions`,
--- `budget_duration`, `budget_failures`, or `budget_` and the name of the measure. They count since
--- the tracker was last cleared. O(1), but O(tools) for measures of all tools.
---@param given exectrack.BudgetOptions
---@return exectrack.Policy
---@nodiscard
function policies.budget(given) end

--- How many calls may start in a time.
---@class exectrack.RateLimitOptions
---@field executions integer from 1, up to the tracker's `max_history`: the policy raises above that
---@field per_ms number milliseconds, from 0.001
---@field tool? string the only tool that is counted and denied; default all

--- Makes a policy that denies calls when `executions` calls started in the last `per_ms`, reason
--- `rate_limit`. Retained records and what is in flight count; one that started exactly `per_ms`
--- ago doesn't any more. `retry_after_ms` is exact to the microsecond if all that is in flight is
--- listed. O(in flight and listed + records that ended within the time), some 4 times that, 9 for a
--- long time, while more than `executions` started in it, as denied calls are made nevertheless; all
--- records are read in a run with records imported out of order.
---@param given exectrack.RateLimitOptions
---@return exectrack.Policy
---@nodiscard
function policies.rate_limit(given) end

--- How many calls may run at once.
---@class exectrack.ConcurrencyOptions
---@field max integer from 1
---@field tool? string the only tool that is counted and denied; default all

--- Makes a policy that denies calls while `max` executions are in flight, reason `concurrency`. Its
--- `retry_after_ms` is 50, a guess. O(1).
---@param given exectrack.ConcurrencyOptions
---@return exectrack.Policy
---@nodiscard
function policies.concurrency(given) end

--- How long to wait for a tool.
---@class exectrack.AdaptiveTimeoutOptions
---@field quantile? number of the recent durations, 0 to 1; default 0.99
---@field factor? number how many times that, above 0; default 2
---@field floor_ms? number milliseconds that it is at least, from 0
---@field ceiling_ms? number milliseconds that it is at most, from 0, and from `floor_ms`
---@field min_samples? integer with fewer recent durations it is `ceiling_ms`, 1 to 200; default 20

--- Makes a query, not a policy: how many milliseconds to wait for a tool, to the nearest
--- microsecond. It is `factor` times a quantile of the tool's recent durations, at least `floor_ms`
--- and at most `ceiling_ms`, if these are given; with fewer than `min_samples` such durations
--- `ceiling_ms`, or nil without one. The recent durations are those of the tool's newest 200
--- executions among the newest 2,000 records, without those that were cancelled, that a cache
--- answered or that weren't measured. One that timed out counts with its duration, so that the time
--- can grow again. The quantile is the nearest rank. O(2,000 records).
---@param given? exectrack.AdaptiveTimeoutOptions
---@return fun(tracker: exectrack.Run, tool: string): number? timeout
---@nodiscard
function policies.adaptive_timeout(given) end

--- Makes a policy that asks others in their order. Its decision is the first that denies, after
--- which none is asked, or else the first that warns. If one raises, the others are asked all the
--- same; the error is raised at the end, unless one denies. What one returns that isn't a decision
--- is returned if none denies or raises.
---@param given exectrack.Policy[]
---@return exectrack.Policy
---@nodiscard
function policies.all(given) end

--- Options of the parts of `policy.default`, each instead of that part's default.
---@class exectrack.DefaultOptions
---@field circuit_breaker? exectrack.CircuitBreakerOptions default `only = policy.tool_errors`
---@field loop_guard? exectrack.LoopGuardOptions

--- Makes the policy that we recommend for all tools of every agent: a circuit breaker for which only
--- failures of `policy.tool_errors` and timeouts count, and a loop guard, as `policy.all` of them.
---@param given? exectrack.DefaultOptions
---@return exectrack.Policy
---@nodiscard
function policies.default(given) end

--- Makes a policy that asks the one that `given` has for the tool that is called, if it has one.
---@param given table<string, exectrack.Policy> by the names of tools
---@return exectrack.Policy
---@nodiscard
function policies.by_tool(given) end

--- How to replay a run.
---@class exectrack.ReplayOptions
---@field enforce? boolean whether an execution that is denied doesn't take place in the replay;
--- default true

--- A decision about an execution of a run that was replayed, and what names that call. `record` is
--- made whenever it is read: `pairs` doesn't list it.
---@class exectrack.DecisionEntry
---@field index integer the place of the record in the snapshot
---@field started? number Unix seconds at which it starts; nil if it is undated
---@field tool string
---@field session? string as in exectrack.Record
---@field args_hash integer as in exectrack.Record
---@field args_text? string the text of its arguments, if the run has kept it
---@field record exectrack.Record
---@field decision exectrack.Decision

--- What a policy would have decided about a run, and what would have come of it.
---@class exectrack.Replay
---@field decisions exectrack.DecisionEntry[] in the order of time
---@field summary exectrack.ReplaySummary

--- Executions that a policy would have denied, counted.
---@class exectrack.ReplayCounts
---@field denied integer all of them
---@field failures_avoided integer those that failed or timed out
---@field successes_lost integer those that in truth succeeded
---@field time_saved_ms number milliseconds that those denied took together that were measured

--- Those of a whole run.
---@class exectrack.ReplaySummary: exectrack.ReplayCounts
---@field executions integer how many the run has
---@field warned integer of how many the policy warned
---@field by_tool_and_reason exectrack.ReplayRow[] in the order of the tools' names, then of the
--- reasons

--- Those of one tool and reason.
---@class exectrack.ReplayRow: exectrack.ReplayCounts
---@field tool string
---@field reason string

--- Replays a run to see what a policy would have decided about it, as `snapshot:decisions` does.
--- The same run and policy give the same result. What the policy raises is raised. A policy that
--- reads the `now` of a call can't be replayed on executions that are undated. O(n * log n) in the
--- executions, and n times the policy.
---@param snapshot exectrack.Snapshot
---@param policy exectrack.Policy
---@param options? exectrack.ReplayOptions
---@return exectrack.Replay? replay nil if the policy needs a time that there isn't
---@return string? message names an execution whose time it needs
---@return string? code `undated`
---@nodiscard
function policies.replay(snapshot, policy, options) end

return policies
