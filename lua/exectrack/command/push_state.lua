--- The file in which `exectrack push --state` keeps what was sent.
-- Used only by the command.
local exectrack = require("exectrack")
local json_text = require("exectrack.json_text")
local output = require("exectrack.command.output")
local system = require("exectrack.command.system")

local M = {}

local ENOENT = 2 -- on all systems that have files

local VERSION = 1

--- What is said of a file that `read` or a pusher doesn't take.
function M.not_one(path)
  return path .. ": it isn't a state of exectrack push"
end

--- The states in what a file has; nil if it is something else.
local function states_of(kept)
  if type(kept) ~= "table" or kept.exectrack_push ~= VERSION then
    return nil
  end
  local states = { metrics = kept.metrics, traces = kept.traces }
  for _, state in pairs(states) do
    if type(state) ~= "table" then
      return nil
    end
  end
  return states
end

--- The states of pushers in a file, by signal; nothing if there is no file. Or nil and a message.
function M.read(path)
  if system.status(path) == "other" then
    return nil, path .. ": it isn't a file"
  end
  local file, message, code = io.open(path, "rb")
  if not file then
    return code == ENOENT and {} or nil, message
  end
  local text
  text, message = file:read("*a")
  file:close()
  if not text then
    return nil, path .. ": " .. message
  end
  local states = states_of(exectrack.json.decode(text))
  return states, not states and M.not_one(path) or nil
end

--- Replaces the file. Returns true; or nil and a message.
function M.write(path, states)
  local kept = { exectrack_push = VERSION, metrics = states.metrics, traces = states.traces }
  local ok, message = output.write(path, json_text.encode(kept) .. "\n")
  return ok, message
end

return M
