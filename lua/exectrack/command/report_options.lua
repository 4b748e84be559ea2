--- The options of a report, which are the arguments after `--`.
-- Used only by the command.
local numbers = require("exectrack.numbers")

local function value_of(text)
  if text == "true" or text == "false" then
    return text == "true"
  end
  return numbers.read(text) or text
end

--- The arguments after `--` as a table of options; or nil and a message.
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
