local format = require("exectrack.report.format")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")
local process = require("spec.support.process")
local u = require("spec.support.utf8").text

local NAN, INF = 0 / 0, math.huge

--- Asserts what `f` makes of each number: `{ number, text }`.
local function assert_formats(f, cases)
  for _, case in ipairs(cases) do
    assert.equal(case[2], f(case[1]), "of " .. tostring(case[1]))
  end
end

local function assert_special(f)
  assert.equal("", f(nil))
  assert.equal("not a number", f(NAN))
  assert.equal("not a number", f(-NAN))
  assert.equal("infinite", f(INF))
  assert.equal("-infinite", f(-INF))
end

describe("format.duration", function()
  it("shows milliseconds to three digits, at most two behind the point", function()
    assert_formats(format.duration, {
      { 0, "0 ms" }, { 0.005, "0.01 ms" }, { 0.25, "0.25 ms" }, { 1, "1.00 ms" },
      { 9.994, "9.99 ms" }, { 9.995, "10.0 ms" }, { 12.5, "12.5 ms" }, { 99.94, "99.9 ms" },
      { 99.95, "100 ms" }, { 180, "180 ms" }, { 999.499, "999 ms" },
    })
  end)

  it("never shows a duration as none", function()
    assert_formats(format.duration, {
      { 0.001, "<0.01 ms" }, { 0.00499, "<0.01 ms" }, { 5e-324, "<0.01 ms" },
    })
  end)

  it("shows seconds up to a minute", function()
    assert_formats(format.duration, {
      { 999.5, "1.00 s" }, { 2400, "2.40 s" }, { 9994, "9.99 s" }, { 9995, "10.0 s" },
      { 59949, "59.9 s" },
    })
  end)

  it("shows two units above, the smaller one with two digits", function()
    assert_formats(format.duration, {
      { 59950, "1 min 00 s" }, { 65000, "1 min 05 s" }, { 3599499, "59 min 59 s" },
      { 3599500, "1 h 00 min" }, { 11520000, "3 h 12 min" }, { 86399499, "23 h 59 min" },
      { 86399500, "1 d 00 h" }, { 187200000, "2 d 04 h" }, { 8.64e10, "1000 d 00 h" },
      { 2 ^ 56 / 1000, "833999 d 22 h" },
    })
  end)

  it("shows minutes and hours that have begun, not the next", function()
    assert_formats(format.duration, { { 3659499, "1 h 00 min" }, { 3659500, "1 h 01 min" },
      { 86400000 + 3599499, "1 d 00 h" }, { 86400000 + 3599500, "1 d 01 h" } })
  end)

  it("has a sign in front of what is negative", function()
    assert_formats(format.duration, {
      { -0.0, "0 ms" }, { -12.5, "-12.5 ms" }, { -65000, "-1 min 05 s" }, { -0.001, "-<0.01 ms" },
      { -2 ^ 63, "-106751991167 d 07 h" },
    })
  end)

  it("has words for nil and for what isn't finite", function()
    assert_special(format.duration)
  end)
end)

describe("format.percent", function()
  it("shows one digit behind the point", function()
    assert_formats(format.percent, {
      { 0.0005, "0.1 %" }, { 0.004, "0.4 %" }, { 0.125, "12.5 %" }, { 0.5, "50.0 %" },
      { 0.9994, "99.9 %" },
    })
  end)

  it("shows none and all without, and only these as none and all", function()
    assert_formats(format.percent, {
      { 0, "0 %" }, { 1, "100 %" }, { 5e-324, "<0.1 %" }, { 0.000499, "<0.1 %" },
      { 0.9995, ">99.9 %" }, { 1 - 2 ^ -53, ">99.9 %" },
    })
  end)

  it("shows whole ones above all", function()
    assert_formats(format.percent, { { 1.004, "100 %" }, { 1.5, "150 %" }, { 12, "1200 %" } })
  end)

  it("has a sign in front of what is negative", function()
    assert_formats(format.percent, {
      { -0.03, "-3.0 %" }, { -1, "-100 %" }, { -0.0001, "-<0.1 %" }, { -0.9999, "->99.9 %" },
      { -2 ^ 63, "-922337203685477580800 %" },
    })
  end)

  it("has words for nil and for what isn't finite", function()
    assert_special(format.percent)
  end)
end)

describe("format.count", function()
  it("separates thousands", function()
    assert_formats(format.count, {
      { 0, "0" }, { 7, "7" }, { 999, "999" }, { 1000, "1,000" }, { 999999, "999,999" },
      { 1234567, "1,234,567" }, { 1e15, "1,000,000,000,000,000" }, { -1000, "-1,000" },
      { -999, "-999" }, { 12.0, "12" },
    })
  end)

  it("shows all whole numbers exactly", function()
    assert_formats(format.count, { { 2 ^ 53 - 1, "9,007,199,254,740,991" },
      { 2.0 ^ 63, "9,223,372,036,854,775,808" }, { -2.0 ^ 63, "-9,223,372,036,854,775,808" },
      { 2.0 ^ 64, "18,446,744,073,709,551,616" }, { -0.0, "0" } })
  end)

  it("shows integers beyond 2^53 exactly", function()
    needs.integers(pending)
    assert_formats(format.count, { { 9007199254740993, "9,007,199,254,740,993" },
      { portable.MAX_INTEGER, "9,223,372,036,854,775,807" },
      { portable.MIN_INTEGER, "-9,223,372,036,854,775,808" } })
  end)

  it("shows a fraction to two digits", function()
    assert_formats(format.count, { { 0.5, "0.50" }, { 1234.567, "1,234.57" },
      { -1234.5, "-1,234.50" } })
  end)

  it("has words for nil and for what isn't finite", function()
    assert_special(format.count)
  end)
end)

describe("format.bytes", function()
  it("shows bytes whole", function()
    assert_formats(format.bytes, { { 0, "0 B" }, { 512, "512 B" }, { 1023, "1023 B" },
      { 1023.4, "1023 B" } })
  end)

  it("shows larger units to three digits, four just below the next", function()
    assert_formats(format.bytes, {
      { 1023.5, "1.00 KiB" }, { 1024, "1.00 KiB" }, { 1536, "1.50 KiB" }, { 10240, "10.0 KiB" },
      { 1023.4 * 1024, "1023 KiB" }, { 1023.5 * 1024, "1.00 MiB" }, { 24 * 2 ^ 20, "24.0 MiB" },
      { 2 ^ 30, "1.00 GiB" }, { 2 ^ 40, "1.00 TiB" }, { 2 ^ 50, "1.00 PiB" },
      { 2 ^ 60, "1.00 EiB" }, { 2 ^ 72, "4096 EiB" },
    })
  end)

  it("has a sign in front of what is negative", function()
    assert_formats(format.bytes, { { -512, "-512 B" }, { -1536, "-1.50 KiB" },
      { -2 ^ 63, "-8.00 EiB" } })
  end)

  it("has words for nil and for what isn't finite", function()
    assert_special(format.bytes)
  end)
end)

describe("format.time", function()
  it("shows UTC, to the second before", function()
    assert_formats(format.time, {
      { 0, "1970-01-01 00:00:00" }, { 0.999999, "1970-01-01 00:00:00" },
      { 951782400, "2000-02-29 00:00:00" }, { 1767225600, "2026-01-01 00:00:00" },
      { 1767225599.75, "2025-12-31 23:59:59" }, { 253402300799.5, "9999-12-31 23:59:59" },
    })
  end)

  it("shows the time of another zone", function()
    assert.equal("2026-01-01 05:30:00", format.time(1767225600, 330))
    assert.equal("2025-12-31 18:00:00", format.time(1767225600, -360))
    assert.equal("2026-01-01 00:00:00", format.time(1767225600, 0))
    assert.equal("UTC", format.zone())
    assert.equal("UTC", format.zone(0))
    assert.equal("+05:30", format.zone(330))
    assert.equal("-06:00", format.zone(-360))
    assert.equal("local time", format.zone("local"))
  end)

  it("shows local time with its daylight saving time", function()
    local function in_zone(name)
      return (process.run_lua([[local format = require("exectrack.report.format")
        print(format.time(1767225600, "local"), format.time(1782864000, "local"))]],
        "export TZ=" .. name .. ";"))
    end
    assert.equal("2026-01-01 01:00:00\t2026-07-01 02:00:00\n", in_zone("CET-1CEST,M3.5.0,M10.5.0"))
    assert.equal("2026-01-01 00:00:00\t2026-07-01 00:00:00\n", in_zone("UTC0"))
  end)

  it("has a day and a time of day", function()
    assert.same({ "2026-01-01", "05:30:00" }, { format.day_and_time(1767225600, 330) })
    assert.is_nil(format.day_and_time(-1))
    assert.is_nil(format.day_and_time(0 / 0))
  end)

  it("shows seconds out of range as they are", function()
    assert_formats(format.time, { { 253402300800, "253402300800 s" }, { -1, "-1 s" },
      { -1.4, "-1 s" }, { 1e15, "1000000000000000 s" } })
  end)

  it("has words for nil and for what isn't finite", function()
    assert_special(format.time)
  end)
end)

describe("format.relative_time", function()
  local NOW = 1767225600

  it("shows how long ago, to the unit below", function()
    for seconds, expected in pairs {
      [0] = "now", [0.999] = "now", [1] = "1 s ago", [59.9] = "59 s ago", [60] = "1 min ago",
      [3599] = "59 min ago", [3600] = "1 h ago", [86399] = "23 h ago", [86400] = "1 d ago",
      [8640000] = "100 d ago",
    } do
      assert.equal(expected, format.relative_time(NOW - seconds, NOW))
    end
  end)

  it("shows in how long", function()
    assert.equal("now", format.relative_time(NOW + 0.999, NOW))
    assert.equal("in 1 s", format.relative_time(NOW + 1, NOW))
    assert.equal("in 3 min", format.relative_time(NOW + 239, NOW))
    assert.equal("in 2 h", format.relative_time(NOW + 7200, NOW))
    assert.equal("in 1 d", format.relative_time(NOW + 86400, NOW))
  end)

  it("has words for nil and for what isn't finite", function()
    assert.equal("", format.relative_time(nil, NOW))
    assert.equal("infinite", format.relative_time(INF, NOW))
    assert.equal("infinite", format.relative_time(-INF, NOW))
    assert.equal("not a number", format.relative_time(NAN, NOW))
  end)
end)

describe("format.change", function()
  it("shows a share below twice as much, and a factor from there", function()
    for expected, share in pairs {
      ["+12.5 %"] = 0.125, ["-3.0 %"] = -0.03, ["-50.0 %"] = -0.5, ["-100 %"] = -1, ["0 %"] = 0,
      ["+99.0 %"] = 0.99, ["2.00 times"] = 1, ["2.40 times"] = 1.4, ["10.0 times"] = 9,
      ["1000 times"] = 999, ["+<0.1 %"] = 0.0001, ["-<0.1 %"] = -0.0001,
    } do
      assert.equal(expected, format.change(share))
    end
  end)

  it("has words for nil and for what isn't finite", function()
    assert.equal("", format.change(nil))
    assert.equal("+infinite", format.change(INF))
    assert.equal("not a number", format.change(NAN))
  end)
end)

describe("format.name", function()
  it("shows text on one line, without what harms", function()
    assert.equal("read_file", format.name("read_file"))
    assert.equal([[a\n\x1b[31m\u{202e}\xff]], format.name(u"a\n\27[31m\\u{202E}\\xFF"))
    assert.equal("", format.name(nil))
  end)
end)

describe("A function of format", function()
  --- Asserts what error `f` raises, and that it names the line on which `f` was made.
  local function assert_refuses(f, expected)
    local ok, message = pcall(f)
    assert.is_false(ok)
    assert.equal(("spec/report_format_spec.lua:%d: %s"):format(
      debug.getinfo(f, "S").linedefined, expected), message)
  end

  it("has no sign in front of what it shows as 0", function()
    for _, name in ipairs { "duration", "percent", "change", "count", "bytes", "time" } do
      for _, number in ipairs { tonumber("-0.0"), -1e-300, -1e-9, -0.0004, -0.0006, -0.004, -0.04,
        -0.4, -0.5, -0.6 } do
        assert.is_nil(format[name](number):find("^%-[0.]+%f[^0-9.]"))
      end
    end
    assert.equal("0 s", format.time(-0.4))
    assert.equal("0 B", format.bytes(-0.4))
    assert.equal("0.00", format.count(-0.004))
  end)

  it("refuses what is no number, at the place of the call", function()
    for _, name in ipairs { "duration", "percent", "change", "count", "bytes", "time" } do
      assert_refuses(function() return (format[name]("5")) end,
        name .. ": a number expected, got string")
    end
  end)

  it("refuses either of two that is no number", function()
    local f = format.relative_time
    assert_refuses(function() return (f({}, 1)) end,
      "relative_time: a number expected, got table")
    assert_refuses(function() return (f(1, true)) end,
      "relative_time: a number expected, got boolean")
    assert_refuses(function() return (format.relative_time(1)) end,
      "relative_time: a number expected, got nil")
  end)

  it("refuses what is no string", function()
    assert_refuses(function() return (format.name(5)) end, "name: a string expected, got number")
  end)
end)
