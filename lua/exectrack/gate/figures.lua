--- What is known of a run that is held against limits. Each figure is a table:
--
-- - `value`, and `count`, of how many calls it is
-- - `unknown`, why it can't be told, in words; then a `value` is what it is at least
-- - `is_estimate`, whether it is the upper limit of a bucket of a histogram
--
-- Used only by the command.
local loops = require("exectrack.gate.loops")
local words = require("exectrack.report.parts.words")

local Figures = {}
Figures.__index = Figures

--- The figures of `run`. `known` has:
--
-- - `is_chosen`, whether its records were chosen, so that the lifetime says nothing about them
-- - `incomplete`, why not all records are there that it is about; nil if they are
-- - `in_flight`, an array of calls in flight, as `gate_runs.in_flight` returns them
-- - `parts`, if loops are asked for: an array of the runs that it is merged of, as `gate.loops`
--   takes them
local function new(run, known)
  return setmetatable({ run = run, is_chosen = known.is_chosen, incomplete = known.incomplete,
    in_flight = known.in_flight, parts = known.parts, totals = run:stats() }, Figures)
end

--- The row of a tool, or of all.
local function row_of(self, tool)
  if not tool then
    return self.run:summary { quantiles = {} }
  elseif not self.rows then
    self.rows = {}
    for _, row in ipairs(self.run:group_by("tool", { quantiles = {} })) do
      self.rows[row.tool] = row
    end
  end
  return self.rows[tool]
end

--- The counts of a tool, or of all: those of the lifetime, unless the records were chosen. Nil if
-- there is none.
local function counts_of(self, tool)
  if self.is_chosen then
    local row = row_of(self, tool)
    return row and row.count > 0 and row or nil
  end
  local stats = tool and self.run:stats(tool) or not tool and self.totals
  if not stats or stats.total_executions == 0 then
    return nil
  end
  return { count = stats.total_executions, failed = stats.failed, timed_out = stats.timed_out,
    cancelled = stats.cancelled, untimed = stats.untimed, elapsed = stats.elapsed }
end

--- Why counts of a tool, or of all, can't be told; nil if they can.
local function unknown_counts(self, tool)
  if self.is_chosen and self.incomplete then
    return self.incomplete
  elseif tool and tool ~= "(other)" and self.totals.overflowed > 0 then
    return ("%s of tools beyond max_tools were recorded as (other)"):format(
      words.counted(self.totals.overflowed, "call"))
  end
end

--- A figure of the counts of a tool, or of all; `compute` returns its value, and of how many calls.
local function counted(self, tool, compute)
  local counts = counts_of(self, tool)
  if not counts then
    return { count = 0, unknown = unknown_counts(self, tool)
      or (tool and "no such call " or "no call ")
        .. (self.is_chosen and "was chosen" or "is in the run") }
  end
  local value, count = compute(counts)
  return { value = value, count = count, unknown = unknown_counts(self, tool) }
end

--- The share of the calls that failed or timed out, of those that weren't cancelled.
function Figures:error_rate(tool)
  local figure = counted(self, tool, function(counts)
    local count = counts.count - counts.cancelled
    return count > 0 and (counts.failed + counts.timed_out) / count or nil, count
  end)
  if figure.unknown then
    figure.value = nil -- a share of what is known is no least share of all
  elseif not figure.value then
    figure.unknown = "all calls were cancelled"
  end
  return figure
end

--- How many calls failed or timed out.
function Figures:failures(tool)
  return counted(self, tool, function(counts)
    return counts.failed + counts.timed_out, counts.count
  end)
end

--- How many calls of a tool, or of all, are in flight; of how many it isn't known how long that
-- took, or has taken; and the longest that is known, nil if none is in flight.
local function flying(self, tool)
  local count, unmeasured, longest_ms = 0, 0, nil
  for _, call in ipairs(self.in_flight) do
    if (not tool or call.tool == tool) and not call.is_no_call then
      count, longest_ms = count + 1, math.max(longest_ms or 0, call.elapsed_ms or 0)
      unmeasured = unmeasured + ((call.has_ended or not call.elapsed_ms) and 1 or 0)
    end
  end
  return count, unmeasured, longest_ms
end

--- How many calls there were, those in flight counted.
function Figures:calls(tool)
  local counts = counts_of(self, tool)
  local value = (counts and counts.count or 0) + flying(self, tool)
  return { value = value, count = value, unknown = unknown_counts(self, tool) }
end

--- Why durations can't be told; nil if they can. `counts` are of calls that ended, nil if none did;
-- `more` are others, of which so many are `unmeasured`.
local function unknown_durations(counts, more, unmeasured)
  unmeasured = unmeasured + (counts and counts.untimed + counts.elapsed or 0)
  return unmeasured > 0 and words.of_calls(unmeasured, more + (counts and counts.count or 0),
    "wasn't measured", "weren't measured") or nil
end

--- The longest duration of the records, or of the lifetime; nil if there is none.
local function longest_of(self, tool)
  if self.is_chosen then
    local row = row_of(self, tool)
    return row and row.max_duration_ms
  elseif tool then
    return (self.run:stats(tool) or {}).max_duration_ms
  end
  local longest
  for _, name in ipairs(self.run:tools()) do
    local its = longest_of(self, name)
    longest = its and math.max(longest or 0, its) or longest
  end
  return longest
end

--- The longest that a call took, or has taken that is in flight.
function Figures:duration(tool)
  local figure = counted(self, tool, function(counts)
    return longest_of(self, tool), counts.count
  end)
  local counts, count, unmeasured, longest_ms = counts_of(self, tool), flying(self, tool)
  if count > 0 then
    figure.value, figure.count = math.max(figure.value or 0, longest_ms), figure.count + count
    figure.unknown = unknown_counts(self, tool)
  end
  figure.unknown = figure.unknown or unknown_durations(counts, count, unmeasured)
  return figure
end

--- Appends the buckets of a tool's histogram of the lifetime, each `{ upper limit in ms, count }`.
local function add_buckets(run, tool, buckets)
  local histogram, longest = run:histogram(tool), run:stats(tool).max_duration_ms
  if histogram.zero_count > 0 then
    buckets[#buckets + 1] = { 0, histogram.zero_count }
  end
  for i, count in ipairs(histogram.bucket_counts) do
    local upper = 1000 * 2 ^ ((histogram.offset + i) / 2 ^ histogram.scale)
    buckets[#buckets + 1] = { math.min(upper, longest), count }
  end
end

--- A quantile of the lifetime is at most this.
local function lifetime_quantile(run, tool, percent)
  local buckets, total = {}, 0
  for _, name in ipairs(tool and { tool } or run:tools()) do
    add_buckets(run, name, buckets)
  end
  table.sort(buckets, function(a, b) return a[1] < b[1] end)
  for _, bucket in ipairs(buckets) do
    total = total + bucket[2]
  end
  local rank, place = math.ceil(percent * total / 100), 0
  while rank > 0 do
    place = place + 1
    rank = rank - buckets[place][2]
  end
  return buckets[place] and buckets[place][1]
end

--- The duration that `percent` of the calls don't exceed.
function Figures:quantile(tool, percent)
  local figure = counted(self, tool, function(counts) return nil, counts.count end)
  local counts, _, unmeasured = counts_of(self, tool), flying(self, tool)
  figure.unknown = figure.unknown or unknown_durations(counts, unmeasured, unmeasured)
  if figure.unknown then
    return figure
  elseif not self.incomplete then
    local run = tool and self.run:filter { tool = tool } or self.run
    figure.value = run:quantile(percent / 100)
  else
    figure.value, figure.is_estimate = lifetime_quantile(self.run, tool, percent), true
  end
  return figure
end

--- The records of a tool, perhaps of a session, for a command that reports on them, as `next_step`
-- takes it; nil without a tool.
function Figures:part(tool, session)
  return tool and { tool = tool, session = session,
    count = #self.run:filter { tool = tool, session = session } } or nil
end

--- How many calls went on with a loop, and the first of them, as `gate.loops` says.
function Figures:loops()
  local count, first, unknown = loops(self.run, self.parts)
  return { value = count, count = #self.run, unknown = self.incomplete or unknown }, first
end

return new
