--- What logs write for how an execution ended.
-- Used only by formats.
local codes = require("exectrack.codes")
local json = require("exectrack.json_text")
local numbers = require("exectrack.numbers")

local M = {}

local WORDS = {
  success = { "success", "ok", "succeeded", "successful", "completed", "complete", "done", "passed",
    "finished" },
  failed = { "failed", "error", "errored", "failure", "fail", "exception" },
  timed_out = { "timed_out", "timeout", "timedout", "timed-out", "timed out" },
  cancelled = { "cancelled", "canceled", "aborted", "interrupted", "killed" },
}

-- The keys are the statuses of executions.
M.IS_STATUS = {}

local status_of = {}
for status, words in pairs(WORDS) do
  M.IS_STATUS[status] = true
  for _, word in ipairs(words) do
    status_of[word] = status
  end
end

local BOOLEANS = { ["true"] = true, t = true, yes = true, ["1"] = true, ["false"] = false,
  f = false, no = false, ["0"] = false }

--- The boolean that a value is, which may also be 1, 0, or text: true, t, yes, 1, false, f, no or
-- 0. Nil for any other value.
function M.boolean(value)
  if type(value) == "boolean" then
    return value
  elseif type(value) == "string" then
    return BOOLEANS[value:lower()]
  elseif value == 1 or value == 0 then
    return value == 1
  end
  return nil
end

local function of_success(is_success)
  if is_success == nil then
    return nil
  end
  return is_success and "success" or "failed"
end

-- By what values of the status are (see common_names.meaning): functions that return the status and
-- an error type; nil for other values.
local READERS = {
  success = function(value) return of_success(M.boolean(value)) end,
  failure = function(value)
    local is_failure = M.boolean(value)
    if is_failure ~= nil then
      return of_success(not is_failure)
    end
  end,
  word = function(value)
    return type(value) == "boolean" and of_success(value) or nil
  end,
  exit = function(value)
    local code = codes.integer(value)
    if code then
      return codes.exit(code)
    end
  end,
}

function READERS.http(value)
  local code = codes.integer(value)
  local status, error_type = nil, nil
  if code then
    status, error_type = codes.http(code)
  end
  return status or READERS.word(value), error_type
end

--- The text of a value as users give it, in `--status VALUE=STATUS`; nil for a table.
function M.text(value)
  if type(value) == "string" then
    return value
  end
  return type(value) ~= "table" and numbers.tostring(value) or nil
end

--- Makes a function that returns the status which a value means, and the error type that follows
-- from it, if one does; nil if the status isn't known. `given` has statuses by the text of values,
-- and one for all other values as `*`. The function is called with the value and what values are,
-- and whether `*` counts. Case makes no difference where no text has that of the value. Also
-- returns a function that returns an array of the texts that no value had, except `*` and the empty
-- one.
function M.translator(given)
  local texts, is_used, text_of = json.sorted_keys(given), {}, {}
  for _, text in ipairs(texts) do
    text_of[text:lower()] = text_of[text:lower()] or text
  end

  local function given_status(value)
    local text = M.text(value)
    if text and not given[text] then
      text = text_of[text:lower()]
    end
    if text then
      is_used[text] = true
      return given[text]
    end
  end

  return function(value, meaning, has_other)
    local status, error_type = given_status(value), nil
    if not status then
      status, error_type = READERS[meaning](value)
    end
    if not status and type(value) == "string" then
      status = status_of[value:lower()]
    end
    return status or has_other and given["*"] or nil, error_type
  end, function()
    local unused = {}
    for _, text in ipairs(texts) do
      unused[#unused + 1] = not (is_used[text] or text == "*" or text == "") and text or nil
    end
    return unused
  end
end

return M
