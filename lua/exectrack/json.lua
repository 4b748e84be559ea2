--- Reads JSON (RFC 8259): what is `exectrack.json`.
local core = require("exectrack.core")
local lines = require("exectrack.format.lines")
local options = require("exectrack.options")

local M = { decode = core.json.decode, null = core.json.null }

local check_options = options.fields {
  { "max_line_bytes", options.integer(1), default = options.MAX_LINE_BYTES },
  { "null", function(value) return value end },
}

--- Makes an iterator over the values in a text of one value a line, of which `pieces` returns the
-- next piece, and nil at the end. It returns the number of a line and its value; or the number,
-- nil and a message. Keeps at most one line and one piece in memory.
function M.lines(pieces, given)
  options.check("json.lines", pieces, options.callable)
  local chosen = options.check("json.lines", given, check_options)
  local null = chosen.null ~= nil and { null = chosen.null } or nil
  local next_line = lines(options.pieces("json.lines", pieces), chosen.max_line_bytes)
  return function()
    local number, line, message = next_line()
    if not line then
      return number, nil, message
    end
    local value
    value, message = M.decode(line, null)
    return number, value, message and message:gsub("^line 1, ", "")
  end
end

return M
