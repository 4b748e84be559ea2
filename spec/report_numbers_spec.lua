--- The numbers of all built-in reports, against those that a Python program computes on its own.
local assert = require("luassert")
local cjson = require("cjson")
local clocks = require("spec.support.clock")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local json_text = require("exectrack.json_text")
local process = require("spec.support.process")
local random = require("spec.support.random")
local report = require("exectrack.report")
local sections = require("spec.support.sections")

local CASES = 60

-- What tells the rows of a section apart.
local KEYS = { "tool", "session", "error_type", "first_index" }

local TOOLS = { "read", "grep", "llm", "ls", "bash" }
local SESSIONS = { "s1", "s2", "s3", "s4", "s5", "s6", "s7" }
local TIMINGS = { { "measured" }, { "measured", "measured", "measured", "elapsed", "untimed" } }
local STATUSES = { "success", "success", "success", "failed", "timed_out", "cancelled" }

--- What is the same in all of a session's executions, or differs much.
local function outcome()
  local status = random.pick(STATUSES)
  local is_failure = status == "failed" or status == "timed_out"
  return {
    tool = random.pick(TOOLS),
    status = status,
    was_cached = math.random(6) == 1,
    error_type = is_failure and random.pick { "EIO", "ENOENT" } or nil,
    args_hash = random.pick { 0, 1, 2, 2, 2, 4294967295 },
    result_hash = random.pick { 7, 7, 7, 8, false } or nil,
  }
end

--- Microseconds that pass between executions: mostly few, at times days.
local function pause()
  return random.pick { 0, 1, 500, math.random(0, 3000000), 3600000000 * math.random(0, 3) ^ 3 }
end

local function record(run, its, end_us, duration_us, session, depth)
  its.timing = random.pick(run.timings)
  its.end_us, its.duration_us = end_us, its.timing ~= "untimed" and duration_us or nil
  its.session, its.depth = session, depth
  if #run.timings > 1 and math.random(12) == 1 then
    its.end_us = nil
  end
  run.executions[#run.executions + 1] = its
  run.tracker:record { tool = its.tool, status = its.status, was_cached = its.was_cached,
    error_type = its.error_type, args_hash = its.args_hash, result_hash = its.result_hash,
    session = session, depth = depth, timestamp = its.end_us and its.end_us / 1e6 or false,
    duration_ms = its.duration_us and its.duration_us / 1000,
    timing = its.timing == "elapsed" and "elapsed" or nil }
end

--- Records a call and up to two within it, which may overlap, at each level down to `deepest`.
local function call(run, session, depth, deepest)
  local start_us, its = run.clock.us, outcome()
  for _ = 1, depth < deepest and math.random(0, 2) or 0 do
    run.clock.advance_us(math.random(0, 1000))
    call(run, session, depth + 1, deepest)
    run.clock.advance_us(-math.random(0, math.min(500, run.clock.us - start_us)))
  end
  run.clock.advance_us(random.pick { 0, math.random(0, 200000) })
  local latest_us = start_us
  for _, other in ipairs(run.executions) do
    latest_us = math.max(latest_us, other.end_us or 0)
  end
  run.clock.us = math.max(run.clock.us, latest_us)
  record(run, its, run.clock.us, run.clock.us - start_us, session, depth)
end

--- A random run; `retained` is how many of its executions its tracker keeps.
local function random_run(count, retained)
  local clock = clocks.new()
  local run = { clock = clock, executions = {}, in_flight = {}, retained = retained, spans = {},
    timings = random.pick(TIMINGS),
    tracker = exectrack.new { max_history = retained, clock = clock.read, session_names = 16 } }
  local deepest, session = random.pick { 0, 0, 2 }, nil
  while #run.executions < count do
    clock.advance_us(pause())
    session = math.random(3) == 1 and random.pick(SESSIONS) or session
    call(run, session, 0, deepest)
    local last = run.executions[#run.executions]
    for _ = 1, math.random(4) == 1 and math.random(4) or 0 do -- a loop
      local again = {}
      for _, field in ipairs { "tool", "status", "was_cached", "error_type", "args_hash",
          "result_hash" } do
        again[field] = last[field]
      end
      clock.advance_us(random.pick { 0, 1000 })
      record(run, again, clock.us, 1000, session, 0)
    end
  end
  return run
end

local function start_some(run)
  for i = 1, math.random(0, 3) do
    local flight = { tool = random.pick(TOOLS), session = random.pick { "s1", "s2", "other" },
      started_us = run.clock.us }
    run.in_flight[i] = flight
    run.spans[i] = run.tracker:session(flight.session):start(flight.tool)
    run.clock.advance_us(math.random(0, 5000))
  end
  run.taken_us = run.clock.us
end

local function random_case()
  local count = random.pick { 1, 2, 10, 40, 120 }
  local run = random_run(count, random.pick { 1000, 1000, math.max(1, math.floor(count / 2)) })
  local before = random_run(random.pick { 1, 30 }, 1000)
  start_some(run)
  run.snapshot, run.before = run.tracker:snapshot(), before.tracker:snapshot()
  run.input = { executions = run.executions, retained = run.retained, in_flight = run.in_flight,
    taken_us = run.taken_us, before = before.executions }
  return run
end

--- What the Python program answers for each of the cases.
local function answers(cases)
  local lines, path = {}, directory.make()
  for i, case in ipairs(cases) do
    for _, list in ipairs { case.input.executions, case.input.before } do
      for _, its in ipairs(list) do
        for _, field in ipairs { "session", "end_us", "duration_us", "error_type",
            "result_hash" } do
          its[field] = its[field] == nil and 0 / 0 or its[field] -- which is null in JSON
        end
      end
    end
    lines[i] = json_text.encode(case.input) .. "\n"
  end
  process.write_file(path .. "/cases", table.concat(lines))
  local output, message = process.run("python3 -B spec/support/report_numbers.py <"
    .. process.quote(path .. "/cases"))
  directory.remove(path)
  assert.equal("", message)
  local all = {}
  for line in output:gmatch("[^\n]+") do
    all[#all + 1] = cjson.decode(line)
  end
  return all
end

local function known(value)
  return value ~= cjson.null and value or nil
end

local function are_equal(a, b)
  if type(a) == "number" and type(b) == "number" then
    return math.abs(a - b) <= 1e-9 * math.max(math.abs(a), math.abs(b))
  end
  return a == b
end

local function assert_equal(expected, got, place)
  assert(are_equal(known(expected), got),
    ("%s: %s expected, got %s"):format(place, tostring(known(expected)), tostring(got)))
end

local function key_of(row)
  local parts = {}
  for i, field in ipairs(KEYS) do
    local value = known(row[field]) or "-"
    parts[i] = type(value) == "number" and ("%.0f"):format(value) or value
  end
  return table.concat(parts, "/")
end

--- Asserts that there is a row for each expected one, with its fields, and no other.
local function assert_rows(expected, rows, place)
  assert_equal(#expected, #rows, place .. ": rows")
  local by_key = {}
  for _, row in ipairs(rows) do
    by_key[#expected == 1 and 1 or key_of(row)] = row
  end
  for i, row in ipairs(expected) do
    local got = place:find("Totals") and rows[i] or by_key[#expected == 1 and 1 or key_of(row)]
    assert(got, place .. ": no row " .. key_of(row))
    for field, value in pairs(row) do
      assert_equal(value, got[field], ("%s: %s: %s"):format(place, key_of(row), field))
    end
  end
end

local function assert_lines(expected, lines, place)
  for _, line in ipairs(lines) do
    local points = expected[line.label]
    assert_equal(#points, #line.points, place .. ": points")
    for i, point in ipairs(points) do
      assert_equal(point[1], line.points[i].time, place .. ": time " .. i)
      assert_equal(point[2], line.points[i].value, place .. ": value " .. i)
    end
  end
end

local function assert_section(expected, section, place)
  if not known(expected) then
    assert(section == nil, place .. " isn't expected")
  elseif expected[1] == nil and not next(expected) then
    assert(not (section and section.rows and section.rows[1]), place .. ": no rows expected")
  else
    assert(section, place .. " is missing")
    if section.chart and not section.rows then
      assert_lines(expected, section.chart.lines, place)
    else
      assert_rows(expected, section.rows, place)
    end
  end
end

local function deny_odd(called)
  return called.args_hash % 2 == 1 and { action = "deny", reason = "odd" } or nil
end

local OPTIONS = {
  compare = function(case) return { before = case.before } end,
  policy = function() return { policy = deny_odd } end,
}

describe("The numbers of reports", function()
  random.seed("report_numbers_spec")
  local cases = {}
  for i = 1, CASES do
    cases[i] = random_case()
  end
  local expected = answers(cases)

  for _, name in ipairs { "overview", "failures", "latency", "loops", "sessions", "compare",
    "policy" } do
    it("are those of an independent computation: " .. name, function()
      for i, case in ipairs(cases) do
        local made = report[name](case.snapshot, OPTIONS[name] and OPTIONS[name](case) or {})
        for title, rows in pairs(expected[i][name]) do
          assert_section(rows, sections.find(made, title),
            ("case %d: %s: %s"):format(i, name, title))
        end
      end
    end)
  end
end)
