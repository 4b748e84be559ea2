local nearest = require("exectrack.command.nearest")

--- The only name that is suggested for `given`; nil if there is none.
local function find(given, names)
  return nearest.question(given, names):match("^: did you mean '([^']*)'%?$")
end

local NAMES = { "overview", "failures", "latency", "loops" }

describe("the nearest name", function()
  it("differs by a letter that was added, left out, replaced or swapped", function()
    for _, given in ipairs { "failuress", "falures", "failurez", "fialures", "FAILURES" } do
      assert.equal("failures", find(given, NAMES))
    end
    assert.equal("overview", find("overveiw", NAMES))
  end)

  it("differs by up to a third of the letters", function()
    assert.equal("latency", find("lotancy", NAMES))
    assert.is_nil(find("lotanzy", NAMES))
    assert.is_nil(find("bail", NAMES))
  end)

  it("is else the only one that begins so", function()
    assert.equal("failures", find("Fail", NAMES))
    assert.is_nil(find("fa", NAMES))
    assert.equal("proms", find("prom", { "prometheus", "proms" })) -- nearer
  end)

  it("differs by a letter if the name is short", function()
    assert.equal("csv", find("cs", { "csv" }))
    assert.equal("ls", find("l_", { "ls" }))
    assert.is_nil(find("xs", { "csv" }))
    assert.equal("csv", find("scv", { "csv" }))
  end)

  it("isn't another if all letters would have to be changed, as of a name of one letter", function()
    assert.is_nil(find("l", { "ls", "s", "" }))
    assert.equal("L", find("l", { "ls", "L" }))
    assert.is_nil(find("", { "a", "" }))
  end)

  it("is named with others that are as near, up to three", function()
    assert.equal(": did you mean 'cat' or 'rat'?", nearest.question("bat", { "cat", "rat", "cat" }))
    assert.equal(": did you mean 'a1', 'a2' or 'a3'?", nearest.question("a9", { "a1", "a2", "a3" }))
    assert.equal("", nearest.question("a9", { "a1", "a2", "a3", "a4" }))
    assert.equal(": did you mean 'failures' or 'failing'?",
      nearest.question("fail", { "failures", "failing" }))
    assert.equal("bat", find("bat", { "cat", "rat", "bat" }))
    assert.equal("bath", find("bat", { "bath", "cut" }))
  end)

  it("isn't there if there are no names", function()
    assert.is_nil(find("a", {}))
  end)

  it("is named beside all others", function()
    assert.equal("unknown report 'loop': did you mean 'loops'? Known: overview, failures, latency, "
      .. "loops", nearest.unknown("report", "loop", NAMES))
    assert.equal("unknown report 'x'. Known: overview, failures, latency, loops",
      nearest.unknown("report", "x", NAMES))
  end)
end)
