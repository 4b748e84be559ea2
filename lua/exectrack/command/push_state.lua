--- The file in which `exectrack push --state` keeps what was sent.
-- Used only by the command.
local exectrack = require("exectrack")
local json_text = require("exectrack.json_text")
local output = require("exectrack.command.output")

local M = {}

local ENOENT = 2 -- on all systems that have files

local VERSION = 1

--- What is kept in a file: the state of a pusher, by signal; nothing if there is no file. Or nil
-- and a message.
function M.read(path)
  local file, message, code = io.open(path, "rb")
  if not file then
    return code == ENOENT and {} or nil, message
  end
  local text
  text, message = file:read("*a")
  file:close()
  local kept = text and exectrack.json.decode(text)
  if not text then
    return nil, path .. ": " .. message
  elseif type(kept) ~= "table" or kept.exectrack_push ~= VERSION then
    return nil, path .. ": " .. M.NOT_ONE
  end
  return kept
end

--- What is wrong with a file that `read` reads, and no pusher takes, too.
M.NOT_ONE = "it isn't a state of exectrack push"

--- Replaces the file. Returns true; or nil and a message.
function M.write(path, states)
  local kept = { exectrack_push = VERSION }
  for signal, state in pairs(states) do
    kept[signal] = state
  end
  local ok, message = output.write(path, json_text.encode(kept) .. "\n")
  return ok, message
end

return M
