local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

--- Makes a policy that decides `decision` of calls of `tool`.
local function deciding(tool, decision)
  return function(call)
    assert.equal(tool, call.tool)
    return decision
  end
end

describe("by_tool", function()
  it("asks the policy of the tool that is called", function()
    local denial, warning = { action = "deny" }, { action = "warn" }
    local policies = policy.by_tool {
      grep = deciding("grep", denial),
      [""] = deciding("", warning),
      ls = deciding("ls", nil),
    }
    assert.equal(denial, policies { tool = "grep" })
    assert.equal(warning, policies { tool = "" })
    assert.is_nil(policies { tool = "ls" })
  end)

  it("has no objection to tools without a policy", function()
    assert.is_nil(policy.by_tool { grep = error } { tool = "ls" })
    assert.is_nil(policy.by_tool {} { tool = "grep" })
  end)

  it("takes whatever can be called for a policy", function()
    local denial = { action = "deny" }
    local callable = setmetatable({}, { __call = function() return denial end })
    assert.equal(denial, policy.by_tool { grep = callable } { tool = "grep" })
  end)

  it("refuses what is wrong where it is called", function()
    local function refusal(given)
      local agent = portable.load("local make, given = ... local made = make(given) return made",
        "=agent")
      return select(2, pcall(agent, policy.by_tool, given))
    end
    assert.equal("agent:1: by_tool: a table expected, got nil", refusal())
    for message, given in pairs {
      ["a table expected, got string"] = "grep",
      ["'grep': a function expected, got 5"] = { grep = 5 },
      ["a string as key expected, got 1"] = { print },
    } do
      assert.equal("agent:1: by_tool: " .. message, refusal(given))
    end
  end)

  it("doesn't keep its table", function()
    local policies = { grep = function() return nil end }
    local each = policy.by_tool(policies)
    policies.grep, policies.ls = error, error
    assert.is_nil(each { tool = "grep" })
    assert.is_nil(each { tool = "ls" })
  end)
end)
