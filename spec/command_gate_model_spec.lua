-- The commands of violations, for random selections: what they report on are the calls that the
-- violation is about, by a model of the selection that is written here.
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local output = require("exectrack.command.output")
local parser = require("exectrack.command.parser")
local process = require("spec.support.process")
local json = require("exectrack").json
local random = require("spec.support.random")

local START, COUNT = 1767225600, 240
local TOOLS, SESSIONS = { "fetch", "read", "shell" }, { "chat 1", "chat 2" }
local STATUSES = { "success", "success", "failed", "timed_out", "cancelled" }

local folder, executions, plain_write

--- Saves two runs, whose calls took turns. Those of the second are slower, and fail.
local function save_runs()
  for i, name in ipairs { "a.run", "b.run" } do
    local tracker = exectrack.new(COUNT)
    for j = 1, COUNT do
      local execution = { tool = random.pick(TOOLS), timestamp = START + 2 * j + i,
        status = i == 1 and "success" or random.pick(STATUSES), duration_ms = i * 100 + j % 7,
        session = random.pick(SESSIONS), args_hash = 1, result_hash = 1 }
      tracker:record(execution)
      execution.file, executions[#executions + 1] = name, execution
    end
    assert(tracker:snapshot():save(folder .. "/" .. name))
  end
  table.sort(executions, function(x, y) return x.timestamp < y.timestamp end)
end

--- What a command prints, whose words behind the program's name are these, and its exit code.
local function run(words)
  local own, printed = {}, ""
  for i = 2, #words do
    local is_path = words[i]:find("%.run$") or words[i]:find("%.lua$")
    own[#own + 1] = is_path and folder .. "/" .. words[i] or words[i]
  end
  local command = require("exectrack.command." .. words[1])
  local arguments, _, message = parser.parse(parser.of_command(words[1], command), own)
  assert(arguments, message)
  arguments.report_options = {}
  output.write = function(_, text)
    printed = printed .. text
    return true
  end
  local code, its_message = command.run(arguments)
  output.write = plain_write
  return printed, assert(code, its_message)
end

--- The words of a command, of which those of several letters are in quotes, without the folder.
local function words_of(line)
  local words = {}
  for word in line:gsub("%b''", function(quoted)
    return quoted:sub(2, -2):gsub(" ", "\0")
  end):gmatch("%S+") do
    words[#words + 1] = word:gsub("%z", " "):gsub("^" .. folder:gsub("%p", "%%%0") .. "/", "")
  end
  return words
end

--- Appends an option, perhaps several times, with values of `choices`. Returns the values.
local function choose(words, option, choices, most)
  local values = {}
  for _ = 1, math.random(0, most) do
    local value = random.pick(choices)
    words[#words + 1], words[#words + 2], values[#values + 1] = option, tostring(value), value
  end
  return #values > 0 and values or nil
end

local function is_among(value, values)
  for _, other in ipairs(values) do
    if other == value then
      return true
    end
  end
  return false
end

--- A random selection: the words of its options, and the function that returns the calls that it
-- selects in files.
local function selection()
  local words = {}
  local tools = choose(words, "--tool", TOOLS, 2)
  local excluded = choose(words, "--exclude", TOOLS, 1)
  local sessions = choose(words, "--session", SESSIONS, 1)
  local statuses = choose(words, "--status", STATUSES, 2)
  local since = choose(words, "--since", { START + 100, START + 200 }, 1)
  local before = choose(words, "--before", { START + 300, START + 470 }, 1)
  local last = choose(words, "--last", { 50, 100 }, 1)
  local function passes(execution, files)
    return is_among(execution.file, files)
      and (not tools or is_among(execution.tool, tools))
      and not (excluded and is_among(execution.tool, excluded))
      and (not sessions or is_among(execution.session, sessions))
      and (not statuses or is_among(execution.status, statuses))
      and (not since or execution.timestamp >= since[1])
      and (not before or execution.timestamp < before[1])
  end
  return words, function(files)
    local chosen = {}
    for i = #executions, 1, -1 do
      if passes(executions[i], files) and #chosen < (last and last[1] or math.huge) then
        chosen[#chosen + 1] = executions[i]
      end
    end
    return chosen
  end
end

--- How many of the calls are of a tool, if it isn't nil, and have one of some statuses.
local function count(chosen, tool, statuses)
  local found = 0
  for _, execution in ipairs(chosen) do
    if (not tool or execution.tool == tool)
      and (not statuses or is_among(execution.status, statuses)) then
      found = found + 1
    end
  end
  return found
end

local ENDED = { "success", "failed", "timed_out" }

-- By the name of a check, the statuses of the calls that its figure is of, if not of all.
local OF_FIGURE = { ["max-error-rate"] = ENDED, failures = ENDED, slower = { "success" },
  successes_lost = { "success" } }

-- The same of the calls that its command reports on.
local OF_REPORT = { slower = { "success" }, cancelled = { "cancelled" } }

--- Runs a gate, and the command of each violation. Returns how many there were.
local function assert_same_calls(words, chosen)
  local printed, code = run(words)
  local violations = assert(json.decode(printed)).violations
  assert.equal(#violations > 0 and 3 or 0, code)
  for _, violation in ipairs(violations) do
    local again = words_of(violation.command)
    assert.equal("exectrack", table.remove(again, 1))
    again[#again + 1], again[#again + 2] = "--format", "json"
    local subtitle = assert(json.decode((run(again)))).subtitle
    local tool = violation.calls > 0 and violation.check ~= "no-loops" and violation.tool or nil
    local what = table.concat(words, " ") .. "\n" .. violation.message .. ": " .. violation.command
    if violation.check == "compared" then
      assert.truthy(subtitle:find("executions after", 1, true), what)
    else
      if not violation.unknown then
        assert.equal(count(chosen, tool, OF_FIGURE[violation.check]), violation.calls, what)
      end
      assert.equal(count(chosen, tool, OF_REPORT[violation.check]),
        tonumber((subtitle:match("^[%d,]+"):gsub(",", ""))), what)
    end
  end
  return #violations
end

describe("the commands of violations, for random selections", function()
  setup(function()
    random.seed("command_gate_model_spec")
    folder, executions, plain_write = directories.make(), {}, output.write
    save_runs()
    process.write_file(folder .. "/few.lua",
      "return require('exectrack.policy').budget { max_executions = 2 }")
  end)

  teardown(function()
    directories.remove(folder)
  end)

  local function assert_all(gate, files)
    local violations = 0
    for _ = 1, 40 do
      local words, select_of = selection()
      for i, word in ipairs(gate) do
        table.insert(words, i, word)
      end
      words[#words + 1], words[#words + 2] = "--format", "json"
      violations = violations + assert_same_calls(words, select_of(files))
    end
    assert.is_true(violations > 5)
  end

  it("report on what check counted", function()
    local limits = { "--max-failures", "0", "--max-calls", "0", "--max-error-rate", "0%" }
    for limit, zero in pairs { ["max-p50"] = "0ms", ["max-duration"] = "0ms", ["max-calls"] = "0",
      ["max-failures"] = "0", ["max-error-rate"] = "0%" } do
      limits[#limits + 1], limits[#limits + 2] = "--" .. limit, "fetch=" .. zero
    end
    for _, files in ipairs { { "b.run" }, { "a.run", "b.run" } } do
      local gate = { "check" }
      for _, list in ipairs { files, limits } do
        for _, word in ipairs(list) do
          gate[#gate + 1] = word
        end
      end
      assert_all(gate, files)
    end
  end)

  it("report on what compare counted", function()
    assert_all({ "compare", "a.run", "b.run", "--fail-on", "worse,cancelled" }, { "b.run" })
  end)

  it("report on what replay counted", function()
    assert_all({ "replay", "a.run", "b.run", "--policy", "few.lua", "--fail-on",
      "successes_lost=0%" }, { "a.run", "b.run" })
  end)
end)
