--- What exectrack, lua-cjson and Python read in a JSON document, as text by which they compare: a
-- float has a point or an exponent where Lua has integers; the bytes of strings are escaped unless
-- they are printable ASCII; keys are sorted; an empty array and an empty object are `{}`. `error`
-- is for a document that is refused.
local cjson = require("cjson")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")

local M = {}

local HAS_INTEGERS = portable.HAS_INTEGERS

local function number(value, has_floats_only)
  if HAS_INTEGERS and not has_floats_only and portable.is_integer(value) then
    return ("%d"):format(value)
  end
  local text = value == value and ("%.17g"):format(value) or "nan"
  return text .. (HAS_INTEGERS and not has_floats_only and text:find("^-?%d+$") and ".0" or "")
end

local function string(value)
  return '"' .. value:gsub('[%c\127-\255"\\]', function(byte)
    return ("\\x%02x"):format(byte:byte())
  end) .. '"'
end

local text_of

local function table_text(value, has_floats_only)
  local texts = {}
  for i, element in ipairs(value) do
    texts[i] = text_of(element, has_floats_only)
  end
  if #texts > 0 then
    return "[" .. table.concat(texts, ",") .. "]"
  end
  for key, element in pairs(value) do
    texts[#texts + 1] = string(key) .. ":" .. text_of(element, has_floats_only)
  end
  table.sort(texts)
  return "{" .. table.concat(texts, ",") .. "}"
end

local WRITERS = { boolean = tostring, number = number, string = string, table = table_text,
  userdata = function() return "null" end }

function text_of(value, has_floats_only)
  return WRITERS[type(value)](value, has_floats_only)
end

--- `has_floats_only`: its integers as the nearest float, without a point, as lua-cjson has them.
function M.exectrack(document, has_floats_only)
  local value, message = exectrack.json.decode(document, { null = exectrack.json.null })
  return message and "error" or text_of(value, has_floats_only)
end

--- Whole numbers have no point: there are versions of lua-cjson that have integers.
function M.cjson(document)
  local ok, value = pcall(cjson.decode, document)
  return ok and text_of(value, true) or "error"
end

local PYTHON = [[
import json, sys
path, has_integers, is_strict = sys.argv[1], sys.argv[2] == "true", sys.argv[3] == "true"

def float_text(value):
    text = "%.17g" % value
    return text + (".0" if has_integers and text.lstrip("-").isdigit() else "")

def integer_text(value):
    if is_strict and not (has_integers and -2**63 <= value < 2**63):
        try:
            return float_text(float(value))
        except OverflowError:
            return float_text(float("-inf" if value < 0 else "inf"))
    return str(value)

def without_halves(value):
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value)

def object_of(pairs):
    return {without_halves(key): value for key, value in pairs}

def string_text(value):
    if is_strict:
        value = without_halves(value)
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else "\\x%02x" % b
                         for b in value.encode("utf-8", "surrogatepass")) + '"'

def text_of(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list) and value:
        return "[" + ",".join(map(text_of, value)) + "]"
    if isinstance(value, (list, dict)):
        return "{" + ",".join(sorted(string_text(key) + ":" + text_of(value[key])
                                     for key in value)) + "}"
    writers = {str: string_text, int: integer_text, float: float_text}
    return writers[type(value)](value)

def refuse(constant):
    raise ValueError(constant)

def read(document):
    try:
        if not is_strict:
            return text_of(json.loads(document))
        return text_of(json.loads(document.decode("utf-8-sig"), parse_constant=refuse,
                                  object_pairs_hook=object_of))
    except (ValueError, RecursionError):
        return "error"

with open(path) as documents:
    for line in documents:
        print(read(bytes.fromhex(line)))
]]

local ROUNDS_AS_C = ("%.17g"):format(900719925474094.625) == "900719925474094.62"

local function floats_as_here(text)
  return (text:gsub("%d+%.%d+e?[+-]?%d*", function(float)
    return number(tonumber(float))
  end))
end

--- Python's text, with the floats outside of strings as this Lua writes them. LuaJIT rounds up
-- where two texts are equally near.
local function as_here(text)
  return ROUNDS_AS_C and text
    or (text .. '""'):gsub('([^"]*)("[^"]*")', function(before, quoted)
      return floats_as_here(before) .. quoted
    end):sub(1, -3)
end

--- What Python reads in each of `documents`: by `json.loads`, with integers of any size. If
-- `is_strict`, it refuses what isn't JSON: NaN and the like, UTF-16, surrogates in UTF-8. Then it
-- also has floats in place of the integers that this Lua hasn't, and U+FFFD for half a surrogate
-- pair.
function M.python(documents, is_strict)
  local lines = {}
  for i, document in ipairs(documents) do
    lines[i] = document:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end) .. "\n"
  end
  local path = directory.make()
  process.write_file(path .. "/documents", table.concat(lines))
  local output, problem = process.run(("python3 -c %s %s %s %s"):format(process.quote(PYTHON),
    process.quote(path .. "/documents"), tostring(HAS_INTEGERS), tostring(is_strict or false)))
  directory.remove(path)
  assert(problem == "", problem)
  local texts = {}
  for line in output:gmatch("[^\n]+") do
    texts[#texts + 1] = as_here(line)
  end
  assert(#texts == #documents, output)
  return texts
end

return M
