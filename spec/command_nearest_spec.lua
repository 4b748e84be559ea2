local nearest = require("exectrack.command.nearest")

local NAMES = { "overview", "failures", "latency", "loops" }

describe("the nearest name", function()
  it("differs by a letter that was added, left out, replaced or swapped", function()
    for _, given in ipairs { "failuress", "falures", "failurez", "fialures", "FAILURES" } do
      assert.equal("failures", nearest.find(given, NAMES))
    end
    assert.equal("overview", nearest.find("overveiw", NAMES))
  end)

  it("differs by up to a third of the letters", function()
    assert.equal("latency", nearest.find("lotancy", NAMES))
    assert.is_nil(nearest.find("lotanzy", NAMES))
    assert.is_nil(nearest.find("bail", NAMES))
  end)

  it("is else the only one that begins so", function()
    assert.equal("failures", nearest.find("Fail", NAMES))
    assert.is_nil(nearest.find("fa", NAMES))
    assert.is_nil(nearest.find("fail", { "failures", "failing" }))
    assert.equal("proms", nearest.find("prom", { "prometheus", "proms" })) -- nearer
  end)

  it("differs by a letter if the name is short", function()
    assert.equal("csv", nearest.find("cs", { "csv" }))
    assert.equal("ls", nearest.find("l_", { "ls" }))
    assert.is_nil(nearest.find("xs", { "csv" }))
    assert.equal("csv", nearest.find("scv", { "csv" }))
  end)

  it("isn't another if all letters would have to be changed, as of a name of one letter", function()
    assert.is_nil(nearest.find("l", { "ls", "s", "" }))
    assert.equal("L", nearest.find("l", { "ls", "L" }))
    assert.is_nil(nearest.find("", { "a", "" }))
  end)

  it("is the first of several that are as near", function()
    assert.equal("cat", nearest.find("bat", { "cat", "rat" }))
    assert.equal("rat", nearest.find("bat", { "rat", "cat" }))
    assert.equal("bath", nearest.find("bat", { "bath", "cat" }))
    assert.equal("bat", nearest.find("bat", { "cat", "bat" }))
  end)

  it("isn't there if there are no names", function()
    assert.is_nil(nearest.find("a", {}))
  end)

  it("is named beside all others", function()
    assert.equal("unknown report 'loop': did you mean 'loops'? Known: overview, failures, latency, "
      .. "loops", nearest.unknown("report", "loop", NAMES))
    assert.equal("unknown report 'x'. Known: overview, failures, latency, loops",
      nearest.unknown("report", "x", NAMES))
  end)
end)
