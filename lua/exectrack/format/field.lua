--- How formats write the fields of a record.
-- Used only by formats.
local json = require("exectrack.json_text")

local M = {}

--- From this duration on, 14 digits may not be enough.
M.LARGE_MS = 1e11

--- `encode`, but each text is encoded only once.
function M.remembered(encode)
  return setmetatable({}, { __index = function(texts, text)
    local encoded = encode(text)
    texts[text] = encoded
    return encoded
  end })
end

--- Milliseconds in the fewest digits that read back equal to the microsecond.
function M.duration(ms)
  return ms < M.LARGE_MS and ("%.14g"):format(ms) or json.number(ms)
end

return M
