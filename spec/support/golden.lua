--- Golden files: what something is to print, byte for byte, in spec/golden/. UPDATE_GOLDEN=1 writes
-- them anew, to be reviewed.
local assert = require("luassert")
local process = require("spec.support.process")

local M = {}

--- Asserts that `text` is what the golden file `name` holds.
function M.assert_equal(name, text)
  local path = "spec/golden/" .. name
  if os.getenv("UPDATE_GOLDEN") == "1" then
    process.write_file(path, text)
  end
  assert.equal(process.read_file(path), text, path)
end

return M
