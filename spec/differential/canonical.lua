-- Values as text: the same text for what is the same in every version of Lua.
local numbers = require("exectrack.numbers")

local canonical

local function quoted(text)
  return '"' .. text:gsub('[%c"\\\127-\255]', function(byte)
    return ("\\%03d"):format(byte:byte())
  end) .. '"'
end

-- Beyond 2^53, integers have more digits in some versions than numbers have in others.
local function number(value)
  return math.abs(value) < 2 ^ 53 and numbers.text(value) or numbers.significant(value + 0.0, 17)
end

local function fields(t)
  local lines = {}
  for key, value in pairs(t) do
    lines[#lines + 1] = canonical(key) .. "=" .. canonical(value)
  end
  table.sort(lines)
  return "{" .. table.concat(lines, " ") .. "}"
end

-- Compiled, its `pairs` left out the second element of arrays in one process of LuaJIT 2.1 of 2023
-- in twenty.
local jit = package.loaded.jit
if jit then
  jit.off(fields)
end

local TEXTS = { string = quoted, number = number, table = fields, boolean = tostring,
  ["nil"] = tostring }

function canonical(value)
  local text_of = TEXTS[type(value)]
  return text_of and text_of(value) or type(value)
end

-- What is wrong, without what differs: where the error was raised, and how Lua calls the function.
local function problem(err)
  if type(err) ~= "string" then
    return canonical(err)
  end
  local said = err:gsub("^.-:%d+: ", "")
  return quoted((said:gsub("^bad argument #(%d+) to '.-' ", "bad argument #%1 ")))
end

-- The results of `pcall`.
local function outcome(ok, ...)
  if not ok then
    return "error " .. problem((...))
  end
  local texts = {}
  for i = 1, select("#", ...) do
    texts[i] = canonical((select(i, ...)))
  end
  return table.concat(texts, ", ")
end

return { text = canonical, outcome = outcome }
