local exectrack = require("exectrack")
local options = require("exectrack.options")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

--- Asserts that `check` uses `value` itself.
local function assert_uses(check, value)
  local used, message = check(value)
  assert.equal(value, used)
  assert.is_nil(message)
end

local function assert_refuses(check, value, expected)
  local used, message = check(value)
  assert.is_nil(used)
  assert.equal(expected, message)
end

describe("a check of options", function()
  it("for integers takes whole numbers within its range", function()
    local check = options.integer(1, 9)
    for _, value in ipairs { 1, 9 } do
      assert_uses(check, value)
    end
    assert.is_true(portable.is_integer(check(5.0)))
    for shown, value in pairs { ["0"] = 0, ["10"] = 10, ["1.5"] = 1.5, inf = math.huge,
      ["-inf"] = -math.huge, nan = 0 / 0, string = "5", table = {}, ["true"] = true } do
      assert_refuses(check, value, "an integer from 1 to 9 expected, got " .. shown)
    end
    assert_uses(options.integer(0), portable.MAX_INTEGER)
    assert_refuses(options.integer(0), -1, "an integer from 0 expected, got -1")
    assert_refuses(options.integer(0), math.huge, "an integer from 0 expected, got inf")
    assert_refuses(options.integer(0), 2 ^ 63,
      "an integer from 0 expected, got 9.223372036854776e+18")
  end)

  it("for numbers takes those within its range", function()
    for _, value in ipairs { 0, 1, 5e-324, 1e308 } do
      assert_uses(options.number, value)
    end
    assert_uses(options.positive, 5e-324)
    assert_uses(options.fraction, 0)
    assert_uses(options.fraction, 1)
    assert_refuses(options.number, -5e-324,
      "a finite number from 0 expected, got " .. tostring(-5e-324))
    assert_refuses(options.number, math.huge, "a finite number from 0 expected, got inf")
    assert_refuses(options.number, 0 / 0, "a finite number from 0 expected, got nan")
    assert_refuses(options.number, "1", "a finite number from 0 expected, got string")
    assert_refuses(options.positive, 0, "a finite number above 0 expected, got 0")
    assert_refuses(options.positive, math.huge, "a finite number above 0 expected, got inf")
    assert_refuses(options.fraction, 1.001, "a number from 0 to 1 expected, got 1.001")
    assert_refuses(options.fraction, -1, "a number from 0 to 1 expected, got -1")
  end)

  it("for strings takes no numbers", function()
    assert_uses(options.string, "")
    assert_refuses(options.string, 5, "a string expected, got 5")
  end)

  it("for functions takes what can be called", function()
    assert_uses(options.callable, print)
    assert_uses(options.callable, setmetatable({}, { __call = print }))
    assert_refuses(options.callable, setmetatable({}, {}), "a function expected, got table")
    assert_refuses(options.callable, setmetatable({}, { __metatable = "locked" }),
      "a function expected, got table")
    assert_refuses(options.callable, setmetatable({}, setmetatable({}, { __index = error })),
      "a function expected, got table")
    assert_refuses(options.callable, "print", "a function expected, got string")
  end)

  it("for snapshots takes what is one", function()
    local tracker = exectrack.new(1)
    local snapshot = tracker:snapshot()
    assert_uses(options.snapshot, snapshot)
    assert_uses(options.snapshot, snapshot:filter {})
    assert_refuses(options.snapshot, tracker,
      "a snapshot expected, got a tracker: call its snapshot()")
    local trap = setmetatable({}, { __index = error })
    for kind, value in pairs { string = "a.run", number = 5, table = trap, ["function"] = print,
      boolean = false, thread = coroutine.create(function() end), userdata = io.stdout } do
      assert_refuses(options.snapshot, value, "a snapshot expected, got " .. kind)
    end
    assert_refuses(options.snapshot, nil, "a snapshot expected, got nil")
    local span = tracker:start("a")
    assert_refuses(options.snapshot, span, "a snapshot expected, got userdata")
    span:finish()
  end)

  it("lets false through where it may", function()
    local check = options.false_or(options.integer(1))
    assert_uses(check, false)
    assert_uses(check, 1)
    assert_refuses(check, true, "false or an integer from 1 expected, got true")
  end)

  it("copies arrays and maps", function()
    local array, map = { "a", "b" }, { a = "b" }
    local array_used = options.array_of(options.string)(array)
    local map_used = options.map_of(options.string)(map)
    assert.same(array, array_used)
    assert.same(map, map_used)
    assert.not_equal(array, array_used)
    assert.not_equal(map, map_used)
  end)

  it("says which of several options is wrong, in their order", function()
    local check = options.fields {
      { "first", options.integer(1), default = 7 },
      { "second", options.string, required = true },
      { "third", options.string },
    }
    assert.same({ first = 7, second = "x" }, check { second = "x" })
    assert.same({ first = 8, second = "x", third = "" },
      check { first = 8, second = "x", third = "" })
    assert_refuses(check, nil, "option 'second': a string expected, got nil")
    assert_refuses(check, { first = 0, third = 5 },
      "option 'first': an integer from 1 expected, got 0")
    assert_refuses(check, { first = false },
      "option 'first': an integer from 1 expected, got false")
    assert_refuses(check, { second = "x", third = 5 }, "option 'third': a string expected, got 5")
    assert_refuses(check, { first = 0, fourth = 1 }, "unknown option 'fourth'")
    assert_refuses(check, { "x" }, "unknown option '1'")
  end)

  it("says that a constructor isn't the policy that it makes", function()
    local call = { tracker = exectrack.new(1), tool = "grep", args_hash = 0, now = 0 }
    for _, name in ipairs { "all", "budget", "by_tool", "circuit_breaker", "concurrency", "default",
      "loop_guard", "rate_limit" } do
      assert.has_error(function() policy[name](call) end,
        name .. ": it isn't a policy itself: call it, as in policy." .. name .. " { ... }")
    end
  end)

  it("reads options without metamethods", function()
    local trap = function() error("a metamethod was called") end
    local given = setmetatable({ max = 1 }, { __index = trap, __pairs = trap, __len = trap })
    assert.equal("function", type(policy.concurrency(given)))
    local array = setmetatable({ print }, { __index = trap, __pairs = trap, __len = trap })
    assert.equal("function", type(policy.all(array)))
  end)
end)
