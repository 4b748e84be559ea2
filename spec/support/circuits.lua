--- A plain model of the circuit of a tool. An execution has `tool`, `status`, `was_cached`,
-- `error_type`, `start_us` and `end_us`; of an undated one these are math.huge and 0.
local runs = require("spec.support.runs")
local portable = require("spec.support.portable")

local M = {}

--- A record table as such an execution.
function M.execution(record)
  local end_us = runs.end_us(record)
  return { tool = record.tool, status = record.status, was_cached = record.was_cached,
    error_type = record.error_type, end_us = end_us,
    start_us = record.timestamp and end_us - runs.duration_us(record) or math.huge }
end

--- The last `count` of `list`.
local function newest(list, count)
  return { portable.unpack(list, math.max(1, #list - count + 1)) }
end

--- Lower case, with one space around each word.
local function words(text)
  return " " .. text:lower():gsub("[^%w_\128-\255]+", " ") .. " "
end

--- The same, without the numbers that follow a word and `_`.
local function unnumbered_words(text)
  return (words(text):gsub("_%d+ ", " "))
end

local function has_words(text, wanted)
  return words(text):find(wanted, 1, true) or unnumbered_words(text):find(wanted, 1, true)
end

--- Whether the error type is one of `list`, or has the words of one.
local function is_of(list, error_type)
  for _, other in ipairs(list) do
    if other == error_type or other ~= "" and has_words(error_type, words(other)) then
      return true
    end
  end
  return false
end

local function is_ignored(execution, options)
  local ignore, only, error_type = options.ignore, options.only, execution.error_type or ""
  if only and execution.status ~= "timed_out" and not is_of(only, error_type) then
    return true
  elseif type(ignore) == "function" then
    return ignore(execution)
  end
  return is_of(ignore or {}, error_type)
end

--- What the walk looks at: the newest executions of `tool`, oldest first, without ignored failures.
local function looked_at(executions, tool, options)
  local ran = runs.select(newest(executions, 2000), function(its)
    return its.tool == tool and not its.was_cached and its.status ~= "cancelled"
  end)
  return runs.select(newest(ran, 200), function(its)
    return its.status == "success" or not is_ignored(its, options)
  end)
end

--- Notes in each execution when the latest failure before it ended, and returns when the last did.
local function note_last_failures(list)
  local last_us = 0
  for _, its in ipairs(list) do
    its.last_us = last_us
    last_us = math.max(last_us, its.status ~= "success" and its.end_us or 0)
  end
  return last_us
end

local function failures_between(list, from, i)
  local count = 0
  for j = from, i do
    count = count + (list[j].status ~= "success" and 1 or 0)
  end
  return count
end

--- The walk: nil, or what opened the circuit; and the places from which on its calls and the
-- failures in a row are counted.
local function walk(list, options)
  local from, row, cause = 1, 1, nil
  for i, its in ipairs(list) do
    if its.status ~= "success" then
      local failures, calls = failures_between(list, from, i), i - from + 1
      if failures_between(list, row, i) >= options.failures then
        cause = "streak"
      elseif options.failure_rate and calls >= options.min_calls
        and failures / calls >= options.failure_rate then
        cause = cause or "rate"
      end
    elseif its.start_us >= its.last_us then
      from, row, cause = cause and i + 1 or from, i + 1, nil
    elseif not cause then
      row = i + 1
    end
  end
  return cause, from, row
end

--- The rounds of the failures from place `row` on.
local function rounds_of(list, row)
  local rounds = 0
  for i = row, #list do
    local its = list[i]
    if its.status ~= "success" and (rounds == 0 or its.start_us >= its.last_us) then
      rounds = rounds + 1
    end
  end
  return rounds
end

local function us(ms)
  return math.floor(ms * 1000 + 0.5)
end

local function cooldown_us(options, cause, rounds)
  local cooldown = us(options.cooldown_ms)
  for _ = options.failures + 1, cause == "streak" and rounds or 0 do
    cooldown = math.min(2 * cooldown, us(options.max_cooldown_ms))
  end
  return cooldown
end

--- What `run:circuit(tool, options)` says, with times in microseconds. `executions` are all that
-- are retained, in the order of recording; `starts_us` the starts of the tool's listed executions
-- in flight; `unlisted` how many others it has.
function M.circuit(executions, starts_us, unlisted, tool, options)
  local list = looked_at(executions, tool, options)
  local last_us = note_last_failures(list)
  local cause, from, row = walk(list, options)
  if not cause then
    return nil
  end
  local cooldown = cooldown_us(options, cause, rounds_of(list, row))
  local open_until = last_us + cooldown
  local half_open_until = open_until + unlisted * cooldown
  for _, start_us in ipairs(starts_us) do
    if start_us >= open_until then
      half_open_until = math.max(half_open_until, start_us + cooldown)
    end
  end
  return { cause = cause, streak = failures_between(list, row, #list),
    failures = failures_between(list, from, #list),
    calls = #list - from + 1, open_until = open_until, half_open_until = half_open_until }
end

return M
