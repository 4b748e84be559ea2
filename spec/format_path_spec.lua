local paths = require("exectrack.format.path")

local LINE = { a = 1, ["a.b"] = 2, b = { c = { 10, { d = false } }, [""] = 3 }, ["x[0]"] = 4,
  x = { 5 }, ["odd..one"] = 6, text = "t" }

describe("a path", function()
  it("is a key, or else keys and indexes from 0", function()
    for _, case in ipairs { { "a", 1 }, { "a.b", 2 }, { "b.c[0]", 10 }, { "b.c[1].d", false },
      { "x[0]", 4 }, { "odd..one", 6 }, { "b.c", LINE.b.c }, { "[0]", nil } } do
      assert.equal(case[2], paths.find(LINE, paths.parse(case[1])), case[1])
    end
    assert.equal(7, paths.find({ { n = 7 } }, paths.parse("[0].n")))
  end)

  it("may lead to nothing", function()
    for _, path in ipairs { "c", "b.d", "b.c[2]", "b.c.d", "b.c[0].d", "a.b.c", "text.len", "b.",
      "b..", "b[c]", "b[", "b.c[0", "b.c[-1]", ".a", "b.c[1]d", "" } do
      assert.is_nil(paths.find(LINE, paths.parse(path)), path)
    end
  end)
end)
