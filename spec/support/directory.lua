--- Directories that a spec makes and removes again.
local process = require("spec.support.process")

local M = {}

--- Makes an empty directory and returns its path.
function M.make()
  local path, _, code = process.run("mktemp -d")
  assert(code == 0)
  return (path:gsub("\n$", ""))
end

--- Removes a directory and all that is in it.
function M.remove(path)
  process.run("rm -r " .. process.quote(path))
end

--- The names of what is in a directory, in order, hidden files too.
function M.list(path)
  local names = {}
  for name in process.run("LC_ALL=C ls -A " .. process.quote(path)):gmatch("[^\n]+") do
    names[#names + 1] = name
  end
  return names
end

return M
