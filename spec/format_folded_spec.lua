local folded = require("exectrack.format.folded")
local tracked = require("spec.support.tracked")

local STARTED = 1767225600

local function call(tool, from, to, depth)
  return { tool = tool, status = "success", duration_ms = (to - from) * 1000, depth = depth,
    timestamp = STARTED + to }
end

describe("folded stacks", function()
  it("have the time of each stack without that of the calls within, added up", function()
    local pieces, notes = folded.encode(tracked.run {
      call("read", 1, 2, 1), call("read", 2, 2.5, 1), call("list", 4, 6, 2), call("find", 3, 7, 1),
      call("agent", 0, 10), call("read", 20, 20.25), call("read", 30, 30.000001, 0),
    })
    assert.equal([[
agent 4500000
agent;find 2000000
agent;find;list 2000000
agent;read 1500000
read 250001
]], tracked.text(pieces))
    assert.same({}, notes())
  end)

  it("leave out what took no time, and what has none, and say so", function()
    local untimed = { tool = "untimed", status = "success", timestamp = STARTED }
    local undated = { tool = "a", status = "success", duration_ms = 1, timestamp = false }
    local pieces, notes = folded.encode(tracked.run {
      call("none", 1, 1), untimed, undated, undated })
    assert.equal("", tracked.text(pieces))
    assert.same({ "2 executions without a time have no stacks" }, notes())
  end)

  it("escape what would end a frame or a line", function()
    assert.equal("a b\\x3b\\n\\xff\\xff 1000000\n",
      tracked.text((folded.encode(tracked.run { call("a b;\n\255\255", 0, 1) }))))
  end)
end)
