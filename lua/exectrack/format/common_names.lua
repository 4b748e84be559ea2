--- The names that logs commonly have for what `record` takes. Case, spaces, `_`, `-`, `.`, `@`,
-- parentheses and brackets make no difference.
-- Used only by formats.
local time = require("exectrack.format.time")

local M = {}

--- A name without what makes no difference.
local function normal(name)
  return (name:gsub("[_%-.@ ()%[%]]", ""):lower())
end

-- Names for each field, those that are taken first in front. Which field `error` is depends on what
-- its value is.
local NAMES = {
  tool = { "tool", "tool_name", "function", "function_name", "name" },
  status = { "status", "outcome", "state", "ok", "success", "succeeded", "is_error", "failed",
    "error", "exit_code", "status_code", "http_status" },
  error_type = { "error_type", "error_code", "error_class", "error_name", "error" },
  error_text = { "error_text", "error_message", "error" },
  start = { "start", "start_time", "started_at", "began_at" },
  timestamp = { "end", "end_time", "ended_at", "finished_at", "completed_at", "timestamp", "ts",
    "time", "datetime", "time_iso8601" },
  was_cached = { "was_cached", "cached", "is_cached", "cache_hit", "from_cache" },
  args = { "args", "arguments", "input", "params", "parameters" },
  result = { "result", "output", "response" },
  session = { "session", "session_id", "conversation", "conversation_id", "thread_id", "trace_id" },
  duration_ms = { "duration_ms" }, -- and those of the next two
  timing = { "timing" },
  args_hash = { "args_hash" },
  args_text = { "args_text" },
  result_hash = { "result_hash" },
  depth = { "depth" },
  measures = { "measures" },
  place = { "place" },
}
local DURATIONS = { "duration", "elapsed", "latency", "took", "response_time", "request_time" }
local UNITS = { "ms", "us", "ns", "s", "sec", "secs", "seconds", "msec", "millis", "milliseconds",
  "usec", "micros", "microseconds", "nsec", "nanos", "nanoseconds", "min", "mins", "minutes", "h",
  "hr", "hrs", "hours" }

-- What the values of a name for the status are, if not words alone.
local MEANINGS = { status = "http", statuscode = "http", httpstatus = "http", exitcode = "exit",
  ok = "success", success = "success", succeeded = "success", iserror = "failure",
  failed = "failure", error = "failure" }

-- By normal names: an array of `{ field =, rank =, unit =, is_error = }`.
local roles = {}

local function add(field, name, rank, unit)
  local list = roles[normal(name)] or {}
  list[#list + 1] = { field = field, rank = rank, unit = unit, is_error = name == "error" or nil,
    is_time = name == "time" or nil }
  roles[normal(name)] = list
end

for field, names in pairs(NAMES) do
  for rank, name in ipairs(names) do
    add(field, name, rank)
  end
end
for i, name in ipairs(DURATIONS) do
  add("duration_ms", name, i * 100)
  for j, word in ipairs(UNITS) do
    if name .. word ~= "durationms" then
      add("duration_ms", name .. word, i * 100 + j, time.unit(word))
    end
  end
end
roles.durationms[1].unit = "ms"
roles.requesttime[1].unit = "s" -- nginx

--- The fields that a key may be the name of: an array of tables, nil for none. Of a field's names
-- in a line, the one of the lowest `rank` is taken. `unit` is that of a duration, nil if the name
-- has none; `is_error` is true for the name `error`, `is_time` for `time`.
function M.roles(key)
  return roles[normal(key)]
end

--- The last word of a path, without an index behind it, and without brackets.
local function last_word(path)
  return path:gsub("%[%d+%]$", ""):gsub("[)%]]$", ""):gsub("(%l)(%u)", "%1_%2"):lower()
    :match("[^_%-.@ (%[]*$")
end

--- The unit that the name at the end of a path says: h, min, s, ms, us or ns; nil for none.
function M.unit(path)
  local last = path:match("[^.]*$")
  for _, role in ipairs(M.roles(last) or {}) do
    if role.unit then
      return role.unit
    end
  end
  return time.unit(last_word(path))
end

--- What values of the status are, by the name at the end of a path: `http`, for words and codes of
-- HTTP; `exit`, for codes of processes; `success` and `failure`, for whether it is one; or `word`.
function M.meaning(path)
  return MEANINGS[normal(path:match("[^.]*$"))] or MEANINGS[normal(path)] or "word"
end

return M
