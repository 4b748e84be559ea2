--- What the makers of agents' logs have in common: a clock, identifiers, texts, and what goes wrong
-- with lines.
local json_text = require("exectrack.json_text")
local random = require("spec.support.random")

local pick = random.pick

local M = {}

local now -- the milliseconds of the clock

--- Sets the clock, which always shows the same at first.
function M.start()
  now = 1767261600000
end

--- Lets up to `most` milliseconds pass, and returns the time.
function M.later(most)
  now = now + math.random(0, most or 4000)
  return now
end

--- The time in ISO 8601, to the millisecond, `more` digits, and the zone.
function M.iso(ms, more, zone)
  return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(ms / 1000))
    .. (".%03d"):format(ms % 1000) .. (more or "") .. (zone or "Z")
end

function M.chance(percent)
  return math.random(100) <= percent
end

local function characters(from, count)
  return (("x"):rep(count):gsub("x", function()
    local i = math.random(#from)
    return from:sub(i, i)
  end))
end

--- A random word that has a digit.
function M.word(count)
  return characters("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", count - 1)
    .. math.random(0, 9)
end

function M.hex(count)
  return characters("0123456789abcdef", count - 1) .. math.random(1, 9)
end

function M.uuid()
  return table.concat({ M.hex(8), M.hex(4), M.hex(4), M.hex(4), M.hex(12) }, "-")
end

--- A function that makes identifiers of calls: random ones that begin with `prefix`; or, in a third
-- of all logs, a few that are used again and again. Also returns whether they are those.
function M.identifiers(prefix)
  if not M.chance(33) then
    return function() return prefix .. M.word(22) end, false
  end
  local count = 0
  return function()
    count = count + 1
    return "call_" .. count % 4
  end, true
end

function M.text()
  return pick { "fine", "two\nlines", "é 日本 😀", 'a "quoted" \\ text\t/', ("long "):rep(40), "{}",
    "[1]", "" }
end

--- Something that isn't a call.
function M.unknown()
  return pick {
    { type = "kind_of_tomorrow", payload = { type = "tool_use", id = "x", name = "x" } },
    { type = "kind_of_tomorrow" .. math.random(3) },
  }
end

--- The texts of lines, an array of values. Some lines are left out, and there are unknown ones. Of
-- `how`, `copies` is whether some are written twice, `swaps` whether some stand behind the next,
-- and `fixed` has, as keys, the lines that stay as they are.
function M.lines(values, how)
  local fixed, kept = how.fixed or {}, {}
  for _, value in ipairs(values) do
    local count = fixed[value] and 1 or M.chance(6) and 0 or how.copies and M.chance(6) and 2 or 1
    for _ = 1, count do
      kept[#kept + 1] = value
    end
    kept[#kept + 1] = M.chance(4) and M.unknown() or nil
  end
  for i = 1, how.swaps and #kept - 1 or 0 do
    if M.chance(10) and not fixed[kept[i]] and not fixed[kept[i + 1]] then
      kept[i], kept[i + 1] = kept[i + 1], kept[i]
    end
  end
  local texts = {}
  for i, value in ipairs(kept) do
    texts[i] = json_text.encode(value)
  end
  return texts
end

--- The text of lines, with a file's end of one of several kinds.
function M.join(texts)
  local ending = pick { "\n", "\n", "\r\n" }
  return table.concat(texts, ending) .. pick { ending, ending, "", ending .. "\n" }
end

--- A copy of an object in which a field has this value.
function M.with(object, name, value)
  local copied = {}
  for key, its in pairs(object) do
    copied[key] = its
  end
  copied[name] = value
  return copied
end

--- A copy of a value, and of all in it.
function M.copy(value)
  if type(value) ~= "table" then
    return value
  end
  local copied = {}
  for key, element in pairs(value) do
    copied[key] = M.copy(element)
  end
  return copied
end

return M
