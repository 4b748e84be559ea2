--- Converters for argparse, of what several subcommands take.
-- Used only by the command.
local M = {}

--- Makes a converter of the integer from `least` to `most` that `option` is given; without `most`,
-- up to 2^53.
function M.integer(option, least, most)
  return function(text)
    local number = text:match("^%d+$") and tonumber(text)
    if not number or number < least or number > (most or 2 ^ 53) then
      local range = most and ("from %d to %d"):format(least, most) or "of at least " .. least
      return nil, ("%s: must be an integer %s, got '%s'"):format(option, range, text)
    end
    return number
  end
end

--- Converts how many records a run keeps.
M.max_history = M.integer("--max-history", 0, 2 ^ 28)

return M
