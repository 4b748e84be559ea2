---@meta exectrack

--- exectrack records what an agent's tools did, in memory that never grows.
---
--- Durations are milliseconds, an integer when whole, else a float, kept to the microsecond. Times
--- are Unix seconds with a fraction. Misuse raises an error that names the argument. An execution
--- is one use of a tool, and a record what is retained of it.
---@class exectracklib
---@field _VERSION string the name and version of the module: `exectrack 0.1.0`
local exectrack = {}

--- How an execution ended.
---@alias exectrack.Status
---| "success"
---| "failed"
---| "timed_out"
---| "cancelled"

--- A measure to have. Values are kept as whole numbers of `scale`, up to 2^63 - 1, where they and
--- their sums stop: so they add up in any order to the same.
---@class exectrack.MeasureOption
---@field name string 1 to 32 bytes; each measure has another
---@field unit? string such as `USD`, or `By` for bytes, up to 32 bytes; default empty
---@field scale? number how much of the unit is told apart, such as 1e-6: values are rounded to it,
--- with 1 to whole numbers; finite and above 0; default 1

--- A measure that executions of a run may have.
---@class exectrack.Measure
---@field name string
---@field unit string empty for none
---@field scale number how much of the unit is told apart

--- How to make a tracker. Its clock never goes back: a reading that is earlier than the one before
--- counts as the one before.
---@class exectrack.Options
---@field max_history? integer how many records are retained, those recorded last, 0 to 2^28, 32
--- bytes each; default 1,000
---@field max_tools? integer how many tools are told apart, 1 to 65,535, with 64 bytes of name each
--- on average; default 512
---@field max_in_flight? integer how many executions in flight are listed, 0 to 65,535; default
--- 64
---@field session_names? integer how many names of recent sessions are kept, 0 to 65,536, in sets of
--- 8, of which the least recent makes room for another; default 256
---@field args_texts? integer how many texts of arguments are kept, those used last, 0 to 65,536,
--- 136 bytes each, rounded up to a multiple of 8: `describe` writes them; default 0
---@field error_texts? integer the same of what errors said, the latest of each tool and error
--- type; default 0
---@field redact? false|fun(text: string): string returns what is kept of a text of arguments or an
--- error, which was through `exectrack.redact` already; up to 120 bytes; if it raises or returns no
--- string, there is no text; it can't yield; false: nothing is left out; default no more is
---@field label? string a name for the run, up to 64 bytes; default empty
---@field instance_id? string a UUID that names the tracker, not all zeros; default a random one
---@field ignore_args? string[] names of fields that count for no fingerprint of arguments: those of
--- each argument that is a table, at its top level; default none
---@field measures? exectrack.MeasureOption[] up to 4 numbers of your own that executions may have,
--- 8 bytes each a record and 32 a tool; default none
---@field clock? fun(): number returns Unix seconds, finite, from 0; must not use the tracker;
--- called once by `new`, `record` (without a `timestamp`), `start`, `finish`, `in_flight` and
--- `snapshot`, and by `run` and wrapped functions once at the start, which is before a policy is
--- asked, and once at the end; default the system's clock, which goes on while the machine sleeps
--- (on Linux and macOS)

--- Makes a tracker, with all the memory that it will ever use.
---@param options? exectrack.Options
---@return exectrack.Tracker
---@overload fun(max_history: integer): exectrack.Tracker
---@nodiscard
function exectrack.new(options) end

--- Loads a run that `save` has saved. A file that is damaged, or is no such file, does no harm. Of
--- an open file, such as a pipe, the rest is read: a run and then the end. Reading stops as soon as
--- it isn't one. O(size).
---@param path string|file* a path, or a file that is open for reading
---@return exectrack.Snapshot? snapshot
---@return string? message says what is wrong, and names the path if there is one
---@return string? code `kind`, it isn't a saved run; `version` or `byte_order`, it is of another
--- one; `size`, it was cut short or added to; `checksum`, it isn't what was saved; `invalid`, its
--- contents are inconsistent; or the system's, such as `ENOENT`
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
---@field max_history? integer keep only as many records, the newest, 0 to 2^28; default all

--- Merges runs, of several processes or days, into one. Tools of the same name are one, in the
--- order of the bytes of their names; lifetimes, histograms, denials and what is in flight add up;
--- a failure streak is that of the run in which the tool ended last. Records are in the order of
--- their ends, and where these are equal of their other fields. The label is that which all have,
--- or none. Measures of the same name are one, in the order of the bytes of their names; it raises
--- for another unit or scale, and for more than 4. The order of the list makes no difference. A run
--- that is in it twice counts twice.
--- O(n * log n).
---@param snapshots exectrack.Snapshot[] at least one
---@param options? exectrack.MergeOptions
---@return exectrack.Snapshot
---@nodiscard
function exectrack.merge(snapshots, options) end

--- The fingerprint of some values, 1 to 2^32 - 1. That of one value is the `args_hash` of an
--- execution with it as `args` (but nil as `args` is 0); several differ from a table of them.
--- It is the same for tables with the same content, for 1 and 1.0, and in every process and
--- version. Functions, userdata and threads count by their identity, so that fingerprints with them
--- mean something within one Lua state only; light userdata by their type alone. No metamethod is
--- called.
---@param ... any
---@return integer
---@nodiscard
function exectrack.fingerprint(...) end

--- A short text that says what some values are, for people: one line of at most 120 bytes of
--- UTF-8. They are written as Lua would, with commas between; of a table first the list, then the
--- fields in the order of their keys. Functions, userdata and threads are written as their types.
--- What doesn't fit, or is nested more than 4 tables deep, is `…`. Secrets are left out as `redact`
--- does, and so are the values of fields and flags that are named like them: all but booleans. No
--- metamethod is called. O(entries of the tables that it gets to).
---@param ... any
---@return string
---@nodiscard
function exectrack.describe(...) end

--- A text with `[redacted]` in place of what looks like a credential: tokens that are told by how
--- they begin, such as `sk-`, `ghp_` and `AKIA`, JSON Web Tokens, PEM blocks, and what follows
--- `Bearer` and `Basic`; the password in `scheme://user:password@host`, and in `-u user:password`
--- as curl has it; and the value of a setting, flag, field or header that is named like a secret,
--- as in `--password=…`, `GITHUB_TOKEN=…`, `"api_key": "…"`, `Cookie: …`. It knows no others.
--- O(length).
---@param text string
---@return string
---@nodiscard
function exectrack.redact(text) end

--- What the duration of an execution is.
---@alias exectrack.Timing
---| "measured" # how long it took
---| "elapsed" # from its request to its result, which may include waiting for a person
---| "untimed" # not known

--- An execution to record.
---@class exectrack.Execution
---@field tool string any bytes; of more than 255 the first 255 count
---@field status exectrack.Status how it ended
---@field duration_ms? number milliseconds, finite, from 0; kept to the nearest microsecond, up to
--- 2^52 of them; nil for an untimed one, whose duration isn't known
---@field timing? exectrack.Timing `"elapsed"`, or what follows from `duration_ms`
---@field was_cached? boolean whether a cache answered; default false
---@field error_type? string a short stable class such as `ENOENT`; default none
---@field args? any what the tool was called with; only its fingerprint is kept
---@field args_hash? integer in place of `args`, their fingerprint, 0 to 2^32 - 1; 0 for none
---@field args_text? string what is kept in place of the text of `args`, or with an `args_hash`, if
--- the tracker keeps texts of arguments
---@field error_text? string what the error said, if the tracker keeps texts of errors
---@field result? any what it returned; only its fingerprint is kept, in which functions, userdata
--- and threads count by their type
---@field result_hash? integer in place of `result`, its fingerprint, 0 to 2^32 - 1; 0 for none
---@field session? string the name of the session that it belongs to, or `#` and eight hexadecimal
--- digits, its fingerprint; default none
---@field depth? integer how many calls it was made within, 0 to 7; default as many wrapped calls as
--- it is made within, but 0 with a `timestamp`
---@field measures? table<string, number> numbers, finite, from 0, by the names of the tracker's
--- measures; default none
---@field timestamp? number|false Unix seconds at which it ended, from 1970 on; false for an
--- undated one, of which only the order is known; default now
---@field tool_id? integer ignored

--- An execution as it was recorded; `record` takes it back.
---@class exectrack.Record
---@field tool string
---@field tool_id integer the first tool has 1
---@field status exectrack.Status how it ended
---@field duration_ms? number milliseconds; nil for an untimed one
---@field timing? "elapsed"|"untimed" nil for one that was measured
---@field was_cached boolean whether a cache answered
---@field error_type? string nil for none
---@field args_hash integer the fingerprint of its arguments, 1 to 2^32 - 1; 0 for none
---@field result_hash? integer the fingerprint of what it returned, 1 to 2^32 - 1; nil for none
---@field session? string the name of its session, or `#` and eight hexadecimal digits, its
--- fingerprint, if that is all that is known; nil for none
---@field depth integer how many calls it was made within, 0 to 7, which is 7 or more
---@field measures? table<string, number> floats by the names of measures; nil for none
---@field timestamp number|false Unix seconds at which it ended; false for an undated one

--- Executions counted.
---@class exectrack.Counts
---@field total_executions integer all of them, whatever their status
---@field successful integer
---@field failed integer
---@field timed_out integer
---@field cancelled integer
---@field cached_hits integer those that a cache answered, whatever their status
---@field untimed integer those whose duration isn't known
---@field elapsed integer those whose duration is the time from request to result
---@field total_duration_ms number milliseconds, of those that were measured, of every status
---@field elapsed_ms number milliseconds, of the elapsed ones

--- What executions add up to in a measure, in its unit.
---@class exectrack.MeasureStats
---@field sum number a float
---@field count integer executions that have a value
---@field max? number a float; nil without any

--- What the records that are retained add up to in a measure, in its unit.
---@class exectrack.MeasureWindow
---@field sum number a float

--- Executions counted over the records that are retained.
---@class exectrack.Window: exectrack.Counts
---@field avg_duration_ms? number milliseconds, a float; nil if none was measured
---@field measures? table<string, exectrack.MeasureWindow> by name; nil without measures

--- The statistics of all tools together, since the last `clear`.
---@class exectrack.Stats: exectrack.Counts
---@field overflowed integer executions recorded or started under `(other)`
---@field error_types_overflowed integer executions whose error type counts as `(other)`
---@field in_flight integer executions started and not finished, listed or not
---@field measures? table<string, exectrack.MeasureStats> by name; nil without measures
---@field window exectrack.Window over the records that are retained

--- The statistics of one tool, since the last `clear`. Those that may be nil are nil for a tool
--- of which none was measured. A quantile is an estimate that errs by at most 1.1 % while the
--- tool's durations span less than a factor of 64,000, by 2.2 % up to 4 * 10^9, and by 4.4 %
--- beyond.
---@class exectrack.ToolStats: exectrack.Counts
---@field avg_duration_ms? number milliseconds, a float
---@field min_duration_ms? number milliseconds
---@field max_duration_ms? number milliseconds
---@field p50_duration_ms? number milliseconds, a float
---@field p90_duration_ms? number milliseconds, a float
---@field p95_duration_ms? number milliseconds, a float
---@field p99_duration_ms? number milliseconds, a float
---@field last_timestamp? number Unix seconds of the latest end; nil if none has one
---@field failure_streak integer failures and time-outs since the last success, in the order of
--- recording; cancelled ones neither count nor end it
---@field in_flight integer executions started and not finished, listed or not
---@field measures? table<string, exectrack.MeasureStats> by name; nil without measures
---@field window exectrack.Window over the records that are retained

--- An execution in flight.
---@class exectrack.Running
---@field tool string
---@field tool_id integer
---@field started number Unix seconds of its start
---@field elapsed_ms number milliseconds since its start
---@field args_hash integer the fingerprint of its arguments, 1 to 2^32 - 1; 0 for none
---@field session? string as in exectrack.Record
---@field depth integer as in exectrack.Record

--- OpenTelemetry's exponential histogram. Bucket `i` counts the durations of more than
--- base^(offset + i - 1) and up to base^(offset + i) seconds, where base = 2^(2^-scale).
---@class exectrack.Histogram
---@field scale integer 3 to 6, the finest
---@field zero_count integer durations of 0; this and the other counts stop at 2^32 - 1
---@field offset integer 0 without buckets
---@field bucket_counts integer[] up to 512, the first and the last not 0

--- What reads a run, whether it goes on (Tracker) or not (Snapshot).
---@class exectrack.Run
local Run = {}

--- The statistics of all tools together, or of one; nil for a tool that was never recorded,
--- started or denied. O(1).
---@param tool string
---@return exectrack.ToolStats?
---@overload fun(self: exectrack.Run): exectrack.Stats
---@nodiscard
function Run:stats(tool) end

--- The lifetime durations of a tool that were measured: of what succeeded, of what failed, timed
--- out or was cancelled (`other`), or of both together; without buckets if there are none. O(1).
---@param tool string
---@param outcome? "success"|"other" default both
---@return exectrack.Histogram? histogram nil for a tool that was never recorded, started or denied
---@nodiscard
function Run:histogram(tool, outcome) end

--- The most recent executions that are retained, newest first: the newest is the one that ended
--- last, and of those that ended together the one recorded last. O(n); O(records * log n) after
--- executions were recorded that hadn't ended in this order.
---@param n integer how many, from 0; it may exceed the history
---@return exectrack.Record[]
---@nodiscard
function Run:recent_executions(n) end

--- The mean duration of a tool's retained records that were measured, of every status and cached
--- ones too. O(1).
---@param tool string
---@return number? average_ms milliseconds, a float; nil if none of them was measured
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

--- What the arguments of a fingerprint were, as `describe` writes them, up to 120 bytes. O(1); of a
--- snapshot O(log texts).
---@param args_hash integer 0 to 2^32 - 1
---@return string? text nil if it isn't kept
---@nodiscard
function Run:args_text(args_hash) end

--- What the latest error of a tool and an error type said, up to 120 bytes. O(error types).
---@param tool string
---@param error_type? string that of errors without one
---@return string? text nil if it isn't kept
---@nodiscard
function Run:error_text(tool, error_type) end

--- The name by which the run knows a session, as its records show it: the name that it has kept, or
--- `#` and eight hexadecimal digits. O(length); of a snapshot, O(log of the names) more.
---@param session string a name, or `#` and eight hexadecimal digits
---@return string
---@nodiscard
function Run:session_name(session) end

--- The label that the run was given; empty for none. O(1).
---@return string
---@nodiscard
function Run:label() end

--- The measures that executions may have, in the order of the option of `new`; of merged runs in
--- the order of the bytes of their names. O(1).
---@return exectrack.Measure[]
---@nodiscard
function Run:measures() end

--- What names the tracker among all others, a UUID in lower case: a random one, unless `new` was
--- given one. Of merged runs it is the sum of theirs, modulo 2^128. O(1).
---@return string
---@nodiscard
function Run:instance_id() end

--- When the counting of the lifetime began: when the tracker was made, or the latest reading of its
--- clock when it was last cleared, which doesn't read it. Of merged runs the earliest. O(1).
---@return number seconds Unix seconds
---@nodiscard
function Run:cleared() end

--- How much was done since the last `clear`, of a tool or of all. O(1).
---@param tool? string
---@return integer executions of every status
---@return number duration_ms milliseconds that those took that were measured
---@return integer failures those of them that failed or timed out
---@nodiscard
function Run:totals(tool) end

--- How often a tool failed or timed out since its last success; cancelled executions neither count
--- nor end the streak. O(1).
---@param tool string
---@return integer failures in a row
---@return integer rounds the first of them, those that began after the previous one ended, and all
--- that are undated; concurrent failures are one round
---@return number? last_failure Unix seconds at which the tool's latest failure ended; nil for none
--- since the last `clear` whose time is known
---@nodiscard
function Run:failure_streak(tool) end

--- The share of a tool's retained executions that failed or timed out, without those that were
--- cancelled. O(1).
---@param tool string
---@return number? rate 0 to 1; nil without executions
---@return integer count how many executions that is of
---@nodiscard
function Run:error_rate(tool) end

--- How many executions of a tool with the same arguments are among the newest records of the
--- session, plus those in flight, as far as they are listed. Records are looked for among the
--- newest 2,000 records, or `records` if that is more. O(that, and what is listed).
---@param tool string
---@param args_hash integer the fingerprint of the arguments, 0 to 2^32 - 1; 0 for none
---@param records integer how many records of the session to look at, from 0
---@param session? string as in exectrack.Record; nil for what belongs to none
---@return integer
---@nodiscard
function Run:repeats(tool, args_hash, records, session) end

--- How many executions started after a time, of those that are retained or in flight, undated ones
--- left out. O(what ended after it, and what is in flight); with `n` and as many, at most 10 times
--- that.
---@param time number Unix seconds; those that started at this time don't count
---@param tool? string all tools
---@param n? integer from 1
---@return integer count
---@return number? nth with `n`, the Unix seconds at which the nth newest of them started; nil if
--- they are fewer
---@nodiscard
function Run:starts_after(time, tool, n) end

--- How many executions of a tool, or of all, are in flight. O(1); with `since`, O(what is listed).
---@param tool? string
---@param since? number Unix seconds: only those that started then or later, and those that
--- `max_in_flight` left no room for in the list, of which that isn't known
---@return integer
---@nodiscard
function Run:in_flight_count(tool, since) end

--- A quantile of a tool's recent durations, by nearest rank: of its newest 200 executions among the
--- newest 2,000 records, without those that were cancelled, that a cache answered or that weren't
--- measured; one that timed out counts with the time that it took. O(1): it looks at 2,000 records
--- at most.
---@param tool string
---@param quantile number from 0 to 1
---@return number? duration_ms milliseconds; nil if none was measured
---@return integer count how many executions that is of
---@nodiscard
function Run:recent_quantile(tool, quantile) end

--- The most records that are retained. O(1).
---@return integer
---@nodiscard
function Run:max_history() end

--- Calls that a policy denied since the last `clear`, in the order in which each tool and reason
--- first was. O(denials).
---@return exectrack.Denial[] denials up to 256
---@return integer overflowed how many more were denied, when 256 pairs of tool and reason left no
--- room
---@nodiscard
function Run:denials() end

--- The newest calls that a policy denied since the last `clear`: the one denied last first; in
--- merged runs the one of the latest time. O(calls).
---@return exectrack.DeniedCall[] denied up to 256
---@nodiscard
function Run:denied() end

--- Records what an agent's tools did, and answers questions about it. `#tracker` is the number of
--- records retained. `local tracker <close>` frees its memory when it goes out of scope, which
--- otherwise the garbage collector does; using it afterwards raises.
---@class exectrack.Tracker: exectrack.Run, exectrack.Recording
---@operator len: integer
local Tracker = {}

--- What records for the session called `name`; there may be any number. O(length of the name).
---@param name string any bytes; `#` and eight lower-case hexadecimal digits are the fingerprint of
--- a session
---@return exectrack.Session
---@nodiscard
function Tracker:session(name) end

--- Takes a snapshot of the run as it is now: its clock is read, and the used part of its memory is
--- copied. Nothing that happens to the tracker later shows in it. O(records + up to
--- 4.3 KB a tool).
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
---@param status? exectrack.Status how it ended; default `success`
---@param was_cached? boolean whether a cache answered; default false
---@param error_type? string a short stable class such as `ENOENT`; default none
---@param measures? table<string, number> as for `record`
---@return number duration_ms milliseconds
function Span:finish(status, was_cached, error_type, measures) end

return exectrack
