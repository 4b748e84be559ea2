local assert = require("luassert")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")

--- Makes a run with all that there are metrics of, of a tracker that was made a minute ago.
return function()
  local clock = clocks.new()
  local tracker = exectrack.new { clock = clock.read, max_tools = 3, label = "agent",
    instance_id = "00112233-4455-6677-8899-aabbccddeeff",
    measures = { { name = "cost", unit = "USD", scale = 1e-6 }, { name = "to\"kens" },
      { name = "\255", unit = "\254", scale = 0.1 } } }
  tracker:record { tool = "search", status = "success", duration_ms = 250, was_cached = true,
    measures = { cost = 0.25, ['to"kens'] = 9007199254740993 } }
  tracker:record { tool = "search", status = "success", duration_ms = 0 }
  tracker:record { tool = "search", status = "failed", error_type = "E", duration_ms = 600000,
    measures = { cost = 0.5, ["\255"] = 2.5 } }
  tracker:record { tool = "a\\b\n", status = "timed_out", duration_ms = 1500.5, timing = "elapsed" }
  tracker:record { tool = "\255", status = "cancelled" }
  tracker:record { tool = "too many", status = "success" }
  local span = tracker:start("search")
  for _, call in ipairs { { "search", "rate" }, { "search", "budget" }, { "a\\b\n", "loop" } } do
    assert.is_nil(tracker:begin(call[1], { policy = function()
      return { action = "deny", reason = call[2] }
    end }))
  end
  clock.advance_us(60000000)
  local run = tracker:snapshot()
  span:finish()
  return run
end
