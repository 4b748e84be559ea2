local clock = require("spec.support.clock")
local process = require("spec.support.process")
local steps = require("exectrack.report.steps")

local START = clock.START_US / 1e6
local DAY = 86400

local function assert_length(seconds, text, length)
  local every = steps.intervals(START, START + length, 24)
  assert.same({ seconds, text }, { every, steps.text(every) })
end

describe("intervals of time", function()
  it("are of lengths that people count in, up to 24 of them", function()
    assert_length(1, "1 s", 0)
    assert_length(1, "1 s", 23.9)
    assert_length(2, "2 s", 24)
    assert_length(5, "5 s", 48)
    assert_length(15, "15 s", 336)
    assert_length(60, "1 min", 720)
    assert_length(3600, "1 h", DAY - 1)
    assert_length(7200, "2 h", DAY)
    assert_length(DAY, "1 d", 20 * DAY)
    assert_length(28 * DAY, "28 d", 365 * DAY)
  end)

  it("count those that hold but a part of the time", function()
    assert.equal(2, (steps.intervals(0.5, 24, 24)))
    assert.equal(1, (steps.intervals(0.5, 23.5, 24)))
  end)

  it("begin at round times of a zone", function()
    local function starts(first, last, zone)
      local every, found = steps.intervals(START + first, START + last, 3, zone)
      for i, start in ipairs(found) do
        found[i] = start - START
      end
      return { every, found }
    end
    assert.same({ DAY, { 0, DAY, 2 * DAY } }, starts(5, 2 * DAY))
    assert.same({ DAY, { -19800, DAY - 19800, 2 * DAY - 19800 } }, starts(5, 2 * DAY, 330))
    assert.same({ 3600, { -1800, 1800, 5400 } }, starts(0, 5400, 330))
    assert.same({ 1800, { 0, 1800, 3600 } }, starts(0, 3600, 330))
    assert.same({ DAY, { 18000 - DAY, 18000, 18000 + DAY } }, starts(5, 2 * DAY, -300))
  end)

  it("begin at local midnight also after clocks were changed", function()
    local function starts(zone, first, last, most)
      return (process.run_lua(([[
        local texts = {}
        local _, times = require("exectrack.report.steps").intervals(%d, %d, %d, "local")
        for i, time in ipairs(times) do texts[i] = ("%%.0f"):format(time) end
        print(table.concat(texts, " "))]]):format(first, last, most), "export TZ=" .. zone .. ";"))
    end
    assert.equal("1774566000 1774652400 1774738800 1774821600\n",
      starts("CET-1CEST,M3.5.0,M10.5.0/3", 1774566000, 1774821601, 4))
    assert.equal("1791037800 1791041400 1791045000 1791048600\n", -- there is no 02:00
      starts("ACST-9:30ACDT,M10.1.0,M4.1.0/3", 1791037800, 1791048600, 5))
  end)

  it("grow without an end", function()
    assert.equal(128 * 28 * DAY, (steps.intervals(0, 4102444800, 24)))
    assert.equal("3584 d", steps.text(128 * 28 * DAY))
    assert.equal(5, steps.time(3))
    assert.equal(56 * DAY, steps.time(29 * DAY))
  end)
end)

describe("the labels of times", function()
  --- The texts of the labels, the first of which stands for a time so many seconds from the start.
  local function assert_ticks(first, texts, low, high, most, zone)
    local ticks, found = steps.ticks(START + low, START + high, most, zone), {}
    for i, tick in ipairs(ticks) do
      found[i] = tick.text
    end
    assert.same(texts, found)
    assert.equal(START + first, ticks[1].time)
  end

  it("are round, of the day's time within a day", function()
    assert_ticks(2, { "00:00:02", "00:00:04", "00:00:06" }, 1, 7, 4)
    assert_ticks(3600, { "01:00", "02:00", "03:00", "04:00" }, 100, 4 * 3600, 4)
    assert_ticks(0, { "00:00:00.0", "00:00:00.1", "00:00:00.2" }, 0, 0.25, 3)
  end)

  it("have as many digits as they differ in", function()
    assert_ticks(0, { "00:00:00.00", "00:00:00.05" }, 0, 0.07, 2)
    assert_ticks(0, { "00:00:00.000000", "00:00:00.000001", "00:00:00.000002" }, 0, 2e-6, 2)
  end)

  it("name the days if there are several, and years", function()
    assert_ticks(DAY / 2, { "01-01 12:00", "01-02 00:00", "01-02 12:00" }, 1, 2 * DAY - 1, 4)
    assert_ticks(DAY, { "01-02", "01-03", "01-04" }, 1, 4 * DAY - 1, 4)
    assert_ticks(-DAY, { "2025-12-31", "2026-01-01" }, -DAY, 10, 1)
  end)

  it("are round in a time zone", function()
    assert_ticks(DAY - 3600, { "01-02", "01-03" }, 0, 3 * DAY - 3601, 3, 60)
    assert_ticks(18 * 3600 - 1800, { "23:00" }, 17 * 3600 + 60, 18 * 3600 - 1, 1, 330)
  end)

  it("are where the axis begins if none is round", function()
    assert_ticks(5, { "00:00:05" }, 5, 5, 6)
    assert.same({ { time = 1e17, text = "100000000000000000 s" } }, steps.ticks(1e17, 1e17 + 16, 6))
    assert.equal("-5 s", steps.ticks(-5, -5, 6)[1].text)
  end)
end)
