local exectrack = require("exectrack")
local reports = require("exectrack.report")

local NAMES = { "overview", "failures", "latency", "loops", "compare", "policy" }

--- Options that are right.
local function options_of(name)
  if name == "compare" then
    return { before = exectrack.new(1):snapshot() }
  end
  return name == "policy" and { policy = print } or nil
end

describe("each built-in report", function()
  it("is made of a snapshot", function()
    local snapshot = exectrack.new(1):snapshot()
    for _, name in ipairs(NAMES) do
      assert.is_true(reports.check(reports[name](snapshot, options_of(name))))
    end
  end)

  it("says that a snapshot is expected, to the line that called it", function()
    for _, name in ipairs(NAMES) do
      for kind, value in pairs { string = "a.run", table = {}, userdata = io.stdout,
        ["a tracker: call its snapshot()"] = exectrack.new(1) } do
        local line = debug.getinfo(1, "l").currentline + 1
        local ok, problem = pcall(function() return (reports[name](value, options_of(name))) end)
        assert.is_false(ok)
        assert.equal(("spec/report_arguments_spec.lua:%d: %s: a snapshot expected, got %s")
          :format(line, name, kind), (problem:gsub("^%./", "")))
      end
      assert.has_error(function() reports[name]() end, name .. ": a snapshot expected, got nil")
    end
  end)

  it("names what is no snapshot before an option that is wrong", function()
    for _, name in ipairs(NAMES) do
      assert.has_error(function() reports[name](nil, { other = 1 }) end,
        name .. ": a snapshot expected, got nil")
    end
  end)
end)
