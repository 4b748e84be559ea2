-- Writes what Prometheus is to scrape while a run goes on, for dashboard.py: the files `1` and `2`
-- in the folder arg[1]; and `1.pb` and `2.pb`, the same as OTLP. Between them everything happened
-- again that happened before the first.
-- Prints the calls that happened once: the tool, the status, whether a cache answered, the
-- milliseconds and the cost.
local exectrack = require("exectrack")

-- Of each tool: how many calls, after how many one differs, and how it does.
local TOOLS = {
  { name = "read_file", calls = 120, failed = 40, cached = 3 },
  { name = "search", calls = 60, timed_out = 6, cached = 5 },
  { name = "ask_model", calls = 30, failed = 4, cancelled = 7, cost = 0.0123 },
  { name = "fetch", calls = 1 },
  { name = "fetch", calls = 4, failed = 1 },
}

local now = 1767225600 -- seconds
local tracker = exectrack.new {
  clock = function() return now end,
  measures = {
    { name = "cost", unit = "USD", scale = 1e-6 },
    { name = "tokens", unit = "{token}" },
  },
}

local function status_of(tool, i)
  for _, status in ipairs { "failed", "timed_out", "cancelled" } do
    if tool[status] and i % tool[status] == 0 then
      return status
    end
  end
  return "success"
end

local function call_of(tool, i)
  return { tool = tool.name, status = status_of(tool, i), duration_ms = i * i / 4,
    was_cached = tool.cached ~= nil and i % tool.cached == 0,
    measures = tool.cost and { cost = i * tool.cost, tokens = i } or nil }
end

--- Calls all tools, one after the other. Two more calls are denied.
local function happen(report)
  for _, tool in ipairs(TOOLS) do
    for i = 1, tool.calls do
      local call = call_of(tool, i)
      now = now + call.duration_ms / 1000
      tracker:record(call)
      report(call)
    end
  end
  local fetch = tracker:wrap("fetch", error, {
    policy = function() return { action = "deny", reason = "offline", message = "offline" } end,
  })
  fetch()
  fetch()
end

local function write_file(name, bytes)
  local file = assert(io.open(arg[1] .. "/" .. name, "wb"))
  assert(file:write(bytes))
  assert(file:close())
end

local function write(name)
  local snapshot = tracker:snapshot()
  write_file(name, snapshot:export("prometheus"))
  write_file(name .. ".pb", snapshot:export("otlp", { signal = "metrics" }))
end

happen(function(call)
  print(("%s %s %s %.17g %.17g"):format(call.tool, call.status, call.was_cached, call.duration_ms,
    call.measures and call.measures.cost or 0))
end)
write("1")
happen(function() end)
local spans = { tracker:start("ask_model"), tracker:start("ask_model"), tracker:start("search") }
write("2")
for _, span in ipairs(spans) do
  span:finish()
end
