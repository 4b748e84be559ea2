--- A run that fills all reports: 300 tools with long, wide and odd names, in 40 sessions over three
-- days, with the texts of arguments and errors, measures and calls in flight. Always the same.
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local reports = require("spec.support.reports")

local TOOLS, SESSIONS, CALLS = 300, 40, 4000

--- 1 to n, by Lehmer's generator: the same in every version of Lua.
local seed
local function random(n)
  seed = seed * 48271 % 2147483647
  return seed % n + 1
end

local function tool_names()
  local names = {}
  for i = 1, TOOLS do
    names[i] = reports.HOSTILE[i] ~= "" and reports.HOSTILE[i]
      or ("mcp__server_%d__tool_with_quite_a_long_name_%d"):format(i % 7, i)
  end
  return names
end

local STATUSES = { "failed", "timed_out", "cancelled" }

local function execution(tools)
  local ms = random(1000) * random(100)
  local status = random(6) == 1 and STATUSES[random(3)] or "success"
  local argument = random(30)
  return {
    tool = tools[random(random(TOOLS))], status = status, duration_ms = ms,
    session = "session-" .. random(SESSIONS) .. ("-of-an-agent"):rep(3),
    args = argument, args_text = ('{"path":"/home/me/projects/folder/%d.lua"}'):format(argument),
    result = argument % 3,
    error_type = status == "failed" and "ERROR_NUMBER_" .. random(40) or nil,
    error_text = status == "failed" and "no file: " .. ("it isn't there "):rep(random(9)) or nil,
    measures = { cost_usd = random(100) / 100, prompt_tokens = random(5000) },
  }
end

--- Makes the snapshot; `slower` is how many times as long its calls take.
return function(slower)
  seed = 4711
  local spans, clock, tools = {}, clocks.new(), tool_names()
  local tracker = exectrack.new { clock = clock.read, label = "crowded", max_tools = TOOLS,
    max_history = CALLS, args_texts = 1000, error_texts = 1000,
    measures = { { name = "cost_usd", unit = "USD", scale = 0.01 }, { name = "prompt_tokens" } } }
  for _ = 1, CALLS do
    clock.advance_us(random(120) * 1000000)
    local made = execution(tools)
    made.duration_ms = made.duration_ms * (slower or 1)
    tracker:record(made)
  end
  for i = 1, 20 do
    spans[i] = tracker:session("session-" .. i):start(tools[i], { path = i })
    clock.advance_us(60000000)
  end
  local snapshot = tracker:snapshot()
  for _, span in ipairs(spans) do
    span:finish("success")
  end
  return snapshot
end
