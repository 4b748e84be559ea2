--- What `require "exectrack"` gives: the C core, which does the work, and what it leaves to Lua.
local core = require("exectrack.core")

local M = {}

for name, value in pairs(core) do
  M[name] = value
end

--- JSON's null is no value: lua-cjson and others say it with a light userdata.
local function has_field(run, field)
  local value = rawget(run, field)
  return value ~= nil and type(value) ~= "userdata"
end

--- The snapshot of a table that `to_table` made; or of the records of the reference implementation,
-- which have `tool_ids`.
function M.from_table(...)
  local run = ...
  if type(run) == "table" and has_field(run, "tool_ids") then
    return require("exectrack.format.reference").snapshot(run)
  end
  return core.from_table(...)
end

return M
