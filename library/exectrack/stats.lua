---@meta _

--- A measure that executions of a run may have.
---@class exectrack.Measure
---@field name string
---@field unit string empty for none
---@field scale number the smallest difference that is kept

--- How many executions there were, and how long they took together.
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

--- The values of a measure over the lifetime, in its unit.
---@class exectrack.MeasureStats
---@field sum number a float
---@field count integer executions that have a value
---@field max? number a float; nil without any

--- The values of a measure over the retained records, in its unit.
---@class exectrack.MeasureWindow
---@field sum number a float

--- How many of the retained records there are, and how long they took together.
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

--- The statistics of one tool, since the last `clear`. Those that may be nil are nil for a tool of
--- which none was measured. A quantile is an estimate that errs by at most 1.1 % while the tool's
--- durations span less than a factor of 64,000, by 2.2 % up to 4 * 10^9, and by 4.4 % beyond.
---@class exectrack.ToolStats: exectrack.Counts
---@field avg_duration_ms? number milliseconds, a float
---@field min_duration_ms? number milliseconds
---@field max_duration_ms? number milliseconds
---@field p50_duration_ms? number milliseconds, a float
---@field p90_duration_ms? number milliseconds, a float
---@field p95_duration_ms? number milliseconds, a float
---@field p99_duration_ms? number milliseconds, a float
---@field last_timestamp? number Unix seconds of the latest end; nil if none has one
---@field failure_streak integer failures and time-outs in a row, as `Run:failure_streak` counts them
---@field in_flight integer executions started and not finished, listed or not
---@field measures? table<string, exectrack.MeasureStats> by name; nil without measures
---@field window exectrack.Window over the records that are retained

--- OpenTelemetry's exponential histogram. Bucket `i` counts the durations of more than
--- base^(offset + i - 1) and up to base^(offset + i) seconds, where base = 2^(2^-scale).
---@class exectrack.Histogram
---@field scale integer 3 to 6, the finest
---@field zero_count integer durations of 0; this and the other counts stop at 2^32 - 1
---@field offset integer 0 without buckets
---@field bucket_counts integer[] up to 512, the first and the last not 0
