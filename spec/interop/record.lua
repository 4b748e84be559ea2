-- Records into the file arg[1] what the standard input says, a line at a time: `call N` records N
-- calls, `start` begins one, `clear` clears the run. Answers each line with one. At the end of the
-- input it closes the recorder.
local exectrack = require("exectrack")

local tracker = assert(exectrack.open(arg[1], { max_history = 100, max_tools = 10 }))
local STATUSES = { "success", "failed", "timed_out", "cancelled" }

local COMMANDS = {
  call = function(count)
    for i = 1, count do
      tracker:record { tool = "tool " .. i % 3, status = STATUSES[i % #STATUSES + 1],
        duration_ms = i * 7 % 50, was_cached = i % 5 == 0 }
    end
  end,
  start = function()
    tracker:start("tool 1")
  end,
  clear = function()
    tracker:clear()
  end,
}

io.stdout:setvbuf("line")
print("ready")
for line in io.lines() do
  local command, count = line:match("^(%a+) ?(%d*)$")
  COMMANDS[command](tonumber(count))
  print("done")
end
tracker:close()
