local exectrack = require("exectrack")
local lazy_message = require("exectrack.policy.lazy_message")

describe("a message that is made when it is read", function()
  it("is made once, of the tool and the decision", function()
    local made = 0
    local with_message = lazy_message(function(tool, decision)
      made = made + 1
      return tool .. " " .. decision.reason
    end)
    local first = with_message("a", { action = "deny", reason = "x" })
    local second = with_message("b", { action = "deny", reason = "y" })
    assert.is_nil(rawget(first, "message"))
    assert.is_nil(first.retry_after_ms)
    assert.equal(0, made)
    assert.same({ "a x", "a x", "b y" }, { first.message, first.message, second.message })
    assert.equal("a x", rawget(first, "message"))
    assert.equal(2, made)
  end)

  it("is right for any number of tools", function()
    local with_message = lazy_message(function(tool) return tool end)
    for round = 1, 2 do
      for i = 1, 300 do
        assert.equal("tool " .. i, with_message("tool " .. i, { round }).message)
      end
    end
  end)

  it("is made for a call that is denied, but for none that is made nevertheless", function()
    local made = 0
    local with_message = lazy_message(function(tool)
      made = made + 1
      return "not " .. tool
    end)
    local tracker = exectrack.new(10)
    local function policy(call)
      return with_message(call.tool, { action = "deny" })
    end
    tracker:wrap("a", type, { policy = policy, enforce = false })("")
    tracker:snapshot():decisions(policy)
    assert.equal(0, made)
    local _, message, decision = tracker:wrap("a", type, { policy = policy })("")
    assert.equal("not a", message)
    assert.equal("not a", rawget(decision, "message"))
    assert.equal(1, made)
  end)
end)
