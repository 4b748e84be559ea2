---@meta _

--- A run that no longer changes, and the table that analyses are written over. `#snapshot` is the
--- number of its records; `snapshot[i]` is record `i`, in the order of recording, or nil;
--- `ipairs(snapshot)` goes through all. Two are equal if all that they hold is.
--- `tostring(snapshot)` looks like `exectrack.Snapshot (12 tools, 1000 records)`. Its memory is one
--- userdata, which the garbage collector frees.
---@class exectrack.Snapshot: exectrack.Run
---@field [integer] exectrack.Record
---@operator len: integer
local Snapshot = {}

--- When the tracker was made; of merged runs, the first. O(1).
---@return number seconds Unix seconds
---@nodiscard
function Snapshot:created() end

--- When the snapshot was taken; of a recorder whose writer is live, when it was loaded; of one whose
--- writer died, the last time known; of merged runs, the latest. O(1).
---@return number seconds Unix seconds
---@nodiscard
function Snapshot:taken() end

--- Whether filters left out records that were retained: of this snapshot, of one that it was
--- filtered from, or of one that was merged into it. O(1).
---@return boolean
---@nodiscard
function Snapshot:is_filtered() end

--- Until when executions were lost, as newer ones took their places: all that ended later are
--- retained, but for those that filters left out. Of merged runs, the latest; if executions weren't
--- recorded in the order of their ends, the end of the last one. O(tools).
---@return number? seconds Unix seconds; nil if none was lost
---@nodiscard
function Snapshot:lost_until() end

--- Whether a record has a `place` in an imported log. O(1).
---@return boolean
---@nodiscard
function Snapshot:has_places() end

--- The process that wrote a recorder.
---@class exectrack.Writer
---@field state "live"|"closed"|"died" when the recorder was loaded: `live`, it had the file open;
--- `closed`, it had closed it; `died`, it had ended without closing it. If the run wasn't loaded by its
--- path, it isn't known whether the process lives: then `died` only means that it hadn't closed it
---@field pid integer
---@field host string the name of its machine
---@field started number when it opened the recorder, Unix seconds

--- What is known of the process that opened the recorder last, if this snapshot was loaded from a
--- recorder, or is a part of such a snapshot. A saved run, one that was merged, and a snapshot that a
--- tracker takes have no writer. O(1).
---@return exectrack.Writer?
---@nodiscard
function Snapshot:writer() end

--- Goes through all records, in the order of recording: `for i, record in snapshot:iter() do`. The
--- same as `ipairs(snapshot)`, which LuaJIT and Lua before 5.3 refuse. O(1) a record.
---@return fun(snapshot: exectrack.Snapshot, i: integer): integer?, exectrack.Record?
---@return exectrack.Snapshot
---@return integer
---@nodiscard
function Snapshot:iter() end

--- All records, in the order of recording. O(records).
---@return exectrack.Record[]
---@nodiscard
function Snapshot:records() end

--- One field of all records, in the order of recording; `false` for no error type, result, session,
--- measures, place, duration or time. `self_duration_ms` is what a call took without those that were made
--- within it, which takes O(n log n); with the snapshot that this one was filtered from as `whole`, also
--- without those that were left out. `measures.` and the name of a measure is its value.
--- O(records).
---@param field "tool"|"status"|"error_type"|"session"|"place"
---@return (string|false)[]
---@overload fun(self: exectrack.Snapshot, field: "tool_id"|"args_hash"|"depth"): integer[]
---@overload fun(self: exectrack.Snapshot, field: "result_hash"): (integer|false)[]
---@overload fun(self: exectrack.Snapshot, field: "duration_ms"|"timestamp"): (number|false)[]
---@overload fun(self: exectrack.Snapshot, field: "self_duration_ms", whole?: exectrack.Snapshot): (number|false)[]
---@overload fun(self: exectrack.Snapshot, field: "timing"): exectrack.Timing[]
---@overload fun(self: exectrack.Snapshot, field: "was_cached"): boolean[]
---@overload fun(self: exectrack.Snapshot, field: "measures"): (table<string, number>|false)[]
---@overload fun(self: exectrack.Snapshot, field: string): (number|false)[]
---@nodiscard
function Snapshot:column(field) end

--- Which record is the call that each record was made within: the one of the same session, one
--- level up, whose time holds that of the record. O(n log n) for n records.
---@return integer[] # for each record, in the order of recording, the place of its parent in that
--- order, from 1; 0 for a record of depth 0, and where none fits or several do
---@nodiscard
function Snapshot:parents() end

--- A snapshot with fewer records. All else, lifetime and histograms too, stays that of the run, and
--- `window` in `stats` counts the records left. O(records + up to 4.3 KB a tool); with a `last`
--- that leaves out some of records that aren't in the order of their ends, O(records * log last).
---@param conditions exectrack.Filter
---@return exectrack.Snapshot
---@nodiscard
function Snapshot:filter(conditions) end

--- How far a run was read: what `Snapshot:since` returns, and takes the next time. Plain data, to be
--- kept in any form.
---@class exectrack.Position
---@field instance_id string that of the run
---@field recorded integer how many executions were recorded in it, from 0

--- What was recorded since an earlier look at the same tracker: of the snapshots that it took, of the
--- file that it writes. All is new without a position, with that of another tracker, or with one that
--- is further than this snapshot, as after a restart with a new file or from an older copy.
---
--- All that isn't records is as in `Snapshot:filter`: filter what this returns, not what it is called
--- on. O(records + up to 4.3 KB a tool).
---@param position? exectrack.Position
---@return exectrack.Snapshot new with the records that were recorded later, in the order of recording
---@return exectrack.Position position that of this snapshot
---@return integer lost how many executions were recorded later, too, but aren't retained: newer ones
--- took their places, or they were cleared
---@nodiscard
function Snapshot:since(position) end

--- The same snapshot without the texts of arguments and errors, such as to pass it on. Names of
--- sessions stay. O(size).
---@return exectrack.Snapshot
---@nodiscard
function Snapshot:without_texts() end

--- Groups the records by keys, each given once and in any combination, and computes over each
--- group. Rows are in the order of their keys, the first key first, tools by their ids. There is no
--- row for a value that no record has. A last argument may be options, unless the interval has
--- them. O(records).
---@param ... exectrack.Key|exectrack.GroupOptions
---@return exectrack.Row[]
---@nodiscard
function Snapshot:group_by(...) end

--- The row of `group_by` for all records together. O(records).
---@param options? exectrack.GroupOptions
---@return exectrack.Row
---@nodiscard
function Snapshot:summary(options) end

--- A quantile of the measured durations of all records, exact: of n sorted durations, element
--- q * n, rounded up, where q is the decimal that it was written as: 0.07 of 100 is the 7th.
--- O(records).
---@param q number from 0 to 1
---@return number? duration_ms milliseconds; nil if none was measured
---@nodiscard
function Snapshot:quantile(q) end

--- Saves the run in a file, from which `exectrack.load` makes the same snapshot again. A file that
--- is there is replaced at once: a new file is written beside it, flushed to the disk and renamed.
--- The new file keeps the permissions of the old one, on Linux with its POSIX access control list,
--- and, where that is permitted, its owner and group. The file of a recorder isn't replaced while a
--- process has it open. O(size).
---@param path string
---@return true? saved nil if it failed; then what was at `path` is unchanged
---@return string? message names the path
---@return string? code such as `ENOSPC`
function Snapshot:save(path) end

--- What a policy would have decided about the executions of this run. They are replayed, start and
--- end, in the order of time, into a new tracker with the run's limits, and the policy, which can't
--- yield, is asked before each start, with the time of the start as `now`. At equal times ends come
--- first, and both in the order of the records, but a call starts before those within it. The same
--- run and policy give the same result. What the policy raises is raised. Undated executions come
--- first, each ending before the next starts; a policy that reads `now` when it is asked about one
--- can't be replayed. O(n * log n) and n times the policy.
---@param policy exectrack.Policy
---@param options? exectrack.ReplayOptions
---@return exectrack.DecisionEntry[]? decisions in the order of time, one for each execution to
--- which the policy objected; nil if it needs a time that there isn't
---@return string? message names an execution whose time the policy needs
---@return string? code `undated`
---@nodiscard
function Snapshot:decisions(policy, options) end

--- A format of other programs: Prometheus's text format 0.0.4, OpenMetrics 1.0, and requests of
--- OpenTelemetry's protocol, in JSON one a line, and one in Protocol Buffers; trace events for
--- Perfetto, speedscope and Chrome; folded stacks for flame graphs; and Parquet.
---@alias exectrack.ExportFormat
---| "prometheus"
---| "openmetrics"
---| "otlp-json"
---| "otlp"
---| "chrome"
---| "folded"
---| "parquet"

--- How to export a run. An option that means nothing to the format is an error.
---@class exectrack.ExportOptions
---@field buckets? number[] of `prometheus` and `openmetrics`: the upper limits of the buckets of
--- durations, in seconds, ascending; default the powers of 2 from 2^-10 to 2^9. Counts are exact at
--- powers of 2^(1/8); at another limit they are those of the nearest such power, at most 4.5 % away
---@field max_buckets? integer of `otlp-json` and `otlp`: the most buckets of a histogram, 2 to 512;
--- default 160
---@field signal? "metrics"|"traces" what `otlp` has, which needs it, and what `otlp-json` has; default
--- both
---@field texts? boolean of `otlp-json`, `otlp`, `chrome` and `parquet`: whether they have the texts of
--- arguments and errors; default false
---@field resource? table<string, string> of `otlp-json` and `otlp`: attributes that tell where the run
--- comes from, such as `host.name`; `service.name` is `exectrack` by default, and
--- `service.instance.id` always the instance id
---@field on_note? fun(note: string) is called with each sentence about what was left out

--- The run as bytes for another program. Metrics are of its lifetime, whatever records a filter left
--- out; all else is of its records. The same run gives the same bytes. O(size).
---@param format exectrack.ExportFormat
---@param options? exectrack.ExportOptions
---@return string bytes
---@nodiscard
function Snapshot:export(format, options) end

--- What `Snapshot:save` would write: for a queue, a socket, a column of a database. O(size).
---@return string
---@nodiscard
function Snapshot:bytes() end

--- The whole run as plain tables, which any serializer takes. `exectrack.from_table` makes an equal
--- snapshot of it, also after a trip through JSON. O(size).
---@return exectrack.RunTable
---@nodiscard
function Snapshot:to_table() end
