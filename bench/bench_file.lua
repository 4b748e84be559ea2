--- A path for the file of a recorder, which is removed with its owner.
local M = {}

local File = { __close = function(self) os.remove(self.name) end }
File.__gc = File.__close

--- A `name` of no file yet.
function M.new()
  local self = setmetatable({ name = os.tmpname() }, File)
  os.remove(self.name)
  return self
end

return M
