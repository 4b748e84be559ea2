local logged = require("exectrack.format.logged")

-- One of each type of values in JSON, and those that are just not wanted.
local OTHERS = { table = { true, "x", 1 }, text = { true, "", 1, {} },
  number = { true, "1", -1, math.huge, -math.huge, 0 / 0, {} },
  integer = { true, "1", 0.5, math.huge, -math.huge, 0 / 0, {} }, class = { true, "", 1, {} },
  seconds = { true, 1767261600, "2026-01-01T25:00:00Z", {} },
  content_text = { true, 1, "", {}, { 1, {}, { text = 1 }, { text = "" }, { { text = "x" } } } },
  exit_code = { true, "", "x", "0x1", "1.5", "1e1", 0.5, {} },
  first = { true, "x", 1, {}, { a = 1 } } }

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

  it("is an exit code with a status and an error type, unless it has too many digits", function()
    for code, expected in pairs { [0] = { "success" }, [1] = { "failed", "exit_1" },
      [-1] = { "failed", "exit_-1" }, [124] = { "timed_out", "exit_124" }, ["0"] = { "success" },
      [143] = { "cancelled", "exit_143" }, ["-1"] = { "failed", "exit_-1" },
      [3221225477] = { "failed", "exit_3221225477" }, [1e10] = { "failed" },
      ["99999999999999999999"] = { "failed" }, x = {}, [0.5] = {} } do
      assert.same(expected, { logged.of_exit_code(code) }, tostring(code))
    end
  end)

  it("is an array that may have holes", function()
    for _, case in ipairs { { {}, "" }, { { "a", "b" }, "1a2b" }, { { [2] = "b" }, "2b" },
      { { "a", nil, "c", nil, nil, "f" }, "1a3c6f" }, { { [1e9] = "z", [3] = "c" },
        "3c1000000000z" }, { { a = "b" }, "" }, { "text", "" }, { 5, "" }, { nil, "" } } do
      local told = {}
      for i, element in logged.elements(case[1]) do
        told[#told + 1] = ("%d%s"):format(i, element)
      end
      assert.equal(case[2], table.concat(told))
      assert.equal(case[2] ~= "", logged.is_array(case[1]))
    end
    assert.equal("b", logged.first { nil, "b", "c" })
    assert.equal("a\nb", logged.content_text { nil, "a", nil, { text = "b" } })
  end)

  it("is told by what it begins with, and by the keys beside it", function()
    local words = logged.set " a b-c\n d "
    assert.same({ a = true, ["b-c"] = true, d = true }, words)
    for beginning, expected in pairs { ['"a"'] = { true, true, false },
      ['"e"'] = { true, false, false }, ['"'] = { true, false, false },
      ["["] = { false, false, true }, ["[{"] = { false, false, true },
      t = { false, false, false } } do
      assert.same(expected, { logged.begins_text(beginning), logged.begins_word(beginning, words),
        logged.begins_array(beginning) }, beginning)
    end
    assert.same({ false, false, false }, { logged.begins_text(nil), logged.begins_word(nil, words),
      logged.begins_array(nil) })
    local keys = { a = "t", b = "t" }
    assert.same({ true, false, true, false, false }, { logged.has_any(keys, { "c", "b" }),
      logged.has_any(keys, { "c" }), logged.has_only(keys, { "a", "b" }),
      logged.has_only(keys, { "a" }), logged.has_only(keys, { "a", "b", "c" }) })
  end)
end)
