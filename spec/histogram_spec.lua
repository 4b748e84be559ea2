local exectrack = require("exectrack")
local portable = require("spec.support.portable")

--- The histogram with these buckets.
local function histogram(zero_count, offset, bucket_counts)
  return { scale = 6, zero_count = zero_count, offset = offset, bucket_counts = bucket_counts }
end

local tracker

before_each(function()
  tracker = exectrack.new()
end)

describe("run:histogram", function()
  it("has the durations of what succeeded, of all else, or of both", function()
    tracker:record("read", "success", 1000)
    tracker:record("read", "success", 0)
    tracker:record("read", "failed", 1000.001)
    tracker:record("read", "timed_out", 0)
    tracker:record("read", "cancelled", 1000.001)
    for _, run in ipairs { tracker, tracker:snapshot() } do
      assert.same(histogram(1, -1, { 1 }), run:histogram("read", "success"))
      assert.same(histogram(1, 0, { 2 }), run:histogram("read", "other"))
      assert.same(histogram(2, -1, { 1, 2 }), run:histogram("read"))
      assert.same(histogram(2, -1, { 1, 2 }), run:histogram("read", nil))
    end
  end)

  it("has no buckets where nothing is counted, and is nil for no tool", function()
    tracker:record("read", "failed", 1000)
    local span = tracker:start("write")
    for _, run in ipairs { tracker, tracker:snapshot() } do
      assert.same(histogram(0, 0, {}), run:histogram("read", "success"))
      assert.same(histogram(0, -1, { 1 }), run:histogram("read"))
      assert.same(histogram(0, 0, {}), run:histogram("write"))
      assert.is_nil(run:histogram("search"))
      assert.is_nil(run:histogram("search", "other"))
    end
    span:finish()
  end)

  it("is of the lifetime, which clearing ends", function()
    tracker = exectrack.new(1)
    tracker:record("read", "success", 1000)
    tracker:record("read", "failed", 1000)
    assert.same(histogram(0, -1, { 2 }), tracker:histogram("read"))
    tracker:clear()
    assert.same(histogram(0, 0, {}), tracker:histogram("read"))
    assert.same(histogram(0, 0, {}), tracker:snapshot():histogram("read", "other"))
    tracker:record("read", "failed", 0)
    assert.same(histogram(1, 0, {}), tracker:histogram("read", "other"))
  end)

  it("names an argument that is wrong", function()
    tracker:record("read", "success", 1)
    local function assert_raises(message, ...)
      local arguments = portable.pack(...)
      assert.has_error(function()
        tracker:histogram(portable.unpack(arguments, 1, arguments.n))
      end, "bad argument " .. message)
    end
    assert_raises("#1 to 'histogram' (string expected, got no value)")
    assert_raises("#1 to 'histogram' (string expected, got nil)", nil, "success")
    assert_raises("#2 to 'histogram' (string expected, got boolean)", "read", true)
    for _, word in ipairs { "all", "failed", "successes", "" } do
      assert_raises("#2 to 'histogram' (unknown outcome '" .. word
        .. "', not one of 'success', 'other')", "read", word)
    end
    assert_raises("#2 to 'histogram' (unknown outcome 'all', not one of 'success', 'other')",
      "search", "all")
  end)
end)
