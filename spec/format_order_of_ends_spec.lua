local core = require("exectrack.core")
local encode = require("spec.support.encode")
local exectrack = require("exectrack")
local format = require("exectrack.format")
local naive_order = require("spec.support.order_of_ends")
local odd_runs = require("spec.support.odd_runs")
local order_of_ends = require("exectrack.format.order_of_ends")
local pieces = require("spec.support.pieces")
local random = require("spec.support.random")

--- A snapshot of executions with these times; false is an undated one.
local function run_of(times)
  local tracker = exectrack.new { max_history = 1000, clock = function() return 0 end }
  for i, time in ipairs(times) do
    tracker:record { tool = "t" .. i, status = "success", duration_ms = i, timestamp = time }
  end
  return tracker:snapshot()
end

local function is_identity(order)
  for i, index in ipairs(order) do
    if i ~= index then
      return false
    end
  end
  return true
end

--- Asserts that a run is written in the order of its ends.
local function assert_order(snapshot, message)
  local expected = naive_order(snapshot)
  local order = order_of_ends(snapshot)
  if is_identity(expected) then
    assert.is_true(order == nil or is_identity(order), message)
  else
    assert.same(expected, order, message)
  end
end

--- The run that an import makes of a text.
local function import(name, text)
  local importer = core.importer(core.new { max_history = 0, max_tools = 65535 })
  if name == "csv" then
    for _, execution, message in format.csv.decode(pieces(text)) do
      assert.is_nil(message)
      importer:add(execution)
    end
  else
    for _, execution, message in exectrack.json.lines(pieces(text)) do
      assert.is_nil(message)
      importer:add(execution)
    end
  end
  return importer:build()
end

describe("the order of ends", function()
  it("is none if records are in it", function()
    for _, times in ipairs { {}, { 5 }, { false }, { 1, 2, 2, 3 }, { false, false, 1, 2 },
      { false, 0.000002 } } do
      assert.is_nil(order_of_ends(run_of(times)))
    end
  end)

  it("has undated records first, then the others by their ends, and equal ones as they were",
    function()
      for _, case in ipairs {
        { { 2, 1 }, { 2, 1 } },
        { { 1, 3, 2, 3, 2, 1 }, { 1, 6, 3, 5, 2, 4 } },
        { { 1, false, 2, false }, { 2, 4, 1, 3 } },
        { { false, 5, 4, false }, { 1, 4, 3, 2 } },
        { { 0, false }, { 2, 1 } }, -- the second counts as recorded after 1 microsecond
        { { 1767225600.000002, 1767225600.000001 }, { 2, 1 } },
      } do
        assert.same(case[2], order_of_ends(run_of(case[1])))
      end
    end)

  it("is that of a naive model, for any run", function()
    random.seed("format_order_of_ends_spec")
    for _ = 1, 200 do
      local times, choices = {}, random.pick { { 1, 2, 3 }, { false, 1, 2 }, { 0, 0.000001, false },
        { false } }
      for i = 1, random.integer(0, 12) do
        times[i] = random.pick(choices)
      end
      assert_order(run_of(times))
    end
    for _, odd in ipairs(odd_runs.all()) do
      assert_order(odd[2], odd[1])
    end
  end)
end)

describe("what an encoder wrote", function()
  it("is written again, byte for byte, by an import of it", function()
    random.seed("format_order_of_ends_spec")
    for _ = 1, 40 do
      local tracker = exectrack.new { clock = function() return 0 end,
        measures = { { name = "tokens" }, { name = "cost", scale = 1e-6 } } }
      for i = 1, random.integer(1, 40) do -- of a run without values, measures have no names
        tracker:record { tool = "t" .. random.integer(1, 9), status = "failed",
          duration_ms = i % 3 > 0 and random.integer(0, 1e6) / 1000 or nil,
          error_type = random.pick { "E", "F" }, session = random.pick { "s", "'=t", "u,v" },
          measures = { tokens = random.integer(0, 9), cost = random.integer(0, 99) / 1e6 },
          timestamp = random.pick { false, random.integer(0, 3), random.integer(0, 4e9) / 8 } }
      end
      for _, name in ipairs { "csv", "jsonl" } do
        local text = encode(name, tracker:snapshot())
        local run = import(name, text)
        assert.equal(#tracker:snapshot(), #run)
        assert.equal(text, encode(name, run))
      end
    end
  end)
end)
