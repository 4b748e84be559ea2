local time = require("exectrack.format.time")

-- Texts of ISO 8601 and their Unix seconds.
local WITH_ZONE = {
  { "2026-01-31T23:59:58Z", 1769903998 },
  { "2026-01-31t23:59:58z", 1769903998 },
  { "2026-01-31 23:59:58 UTC", 1769903998 },
  { "2026-01-31 23:59:58UTC", 1769903998 },
  { "2026-01-31 23:59:58 Z", 1769903998 },
  { "2026-01-31 23:59:58 GMT", 1769903998 },
  { "2026-01-31T23:59:58GMT", 1769903998 },
  { "2026-02-01T23:58:58+23:59", 1769903998 },
  { "2026-01-31T23:59:58.5Z", 1769903998.5 },
  { "2026-01-31T23:59:58,25Z", 1769903998.25 },
  { "2026-01-31T23:59:58.123456Z", 1769903998.123456 },
  { "2026-01-31T23:59:58.000001Z", 1769903998.000001 },
  { "2026-01-31T23:59:58.123456499999Z", 1769903998.123456 },
  { "2026-01-31T23:59:58.1234565Z", 1769903998.123457 },
  { "2026-01-31T23:59:59.9999999Z", 1769904000 },
  { "2026-01-31T23:59Z", 1769903940 },
  { "2026-02-01T00:59:58+01:00", 1769903998 },
  { "2026-02-01 00:59:58.5 +0100", 1769903998.5 },
  { "2026-01-31T18:29:58-05:30", 1769903998 },
  { "2026-01-31T18:59-05", 1769903940 },
  { "2026-01-31T23:59:58-00:00", 1769903998 },
  { "1970-01-01T00:00:00Z", 0 },
  { "1969-12-31T23:00:00-02:00", 3600 },
  { "2016-12-31T23:59:60Z", 1483228800 },
  { "2017-01-01T05:29:60.5+05:30", 1483228800.5 },
  { "20260131T235958Z", 1769903998 },
  { "20260131T235958.5+0100", 1769900398.5 },
  { "9999-12-31T23:59:59Z", 253402300799 },
}

local WITHOUT_ZONE = {
  { "2026-01-31", 1769817600 },
  { "2024-02-29", 1709164800 },
  { "2026-01-31T23:59", 1769903940 },
  { "2026-01-31 23:59:58", 1769903998 },
  { "2026-01-31 23:59:58,123", 1769903998.123 },
  { "20260131T2359", 1769903940 },
}

-- What isn't a time.
local WRONG = {
  "", "yesterday", "2026-02-29", "2026-02-30T00:00:00Z", "2100-02-29", "2026-13-01", "2026-00-01",
  "2026-01-00", "2026-04-31", "2026-01-32", "2026-1-1", "2026-01-31T", "2026-01-31T24:00:00Z",
  "2026-01-31T12:60:00Z", "2026-01-31T12", "2026-01-31T12:00:1", "2026-01-31T12:00:00.",
  "2026-01-31T12:00:00.Z", "2026-01-31T12:00:005", "2026-01-31T12:00:", "2026-01-31Z",
  "2026-01-31T12:00:60Z", "2026-01-31T23:59:61Z", "2026-01-31T23:59:60+01:00",
  "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+01:60", "2026-01-31T12:00:00+1",
  "2026-01-31T12:00:00+01:", "2026-01-31T12:00:00+01:0", "2026-01-31T12:00:00+01:000",
  "2026-01-31T12:00ZZ", "2026-01-31T12:00 ", "2026-01-31T12:00CET", "2026-01-31  12:00",
  "2026-01-31X12:00", " 2026-01-31", "20260131T12", "20260131T12005Z", "20260230T120000Z",
  "2026-0131T12:00", "1969-12-31", "1970-01-01T00:00:00+00:01", "0000-01-01", "-2026-01-31",
  "12:00", "1e9", "0x10",
}

describe("a time in the format of ISO 8601", function()
  it("is the Unix seconds that it says, to the microsecond", function()
    for _, case in ipairs(WITH_ZONE) do
      local seconds, has_zone = time.iso(case[1])
      assert.same({ case[2], true, case[1] }, { seconds, has_zone, case[1] })
    end
  end)

  it("is in UTC if it has no zone", function()
    for _, case in ipairs(WITHOUT_ZONE) do
      local seconds, has_zone = time.iso(case[1])
      assert.same({ case[2], false, case[1] }, { seconds, has_zone, case[1] })
    end
  end)

  it("is nothing else", function()
    for _, text in ipairs(WRONG) do
      assert.is_nil((time.iso(text)), text)
    end
  end)

  it("is the same whatever was read before it", function()
    assert.is_nil((time.iso("2026-02-30T00:00")))
    assert.is_nil((time.iso("2026-02-30T00:00")))
    assert.equal(1769817600, (time.iso("2026-01-31T00:00")))
    assert.equal(1769817660, (time.iso("2026-01-31T00:01")))
    assert.equal(1769904000, (time.iso("2026-02-01T00:00")))
    assert.equal(1769814060, (time.iso("2026-01-31T00:01+01:00")))
    assert.equal(1769814120, (time.iso("2026-01-31T00:02+01:00")))
  end)

  it("is one of a Unix clock, for each hour of a year of zones", function()
    for hour = 0, 8783 do
      local seconds = 1704067200 + hour * 3600 -- 2024-01-01
      local ahead = hour % 27 - 12
      local text = os.date("!%Y-%m-%dT%H:%M:%S", seconds + ahead * 3600)
        .. ("%s%02d:00"):format(ahead < 0 and "-" or "+", math.abs(ahead))
      assert.equal(seconds, (time.iso(text)), text)
    end
  end)
end)

describe("a Unix time", function()
  it("is in the unit in which it isn't after 2200", function()
    for _, case in ipairs {
      { 0, 0, "Unix seconds" },
      { 1767225600, 1767225600, "Unix seconds" },
      { 1767225600.25, 1767225600.25, "Unix seconds" },
      { 7258118400, 7258118400, "Unix seconds" },
      { 7258118401, 7258118.401, "Unix milliseconds" },
      { 1767225600123, 1767225600.123, "Unix milliseconds" },
      { 1767225600123.456, 1767225600.123456, "Unix milliseconds" },
      { 7258118400000, 7258118400, "Unix milliseconds" },
      { 7258118400000000, 7258118400, "Unix microseconds" },
      { 7258118400001, 7258118.400001, "Unix microseconds" },
      { 1767225600123456, 1767225600.123456, "Unix microseconds" },
      { 1767225600123456000, 1767225600.123456, "Unix nanoseconds" },
      { 1767225600000001000, 1767225600.000001, "Unix nanoseconds" },
      { 1767225600999999999, 1767225601, "Unix nanoseconds" },
      { 7.2581184e18, 7258118400, "Unix nanoseconds" },
    } do
      assert.same({ case[2], case[3] }, { time.read(case[1]) })
    end
  end)

  it("may be text", function()
    assert.same({ 1767225600.25, "Unix seconds" }, { time.read("1767225600.25") })
    assert.same({ 1767225600.123456, "Unix nanoseconds" }, { time.read("1767225600123456000") })
  end)

  it("is nothing else", function()
    for _, value in ipairs { -1, -1e300, 1e19, math.huge, 0 / 0, "-1", "1e19", "1 ", "", "nan",
      "inf", true, false, {} } do
      assert.is_nil((time.read(value)), tostring(value))
    end
    assert.is_nil((time.read(nil)))
  end)

  it("is told from a time in text", function()
    assert.same({ 1769903998, "ISO 8601" }, { time.read("2026-01-31T23:59:58Z") })
    assert.same({ 1769903998, "ISO 8601 without a zone, read as UTC" },
      { time.read("2026-01-31 23:59:58") })
  end)
end)

describe("a duration", function()
  it("is a number of a unit", function()
    for _, case in ipairs { { 12, "ms", 12 }, { 12.345, "ms", 12.345 }, { 0, "s", 0 },
      { 1.5, "s", 1500 }, { 0.000001, "s", 0.001 }, { 12345, "us", 12.345 },
      { 1234567, "ns", 1.235 }, { "12.5", "ms", 12.5 }, { "1e-3", "s", 1 },
      { 2 ^ 52, "us", 4503599627370.496 } } do
      assert.same({ case[3], false }, { time.duration(case[1], case[2]) })
    end
  end)

  it("may say its own units", function()
    for _, case in ipairs { { "12ms", 12 }, { "12 ms", 12 }, { "1.5s", 1500 }, { "250us", 0.25 },
      { "250\194\181s", 0.25 }, { "250\206\188s", 0.25 }, { "1500ns", 0.002 }, { "0s", 0 },
      { "1m30.5s", 90500 }, { "1h2m3s", 3723000 }, { "2h", 7200000 }, { "1 min 5 s", 65000 },
      { "3 Seconds", 3000 }, { "1.5e-05s", 0.015 }, { "1s500ms", 1500 }, { "2 minutes ", 120000 },
      { "00:00:01.25", 1250 }, { "1:02:03", 3723000 }, { "100:00:00", 360000000 } } do
      assert.same({ case[2], true }, { time.duration(case[1], "ns") })
    end
  end)

  it("is nothing else", function()
    for _, value in ipairs { -1, math.huge, 0 / 0, "-1", "-1s", "", " ", "s", "12 parsecs", "3m2h",
      "1s1s", "1h-5m", "1.2.3s", "01:02", "1:60:00", "1:00:60", "1:2:3", "0:00:01.2.3", "0:00:01s",
      "12msx", "ms12", "1,5s", "inf", "nan s", "0x1s", true, {} } do
      assert.is_nil((time.duration(value, "ms")), tostring(value))
    end
  end)

  it("has one of six units where a name says it", function()
    for word, unit in pairs { ms = "ms", millis = "ms", milliseconds = "ms", us = "us",
      micros = "us", microseconds = "us", ns = "ns", nanos = "ns", nanoseconds = "ns", s = "s",
      sec = "s", seconds = "s", min = "min", minutes = "min", h = "h", hrs = "h",
      hours = "h" } do
      assert.equal(unit, time.unit(word))
    end
    for _, word in ipairs { "m", "days", "", "MS" } do
      assert.is_nil(time.unit(word))
    end
  end)
end)
