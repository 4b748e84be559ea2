---@meta _

--- The methods of a tracker and of a snapshot that read a run.
---@class exectrack.Run
local Run = {}

--- The statistics of all tools together, or of one; nil for a tool that was never recorded, started
--- or denied. O(1).
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
--- last, and of those that ended together the one recorded last. O(n); after executions were
--- recorded that hadn't ended in this order, O(records * log n), with 8 bytes for each of n.
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

--- What is in flight, in the order of the starts, up to `max_in_flight`: `Run:in_flight_count`
--- counts all. Of a snapshot, what was when it was taken. O(what is listed).
---@return exectrack.Running[]
---@nodiscard
function Run:in_flight() end

--- What the arguments with a fingerprint were, as `exectrack.describe` writes them, up to 120
--- bytes. O(1); of a snapshot O(log texts).
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
---@param tool? string default all tools
---@return integer executions of every status
---@return number duration_ms milliseconds that those took that were measured
---@return integer failures those of them that failed or timed out
---@nodiscard
function Run:totals(tool) end

--- The sum of a measure since the last `clear`, of a tool or of all. O(1) for a tool, O(tools) for
--- all.
---@param measure string its name
---@param tool? string default all tools
---@return number? sum in its unit; 0 if no execution has a value; nil if the run has no such measure
---@return integer executions those that have a value
---@nodiscard
function Run:measure_total(measure, tool) end

--- How often a tool failed or timed out in a row, in the order of recording. Executions that were
--- cancelled or that a cache answered neither count nor end the streak: they say nothing about the
--- tool. A success ends it, unless it started before the latest failure ended. O(1).
---@param tool string
---@return integer failures in a row
---@return integer rounds the first of them, those that began after the previous one ended, and all
--- that are undated; concurrent failures are one round
---@return number? last_failure Unix seconds at which the tool's latest failure ended that no cache
--- answered; nil for none since the last `clear` whose time is known
---@nodiscard
function Run:failure_streak(tool) end

--- The share of a tool's retained executions that failed or timed out, without those that were
--- cancelled. O(1).
---@param tool string
---@return number? rate 0 to 1; nil without executions
---@return integer count how many executions were counted
---@nodiscard
function Run:error_rate(tool) end

--- The circuit of a tool with these settings: nil if it is closed. It follows from the tool's newest
--- 200 executions among the newest 2,000 records, in the order of recording, from a closed circuit
--- on. Those that were cancelled or that a cache answered are left out. O(2,000 records, and what is
--- in flight and listed).
---
--- A failure opens it that is the `failures`th in a row, or with which, of at least `min_calls` calls
--- since it was closed last, the share `failure_rate` has failed. A success closes it and ends the
--- failures in a row; but if it started before the latest failure ended, an open circuit stays as it is.
--- Undated failures count as long past, and a round each; undated successes, as started after
--- all failures.
---@param tool string
---@param settings exectrack.CircuitSettings
---@return exectrack.Circuit? circuit a new table
---@nodiscard
function Run:circuit(tool, settings) end

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

--- Whether a call is one of a loop in its session: what the newest records of the session say, as far as
--- they are among the newest 2,000 records, or `records` or `searched` if that is more; what is in flight
--- and listed; and the denied calls that are kept.
---
--- Executions are the same call if tool and arguments are. They end alike if their results have the same
--- fingerprint or, of those that failed or timed out, their error types are the same. A result without a
--- fingerprint may be any, as that of what is in flight. Cached executions count like others, cancelled
--- ones are left out. O(what is looked at).
---@param tool string
---@param args_hash integer the fingerprint of the arguments, 0 to 2^32 - 1; with 0, for none, there is no loop
---@param records integer how many records of the session to look at, from 0
---@param session? string as in exectrack.Record; nil for what belongs to none
---@param ignore_results? boolean whether the same calls count whatever became of them, cancelled ones too;
--- default false
---@param searched? integer among how many of the newest records of all to look for those of the session
---@return integer repeats earlier calls that are the same and ended like the latest whose result is known,
--- from the newest back to the first that didn't
---@return integer denied how often the call was denied for the reason `repeated_call` after the newest of
--- the same calls ended; 0 if there is none
---@return integer rounds how often a cycle was gone through that the call begins again, at least twice; 0
--- for none
---@return integer length how many calls that cycle has, of which two differ: 2 to 6; 0 for none
---@return integer failures how many executions in a row, cached and cancelled ones left out, were of the
--- tool and failed or timed out with the same error type and arguments that all differ, also from those of
--- the call; up to 64
---@nodiscard
function Run:loop(tool, args_hash, records, session, ignore_results, searched) end

--- The newest records of a session, the one recorded last first, as far as they are among the newest 2,000
--- records, or `n` if that is more. O(that).
---@param n integer how many, from 0
---@param session? string as in exectrack.Record; nil for what belongs to none
---@return exectrack.Record[]
---@nodiscard
function Run:session_executions(n, session) end

--- How many executions started after a time, of those that are retained or in flight, without
--- undated ones. O(what ended after it, and what is in flight); with `n` and as many, at most 10
--- times that.
---@param time number Unix seconds; those that started at this time don't count
---@param tool? string default all tools
---@param n? integer says also when the nth newest of them started; from 1
---@return integer count
---@return number? nth the Unix seconds at which the nth newest started; nil without `n`, and if
--- they are fewer
---@nodiscard
function Run:starts_after(time, tool, n) end

--- How many executions of a tool, or of all, are in flight. O(1); with `since`, O(what is listed).
---@param tool? string default all tools
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
---@return integer count how many executions were counted
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
