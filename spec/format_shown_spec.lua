local shown = require("exectrack.format.shown")

describe("what messages show", function()
  it("is text in quotes, of a long one the beginning", function()
    assert.equal("'a b\\x1b'", shown.quoted("a b\27"))
    assert.equal("''", shown.quoted(""))
    assert.equal("'" .. ("x"):rep(40) .. "'", shown.quoted(("x"):rep(40)))
    assert.equal("'" .. ("x"):rep(40) .. "...'", shown.quoted(("x"):rep(41)))
  end)

  it("is a name as it is, unless it isn't clear where it ends", function()
    for _, name in ipairs { "a", "@timestamp", "a.b[0]", "http://x", "x-y_z", "17" } do
      assert.equal(name, shown.name(name))
    end
    for _, name in ipairs { "", "a b", "a,b", "é", "'" } do
      assert.equal("'" .. name .. "'", shown.name(name))
    end
    assert.equal(("x"):rep(40) .. "...", shown.name(("x"):rep(41)))
  end)

  it("is an argument as a shell takes it", function()
    for text, argument in pairs { ["a.b-c_d:/=@%+,7"] = "a.b-c_d:/=@%+,7", ["a b"] = "'a b'",
      ["it's"] = "'it'\\''s'", [""] = "''", ["*"] = "'*'", ["a[0]"] = "'a[0]'", ["é"] = "'é'" } do
      assert.equal(argument, shown.argument(text))
    end
  end)

  it("is as it is if it is short and visible", function()
    assert.is_true(shown.is_short(("x"):rep(40)))
    for _, text in ipairs { ("x"):rep(41), "a\27", "\255" } do
      assert.is_false(shown.is_short(text))
    end
  end)

  it("is a list of names, of many the first", function()
    assert.equal("''", shown.list { false })
    assert.equal("'a', 'b c', 'd\\x1b'", shown.list { "a", "b c", "d\27" })
    local eight = "'1', '2', '3', '4', '5', '6', '7', '8'"
    assert.equal(eight, shown.list { "1", "2", "3", "4", "5", "6", "7", "8" })
    assert.equal(eight .. ", …", shown.list { "1", "2", "3", "4", "5", "6", "7", "8", "9" })
  end)

  it("is a number, true or false, or a type", function()
    for _, case in ipairs { { 12, "12" }, { 0.5, "0.5" }, { true, "true" }, { false, "false" },
      { {}, "a table" }, { print, "a function" }, { "x", "'x'" } } do
      assert.equal(case[2], shown.value(case[1]))
    end
    assert.equal("nothing", shown.value(nil))
  end)
end)
