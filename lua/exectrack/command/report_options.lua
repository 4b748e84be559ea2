--- The options of a report, which stand behind `--`.
-- Used only by the command.
local numbers = require("exectrack.numbers")

local function value_of(text)
  if text == "true" or text == "false" then
    return text == "true"
  end
  return numbers.read(text) or text
end

--- What stands behind `--`, as options; or nil and what is wrong.
return function(words)
  local options = {}
  for _, word in ipairs(words) do
    local key, value = word:match("^([^=]+)=(.*)$")
    if key then
      options[key] = value_of(value)
    elseif word:find("^[^=]") then
      options[word] = true
    else
      return nil, "option '" .. word .. "': KEY=VALUE expected"
    end
  end
  return options
end
