-- Saves runs that foreign programs are to read: the one of arg[1] has names that are hard to write.
-- Prints what is to be found in it: the tools, and the executions by status.
local exectrack = require("exectrack")

local NAMES = { "search", "", 'a "b" \\c\n', "x\0y\r", "\195\188n\195\175code", "\255", "\254",
  "\239\191\189", "(other)" }
local STATUSES = { "success", "failed", "timed_out", "cancelled" }

local tracker = exectrack.new { label = "agent \"1\"",
  measures = { { name = "cost", unit = "USD", scale = 1e-6 } } }
local counts = { success = 0, failed = 0, timed_out = 0, cancelled = 0 }
for i = 1, 700 do
  local status = STATUSES[i % #STATUSES + 1]
  counts[status] = counts[status] + 1
  tracker:record { tool = NAMES[i % #NAMES + 1], status = status, duration_ms = (i % 7) ^ 7,
    was_cached = i % 5 == 0, measures = { cost = i / 1000 } }
end
local span = tracker:start("search")
assert(tracker:snapshot():save(arg[1]))
span:finish()

print(#NAMES)
for _, status in ipairs(STATUSES) do
  print(status .. " " .. counts[status])
end
