-- Runs busted in the interpreter that runs this file, so that tools can be wrapped around it:
-- lua5.4 spec/run.lua [options and files, as for busted]
--
-- A spec whose first line is `-- Needs Lua 5.4: WHAT` is skipped by an older Lua, which may not
-- even understand it. If no other is left, the exit code is 77.

--- What `path` needs that this Lua hasn't, and how many tests it has; nothing if it needs nothing.
local function missing(path)
  local file = path:find("_spec%.lua$") and io.open(path, "rb")
  if not file then
    return nil
  end
  local version, what = file:read("*l"):match("^%-%- Needs Lua (%d%.%d): (.*)$")
  local _, count = file:read("*a"):gsub("%f[%w]it%(", "")
  file:close()
  if version and _VERSION < "Lua " .. version then
    return what, count
  end
end

local is_skipped
for i = #arg, 1, -1 do
  local what, count = missing(arg[i])
  if what then
    print(("%s needs %s\n0 successes / 0 failures / 0 errors / %d pending : 0 seconds"):format(
      table.remove(arg, i), what, count))
    is_skipped = true
  end
end
if is_skipped and not table.concat(arg, " "):find("_spec%.lua") then
  os.exit(77)
end

table.insert(arg, 1, "--ignore-lua") -- .busted names an interpreter, which would be another process
require("busted.runner")({ standalone = false })
