-- What convert writes, import reads, and convert writes again: the same bytes.
local core = require("exectrack.core")
local exectrack = require("exectrack")
local format = require("exectrack.format")
local json_text = require("exectrack.json_text")
local made_up = require("spec.support.made_up")
local odd_runs = require("spec.support.odd_runs")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local reports = require("spec.support.reports")
local runs = require("spec.support.runs")
local encode = require("spec.support.encode")

local MEASURES = {
  { name = "cost", unit = "USD", scale = 1e-6 }, { name = "tokens" },
  { name = "a b", unit = "ms", scale = 1e-9 }, { name = "large", scale = 1000 },
  { name = "\0=x", scale = 0.1 },
}

--- Reads a text in pieces of random lengths.
local function read(text, name, options)
  local first = 1
  local run, summary = format.read(function()
    local last = first + random.pick { 0, 1, 10, 1000, 65535 }
    local piece = text:sub(first, last)
    first = last + 1
    return piece ~= "" and piece or nil
  end, name, options)
  return assert(run, summary), summary
end

--- Asserts that a run comes in as it went out in a format. Returns what came in.
local function assert_same_again(name, run, message)
  local text = encode(name, run)
  local again, summary = read(text, random.pick { name, false } or nil)
  assert.equal(text, encode(name, again), message)
  assert.same({}, summary.notes)
  return again
end

--- The same of all formats.
local function assert_round_trip(run, message)
  local again = assert_same_again("jsonl", run, message)
  assert_same_again("csv", run, message)
  -- A whole run has to have names in UTF-8, as what came in has: others may become the same.
  assert.is_true(again == assert_same_again("json", again, message), message)
end

--- A value of a measure: mostly a few units of its scale, as people have them.
local function measure_value(measure)
  local scale = measure.scale or 1
  return random.pick { 0, 1, 7, math.random(0, 1000), random.integer(0, 2 ^ 40) } * scale
end

--- A random place, or nil. What isn't UTF-8, or is harmful in CSV, is written longer.
local function random_place()
  local file = random.pick { "a.jsonl", "=a", "'-1", "x: y", ("x"):rep(300), random.bytes(60),
    random.pick(reports.HOSTILE) }
  local number = random.pick { "", ":1", ":01", "[2]", ":4294967295", ":4294967296" }
  return math.random(4) > 1 and file .. number or nil
end

--- A random run of executions that have all that one can have.
local function random_run(measures)
  local clock_us = 1767225600000000
  local tracker = exectrack.new { max_history = 500, max_tools = 600, measures = measures,
    label = random.bytes(20), clock = function() return clock_us / 1e6 end }
  local sessions = {}
  for i = 1, 20 do
    sessions[i] = random.pick(runs.SESSIONS) or random.bytes(16)
  end
  for i = 1, random.pick { 1, 5, 100, 600 } do
    local execution = runs.execution()
    clock_us = clock_us + math.random(0, 2000000)
    -- What isn't UTF-8, or is harmful in CSV, takes up to four bytes where it is written.
    execution.tool = random.pick { execution.tool, random.bytes(60), random.pick(reports.HOSTILE) }
    execution.error_type = execution.error_type and random.pick { execution.error_type,
      random.pick(reports.HOSTILE) }
    execution.session = random.pick(sessions)
    execution.timing = random.pick { "measured", "elapsed", "untimed" }
    execution.duration_ms = execution.timing ~= "untimed" and execution.duration_ms or nil
    if math.random(4) == 1 then
      execution.timestamp = false
    end
    for _, measure in ipairs(measures or {}) do
      if i == 1 or math.random(3) > 1 then -- a measure without values isn't written
        execution.measures = execution.measures or {}
        execution.measures[measure.name] = measure_value(measure)
      end
    end
    tracker:record(execution)
  end
  return tracker:snapshot()
end

describe("what is written comes in again", function()
  setup(function()
    random.seed("format_round_trip_spec")
  end)

  it("of runs at the edges", function()
    for _, run in ipairs(odd_runs.all()) do
      assert_round_trip(run[2], run[1])
    end
    local before, after = made_up.examples()
    assert_round_trip(before)
    assert_round_trip(after)
  end)

  it("of random runs", function()
    for _ = 1, 12 do
      assert_round_trip(random_run())
    end
  end)

  it("of random runs with measures", function()
    for _ = 1, 12 do
      local measures = portable.move(random.shuffle(MEASURES), 1, math.random(1, 4), 1, {})
      assert_round_trip(random_run(measures))
    end
  end)

  it("of random imported runs with places", function()
    for _ = 1, 12 do
      local measures = random.pick { {}, { MEASURES[1] } }
      local importer = core.importer(exectrack.new { max_history = 0, measures = measures })
      for _, record in ipairs(random_run(measures):records()) do
        record.place = random_place()
        importer:add(record)
      end
      assert_round_trip(importer:build())
    end
  end)

  it("of what the reference writes", function()
    for _ = 1, 12 do
      local names, records = {}, {}
      for i = 1, math.random(1, 5) do
        names[i] = "tool " .. i
      end
      for i = 1, math.random(0, 300) do
        records[i] = { tool_id = math.random(0, #names - 1), duration_ms = math.random(0, 100000),
          status = random.pick { "Success", "Failed", "TimedOut", "Cancelled" },
          was_cached = random.pick { true, false } }
      end
      local write = random.pick { json_text.encode, json_text.encode_lines }
      local run = read(write { tool_ids = names, records = records })
      assert.equal(#records, #run)
      assert_round_trip(run)
      local first = encode("jsonl", run)
      assert.equal(first, encode("jsonl", (read(encode("csv", run)))))
      assert.equal(first, encode("jsonl", (read(encode("json", run)))))
    end
  end)
end)
