--- What options of several subcommands take, for argparse.
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

--- Whether two values are the same, or tables of the same fields.
local function are_same(a, b)
  if type(a) ~= "table" then
    return a == b
  end
  for _, pair in ipairs { { a, b }, { b, a } } do
    for key, value in pairs(pair[1]) do
      if pair[2][key] ~= value then
        return false
      end
    end
  end
  return true
end

--- Lets an option be given several times, for argparse: its values are a list, each once, nil for
-- none.
function M.several(option)
  return option:count("*"):init(nil):action(function(arguments, name, value)
    local list = arguments[name] or {}
    for _, known in ipairs(list) do
      if are_same(known, value) then
        return
      end
    end
    arguments[name], list[#list + 1] = list, value
  end)
end

return M
