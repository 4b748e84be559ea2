--- What a call costs in any version of Lua. As in peers.lua, each function makes its peer and
-- returns a function that does `n` operations.
local exectrack = require("exectrack")

local M = {}

local HISTORY = 1000

local function recording(tracker)
  return function(n)
    for _ = 1, n do
      tracker:record("read_file", "success", 12, false)
    end
  end
end

-- A tracker whose history is full.
local function full()
  local tracker = exectrack.new(HISTORY)
  recording(tracker)(HISTORY + HISTORY / 2)
  return tracker
end

function M.empty()
  return recording(require("floor"))
end

function M.record()
  return recording(full())
end

function M.recorder()
  local record = full():recorder("read_file")
  return function(n)
    for _ = 1, n do
      record("success", 12, false)
    end
  end
end

--- A tool that returns its argument, and does nothing else.
function M.wrapped()
  local call = full():wrap("read_file", function(path) return path end)
  return function(n)
    for _ = 1, n do
      call("src/tracker.c")
    end
  end
end

return M
