local logged = require("exectrack.format.logged")

-- One of each type of values in JSON, and those that are just not wanted.
local OTHERS = { table = { true, "x", 1 }, text = { true, "", 1, {} },
  number = { true, "1", -1, math.huge, -math.huge, 0 / 0, {} },
  integer = { true, "1", 0.5, math.huge, -math.huge, 0 / 0, {} }, class = { true, "", 1, {} },
  seconds = { true, 1767261600, "2026-01-01T25:00:00Z", {} },
  content_text = { true, 1, "", {}, { 1, {}, { text = 1 }, { text = "" }, { { text = "x" } } } },
  of_exit_code = { true, "1", 0.5, {} } }

describe("a value in the log of an agent", function()
  it("is taken if it is what is expected, and nothing else is", function()
    local t = {}
    assert.equal(t, logged.table(t))
    assert.equal("a", logged.text("a"))
    assert.equal(0, logged.number(0))
    assert.equal(-1, logged.integer(-1))
    assert.equal(("a"):rep(64), logged.class(("a"):rep(65)))
    assert.equal(1767261600.25, logged.seconds("2026-01-01T10:00:00.250Z"))
    assert.same({}, logged.table(nil))
    for name, values in pairs(OTHERS) do
      assert.is_nil(name ~= "table" and logged[name](nil) or nil, name)
      for _, value in ipairs(values) do
        assert.same(name == "table" and {} or nil, logged[name](value), name)
      end
    end
  end)

  it("has the text of its blocks", function()
    assert.equal("a", logged.content_text("a"))
    assert.equal("a\nb\nc", logged.content_text {
      "a", { type = "image" }, { type = "text", text = "b" }, true, { text = "c" } })
  end)

  it("has no fields that are taken out", function()
    assert.same({ b = 2, d = { a = 4 } },
      logged.without({ a = 1, b = 2, c = 3, d = { a = 4 } }, { "a", "c", "e" }))
    assert.equal("a", logged.without("a", { "a" }))
  end)

  it("is an exit code with a status and an error type", function()
    for code, expected in pairs { [0] = { "success" }, [1] = { "failed", "exit_1" },
      [-1] = { "failed", "exit_-1" }, [124] = { "timed_out", "exit_124" },
      [143] = { "cancelled", "exit_143" } } do
      assert.same(expected, { logged.of_exit_code(code) })
    end
  end)
end)
