local cell = require("exectrack.report.cell")

describe("The text of a cell", function()
  it("is what its column's unit makes of the value", function()
    for unit, case in pairs {
      ms = { 12.5, "12.5 ms" }, percent = { 0.125, "12.5 %" }, count = { 1234, "1,234" },
      bytes = { 1536, "1.50 KiB" }, time = { 1767225600, "2026-01-01 00:00:00" },
      status = { "failed", "failed" }, place = { "/a.jsonl:12", "/a.jsonl:12" },
    } do
      assert.equal(case[2], cell.text(case[1], unit))
    end
  end)

  it("has the time of a zone", function()
    assert.equal("2026-01-01 02:00:00", cell.text(1767225600, "time", 120))
    assert.equal("7,200", cell.text(7200, "count", 120))
    assert.equal("Last (+02:00)", cell.heading({ field = "Last", unit = "time" }, 120))
  end)

  it("is empty for nil", function()
    assert.equal("", cell.text(nil))
    for _, unit in ipairs { "ms", "percent", "count", "bytes", "time", "status" } do
      assert.equal("", cell.text(nil, unit))
    end
  end)

  it("is yes or no for booleans", function()
    assert.equal("yes", cell.text(true))
    assert.equal("no", cell.text(false))
  end)

  it("is visible and on one line", function()
    assert.equal([[a\n\x1b[0m\xff 日]], cell.text("a\n\27[0m\255 日"))
    assert.equal([[a\n]], cell.text("a\n", "status"))
  end)

  it("has four digits of a number without a unit, or all before the point", function()
    for _, case in ipairs {
      { 0, "0" }, { -0.0, "0" }, { 2, "2" }, { 2.0, "2" }, { 1.8, "1.8" }, { -0.5, "-0.5" },
      { 1 / 3, "0.3333" }, { 999.94, "999.9" }, { 999.96, "1000" }, { 1234.5678, "1235" },
      { 123456.7, "123457" }, { -123456.7, "-123457" }, { 1e6, "1000000" },
      { 999999999999999, "999999999999999" }, { 1e15, "1e+15" }, { 1.5e300, "1.5e+300" },
      { 0.0001, "0.0001" }, { 0.00001234, "1.234e-05" }, { 5, "5" },
    } do
      assert.equal(case[2], cell.text(case[1]))
    end
    assert.equal("5", cell.text(5, "status"))
    assert.equal("timed out", cell.text("timed_out", "status"))
  end)

  it("has words for what isn't finite", function()
    for _, unit in ipairs { "none", "ms", "percent", "count", "bytes", "time" } do
      assert.equal("not a number", cell.text(0 / 0, unit))
      assert.equal("not a number", cell.text(-(0 / 0), unit))
      assert.equal("infinite", cell.text(1 / 0, unit))
      assert.equal("-infinite", cell.text(-1 / 0, unit))
    end
  end)
end)

describe("A cell without a value", function()
  it("has what the column says of that, unless its row counts nothing", function()
    local column = { field = "ms", unit = "ms", none = "unknown", none_counts = "count" }
    assert.equal("unknown", cell.of({ count = 1 }, column))
    assert.equal("unknown", cell.of({}, column))
    assert.equal("", cell.of({ count = 0 }, column))
    assert.equal("2.00 ms", cell.of({ count = 0, ms = 2 }, column))
  end)
end)

describe("The heading of a column", function()
  it("is its own, or its field", function()
    assert.equal("Calls", cell.heading { field = "count", heading = "Calls" })
    assert.equal("count", cell.heading { field = "count" })
    assert.equal("", cell.heading { field = "count", heading = "" })
  end)

  it("says that times are UTC", function()
    assert.equal("Last (UTC)", cell.heading { field = "at", heading = "Last", unit = "time" })
    assert.equal("at (UTC)", cell.heading { field = "at", unit = "time" })
  end)

  it("is visible and on one line", function()
    assert.equal([[a\nb]], cell.heading { field = "x", heading = "a\nb" })
    assert.equal([[\x1b]], cell.heading { field = "\27" })
  end)
end)

describe("A column", function()
  it("of figures is aligned to the right", function()
    for _, unit in ipairs { "ms", "percent", "count", "bytes" } do
      assert.is_true(cell.is_right({ field = "a", unit = unit }, {}))
    end
  end)

  it("of times, statuses and places is aligned to the left", function()
    for _, unit in ipairs { "time", "status", "place" } do
      assert.is_false(cell.is_right({ field = "a", unit = unit }, { { a = 1 } }))
    end
  end)

  it("without a unit is aligned to the right if it has numbers, and nothing but them", function()
    local column = { field = "a" }
    assert.is_true(cell.is_right(column, { { a = 1 }, {}, { a = 0 / 0 } }))
    assert.is_true(cell.is_right(column, { {}, { a = 1 } }))
    assert.is_false(cell.is_right(column, { { a = 1 }, { a = "x" } }))
    assert.is_false(cell.is_right(column, { { a = 1 }, { a = false } }))
    assert.is_false(cell.is_right(column, { {}, { b = 1 } }))
    assert.is_false(cell.is_right(column, {}))
  end)
end)

describe("The first rows of a section", function()
  it("are as many as its limit, and a sentence says so", function()
    local rows = {}
    for i = 1, 1200 do
      rows[i] = { a = i }
    end
    assert.same({ 50, "The first 50 of 1,200 tools." },
      { cell.first_rows { rows = rows, limit = 50, noun = "tools" } })
    assert.same({ 0, "None of 1,200 rows." }, { cell.first_rows { rows = rows, limit = 0 } })
    assert.same({ 1200 }, { cell.first_rows { rows = rows, limit = 1200 } })
    assert.same({ 1200 }, { cell.first_rows { rows = rows } })
  end)
end)

describe("The tone of a status", function()
  it("is what it means", function()
    for tone, statuses in pairs {
      good = { "success", "better", "ok" },
      bad = { "bad", "failed", "timed_out", "worse", "deny" },
      warning = { "warning", "warn" },
      muted = { "cancelled", "noise", "small", "allow" },
    } do
      for _, status in ipairs(statuses) do
        assert.equal(tone, cell.tone(status))
      end
    end
  end)

  it("is none for other words", function()
    assert.is_nil(cell.tone("Success"))
    assert.is_nil(cell.tone(""))
  end)
end)

describe("The bars of a column", function()
  local function bars(...)
    local rows = {}
    for i, value in ipairs { ... } do
      rows[i] = { a = value }
    end
    return cell.bars({ field = "a" }, rows)
  end

  it("are as long as their share of the largest", function()
    assert.same({ 0.25, 1, 0.5 }, bars(1, 4, 2))
    assert.same({ 1 }, bars(5e-324))
  end)

  it("are nothing for what is no finite number above 0", function()
    assert.same({ 0, 0, 0, 0, 0, 1 }, bars(0, -5, 0 / 0, 1 / 0, "9", 2))
    assert.same({ 0, 1 }, cell.bars({ field = "a" }, { {}, { a = 3 } }))
  end)

  it("are nothing without any such number", function()
    assert.same({ 0, 0 }, bars(0, -1))
    assert.same({}, bars())
  end)
end)
