local exectrack = require("exectrack")

local function recorded(tool, error_type)
  local tracker = exectrack.new(1)
  tracker:record(tool, "failed", 1, false, error_type)
  return tracker:recent_executions(1)[1], tracker
end

describe("a name", function()
  it("may be any bytes", function()
    for _, name in ipairs { "", "\0", "a\0b", "\255\254\128", "(other)", (" "):rep(255) } do
      local record, tracker = recorded(name)
      assert.equal(name, record.tool)
      assert.equal(name, tracker:get_tool_name(1))
      assert.equal(1, tracker:stats(name).failed)
      assert.equal(1.0, tracker:avg_duration_for_tool(name))
      assert.equal(0, tracker:stats().overflowed)
    end
  end)

  it("tells zeros and their number apart", function()
    local tracker = exectrack.new(1)
    for _, name in ipairs { "", "\0", "\0\0", "a", "a\0", "a\0b", "a\0c" } do
      tracker:record(name, "success", 1)
    end
    assert.same({ "", "\0", "\0\0", "a", "a\0", "a\0b", "a\0c" }, tracker:tools())
  end)

  it("is cut to 255 bytes", function()
    local kept = ("x"):rep(255)
    local record, tracker = recorded(("x"):rep(300))
    assert.equal(kept, record.tool)
    tracker:record(kept, "success", 1)
    tracker:record(kept .. "y", "success", 1)
    assert.same({ kept }, tracker:tools())
    assert.equal(3, tracker:stats(("x"):rep(1000)).total_executions)
    assert.equal(1.0, tracker:avg_duration_for_tool(("x"):rep(256)))
  end)

  it("is cut within a character", function()
    local name = ("x"):rep(254) .. "é"
    assert.equal(name:sub(1, 255), (recorded(name)).tool)
  end)

  it("is cut in a span too", function()
    local tracker = exectrack.new(1)
    local span = tracker:start(("x"):rep(300))
    assert.equal(("x"):rep(255), tracker:in_flight()[1].tool)
    assert.equal("exectrack.Span (" .. ("x"):rep(255) .. ", in flight)", tostring(span))
  end)
end)

describe("an error type", function()
  it("may be any bytes", function()
    for _, error_type in ipairs { "\0", "a\0b", "\255", ("e"):rep(255) } do
      assert.equal(error_type, (recorded("a", error_type)).error_type)
    end
  end)

  it("is cut to 255 bytes", function()
    assert.equal(("e"):rep(255), (recorded("a", ("e"):rep(300))).error_type)
  end)

  it("beyond 256 of them counts as (other)", function()
    local tracker = exectrack.new(300)
    for i = 1, 300 do
      tracker:record("a", "failed", 1, false, "E" .. i)
    end
    tracker:record("a", "failed", 1, false, "E1")
    tracker:record("a", "failed", 1, false, "E256")
    local records = tracker:recent_executions(300)
    assert.equal("E256", records[1].error_type)
    assert.equal("E1", records[2].error_type)
    assert.equal("(other)", records[3].error_type)
    assert.equal("(other)", records[46].error_type)
    assert.equal("E256", records[47].error_type)
    assert.equal(44, tracker:stats().error_types_overflowed)
    assert.equal(0, tracker:stats().overflowed)
    tracker:clear()
    assert.equal(0, tracker:stats().error_types_overflowed)
  end)
end)

describe("more tools than max_tools", function()
  local tracker

  before_each(function()
    tracker = exectrack.new { max_tools = 2 }
    for _, tool in ipairs { "a", "b", "c", "d", "a" } do
      tracker:record(tool, "success", 1)
    end
  end)

  it("are counted under (other)", function()
    assert.same({ "a", "b", "(other)" }, tracker:tools())
    assert.equal(2, tracker:stats("(other)").total_executions)
    assert.equal(2, tracker:stats("a").total_executions)
    assert.equal(2, tracker:stats().overflowed)
    assert.is_nil(tracker:stats("c"))
    local records = tracker:recent_executions(3)
    assert.equal("(other)", records[2].tool)
    assert.equal(3, records[2].tool_id)
    assert.equal("(other)", records[3].tool)
  end)

  it("are counted under (other) while they are in flight", function()
    local span = tracker:start("e")
    assert.equal("(other)", tracker:in_flight()[1].tool)
    assert.equal(3, tracker:stats().overflowed)
    span:finish()
    assert.equal(3, tracker:stats("(other)").total_executions)
    assert.equal(3, tracker:stats().overflowed)
  end)

  it("are a new count after clear, under the same names", function()
    tracker:clear()
    assert.equal(0, tracker:stats().overflowed)
    assert.same({ "a", "b", "(other)" }, tracker:tools())
    tracker:record("c", "success", 1)
    assert.equal(1, tracker:stats().overflowed)
  end)

  it("don't count a tool that is called (other)", function()
    tracker:record("(other)", "success", 1)
    assert.equal(3, tracker:stats("(other)").total_executions)
    assert.equal(2, tracker:stats().overflowed)
  end)
end)

describe("names without room for their bytes", function()
  it("are counted under (other)", function()
    local tracker = exectrack.new { max_tools = 4 }
    tracker:record(("x"):rep(255), "success", 1)
    tracker:record("y", "success", 1)
    tracker:record("z", "success", 1)
    assert.same({ ("x"):rep(255), "y", "(other)" }, tracker:tools())
    assert.equal(1, tracker:stats().overflowed)
  end)
end)
