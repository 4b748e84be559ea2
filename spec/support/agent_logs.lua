--- Logs of agents, for the specs of their decoders.
local exectrack = require("exectrack")
local json = require("exectrack.json")
local json_text = require("exectrack.json_text")
local pieces = require("spec.support.pieces")

local M = {}

--- What a format decodes `text` into: executions, each with its place in the text; an array of
-- places with what is wrong there; and the notes.
function M.decode(format, text, given, bytes)
  local executions, problems = {}, {}
  local next_execution, notes = format.decode(pieces(text, bytes), given)
  for place, execution, problem in next_execution do
    if execution then
      execution.place = place
      executions[#executions + 1] = execution
    else
      problems[#problems + 1] = { place, problem }
    end
  end
  return executions, problems, notes()
end

--- An array of what the executions of `text` have in these fields; `false` for what isn't there.
function M.fields(format, text, names, given)
  local rows = {}
  for i, execution in ipairs((M.decode(format, text, given))) do
    local row = {}
    for k, name in ipairs(names) do
      row[k] = execution[name] or false
    end
    rows[i] = row
  end
  return rows
end

--- Puts a text before each object in an array, at any depth.
local function insert(value, text)
  for _, inner in pairs(value) do
    if type(inner) == "table" then
      insert(inner, text)
    end
  end
  for i = #value, 1, -1 do
    if type(value[i]) == "table" then
      table.insert(value, i, text)
    end
  end
end

--- Asserts that the lines of `text` have the same executions with a null before each object in an
-- array.
function M.assert_nulls_are_passed_over(format, text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    local value = json.decode(line)
    insert(value, "a null")
    lines[#lines + 1] = json_text.encode(value):gsub('"a null"', "null")
  end
  local function told(its)
    return json_text.encode(M.fields(format, its, { "tool", "status", "error_type", "error_text",
      "timestamp", "duration_ms" }, { model_calls = true }))
  end
  local with_nulls, expected = table.concat(lines, "\n"), told(text)
  assert(expected ~= "[]" and with_nulls:find("null,{", 1, true))
  assert(told(with_nulls) == expected, told(with_nulls) .. " isn't " .. expected)
end

local WRONG = { true, false, -1, 0.5, 1e300, "", "x", ("long "):rep(100), {}, { "a" }, { { {} } },
  { a = { type = "text" } } }

--- Calls `check` with the text of `value`, a table, for each value in it and each wrong one in its
-- place.
local function each_malformed(value, root, check)
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  for _, key in ipairs(keys) do
    local right = value[key]
    for _, wrong in ipairs(WRONG) do
      value[key] = wrong
      check(json_text.encode(root))
    end
    if type(key) == "string" then
      value[key] = nil
      check(json_text.encode(root))
    end
    value[key] = right
    if type(right) == "table" then
      each_malformed(right, root, check)
    end
  end
end

--- Asserts that a format decodes its lines whatever values they have, into executions that can be
-- recorded. Each line is read behind those before it, and with those behind it. Returns how many
-- executions there were.
function M.assert_malformed_values_are_read(format, lines)
  local tracker = exectrack.new { measures = { { name = "result_bytes" }, { name = "input_tokens" },
    { name = "output_tokens" }, { name = "cached_tokens" } } }
  local count = 0
  for i, line in ipairs(lines) do
    local before = table.concat(lines, "\n", 1, i - 1)
    local behind = table.concat(lines, "\n", i + 1)
    local value = json.decode(line)
    each_malformed(value, value, function(text)
      local executions = M.decode(format, before .. "\n" .. text .. "\n" .. behind,
        { model_calls = true })
      for _, execution in ipairs(executions) do
        execution.place = nil
        tracker:record(execution)
        count = count + 1
      end
    end)
  end
  return count
end

return M
