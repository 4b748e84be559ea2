---@meta exectrack

--- exectrack records what an agent's tools did, in memory that never grows.
---
--- Durations are milliseconds, an integer when whole, else a float, kept to the microsecond. Times
--- are Unix seconds with a fraction. Misuse raises an error that names the argument.
---@class exectracklib
---@field _VERSION string the name and version of the module: `exectrack 0.1.0`
local exectrack = {}

--- How an execution ended.
---@alias exectrack.Status
---| "success"
---| "failed"
---| "timed_out"
---| "cancelled"

--- How to make a tracker. Its clock never goes back: a reading that is earlier than the one before
--- counts as the one before.
---@class exectrack.Options
---@field max_history? integer how many records are retained, 0 to 2^28, 24 bytes each; 1,000
---@field max_tools? integer how many tools are told apart, 1 to 65,535, with 64 bytes of name each
--- on average; 512
---@field max_in_flight? integer how many executions are listed while they run, 0 to 65,535; 64
---@field label? string a name for the run, up to 64 bytes; empty
---@field clock? fun(): number returns Unix seconds, finite, from 0; must not use the tracker;
--- called once by `new`, `record` (without a `timestamp`), `start`, `finish`, `in_flight` and
--- `snapshot`; the system's clock

--- Makes a tracker, with all the memory that it will ever use.
---@param options? exectrack.Options
---@return exectrack.Tracker
---@overload fun(max_history: integer): exectrack.Tracker
---@nodiscard
function exectrack.new(options) end

--- Loads a run that `save` has saved. A file that is damaged, or is no such file, does no harm.
--- O(size).
---@param path string
---@return exectrack.Snapshot? snapshot
---@return string? message says what is wrong, and names the path
---@return string? code `kind`, it isn't a saved run; `version` or `byte_order`, it is of another
--- one; `size`, it was cut short or added to; `checksum`, it isn't what was saved; `invalid`, it
--- contradicts itself; or the system's, such as `ENOENT`
---@nodiscard
function exectrack.load(path) end

--- The snapshot whose `bytes` these are. O(size).
---@param bytes string
---@return exectrack.Snapshot? snapshot
---@return string? message
---@return string? code as for `load`
---@nodiscard
function exectrack.from_bytes(bytes) end

--- The snapshot that `to_table` made this table of, also after a trip through JSON; or one of the
--- records of the reference implementation, as it serializes them. O(size).
---@param run exectrack.RunTable|exectrack.ReferenceRun
---@return exectrack.Snapshot? snapshot
---@return string? message names the field that is wrong
---@return string? code `invalid`
---@nodiscard
function exectrack.from_table(run) end

--- How to merge runs.
---@class exectrack.MergeOptions
---@field max_history? integer keep only as many records, the newest, 0 to 2^28; all

--- Merges runs, of several processes or days, into one. Tools of the same name are one, in the
--- order of the bytes of their names; lifetimes, histograms, denials and what is in flight add up;
--- a failure streak is that of the run in which the tool ended last. Records are in the order of
--- their ends, and where these are equal of their other fields. The label is that which all have,
--- or none. The order of the list makes no difference. A run that is in it twice counts twice.
--- O(n * log n).
---@param snapshots exectrack.Snapshot[] at least one
---@param options? exectrack.MergeOptions
---@return exectrack.Snapshot
---@nodiscard
function exectrack.merge(snapshots, options) end

--- The fingerprint of some values, 1 to 2^32 - 1. That of one value is the `args_hash` of an
--- execution with it as `args` (but nil as `args` is 0); several differ from a table of them.
--- It is the same for tables with the same content, for 1 and 1.0, and in every process and
--- version. Functions, userdata and threads count by their type alone. No metamethod is called.
---@param ... any
---@return integer
---@nodiscard
function exectrack.fingerprint(...) end

--- An execution to record.
---@class exectrack.Execution
---@field tool string any bytes; of more than 255 the first 255 count
---@field status exectrack.Status how it ended
---@field duration_ms number milliseconds, finite, from 0; kept to the nearest microsecond, up to
--- 2^56 of them
---@field was_cached? boolean whether a cache answered; false
---@field error_type? string a short stable class such as `ENOENT`; none
---@field args? any what the tool was called with; only its fingerprint is kept
---@field args_hash? integer in place of `args`, their fingerprint, 0 to 2^32 - 1; 0 for none
---@field timestamp? number Unix seconds at which it ended, from 1970 on; now
---@field tool_id? integer ignored

--- An execution as it was recorded; `record` takes it back.
---@class exectrack.Record
---@field tool string
---@field tool_id integer the first tool has 1
---@field status exectrack.Status how it ended
---@field duration_ms number milliseconds
---@field was_cached boolean whether a cache answered
---@field error_type? string nil for none
---@field args_hash integer the fingerprint of its arguments, 1 to 2^32 - 1; 0 for none
---@field timestamp number Unix seconds at which it ended

--- Executions counted.
---@class exectrack.Counts
---@field total_executions integer all of them, whatever their status
---@field successful integer
---@field failed integer
---@field timed_out integer
---@field cancelled integer
---@field cached_hits integer those that a cache answered, whatever their status
---@field total_duration_ms number milliseconds, of every status

--- Executions counted over the records that are retained.
---@class exectrack.Window: exectrack.Counts
---@field avg_duration_ms? number milliseconds, a float; nil without executions

--- The statistics of all tools together, since the last `clear`.
---@class exectrack.Stats: exectrack.Counts
---@field overflowed integer executions recorded or started under `(other)`
---@field error_types_overflowed integer executions whose error type counts as `(other)`
---@field in_flight integer executions started and not finished, listed or not
---@field window exectrack.Window over the records that are retained

--- The statistics of one tool, since the last `clear`. Those that may be nil are nil for a tool
--- without executions. A quantile is an estimate that errs by at most 1.1 % while the tool's
--- durations span less than a factor of 64,000, by 2.2 % up to 4 * 10^9, and by 4.4 % beyond.
---@class exectrack.ToolStats: exectrack.Counts
---@field avg_duration_ms? number milliseconds, a float
---@field min_duration_ms? number milliseconds
---@field max_duration_ms? number milliseconds
---@field p50_duration_ms? number milliseconds, a float
---@field p90_duration_ms? number milliseconds, a float
---@field p95_duration_ms? number milliseconds, a float
---@field p99_duration_ms? number milliseconds, a float
---@field last_timestamp? number Unix seconds of the latest end
---@field failure_streak integer failures and time-outs since the last success, in the order of
--- recording; cancelled ones neither count nor end it
---@field in_flight integer executions started and not finished, listed or not
---@field window exectrack.Window over the records that are retained

--- An execution in flight.
---@class exectrack.Running
---@field tool string
---@field tool_id integer
---@field started number Unix seconds of its start
---@field elapsed_ms number milliseconds since its start
---@field args_hash integer the fingerprint of its arguments, 1 to 2^32 - 1; 0 for none

--- What reads a run, whether it goes on (Tracker) or not (Snapshot).
---@class exectrack.Run
local Run = {}

--- The statistics of all tools together, or of one; nil for a tool that was never recorded or
--- started. O(1).
---@param tool string
---@return exectrack.ToolStats?
---@overload fun(self: exectrack.Run): exectrack.Stats
---@nodiscard
function Run:stats(tool) end

--- The most recent executions that are retained, newest first. O(n).
---@param n integer how many, from 0; it may exceed the history
---@return exectrack.Record[]
---@nodiscard
function Run:recent_executions(n) end

--- The mean duration of a tool's retained records, of every status and cached ones too. O(1).
---@param tool string
---@return number? average_ms milliseconds, a float; nil for a tool with no retained record
---@nodiscard
function Run:avg_duration_for_tool(tool) end

--- The name of a tool. O(1).
---@param id integer as in the `tool_id` of a record; the first tool has 1
---@return string? name nil if there is no such tool
---@nodiscard
function Run:get_tool_name(id) end

--- The names of all tools, each at the place of its id. O(tools).
---@return string[]
---@nodiscard
function Run:tools() end

--- What is in flight, in the order of the starts, up to `max_in_flight`. Of a snapshot, what was
--- when it was taken. O(what is listed).
---@return exectrack.Running[]
---@nodiscard
function Run:in_flight() end

--- The label that the run was given; empty for none. O(1).
---@return string
---@nodiscard
function Run:label() end

--- Records what an agent's tools did, and answers questions about it. `#tracker` is the number of
--- records retained. `local tracker <close>` frees its memory when it goes out of scope, which
--- otherwise the garbage collector does; using it afterwards raises.
---@class exectrack.Tracker: exectrack.Run
---@operator len: integer
local Tracker = {}

--- Records an execution that ends now, or at its `timestamp`, to import a past run. Records stay
--- in the order in which they are recorded. Beyond `max_tools` tools, or 256 error types, a new one
--- counts as `(other)`. O(1).
---@param tool string any bytes; of more than 255 the first 255 count
---@param status exectrack.Status how it ended
---@param duration_ms number milliseconds, finite, from 0; kept to the nearest microsecond
---@param was_cached? boolean whether a cache answered; false
---@param error_type? string a short stable class such as `ENOENT`; none
---@param args? any what the tool was called with; only its fingerprint is kept
---@overload fun(self: exectrack.Tracker, execution: exectrack.Execution|exectrack.Record)
function Tracker:record(tool, status, duration_ms, was_cached, error_type, args) end

--- Starts an execution, which is in flight until its span is finished. O(1).
---@param tool string any bytes; of more than 255 the first 255 count
---@param args? any what the tool is called with; only its fingerprint is kept
---@return exectrack.Span
---@nodiscard
function Tracker:start(tool, args) end

--- Takes a snapshot of the run as it is now: its clock is read, and the used part of its memory is
--- copied. Nothing that happens to the tracker later shows in it. O(records + 2.2 KB a tool).
---@return exectrack.Snapshot
---@nodiscard
function Tracker:snapshot() end

--- Empties the history and zeroes all statistics, as at the start of a session. Names, their ids
--- and what is in flight stay; a span that is finished later counts then. O(tools).
function Tracker:clear() end

--- An execution in flight, from `tracker:start` to `span:finish`.
---
--- Declared `local span <close>` and not finished when it goes out of scope, it is recorded then:
--- as failed if an error other than nil is passing through, else (`break`, `return`, the end of
--- the block, `coroutine.close`) as cancelled; both without an error type. Collected unfinished, it
--- is recorded as cancelled, with the error type `abandoned`.
---@class exectrack.Span
local Span = {}

--- Finishes the execution, which is recorded. Finishing twice raises. O(1).
---@param status? exectrack.Status how it ended; `success`
---@param was_cached? boolean whether a cache answered; false
---@param error_type? string a short stable class such as `ENOENT`; none
---@return number duration_ms milliseconds
function Span:finish(status, was_cached, error_type) end

--- Which records a snapshot keeps: those that pass all conditions. A list may be empty, which none
--- passes.
---@class exectrack.Filter
---@field tool? string|string[] one of these
---@field status? exectrack.Status|exectrack.Status[] one of these
---@field error_type? string|false|(string|false)[] one of these; false is none
---@field was_cached? boolean whether a cache answered
---@field since? number Unix seconds; it ended then or later
---@field before? number Unix seconds; it ended earlier
---@field min_duration_ms? number milliseconds, inclusive
---@field max_duration_ms? number milliseconds, inclusive
---@field where? fun(record: exectrack.Record): any whether it passes, asked of those that pass
--- the others
---@field last? integer of those that pass, the newest `last`, from 0

--- Groups by when an execution ended, in intervals aligned to Unix time.
---@class exectrack.Every
---@field every number seconds, from a microsecond

--- What records are grouped by.
---@alias exectrack.Key
---| "tool"
---| "status" # success, failed, timed_out, cancelled, in this order
---| "was_cached" # false before true
---| "error_type" # none first, then in the order in which they were first seen
---| "args_hash" # ascending
---| exectrack.Every # ascending

--- What else to compute over a group.
---@class exectrack.GroupOptions
---@field quantiles? number[] up to 64, each from 0 to 1, in place of 0.5, 0.9, 0.95 and 0.99; with
--- `{}` none is computed, which is faster

--- What the records of a group have in common, and what was computed over them, exactly. Those
--- that may be nil are nil for a key that isn't grouped by, and in the `summary` of no records.
---@class exectrack.Row
---@field tool? string
---@field status? exectrack.Status
---@field was_cached? boolean
---@field error_type? string nil for none, too
---@field args_hash? integer 0 for no arguments
---@field timestamp? number Unix seconds of the start of the interval
---@field count integer all of them, whatever their status
---@field successful integer
---@field failed integer
---@field timed_out integer
---@field cancelled integer
---@field cached_hits integer those that a cache answered, whatever their status
---@field error_rate? number (failed + timed_out) / (count - cancelled), 0 to 1; nil if all were
--- cancelled
---@field total_duration_ms number milliseconds, of every status
---@field avg_duration_ms? number milliseconds, a float
---@field min_duration_ms? number milliseconds
---@field max_duration_ms? number milliseconds
---@field p50_duration_ms? number milliseconds; of n sorted durations element ceil(0.5 * n)
---@field p90_duration_ms? number milliseconds
---@field p95_duration_ms? number milliseconds
---@field p99_duration_ms? number milliseconds
---@field first_timestamp? number Unix seconds of the earliest end
---@field last_timestamp? number Unix seconds of the latest end
---@field [string] number? other quantiles, milliseconds: 0.999 is `p99_9_duration_ms`

--- A run that no longer changes, and the table that analyses are written over. `#snapshot` is the
--- number of its records; `snapshot[i]` is record `i`, oldest first, or nil; `ipairs(snapshot)`
--- goes through all. Two are equal if all that they hold is. The garbage collector frees it.
---@class exectrack.Snapshot: exectrack.Run
---@field [integer] exectrack.Record
---@operator len: integer
local Snapshot = {}

--- When the tracker was made; of merged runs, the first. O(1).
---@return number seconds Unix seconds
---@nodiscard
function Snapshot:created() end

--- When the snapshot was taken; of merged runs, the latest. O(1).
---@return number seconds Unix seconds
---@nodiscard
function Snapshot:taken() end

--- All records, oldest first. O(records).
---@return exectrack.Record[]
---@nodiscard
function Snapshot:records() end

--- One field of all records, oldest first; `false` for no error type. O(records).
---@param field "tool"|"status"|"error_type"
---@return (string|false)[]
---@overload fun(self: exectrack.Snapshot, field: "tool_id"|"args_hash"): integer[]
---@overload fun(self: exectrack.Snapshot, field: "duration_ms"|"timestamp"): number[]
---@overload fun(self: exectrack.Snapshot, field: "was_cached"): boolean[]
---@nodiscard
function Snapshot:column(field) end

--- A snapshot with fewer records. All else, lifetime and histograms too, stays that of the run,
--- and `window` in `stats` counts the records left. O(records).
---@param conditions exectrack.Filter
---@return exectrack.Snapshot
---@nodiscard
function Snapshot:filter(conditions) end

--- Groups the records by keys, each given once and in any combination, and computes over each
--- group. Rows are in the order of their keys, the first key first, tools by their ids. There is
--- none for what no record has. A last argument may be options. O(records).
---@param ... exectrack.Key|exectrack.GroupOptions
---@return exectrack.Row[]
---@nodiscard
function Snapshot:group_by(...) end

--- The row of `group_by` for all records together. O(records).
---@param options? exectrack.GroupOptions
---@return exectrack.Row
---@nodiscard
function Snapshot:summary(options) end

--- A quantile of the durations of all records, exact: of n sorted durations, element
--- math.ceil(q * n).
--- O(records).
---@param q number from 0 to 1
---@return number? duration_ms milliseconds; nil without records
---@nodiscard
function Snapshot:quantile(q) end

--- Saves the run in a file, which it replaces at once: a new file is written beside it, flushed to
--- the disk and renamed. The new file keeps the permissions of the old one. O(size).
---@param path string
---@return true? saved nil if it failed; then what was at `path` is unchanged
---@return string? message names the path
---@return string? code such as `ENOSPC`
function Snapshot:save(path) end

--- What `save` would write: for a queue, a socket, a column of a database. O(size).
---@return string
---@nodiscard
function Snapshot:bytes() end

--- The whole run as plain tables, which any serializer takes. O(size).
---@return exectrack.RunTable
---@nodiscard
function Snapshot:to_table() end

--- An integer of a table form. Above 99,999,999,999,999 it is a string of its digits, as lua-cjson
--- prints 14.
---@alias exectrack.Integer integer|string

--- A run as `to_table` makes it; docs/snapshots.md says more of its fields. An id is a place in
--- `tools` or `error_types`. A time is two integers, Unix seconds and microseconds.
---@class exectrack.RunTable
---@field format "exectrack"
---@field version integer 1
---@field label string up to 64 bytes; empty for none
---@field max_history integer as the options of the tracker said, like the two that follow
---@field max_tools integer
---@field max_in_flight integer
---@field created_seconds integer when the tracker was made
---@field created_microseconds integer
---@field taken_seconds integer when the snapshot was taken
---@field taken_microseconds integer
---@field recorded exectrack.Integer executions recorded since the tracker was made
---@field started exectrack.Integer executions started since then
---@field in_order boolean whether no record ended before the one that stands before it
---@field overflowed exectrack.Integer executions recorded or started under `(other)`
---@field error_types_overflowed exectrack.Integer executions whose error type counts as `(other)`
---@field denials_overflowed exectrack.Integer denials for which there was no more room
---@field error_types string[]
---@field tools exectrack.RunTable.Tool[]
---@field in_flight exectrack.RunTable.Running[] in the order of the starts
---@field denials exectrack.RunTable.Denial[]
---@field records exectrack.RunTable.Record[] oldest first

--- A tool over its lifetime.
---@class exectrack.RunTable.Tool
---@field name string
---@field successful exectrack.Integer
---@field failed exectrack.Integer
---@field timed_out exectrack.Integer
---@field cancelled exectrack.Integer
---@field cached_hits exectrack.Integer
---@field total_duration_us exectrack.Integer microseconds
---@field min_duration_us exectrack.Integer microseconds; 0 without executions
---@field max_duration_us exectrack.Integer microseconds; 0 without executions
---@field last_end_seconds integer when one last ended; 0 for never
---@field last_end_microseconds integer
---@field last_failure_seconds integer when one last failed or timed out; 0 for never
---@field last_failure_microseconds integer
---@field failure_streak integer failures and time-outs since the last success
---@field failure_rounds integer of the streak, its first and those that started when the one
--- before had ended
---@field in_flight integer executions started and not finished, listed or not
---@field histogram exectrack.RunTable.Histogram of all its durations

--- OpenTelemetry's exponential histogram. Bucket `i` counts the durations of more than
--- base^(offset + i - 1) and up to base^(offset + i) seconds, where base = 2^(2^-scale).
---@class exectrack.RunTable.Histogram
---@field scale integer 3 to 6
---@field zero_count integer durations of 0
---@field offset integer
---@field bucket_counts integer[] up to 512

--- An execution in flight.
---@class exectrack.RunTable.Running
---@field tool_id integer
---@field serial exectrack.Integer from 1, later starts have larger ones
---@field args_hash integer 0 for none
---@field start_seconds integer
---@field start_microseconds integer

--- Calls of a tool that a policy denied for one reason.
---@class exectrack.RunTable.Denial
---@field tool_id integer
---@field reason_id integer a place in `error_types`
---@field count exectrack.Integer
---@field last_seconds integer
---@field last_microseconds integer

--- A record.
---@class exectrack.RunTable.Record
---@field tool_id integer
---@field status exectrack.Status how it ended
---@field duration_us exectrack.Integer microseconds
---@field was_cached boolean
---@field error_type_id? integer nil for none
---@field args_hash integer 0 for none
---@field end_seconds integer when it ended
---@field end_microseconds integer

--- Records as the reference implementation serializes them. They have no times, so all end in
--- 1970.
---@class exectrack.ReferenceRun
---@field tool_ids string[] the names of the tools, in the order of their ids
---@field records exectrack.ReferenceRecord[] oldest first

--- A record of the reference implementation.
---@class exectrack.ReferenceRecord
---@field tool_id integer the first tool has 0
---@field status "Success"|"Failed"|"TimedOut"|"Cancelled"
---@field duration_ms exectrack.Integer milliseconds
---@field was_cached boolean

return exectrack
