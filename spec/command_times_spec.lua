local times = require("exectrack.command.times")

local parse = times.converter("--since")

--- The Unix seconds that `text` says, in a run that ends at 1,000,000.
local function seconds(text)
  return times.resolve(assert(parse(text)), 1000000)
end

describe("a point in time", function()
  it("may be Unix seconds", function()
    assert.equal(0, seconds("0"))
    assert.equal(1767225600, seconds("1767225600"))
    assert.equal(1.25, seconds("1.25"))
    assert.equal(253402300799, seconds("253402300799"))
    assert.is_nil(parse("1767225600000")) -- which are milliseconds
  end)

  it("may be a date", function()
    assert.equal(0, seconds("1970-01-01"))
    assert.equal(951782400, seconds("2000-02-29"))
    assert.equal(1767225600, seconds("2026-01-01"))
    assert.equal(4107542400, seconds("2100-03-01"))
    assert.equal(253402214400, seconds("9999-12-31"))
  end)

  it("may be each day of many years", function()
    local day = 0
    for year = 1970, 2110 do
      local is_leap = year % 4 == 0 and year ~= 2100
      for month, days in ipairs { 31, is_leap and 29 or 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
        31 } do
        for _, of_month in ipairs { 1, days } do
          local date = ("%04d-%02d-%02d"):format(year, month, of_month)
          assert.equal((day + of_month - 1) * 86400, seconds(date), date)
        end
        day = day + days
        assert.is_nil(parse(("%04d-%02d-%02d"):format(year, month, days + 1)))
      end
    end
  end)

  it("may be a date and a time, in UTC", function()
    for _, text in ipairs { "2026-01-31T23:59", "2026-01-31 23:59:00", "2026-01-31T23:59:00Z",
      "2026-01-31T23:59Z", "2026-01-31T23:59:00.000Z" } do
      assert.equal(1769903940, seconds(text), text)
    end
    assert.equal(1769903940.5, seconds("2026-01-31T23:59:00.5"))
  end)

  it("may have an offset from UTC", function()
    assert.equal(1769903940, seconds("2026-02-01T00:59+01:00"))
    assert.equal(1769903940.5, seconds("2026-01-31 18:29:00.5-0530"))
  end)

  it("may be a span before the end of the run", function()
    assert.equal(1000000 - 90, seconds("90s"))
    assert.equal(1000000 - 0.5, seconds("0.5s"))
    assert.equal(1000000 - 900, seconds("15m"))
    assert.equal(1000000 - 7200, seconds("2h"))
    assert.equal(1000000 - 604800, seconds("7d"))
    assert.equal(1000000, seconds("0s"))
  end)

  it("is nothing else", function()
    for _, text in ipairs { "", "yesterday", "-1", "1e9", "0x10", "1.2.3", ".5", "5w", "5 m", "s",
      "1969-12-31", "0000-01-01", "2026-00-01", "2026-13-01", "2026-01-00", "2026-01-32",
      "2026-02-29", "2100-02-29", "2026-1-1", "2026-01-01T", "2026-01-01T24:00", "2026-01-01T12",
      "2026-01-01T12:60", "2026-01-01T12:00:60", "2026-01-01T12:00:", "2026-01-01T12:00:00+01:60",
      "2026-01-01T12:00:1", "2026-01-01Z", "2026-01-01T12:00ZZ", "12:00" }
    do
      local point, problem = parse(text)
      assert.is_nil(point, text)
      assert.equal("--since: '" .. text .. "' isn't a time: Unix seconds, a date such as "
        .. "2026-01-31 or 2026-01-31T23:59:58, or a span such as 90s, 15m, 2h or 7d expected",
        problem)
    end
  end)
end)
