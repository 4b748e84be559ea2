--- What trackers take of the machine's memory. Run in a process of its own for each question, it
-- prints a number of bytes, or nothing where Linux's /proc isn't there to ask.
local exectrack = require("exectrack")

if not io.open("/proc/self/smaps_rollup") then
  return
end

-- The kilobytes that a file of /proc/self says after `label`, in bytes.
local function bytes_of(path, label)
  local file = assert(io.open("/proc/self/" .. path))
  local text = file:read("a")
  file:close()
  return tonumber(text:match(label .. ":%s*(%d+) kB")) * 1024
end

local function resident()
  collectgarbage()
  return bytes_of("smaps_rollup", "Rss")
end

local questions = {}

--- A record, when a million of them are retained.
function questions.record()
  local count = 1000000
  resident()
  local before = resident()
  local tracker = exectrack.new(count)
  for _ = 1, count do
    tracker:record("read_file", "success", 12, false)
  end
  return (resident() - before) / #tracker
end

--- A tracker with the default options in which nothing is recorded, made from Lua.
function questions.empty()
  local count = 1000
  local kept = table.move({}, 1, count, 1, { exectrack.new() })
  local before = resident()
  for i = 1, count do
    kept[i] = exectrack.new()
  end
  return (resident() - before) / #kept
end

--- The same, made from C.
function questions.empty_native()
  local native = require("native")
  local count = 1000
  local first = native.keep(1)
  local before = resident()
  local kept = native.keep(count)
  return (resident() - before) / count, first, kept
end

--- How much a loop that makes, uses and drops 100,000 trackers adds to the most that the process
-- ever took, after the first few.
function questions.dropped()
  local function make(count)
    for _ = 1, count do
      exectrack.new():record("read_file", "success", 12, false)
    end
  end
  make(10)
  local before = bytes_of("status", "VmHWM")
  make(100000)
  return bytes_of("status", "VmHWM") - before
end

print((questions[arg[1]]()))
