--- What `require "exectrack"` gives: the C core, which does the work, and what it leaves to Lua.
-- @submodule exectrack
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

--- The snapshot that `to_table` made this table of, also after a trip through JSON. O(size).
--
-- The records of the reference implementation are understood too, as it serializes them: `{
-- tool_ids = { names }, records = { { tool_id = 0, status = "TimedOut", duration_ms = 12,
-- was_cached = false }, ... } }`. They have no times, so all end in 1970.
-- @function from_table
-- @tparam table run
-- @treturn[1] Snapshot
-- @treturn[2] nil
-- @treturn[2] string message, which names the field that is wrong
-- @treturn[2] string code, `invalid`
function M.from_table(...)
  local run = ...
  if type(run) == "table" and has_field(run, "tool_ids") then
    return require("exectrack.format.reference").snapshot(run)
  end
  return core.from_table(...)
end

return M
