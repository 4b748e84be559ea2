local exectrack = require("exectrack")
local needs = require("spec.support.needs")

local tracker

before_each(function()
  tracker = exectrack.new(10)
end)

--- Makes a tool that calls itself without end, and returns how deep it came and the error.
local function recurse(name, options, again)
  local depth, wrapped = 0, nil
  wrapped = tracker:wrap(name, function()
    depth = depth + 1
    return (again or wrapped)(wrapped)
  end, options)
  local ok, problem = pcall(wrapped)
  assert.is_false(ok)
  return depth, problem
end

-- LuaJIT has a larger limit, of the stack of Lua's functions.
local IS_LUAJIT = rawget(_G, "jit") ~= nil
local LEAST, MOST = IS_LUAJIT and 2000 or 175, IS_LUAJIT and 10000 or 195

local MESSAGE = "'walk' can't be called within so many other calls of tools: "
  .. (IS_LUAJIT and "stack overflow" or "C stack overflow")

--- Calls `fn` in the main coroutine, and in another one.
local function everywhere(fn)
  fn()
  local ok, problem = coroutine.resume(coroutine.create(fn))
  assert(ok, problem)
end

describe("a tool that calls itself through its wrapped function", function()
  it("fails some 180 levels deep, in LuaJIT thousands, with an error that names it", function()
    everywhere(function()
      for _, options in ipairs { {}, { policy = function() end }, { callback = 1 },
        { args = function() end } } do
        tracker:clear()
        local depth, problem = recurse("walk", options)
        assert.is_true(depth >= LEAST and depth < MOST, depth)
        assert.equal(MESSAGE, problem:sub(-#MESSAGE))
        assert.equal(0, tracker:in_flight_count())
        assert.equal(depth, tracker:stats("walk").failed)
        assert.equal(depth, tracker:stats().total_executions)
      end
    end)
  end)

  it("fails sooner with other C functions in between, and with run", function()
    needs.limit_of_nested_calls(pending)
    everywhere(function()
      for _, again in ipairs {
        function(wrapped)
          local ok, problem = pcall(wrapped)
          return ok or error(problem, 0)
        end,
        function(wrapped) return (("x"):gsub("x", function() wrapped() end)) end,
        function(wrapped) return tracker:run("walk", wrapped) end,
      } do
        local depth, problem = recurse("walk", nil, again)
        assert.is_true(depth >= 80 and depth < 98, depth)
        assert.equal(MESSAGE, problem:sub(-#MESSAGE))
      end
    end)
  end)

  it("has room for its policy where it is called", function()
    needs.limit_of_nested_calls(pending)
    everywhere(function()
      local asked = 0
      local depth = recurse("walk", { on_policy_error = function(problem) error(problem, 0) end,
        policy = function(call)
          for _ = 1, 3 do
            assert(pcall(pcall, pcall, call.tracker.totals, call.tracker))
          end
          asked = asked + 1
        end })
      assert.equal(depth, asked)
    end)
  end)

  it("can be called as ever afterwards", function()
    needs.limit_of_nested_calls(pending)
    recurse("walk")
    tracker:clear()
    assert.equal(1, (tracker:wrap("walk", function(...) return ... end)(1)))
    assert.equal(0, tracker:recent_executions(1)[1].depth)
  end)
end)

describe("many calls in flight in coroutines of their own", function()
  it("aren't taken for nested ones", function()
    needs.limit_of_nested_calls(pending)
    local threads = {}
    for i = 1, 500 do
      threads[i] = coroutine.create(tracker:wrap("wait", coroutine.yield))
      assert.is_true(coroutine.resume(threads[i]))
    end
    assert.is_true(select("#", recurse("walk")) > 0)
    for _, thread in ipairs(threads) do
      assert.is_true(coroutine.resume(thread))
    end
    assert.equal(500, tracker:stats("wait").successful)
  end)
end)
