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
--- called once by `new`, `record` (without a `timestamp`), `start`, `finish` and `in_flight`; the
--- system's clock

--- Makes a tracker, with all the memory that it will ever use.
---@param options? exectrack.Options
---@return exectrack.Tracker
---@overload fun(max_history: integer): exectrack.Tracker
---@nodiscard
function exectrack.new(options) end

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

--- Records what an agent's tools did, and answers questions about it. `#tracker` is the number of
--- records retained. `local tracker <close>` frees its memory when it goes out of scope, which
--- otherwise the garbage collector does; using it afterwards raises.
---@class exectrack.Tracker
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

--- The statistics of all tools together, or of one; nil for a tool that was never recorded or
--- started. O(1).
---@param tool string
---@return exectrack.ToolStats?
---@overload fun(self: exectrack.Tracker): exectrack.Stats
---@nodiscard
function Tracker:stats(tool) end

--- The most recent executions that are retained, newest first. O(n).
---@param n integer how many, from 0; it may exceed the history
---@return exectrack.Record[]
---@nodiscard
function Tracker:recent_executions(n) end

--- The mean duration of a tool's retained records, of every status and cached ones too. O(1).
---@param tool string
---@return number? average_ms milliseconds, a float; nil for a tool with no retained record
---@nodiscard
function Tracker:avg_duration_for_tool(tool) end

--- The name of a tool. O(1).
---@param id integer as in the `tool_id` of a record; the first tool has 1
---@return string? name nil if there is no such tool
---@nodiscard
function Tracker:get_tool_name(id) end

--- The names of all tools, each at the place of its id. O(tools).
---@return string[]
---@nodiscard
function Tracker:tools() end

--- What is in flight now, in the order of the starts, up to `max_in_flight`. O(what is listed).
---@return exectrack.Running[]
---@nodiscard
function Tracker:in_flight() end

--- The label that the run was given; empty for none. O(1).
---@return string
---@nodiscard
function Tracker:label() end

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

return exectrack
