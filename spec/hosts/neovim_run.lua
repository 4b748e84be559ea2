-- Checks with Lua 5.4 what Neovim, with LuaJIT, has recorded of neovim_tools.lua.
--
--     lua5.4 spec/hosts/neovim_run.lua FILE SESSION
local exectrack = require("exectrack")
local path, project = arg[1], arg[2]

local function equal(expected, got, what)
  if expected ~= got then
    error(("%s: expected %s, got %s"):format(what, expected, got), 2)
  end
end

local run = assert(exectrack.load(path))
equal("Neovim", run:label(), "label")
equal("closed", run:writer().state, "writer")
equal(40, #run, "records")
equal(0, run:in_flight_count(), "in flight")
equal(0, #run:filter { session = false }, "records without a session")
equal(40, #run:filter { session = project }, "records of the session")

local rows = {}
for _, row in ipairs(run:group_by("tool", "status", "error_type", { quantiles = {} })) do
  rows[#rows + 1] = ("%s %s %s %d"):format(row.tool, row.status, row.error_type, row.count)
end
equal([[
read success nil 16
read failed ENOENT 4
fetch success nil 16
fetch timed_out nil 3
fetch cancelled abandoned 1]], table.concat(rows, "\n"), "rows")

local denied = 0
for _, denial in ipairs(run:denials()) do
  equal("concurrency", denial.reason, "reason")
  denied = denied + denial.count
end
equal(32, denied, "denials")
local calls = {}
for _, row in ipairs(run:group_by("tool", "args_hash", { quantiles = {} })) do
  calls[row.tool .. row.args_hash] = row.count
end
for i = 1, 20 do
  equal(1, calls["read" .. exectrack.fingerprint(i)], "read " .. i)
  equal(1, calls["fetch" .. exectrack.fingerprint(i)], "fetch " .. i)
end
print("neovim: 40 calls of 2 tools, 32 denials")
