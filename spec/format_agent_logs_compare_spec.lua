-- Compares what is read in random logs of agents with what a program in Python reads in them, and
-- reads such logs after they were damaged. ROUNDS is how many logs of each format are made.
local common = require("spec.support.made_up_logs.common")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local format = require("exectrack.format")
local json_text = require("exectrack.json_text")
local process = require("spec.support.process")
local random = require("spec.support.random")
local recognize = require("exectrack.format.recognize")

local FORMATS = { "chat", "claude", "codex", "gemini", "openhands", "otlp", "vtcode" }
local ROUNDS = tonumber(os.getenv("ROUNDS") or 20)

local pick = random.pick

--- Random texts in a format: pairs of a name and a text, in any order.
local function made_up(name)
  common.start()
  return random.shuffle(require("spec.support.made_up_logs." .. name)())
end

--- A function that returns `text` in pieces of up to `most` bytes; in one if that is nil.
local function pieces(text, most)
  local first = 1
  return function()
    local piece = text:sub(first, most and first + math.random(most) - 1 or -1)
    first = first + #piece
    return piece ~= "" and piece or nil
  end
end

local function integer(value)
  return value and ("%.0f"):format(value) or "None"
end

--- An execution as the program in Python writes it.
local function row_of(execution)
  local measures = execution.measures or {}
  local us = execution.duration_ms and execution.duration_ms * 1000
  local at = execution.timestamp and execution.timestamp * 1e6
  return table.concat({ execution.place or "None", execution.session or "None", execution.depth,
    execution.tool, execution.status, execution.error_type or "None",
    execution.timing or "measured", integer(us), integer(at), integer(measures.result_bytes),
    integer(measures.input_tokens), integer(measures.output_tokens),
    integer(measures.cached_tokens) }, "\t")
end

--- The rows of a run, sorted; and of each tool how many different arguments it was called with.
local function rows_of(run)
  local rows, tools = {}, {}
  for i = 1, #run do
    local execution = run[i]
    rows[i] = row_of(execution)
    if not execution.tool:find("^model:") then
      tools[execution.tool] = tools[execution.tool] or {}
      tools[execution.tool][tostring(execution.args_hash)] = true
    end
  end
  table.sort(rows)
  for _, tool in ipairs(json_text.sorted_keys(tools)) do
    rows[#rows + 1] = tool .. " " .. #json_text.sorted_keys(tools[tool])
  end
  return rows
end

--- Reads texts in pieces of up to `most` bytes. Returns the rows, or the message of what is wrong,
-- and the summary.
local function read(texts, name, most, skip_bad)
  local opened = {}
  for i, pair in ipairs(texts) do
    opened[i] = { source = pair[1], open = function() return pieces(pair[2], most) end }
  end
  local run, summary = format.read(opened, name, { model_calls = true, tool_from = false,
    skip_bad = skip_bad })
  return run and rows_of(run) or { summary }, summary
end

--- What the program in Python prints of cases, each a format and texts: an array of rows for each.
local function python(cases)
  local lines = {}
  for i, case in ipairs(cases) do
    lines[i] = json_text.encode(case) .. "\n"
  end
  local path = directory.make()
  process.write_file(path .. "/cases", table.concat(lines))
  local output, message = process.run("python3 -B spec/support/read_logs <"
    .. process.quote(path .. "/cases"))
  directory.remove(path)
  assert(message == "", message)
  local rows = {}
  for line in output:gmatch("[^\n]+") do
    rows[#rows + 1] = assert(exectrack.json.decode(line))
  end
  return rows
end

--- The rows that only one of two arrays has, in lines.
local function difference(expected, got)
  local counts, lines = {}, {}
  for sign, rows in pairs { [-1] = expected, [1] = got } do
    for _, row in ipairs(rows) do
      counts[row] = (counts[row] or 0) + sign
    end
  end
  for _, row in ipairs(json_text.sorted_keys(counts)) do
    if counts[row] ~= 0 then
      lines[#lines + 1] = ("%+d %s"):format(counts[row], row)
    end
  end
  return table.concat(lines, "\n")
end

--- The lines of a text.
local function lines_of(text)
  local lines = {}
  for line in text:gmatch("[^\r\n]+") do
    lines[#lines + 1] = line
  end
  return lines
end

local WRONG = { true, false, -1, 0.5, 1e300, "", "x", {}, { "a" }, { { {} } },
  { type = "tool_use", id = "x" } }

--- Replaces a random value in a table by one of another type, or takes it away.
local function replace_value(value)
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  if #keys == 0 then
    return
  end
  local key = pick(keys)
  if type(value[key]) == "table" and math.random(4) > 1 then
    return replace_value(value[key])
  end
  value[key] = common.copy(pick(WRONG))
  if type(key) == "string" and math.random(4) == 1 then
    value[key] = nil
  end
end

local CHANGES = {}

function CHANGES.bytes(text)
  for _ = 1, math.random(3) do
    local at = math.random(#text)
    text = text:sub(1, at - 1) .. pick { "", "\n", "{", '"', "\255", "\0", random.bytes(3) }
      .. text:sub(at + math.random(0, 2))
  end
  return text
end

function CHANGES.lines(text)
  local lines = lines_of(text)
  for _ = 1, math.random(3) do
    local i, k = math.random(#lines), math.random(#lines)
    lines[i] = pick { lines[k], lines[i]:sub(1, math.random(#lines[i])), "[" .. lines[i] .. "]" }
  end
  return table.concat(random.shuffle(lines), "\n")
end

function CHANGES.values(text)
  local lines = lines_of(text)
  for _ = 1, math.random(3) do
    local i = math.random(#lines)
    local value = exectrack.json.decode(lines[i])
    if type(value) == "table" then
      replace_value(value)
      lines[i] = json_text.encode(value)
    end
  end
  return table.concat(lines, "\n")
end

local JUNK = { "5", "null", '"x"', "{", "[1", "}", "\255", "{}", '{"type":5}', '{"type":"x"}',
  '{"event":[]}', '{"payload":7,"type":"response_item"}', '{"id":1', ("x"):rep(70000) }

--- Lines with others between them that have no calls.
local function with_junk(text)
  local lines, all = lines_of(text), {}
  for _, line in ipairs(lines) do
    all[#all + 1] = line
    all[#all + 1] = math.random(3) == 1 and pick(JUNK) or nil
  end
  return table.concat(all, "\n") .. "\n"
end

--- Whether each of the texts is lines of JSON.
local function are_lines(texts)
  for _, pair in ipairs(texts) do
    if not pair[1]:find("%.jsonl$") then
      return false
    end
  end
  return true
end

--- The rows without their places.
local function without_places(rows)
  local short = {}
  for i, row in ipairs(rows) do
    short[i] = row:gsub("^[^\t]*\t", "")
  end
  return short
end

describe("random logs of agents", function()
  local seed, cases = nil, {}

  local function case_of(i)
    return ("case %d, %s, SEED=%d"):format(i, cases[i][1], seed)
  end

  setup(function()
    seed = random.seed("format_agent_logs_compare_spec")
    for _, name in ipairs(FORMATS) do
      for _ = 1, ROUNDS do
        cases[#cases + 1] = { name, made_up(name) }
      end
    end
  end)

  it("have the calls that a program in Python finds in them", function()
    local count = 0
    for i, expected in ipairs(python(cases)) do
      local rows = read(cases[i][2], cases[i][1])
      assert.equal("", difference(expected, rows), case_of(i))
      count = count + #rows
    end
    assert.is_true(count > 10 * #cases / 2)
  end)

  it("are recognized, but for some that have next to no lines", function()
    local missed = 0
    for i, case in ipairs(cases) do
      for _, pair in ipairs(case[2]) do
        local name = recognize(pair[2])
        if name ~= case[1] then
          assert.equal("jsonl", name, case_of(i))
          missed = missed + 1
        end
        recognize(pair[2]:sub(1, math.random(0, #pair[2])))
      end
    end
    assert.is_true(missed <= #cases / 20, missed .. " of " .. #cases)
  end)

  it("are read whatever their damage, the same in whatever pieces", function()
    for i, case in ipairs(cases) do
      local name, damaged = case[1], {}
      for k, pair in ipairs(case[2]) do
        local change = pick { "bytes", "lines", "values" }
        damaged[k] = { pair[1], pair[2]:find("%S") and CHANGES[change](pair[2]) or "" }
        recognize(damaged[k][2])
      end
      for _, skip_bad in ipairs { true, false } do
        local rows, summary = read(damaged, name, nil, skip_bad)
        assert.equal("", difference(rows, (read(damaged, name, 40, skip_bad))), case_of(i))
        if skip_bad and type(summary) == "string" then
          assert.matches("^no line is right, the first: ", summary, case_of(i))
        end
      end
    end
  end)

  it("keep all calls if lines between theirs are damaged", function()
    for i, case in ipairs(cases) do
      if are_lines(case[2]) then
        local damaged = {}
        for k, pair in ipairs(case[2]) do
          damaged[k] = { pair[1], with_junk(pair[2]) }
        end
        local expected = without_places((read(case[2], case[1])))
        local rows = read(damaged, case[1], nil, true)
        assert.equal("", difference(expected, without_places(rows)), case_of(i))
      end
    end
  end)
end)
