--- What `snapshot:export` and `exectrack export` write: the formats, and their options.
-- Used only by the command and by the method.
local options = require("exectrack.options")

local M = {}

--- The formats, in the order in which the command lists them. `encoder` is the function
-- `encode(snapshot, options)` of its module, if that isn't called `encode`: it returns an iterator
-- over pieces of bytes and, if it may leave something out, a function that returns notes about
-- that, an array of sentences, after the last piece. `takes` are the options that mean something to
-- the format, `needs` the one that must be given. `is_binary` says that the bytes aren't text.
local FORMATS = {
  { name = "prometheus", module = "metrics_text", encoder = "prometheus", takes = { "buckets" } },
  { name = "openmetrics", module = "metrics_text", encoder = "openmetrics", takes = { "buckets" } },
  { name = "otlp-json", module = "otlp_export", encoder = "json",
    takes = { "max_buckets", "resource", "signal", "texts" } },
  { name = "otlp", module = "otlp_export", encoder = "protobuf", is_binary = true,
    needs = "signal", takes = { "max_buckets", "resource", "signal", "texts" } },
  { name = "chrome", module = "chrome", takes = { "texts" } },
  { name = "folded", module = "folded", takes = {} },
  { name = "parquet", module = "parquet", is_binary = true, takes = { "texts" } },
}

local BY_NAME = {}

--- The names of the formats, in that order.
M.NAMES = {}
for i, format in ipairs(FORMATS) do
  M.NAMES[i], BY_NAME[format.name] = format.name, format
end

local LIST = table.concat(M.NAMES, ", ", 1, #M.NAMES - 1) .. " or " .. M.NAMES[#M.NAMES]

local SIGNALS = "'metrics' or 'traces'"

--- As many as a histogram has.
M.MOST_BUCKETS = 512

local function check_signal(value)
  if value == "metrics" or value == "traces" then
    return value
  end
  return nil, SIGNALS .. " expected"
end

local check_list = options.array_of(options.positive)

--- Upper limits of buckets, in seconds.
local function check_buckets(value)
  local buckets, message = check_list(value)
  for i = 2, buckets and #buckets or 0 do
    if buckets[i] <= buckets[i - 1] then
      return nil, "element " .. i .. ": a number above the one before it expected"
    end
  end
  return buckets, message
end

local check_texts = options.map_of(options.string)

--- Attributes of the resource of OTLP.
function M.check_resource(value)
  local attributes, message = check_texts(value)
  if attributes and attributes["service.instance.id"] then
    return nil, "'service.instance.id': it is the instance id of the run"
  end
  return attributes, message
end

local check_options = options.fields {
  { "texts", options.boolean },
  { "buckets", check_buckets },
  { "max_buckets", options.integer(2, M.MOST_BUCKETS) },
  { "signal", check_signal },
  { "resource", M.check_resource },
  { "on_note", options.callable },
}

local function has(list, element)
  for _, one in ipairs(list) do
    if one == element then
      return true
    end
  end
  return false
end

--- The options to use; or nil and a message.
local function choose(format, given)
  local chosen, message = check_options(given)
  if not chosen then
    return nil, message
  end
  for _, option in ipairs { "texts", "buckets", "max_buckets", "signal", "resource" } do
    if chosen[option] ~= nil and not has(format.takes, option) then
      return nil, "option '" .. option .. "': " .. format.name .. " has no such option"
    end
  end
  if format.needs and chosen[format.needs] == nil then
    return nil, ("option '%s': %s expected, which %s needs"):format(format.needs, SIGNALS,
      format.name)
  end
  return chosen
end

--- Whether the bytes of a format aren't text.
function M.is_binary(name)
  return BY_NAME[name].is_binary or false
end

local function none() end

--- Makes an iterator over pieces of bytes; also returns a function that calls the option `on_note`
-- with each note, to be called after the last piece. Or nil and a message if the name or the
-- options are wrong.
function M.pieces(snapshot, name, given)
  local format = BY_NAME[name]
  if not format then
    return nil, LIST .. " expected, got "
      .. (type(name) == "string" and "'" .. name .. "'" or type(name))
  end
  local chosen, message = choose(format, given)
  if not chosen then
    return nil, message
  end
  local encoders = require("exectrack.format." .. format.module)
  local next_piece, notes = encoders[format.encoder or "encode"](snapshot, chosen)
  local on_note = chosen.on_note
  return next_piece, on_note and notes and function()
    for _, note in ipairs(notes()) do
      on_note(note)
    end
  end or none
end

--- The method `snapshot:export`, whose caller gets the errors: C stands between.
function M.export(snapshot, name, given)
  local next_piece, give_notes = M.pieces(snapshot, name, given)
  if not next_piece then
    options.raise("export: " .. give_notes, 3)
  end
  local list = {}
  for piece in next_piece do
    list[#list + 1] = piece
  end
  local bytes = table.concat(list)
  give_notes()
  return bytes
end

return M
