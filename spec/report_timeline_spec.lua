local made_up = require("spec.support.made_up")
local portable = require("spec.support.portable")
local timeline = require("exectrack.report.parts.timeline")

local START = 1767225600

local function run(records)
  return made_up.run(records)
end

describe("a timeline of the newest", function()
  it("draws what is in flight as long as is known, from what ended on", function()
    local records = run({ { tool = "b", timestamp = START + 100, duration_ms = 4000 },
      { tool = "a", timestamp = START + 101, duration_ms = 1000, status = "failed" } }):records()
    local chart = timeline.newest(records, { "a", "b" }, {
      { tool = "b", started = START + 90, elapsed_ms = 15000 },
      { tool = "c", started = START + 99, elapsed_ms = 6000 },
      { tool = "a", started = START + 92, elapsed_ms = 5000 },
      { tool = "a", started = START + 92, elapsed_ms = 3000 } })
    assert.equal(START + 96, chart.from)
    assert.same({
      { lane = "a", from = START + 100, to = START + 101, status = "failed" },
      { lane = "a", from = START + 92, to = START + 97, status = "in_flight" },
      { lane = "b", from = START + 96, to = START + 100, status = "success" },
      { lane = "b", from = START + 90, to = START + 105, status = "in_flight" },
    }, chart.spans) -- none of c, which isn't among the names
  end)

  it("says that durations aren't known", function()
    local chart, note = timeline.newest(run({ { tool = "a", timing = "untimed" },
      { tool = "a", timing = "elapsed", duration_ms = 500 } }):records(), { "a" })
    assert.same({ lane = "a", from = START + 1, to = START + 1, status = "success",
      untimed = true }, chart.spans[1])
    assert.is_nil(chart.spans[2].untimed)
    assert.equal("1 execution may have waited for a person within the time shown. 1 execution of "
      .. "unknown duration shows only when it ended.", note)
  end)

  it("draws what is in flight where nothing has ended", function()
    local chart = timeline.newest({}, { "a" }, { { tool = "a", started = 5, elapsed_ms = 1000 } })
    assert.same({ { lane = "a", from = 5, to = 6, status = "in_flight" } }, chart.spans)
    assert.is_nil(chart.from)
    assert.is_nil((timeline.newest({}, { "a" }, {})))
  end)
end)

describe("a whole run over time", function()
  it("has how many of each tool ended when, and how many failed or timed out", function()
    local chart = timeline.whole(run {
      { tool = "b", timestamp = START + 1 }, { tool = "b", timestamp = START + 2 },
      { tool = "b", timestamp = START + 2.5, status = "timed_out" },
      { tool = "a", timestamp = START + 90, status = "failed" },
      { tool = "a", timestamp = START + 91, status = "cancelled" },
    }, { "a", "b" })
    assert.same({ kind = "density", every = 2, cells = {
      { lane = "a", time = START + 90, count = 2, failed = 1 },
      { lane = "b", time = START, count = 1, failed = 0 },
      { lane = "b", time = START + 2, count = 2, failed = 1 },
    } }, chart)
  end)

  it("is in intervals that begin at local midnight", function()
    local records = {}
    for day = 0, 59 do -- at 23:59:59 and at 00:00:00 at +05:30
      records[2 * day + 1] = { tool = "a", timestamp = START + day * 86400 + 66599 }
      records[2 * day + 2] = { tool = day == 0 and "b" or "a",
        timestamp = START + day * 86400 + 66600, status = "failed" }
    end
    table.remove(records)
    local chart = timeline.whole(run(records), { "b", "a" }, 330)
    assert.equal(86400, chart.every)
    assert.same({ { lane = "b", time = START + 66600, count = 1, failed = 1 },
      { lane = "a", time = START - 19800, count = 1, failed = 0 },
      { lane = "a", time = START + 66600, count = 1, failed = 0 },
      { lane = "a", time = START + 86400 + 66600, count = 2, failed = 1 } },
      { portable.unpack(chart.cells, 1, 4) })
    assert.equal(61, #chart.cells)
  end)

  it("has a lane for each tool, however many they are", function()
    local records, names = {}, {}
    for i = 1, 20 do
      names[i] = ("t%02d"):format(i)
      records[i] = { tool = names[i], timestamp = START + i }
    end
    for i, cell in ipairs(timeline.whole(run(records), names).cells) do
      assert.same({ lane = names[i], time = START + i, count = 1, failed = 0 }, cell)
    end
  end)

  it("isn't drawn of one interval, or of nothing that has a time", function()
    assert.is_nil(timeline.whole(run { { tool = "a", timestamp = START + 0.5 } }, { "a" }))
    assert.is_nil(timeline.whole(run {}, {}))
  end)
end)
