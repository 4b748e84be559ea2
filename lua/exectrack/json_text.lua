--- Text of JSON (RFC 8259). Equal values give equal text: keys are sorted by their bytes, unless
-- `object` gave them another order.
-- Used only by reports and formats.
local numbers = require("exectrack.numbers")
local unicode = require("exectrack.report.unicode")

local M = {}

local NAMED = { [8] = "\\b", [9] = "\\t", [10] = "\\n", [12] = "\\f", [13] = "\\r" }

--- The escape of a code point, which is a pair above U+FFFF; the replacement character for nil,
-- which is a byte that isn't UTF-8.
local function escape(code)
  if not code then
    return "\239\191\189"
  elseif code < 0x10000 then
    return NAMED[code] or ("\\u%04x"):format(code)
  end
  code = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 + math.floor(code / 0x400), 0xDC00 + code % 0x400)
end

--- A string, with escapes for all characters that are harmful where it is shown. Each byte that
-- isn't UTF-8 becomes U+FFFD; everything else can be read back.
function M.string(text)
  return '"' .. unicode.replace_harmful(text:gsub('["\\]', "\\%0"), escape) .. '"'
end

--- A number, in the fewest digits that read back equal; `null` for one that isn't finite.
function M.number(value)
  return value - value == 0 and numbers.text(value) or "null"
end

-- The key, in a metatable, of the order of an object's fields.
local ORDER = {}

--- A copy of the fields of `t` whose keys are in the array `order`. They are encoded in that order,
-- and as an object even if there are none.
function M.object(t, order)
  local copy = {}
  for _, key in ipairs(order) do
    copy[key] = t[key]
  end
  return setmetatable(copy, { [ORDER] = order })
end

--- The keys of an object, sorted by their bytes.
function M.sorted_keys(t)
  local keys = {}
  for key in pairs(t) do
    if type(key) ~= "string" then
      error("encode: neither an array nor an object: a key is a " .. type(key), 0)
    end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

local function is_array(t)
  local count = 0
  for _ in pairs(t) do
    count = count + 1
    if t[count] == nil then
      return false
    end
  end
  return true
end

--- The keys of an object in their order, or nil for an array.
local function keys_of(t)
  local meta = getmetatable(t)
  local order = type(meta) == "table" and rawget(meta, ORDER)
  return order or not is_array(t) and M.sorted_keys(t) or nil
end

local encode

--- The elements of a table as text, and whether none of them is a table.
local function encode_elements(t, keys, margin)
  local texts, is_flat = {}, true
  for i = 1, keys and #keys or #t do
    local value = t[keys and keys[i] or i]
    if value ~= nil then
      local text = encode(value, margin)
      if keys then
        text = M.string(keys[i]) .. (margin and ": " or ":") .. text
      end
      texts[#texts + 1] = text
      is_flat = is_flat and type(value) ~= "table"
    end
  end
  return texts, is_flat
end

--- `margin` is the indentation of the table's lines; nil to write it on one line.
local function encode_table(t, margin)
  local keys = keys_of(t)
  local inner = margin and margin .. "  "
  local texts, is_flat = encode_elements(t, keys, inner)
  local first, last = keys and "{" or "[", keys and "}" or "]"
  if not margin or is_flat then
    return first .. table.concat(texts, margin and ", " or ",") .. last
  end
  return first .. "\n" .. inner .. table.concat(texts, ",\n" .. inner) .. "\n" .. margin .. last
end

local SCALARS = { string = M.string, number = M.number, boolean = tostring, ["nil"] = function()
  return "null"
end }

function encode(value, margin)
  local kind = type(value)
  if kind == "table" then
    return encode_table(value, margin)
  elseif not SCALARS[kind] then
    error("encode: JSON has no " .. kind, 0)
  end
  return SCALARS[kind](value)
end

--- A value on one line. A table is an array if its keys are 1 to n, or if it is empty; else an
-- object, all keys of which must be strings.
function M.encode(value)
  return encode(value)
end

--- A value on several lines: each table without tables in it on one, the others indented.
function M.encode_lines(value)
  return encode(value, "") .. "\n"
end

return M
