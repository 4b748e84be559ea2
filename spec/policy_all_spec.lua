local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

local CALL = { tool = "grep" }

--- Makes a policy that always decides so, and notes in `asked` that it was asked.
local function deciding(decision, asked)
  return function(call)
    assert.equal(CALL, call)
    asked[#asked + 1] = type(decision) == "table" and decision.reason or "none"
    return decision
  end
end

local function warning(reason)
  return { action = "warn", reason = reason }
end

local function denial(reason)
  return { action = "deny", reason = reason }
end

--- What `all` decides of policies that decide `...` each, false for nothing, and which it asked.
local function decide(...)
  local policies, asked = {}, {}
  for i, decision in ipairs { ... } do
    policies[i] = deciding(decision or nil, asked)
  end
  local decision = policy.all(policies)(CALL)
  return decision, table.concat(asked, " ")
end

describe("all", function()
  it("has no objection when none has", function()
    assert.is_nil(decide())
    local decision, asked = decide(false, false)
    assert.is_nil(decision)
    assert.equal("none none", asked)
  end)

  it("takes the first denial, after which it asks no more", function()
    local first = denial("first")
    local decision, asked = decide(false, warning("w"), first, denial("second"), warning("x"))
    assert.equal(first, decision)
    assert.equal("none w first", asked)
  end)

  it("takes the first warning when nobody denies", function()
    local first = warning("first")
    local decision, asked = decide(false, first, warning("second"), false)
    assert.equal(first, decision)
    assert.equal("none first second none", asked)
  end)

  it("asks all others when one raises, and raises that only if none denies", function()
    local message, first, asked = {}, denial("first"), {}
    local function raises() error(message) end
    local function fails() error("another", 0) end
    local decides = policy.all { raises, deciding(warning("w"), asked), fails,
      deciding(first, asked) }
    assert.equal(first, decides(CALL))
    assert.same({ "w", "first" }, asked)
    local ok, raised = pcall(policy.all { raises, deciding(warning("w"), asked), fails }, CALL)
    assert.is_false(ok)
    assert.equal(message, raised)
    assert.same({ "w", "first", "w" }, asked)
    assert.equal("another", select(2, pcall(policy.all { fails }, CALL)))
    ok, raised = pcall(policy.all { function() error(nil) end }, CALL)
    assert.is_false(ok)
    assert.is_nil(raised)
  end)

  it("returns what isn't a decision if none denies, so that it is noticed", function()
    local mistake = { action = "dney" }
    assert.equal(mistake, (decide(warning("w"), mistake, false)))
    assert.equal(mistake, (decide(mistake, true, warning("w"))))
    local first = denial("first")
    assert.equal(first, (decide(mistake, first)))
  end)

  it("takes whatever can be called for a policy", function()
    local first = denial("first")
    local callable = setmetatable({}, { __call = function() return first end })
    assert.equal(first, policy.all { callable } (CALL))
    assert.equal(first, policy.all { policy.all { callable } } (CALL))
  end)

  it("refuses what is wrong where it is called", function()
    local function refusal(given)
      local agent = portable.load("local make, given = ... local made = make(given) return made",
        "=agent")
      return select(2, pcall(agent, policy.all, given))
    end
    assert.equal("agent:1: all: an array expected, got nil", refusal())
    for message, given in pairs {
      ["an array expected, got function"] = print,
      ["element 2: a function expected, got 5"] = { print, 5 },
      ["element 2: a function expected, got nil"] = { print, nil, print },
      ["element 1: a function expected, got nil"] = { first = print },
      ["element 1: a function expected, got table"] = { { print } },
      ["element 1: a function expected, got string"] = { "print" },
    } do
      assert.equal("agent:1: all: " .. message, refusal(given))
    end
  end)

  it("doesn't keep its array", function()
    local policies = { function() return nil end }
    local both = policy.all(policies)
    policies[1], policies[2] = error, error
    assert.is_nil(both(CALL))
  end)
end)
