local assert = require("luassert")
local busy_part = require("exectrack.report.parts.busy_part")

local DAY = 86400

--- Adds `count` records that end every 10 s from `start` on, and took 1 s.
local function add(records, count, start)
  for i = 1, count do
    records[#records + 1] = { timestamp = start + 10 * i, duration_ms = 1000 }
  end
  return records
end

--- Which of `records` are drawn, as the numbers of the first and the last; and the second result.
local function drawn(records, wanted)
  for i, record in ipairs(records) do
    record.number = i
  end
  local part, are_newest = busy_part(records, wanted)
  assert.equal(#part, part[#part].number - part[1].number + 1)
  return { part[1].number, part[#part].number, are_newest }
end

describe("the part of a run that is drawn call by call", function()
  it("is all, if that takes a tenth of the chart or has few calls", function()
    assert.same({ 1, 200, true }, drawn(add({}, 200, 0)))
    local spread = {}
    for day = 1, 10 do
      add(spread, 20, day * DAY)
    end
    assert.same({ 1, 200, true }, drawn(spread))
    assert.same({ 1, 6, true }, drawn(add(add({}, 3, 0), 3, DAY)))
    assert.same({ 1, 1, true }, drawn(add({}, 1, 0)))
    assert.same({}, (busy_part {}))
  end)

  it("is what came after a long pause", function()
    assert.same({ 61, 120, true }, drawn(add(add({}, 60, 0), 60, 7 * DAY)))
    local days = {}
    for day = 1, 5 do
      add(days, 20, day * DAY)
    end
    assert.same({ 81, 100, true }, drawn(days))
  end)

  it("is what came before the pause, if less than ten calls came after it", function()
    assert.same({ 1, 60, false }, drawn(add(add({}, 60, 0), 9, DAY)))
    assert.same({ 61, 70, true }, drawn(add(add({}, 60, 0), 10, DAY)))
    assert.same({ 5, 9, true }, drawn(add(add({}, 4, 0), 5, DAY)))
  end)

  it("is what came before and after the record that is wanted", function()
    local records = add(add(add({}, 60, 0), 60, 7 * DAY), 60, 14 * DAY)
    for wanted, part in pairs { [60] = { 1, 60, false }, [61] = { 61, 120, false },
      [121] = { 121, 180, true } } do
      assert.same(part, drawn(records, records[wanted]))
    end
    table.insert(records, {})
    assert.equal(61, #busy_part(records, records[181])) -- it has no time
  end)

  it("has no pause while anything runs, whatever the order of the records", function()
    local records = add(add({}, 60, 7 * DAY), 60, 0)
    table.insert(records, { timestamp = 7 * DAY, duration_ms = 7 * DAY * 1000 })
    assert.same({ 1, 121, true }, drawn(records))
    table.remove(records)
    assert.same({ 1, 60, true }, drawn(records))
  end)

  it("has all calls at one time, and those without a time", function()
    local records = {}
    for i = 1, 50 do
      records[i] = { timestamp = 5 }
    end
    assert.same({ 1, 50, true }, drawn(records))
    records = add({ {} }, 60, 0)
    local part, are_newest = busy_part(add(records, 1, DAY))
    assert.equal(61, #part)
    assert.is_nil(part[1].timestamp)
    assert.is_false(are_newest)
  end)
end)
