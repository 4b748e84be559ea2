--- Holds a run against limits.
-- Used only by the command.
local format = require("exectrack.report.format")
local limits = require("exectrack.gate.limits")
local next_step = require("exectrack.report.parts.next_step")
local numbers = require("exectrack.numbers")
local words = require("exectrack.report.parts.words")

local M = {}

local function quantile(percent)
  return function(figures, tool)
    return figures:quantile(tool, percent)
  end
end

--- The kinds of limits, in the order in which they are checked: the option, the kind of number that
-- it is, what it limits, the figure, and the report that shows more: by default the overview, which
-- counts the same calls. A figure with `is_least` is a count or a maximum: what is known of it can
-- only be less than what is so.
M.LIMITS = {
  { name = "max-error-rate", kind = "share", noun = "error rate", report = "failures",
    figure = function(figures, tool) return figures:error_rate(tool) end },
  { name = "max-failures", kind = "count", noun = "failures", report = "failures",
    is_least = true, figure = function(figures, tool) return figures:failures(tool) end },
  { name = "max-p50", kind = "ms", noun = "p50", figure = quantile(50) },
  { name = "max-p95", kind = "ms", noun = "p95", figure = quantile(95) },
  { name = "max-p99", kind = "ms", noun = "p99", figure = quantile(99) },
  { name = "max-duration", kind = "ms", noun = "longest duration", is_least = true,
    figure = function(figures, tool) return figures:duration(tool) end },
  { name = "max-calls", kind = "count", noun = "calls", is_least = true, is_number_of_calls = true,
    figure = function(figures, tool) return figures:calls(tool) end },
}

local function subject(tool)
  return tool and format.name(tool) or "all tools"
end

--- Two numbers as text for people: with more digits if they would read alike.
local function told_apart(kind, value, limit)
  local a, b = limits.shown(kind, value), limits.shown(kind, limit)
  if a ~= b then
    return a, b
  elseif kind == "share" then
    return numbers.significant(100 * value, 6) .. " %", b
  end
  return numbers.significant(value, 9) .. (kind == "ms" and " ms" or ""), b
end

--- Whether a value is above a limit, not only by an error of rounding.
local function is_above(value, limit)
  return value > limit * (1 + 1e-12)
end

--- Why a figure isn't known well enough; nil if it is.
local function unknown(limit, figure, min_calls)
  if figure.unknown then
    return figure.unknown
  elseif not limit.is_number_of_calls and figure.count < min_calls then
    return ("only %s, fewer than %s"):format(words.counted(figure.count, "call"),
      limits.shown("count", min_calls))
  end
end

--- What is wrong with a figure, in words; nil if nothing is.
local function violated(limit, figure, least)
  local value, text = told_apart(limit.kind, figure.value, least)
  local of = limit.is_number_of_calls and "" or " of " .. words.counted(figure.count, "call")
  return ("%s%s%s, at most %s allowed"):format(figure.is_estimate and "about " or "", value, of,
    text)
end

--- Checks one limit, `{ tool =, value = }` of an entry of `LIMITS`. Returns nil if it is kept; else
-- a violation.
local function check(figures, limit, given, settings)
  local figure = limit.figure(figures, given.tool)
  local why = unknown(limit, figure, settings.min_calls)
  local is_violated = figure.value and (limit.is_least or not why)
    and is_above(figure.value, given.value)
  if not (is_violated or why) then
    return nil
  end
  local text = is_violated and violated(limit, figure, given.value) or "unknown, " .. why
  return { check = limit.name, tool = given.tool, measured = is_violated and figure.value or nil,
    limit = given.value, calls = figure.count, is_unknown = not is_violated,
    message = ("%s of %s: %s"):format(limit.noun, subject(given.tool), text),
    command = next_step.report(settings.run_words, limit.report,
      figure.count > 0 and figures:part(given.tool) or nil) }
end

local function check_loops(figures, settings)
  local figure, first = figures:loops()
  if figure.value == 0 and not figure.unknown then
    return nil
  end
  local text = "unknown, " .. (figure.unknown or "")
  if figure.value > 0 then
    text = ("%s went on with one, the first of %s"):format(words.counted(figure.value, "call"),
      format.name(first.tool))
  end
  return { check = "no-loops", tool = first and first.tool, calls = figure.count,
    measured = figure.value > 0 and figure.value or nil, limit = 0,
    is_unknown = figure.value == 0, message = "loops: " .. text,
    command = next_step.report(settings.run_words, "loops",
      first and figures:part(first.tool, first.session)) }
end

--- What is wrong with calls in flight: a violation if some are whose process has ended, or with
-- `no_in_flight` in `settings` if any are; else nil. `settings` has `run_words`, too.
function M.in_flight(in_flight, settings)
  local tools, seen, count, closed = {}, {}, 0, 0
  for _, call in ipairs(in_flight) do
    if call.has_ended or settings.no_in_flight then
      count, closed = count + 1, closed + (call.has_died and 0 or 1)
      tools[#tools + 1] = not seen[call.tool] and format.name(call.tool) or nil
      seen[call.tool] = true
    end
  end
  if count == 0 then
    return nil
  end
  return { check = "in-flight", measured = count, limit = 0, calls = count,
    message = ("in flight%s: %s, of %s"):format(
      settings.no_in_flight and "" or closed > 0 and " when the run ended"
      or " when its process died", words.counted(count, "call"), words.listed(tools, 5)),
    command = next_step.report(settings.run_words) }
end

--- Holds figures against limits. `settings` has
--
-- - `given`, by the name of an entry of `LIMITS`, an array of limits
-- - `min_calls`; `no_loops`, `no_in_flight` and `allow_in_flight`, each perhaps true
-- - `run_words`, which name the run in commands
--
-- Returns the violations, an array of tables with `check`, `message`, `command`, `limit`, `calls`
-- and perhaps `tool`, `measured` and `is_unknown`; and how many checks there were.
function M.run(figures, settings)
  local violations, count = {}, 0
  local function add(violation)
    violations[#violations + 1], count = violation, count + 1
  end
  for _, limit in ipairs(M.LIMITS) do
    for _, given in ipairs(settings.given[limit.name] or {}) do
      add(check(figures, limit, given, settings))
    end
  end
  if settings.no_loops then
    add(check_loops(figures, settings))
  end
  if not settings.allow_in_flight then
    add(M.in_flight(figures.in_flight, settings))
  end
  return violations, count
end

return M
