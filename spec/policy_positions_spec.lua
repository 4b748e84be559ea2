local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

local snapshot = exectrack.new(1):snapshot()

--- Wrong arguments of each function of the module, and what is wrong with them.
local WRONG = {
  adaptive_timeout = {
    ["unknown option 'other'"] = { { other = 1 } },
    ["option 'floor_ms': at most the ceiling_ms of 1 expected, got 5"] =
      { { floor_ms = 5, ceiling_ms = 1 } },
  },
  all = {
    ["an array expected, got nil"] = {},
    ["element 2: a function expected, got table"] = { { print, {} } },
  },
  budget = {
    ["a table of options expected, got 5"] = { 5 },
    ["option 'max': 'cost': a finite number from 0 expected, got true"] =
      { { max = { cost = true } } },
    ["one of the options 'max_executions', 'max_duration_ms', 'max_failures' and 'max' expected, "
      .. "got none"] = {},
  },
  by_tool = {
    ["a table expected, got nil"] = {},
    ["'a': a function expected, got 5"] = { { a = 5 } },
  },
  circuit_breaker = {
    ["option 'failures': an integer from 1 to 200 expected, got 0"] = { { failures = 0 } },
    ["option 'max_cooldown_ms': at least the cooldown_ms of 10 expected, got 5"] =
      { { cooldown_ms = 10, max_cooldown_ms = 5 } },
  },
  concurrency = {
    ["option 'max': an integer from 1 expected, got nil"] = { {} },
  },
  default = {
    ["a table of options expected, got 5"] = { 5 },
    ["unknown option 'budget'"] = { { budget = {} } },
    ["option 'loop_guard': a table expected, got false"] = { { loop_guard = false } },
    ["circuit_breaker: option 'failures': an integer from 1 to 200 expected, got 0"] =
      { { circuit_breaker = { failures = 0 } } },
    ["circuit_breaker: option 'max_cooldown_ms': at least the cooldown_ms of 10 expected, got 5"] =
      { { circuit_breaker = { cooldown_ms = 10, max_cooldown_ms = 5 } } },
    ["loop_guard: unknown option 'repeat'"] = { { loop_guard = { ["repeat"] = 2 } } },
    ["loop_guard: option 'warn_at': below the repeats of 3 expected, got 3"] =
      { { loop_guard = { warn_at = 3 } } },
  },
  loop_guard = {
    ["option 'exempt': element 1: a string expected, got 5"] = { { exempt = { 5 } } },
    ["option 'warn_at': below the repeats of 3 expected, got 3"] = { { warn_at = 3 } },
  },
  rate_limit = {
    ["option 'per_ms': a finite number from 0.001 expected, got 0"] =
      { { executions = 1, per_ms = 0 } },
  },
  replay = {
    ["a snapshot expected, got nil"] = {},
    ["a function expected, got 5"] = { snapshot, 5 },
    ["unknown option 'other'"] = { snapshot, print, { other = 1 } },
    ["option 'enforce': true or false expected, got 1"] = { snapshot, print, { enforce = 1 } },
  },
}

--- Calls `use(message, make, ...)` for all that is wrong; `message` has no position.
local function each_wrong(use)
  for name, wrong in pairs(WRONG) do
    for message, arguments in pairs(wrong) do
      use(name .. ": " .. message, policy[name], portable.unpack(arguments, 1, 3))
    end
  end
end

--- What a chunk raises that is given `...`.
local function raised(source, ...)
  local ok, message = pcall(portable.load(source, "=agent"), ...)
  assert.is_false(ok)
  return message
end

describe("an error about what a policy is made of", function()
  it("is known here for each function", function()
    for name, value in pairs(policy) do
      local is_of_a_record = name == "writes"
      assert.is_true(type(value) ~= "function" or is_of_a_record or WRONG[name] ~= nil, name)
    end
  end)

  it("has the position of the call", function()
    each_wrong(function(message, ...)
      assert.equal("agent:2: " .. message,
        raised("local make = ...\nlocal made = make(select(2, ...))\nreturn made", ...))
    end)
  end)

  it("has that of the inner call, of nested ones", function()
    each_wrong(function(message, ...)
      assert.equal("agent:3: " .. message, raised([[
local all, make = (...).all, select(2, ...)
local made = all { all {
  (make(select(3, ...))),
} }
return made]], policy, ...))
    end)
  end)

  it("has that of the nearest call that Lua still knows, of a tail call", function()
    each_wrong(function(message, ...)
      assert.equal("agent:4: " .. message, raised([[
local function make(constructor, ...)
  return constructor(...)
end
local made = make(...)
return made]], ...))
    end)
  end)
end)
