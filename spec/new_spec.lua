local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")

local INFINITY = math.huge
local NAN = 0 / 0

--- Asserts that exectrack.new raises `message` for `options`.
local function assert_raises(message, options)
  assert.has_error(function() exectrack.new(options) end, message)
end

describe("exectrack.new", function()
  it("keeps 1,000 records of 512 tools by default", function()
    for _, tracker in ipairs { exectrack.new(), exectrack.new(nil), exectrack.new {} } do
      for i = 1, 1001 do
        tracker:record("tool " .. i % 513, "success", 1)
      end
      assert.equal("exectrack.Tracker (513 tools, 1000/1000 records)", tostring(tracker))
      assert.equal("(other)", tracker:get_tool_name(513))
    end
  end)

  it("lists 64 executions in flight by default", function()
    local tracker, spans = exectrack.new(), {}
    for i = 1, 65 do
      spans[i] = tracker:start("a")
    end
    assert.equal(64, #tracker:in_flight())
    assert.equal(65, tracker:stats("a").in_flight)
    assert.equal(65, #spans)
  end)

  it("takes max_history alone or in a table", function()
    for _, options in ipairs { 7, 7.0, { max_history = 7 }, { max_history = 7.0 } } do
      assert.equal("exectrack.Tracker (0 tools, 0/7 records)", tostring(exectrack.new(options)))
    end
  end)

  it("takes the largest of each limit but max_history, and the smallest of each", function()
    assert.equal(0, #exectrack.new { max_tools = 65535 })
    assert.equal(0, #exectrack.new { max_in_flight = 65535 })
    assert.equal(0, #exectrack.new { max_history = 0, max_tools = 1, max_in_flight = 0 })
  end)

  it("keeps 256 names of sessions unless told otherwise", function()
    local function max_session_names(options)
      return exectrack.new(options):snapshot():to_table().max_session_names
    end
    assert.equal(256, max_session_names())
    assert.equal(8, max_session_names { session_names = 3 })
    assert.equal(65536, max_session_names { session_names = 65536 })
    local tracker = exectrack.new { session_names = 0 }
    tracker:session("a"):record("a", "success", 1)
    assert.matches("^#%x%x%x%x%x%x%x%x$", tracker:recent_executions(1)[1].session)
  end)

  it("reads options without metamethods", function()
    local trap = function() error("a metamethod was called") end
    local options = setmetatable({ max_history = 3 }, { __index = trap, __pairs = trap })
    assert.equal("exectrack.Tracker (0 tools, 0/3 records)", tostring(exectrack.new(options)))
  end)

  it("leaves the options as they are", function()
    local options = { max_history = 3, label = "x" }
    exectrack.new(options)
    assert.same({ max_history = 3, label = "x" }, options)
  end)

  it("ignores further arguments", function()
    assert.equal("exectrack.Tracker (0 tools, 0/3 records)", tostring(exectrack.new(3, "x", {})))
  end)
end)

describe("exectrack.new raises for", function()
  it("what is neither a number nor a table", function()
    local cases = { ["10"] = "string", [true] = "boolean", [print] = "function" }
    for options, name in pairs(cases) do
      assert_raises("bad argument #1 to 'new' (number or table expected, got " .. name .. ")",
        options)
    end
    assert_raises("bad argument #1 to 'new' (number or table expected, got exectrack.Tracker)",
      exectrack.new(1))
    assert_raises(("bad argument #1 to 'new' (number or table expected, got %s)"):format(
      portable.FILE), io.stdout)
  end)

  it("an unknown option, by name", function()
    assert_raises("bad argument #1 to 'new' (unknown option 'max_histroy')", { max_histroy = 10 })
    assert_raises("bad argument #1 to 'new' (unknown option '1')", { 10 })
    assert_raises("bad argument #1 to 'new' (unknown option 'label')", { ["label\0"] = "x" })
    assert_raises("bad argument #1 to 'new' (unknown option of type boolean)", { [true] = 1 })
    local mute = setmetatable({}, { __tostring = function() error("not asked") end })
    assert_raises("bad argument #1 to 'new' (unknown option of type table)", { [mute] = 1 })
    assert_raises("bad argument #1 to 'new' (unknown option '" .. ("x"):rep(40) .. "')",
      { [("x"):rep(100)] = 1 })
    assert_raises("bad argument #1 to 'new' (unknown option '')", { [""] = 1 })
  end)

  local limits = {
    { "max_history", 0, 268435456 },
    { "max_tools", 1, 65535 },
    { "max_in_flight", 0, 65535 },
    { "session_names", 0, 65536 },
  }
  for _, limit in ipairs(limits) do
    local option, low, high = portable.unpack(limit)

    it(option .. " that isn't from " .. low .. " to " .. high, function()
      local wrong = {
        { low - 1, tostring(low - 1) },
        { high + 1, tostring(high + 1) },
        { portable.MIN_INTEGER, ("%d"):format(portable.MIN_INTEGER) },
        { portable.MAX_INTEGER, ("%d"):format(portable.MAX_INTEGER) },
        { 10.5, "10.5" },
        { 1e300, "1e+300" },
        { INFINITY, "inf" },
        { -INFINITY, "-inf" },
        { NAN, "nan" },
        { -NAN, "nan" },
      }
      for _, case in ipairs(wrong) do
        assert_raises(string.format(
          "bad argument #1 to 'new' (%s: an integer from %d to %d expected, got %s)",
          option, low, high, case[2]), { [option] = case[1] })
      end
    end)

    it(option .. " that isn't a number", function()
      for _, wrong in ipairs { "10", true, {} } do
        assert_raises(string.format("bad argument #1 to 'new' (%s: number expected, got %s)",
          option, type(wrong)), { [option] = wrong })
      end
    end)
  end

  it("a number that isn't a max_history", function()
    local message = "bad argument #1 to 'new' (max_history: an integer from 0 to 268435456 "
      .. "expected, got %s)"
    for number, text in pairs { [-1] = "-1", [268435457] = "268435457", [0.5] = "0.5",
      [INFINITY] = "inf" } do
      assert_raises(message:format(text), number)
    end
    assert_raises(message:format("nan"), NAN)
  end)

  it("a label that isn't a string of up to 64 bytes", function()
    assert_raises("bad argument #1 to 'new' (label: string expected, got number)", { label = 5 })
    assert_raises("bad argument #1 to 'new' (label: string expected, got boolean)",
      { label = false })
    assert_raises("bad argument #1 to 'new' (label: at most 64 bytes expected, got 65)",
      { label = ("x"):rep(65) })
    assert_raises("bad argument #1 to 'new' (label: at most 64 bytes expected, got 100)",
      { label = ("\0"):rep(100) })
  end)

  it("a clock that isn't a function", function()
    local callable = setmetatable({}, { __call = os.time })
    assert_raises("bad argument #1 to 'new' (clock: function expected, got table)",
      { clock = callable })
    assert_raises("bad argument #1 to 'new' (clock: function expected, got number)", { clock = 5 })
    assert_raises("bad argument #1 to 'new' (clock: function expected, got boolean)",
      { clock = false })
  end)

  it("more memory than there is, and goes on", function()
    if not process.measures_memory() then
      return pending("memory can't be limited here")
    end
    local stdout, stderr, code = process.run_lua([[
      local exectrack = require("exectrack")
      print(pcall(exectrack.new, 2 ^ 28))
      print(exectrack.new(10))
    ]], "ulimit -v 1000000;")
    assert.equal("", stderr)
    assert.equal("false\tcannot make a tracker: not enough memory\n"
      .. "exectrack.Tracker (0 tools, 0/10 records)\n", stdout)
    assert.equal(0, code)
  end)
end)
