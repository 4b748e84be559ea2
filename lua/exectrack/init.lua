--- The module that `require "exectrack"` returns: the functions of the C module, and those in Lua.
local core = require("exectrack.core")

local M = {}

for name, value in pairs(core) do
  M[name] = value
end
M.importer = nil -- for `exectrack.format.read` alone
M.convention = nil -- for `exectrack.classify` alone
M.session_hash = nil -- for `exectrack.format.otlp_ids` alone
M.plain_width = nil -- for `exectrack.report.unicode` alone
M.classify = require("exectrack.classify")
M.json = require("exectrack.json")

--- A light userdata counts as absent: for many libraries, it is JSON's null.
local function has_field(run, field)
  local value = rawget(run, field)
  return value ~= nil and type(value) ~= "userdata"
end

--- The snapshot from a table that `to_table` made, or from one of the reference implementation,
-- which has a field `tool_ids`.
function M.from_table(...)
  local run = ...
  if type(run) == "table" and has_field(run, "tool_ids") then
    return require("exectrack.format.reference").snapshot(run)
  end
  return core.from_table(...)
end

--- Makes a pusher. Its modules are loaded only then.
function M.push(...)
  return require("exectrack.push").new(...)
end

return M
