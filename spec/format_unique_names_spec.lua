local fingerprint = require("exectrack").fingerprint
local unique_names = require("exectrack.format.unique_names")
local u = require("spec.support.utf8").text

--- A name with U+FFFD and the fingerprint of `bytes`.
local function marked(text, bytes)
  return text .. ("#%08x"):format(fingerprint(bytes))
end

describe("unique names", function()
  it("are valid names as they are, and others with a mark that depends on their bytes", function()
    local valid = { "", "read_file", "a\0\n", u[[ünïcode]] }
    assert.same(valid, unique_names.of(valid))
    local bad = "a\0" .. u[[\u{FFFD}\u{FFFD}]]
    assert.same({ marked(bad, "a\0\255\254"), bad, marked(bad, "a\0\254\255") },
      unique_names.of { "a\0\255\254", bad, "a\0\254\255" })
  end)

  it("don't become a name that is there, wherever it stands", function()
    local taken = marked(u[[\u{FFFD}]], "\255")
    assert.same({ taken .. "##", taken, taken .. "#" },
      unique_names.of { "\255", taken, taken .. "#" })
  end)

  it("replace those of elements, which keep all else", function()
    local elements = { { name = "a", unit = "s" }, { name = "\255" } }
    unique_names.set(elements)
    assert.same({ { name = "a", unit = "s" }, { name = marked(u[[\u{FFFD}]], "\255") } }, elements)
  end)
end)
