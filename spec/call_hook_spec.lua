local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local hooks = require("spec.support.hooks")

local clock, tracker, session, operations

local function allow() end

local function rethrow(problem)
  error(problem, 0)
end

local function setup_tracker()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 10, max_in_flight = 3, args_texts = 4,
    clock = clock.read }
  session = tracker:session("s")
  local answer
  local function later(_, done)
    answer = done
  end
  local ask = session:wrap("ask", later, { callback = 2, policy = allow, timeout_ms = 1,
    on_policy_error = rethrow })
  local found = session:wrap("found", later,
    { callback = function(args, done) args[#args + 1] = done end })
  local plain = tracker:wrap("plain", type)
  local guarded = tracker:wrap("guarded", type, { policy = allow, on_policy_error = rethrow })
  local record = session:recorder("bound")
  operations = {
    ["a callback"] = function()
      ask(1, allow)
      answer("x")
    end,
    ["a callback that is found"] = function()
      found(1)
      answer(nil, "E")
    end,
    ["a timeout"] = function()
      ask(1, allow)
      clock.advance_us(1000)
      tracker:in_flight_count()
      answer("late")
    end,
    ["begin and done"] = function()
      tracker:begin("begun", { args = 1, session = "s", policy = allow, on_policy_error = rethrow,
        timeout_ms = 1 }):done(1)
    end,
    ["begin and failed"] = function() session:begin("begun"):failed("E") end,
    ["abandon"] = function()
      local span = session:start("a")
      ask(1, allow)
      session:abandon()
      span:close()
    end,
    ["a recorder"] = function() record("failed", 1, false, "E", { 1 }) end,
    ["wrapped functions"] = function()
      plain(1)
      guarded(1)
    end,
    ["run"] = function() session:run("run", type, 1) end,
  }
end

setup_tracker()
before_each(setup_tracker)

--- Asserts that nothing is in flight when nothing can end it any more, and that the run is sound.
local function assert_settled()
  clock.advance_us(1000)
  operations, session = nil, nil
  collectgarbage()
  collectgarbage()
  assert.equal(0, tracker:in_flight_count())
  local taken = tracker:snapshot()
  assert.is_true(taken == assert(exectrack.from_bytes(taken:bytes())))
end

local ACTIONS = {
  ["abandons the session of"] = function() session:abandon() end,
  ["lets time pass in"] = function()
    clock.advance_us(2000)
    tracker:in_flight()
  end,
}

for name, action in pairs(ACTIONS) do
  describe("a debug hook that " .. name .. " a tracker", function()
    for operation in pairs(operations) do
      it("leaves nothing in flight after " .. operation, function()
        hooks.try_everywhere(action, function() operations[operation]() end, function(ok, err)
          assert.is_true(ok, tostring(err))
          assert_settled()
          setup_tracker()
        end)
      end)
    end
  end)
end

describe("a debug hook that raises", function()
  for operation in pairs(operations) do
    it("ends " .. operation .. " with that, and what is in flight can be collected", function()
      local problem = {}
      hooks.try_everywhere(function() error(problem) end, function() operations[operation]() end,
        function(ok, err)
          assert.is_true(ok or err == problem)
          assert_settled()
          setup_tracker()
        end)
    end)
  end
end)

describe("a debug hook that closes the tracker", function()
  for operation in pairs(operations) do
    it("has " .. operation .. " go on or say so", function()
      hooks.try_everywhere(function() tracker:close() end,
        function() operations[operation]() end, function(ok, err)
          assert.is_true(ok or err:find("attempt to use a closed tracker") ~= nil, tostring(err))
          setup_tracker()
        end)
    end)
  end
end)
