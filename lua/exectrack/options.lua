--- Checks of the options and arguments of policies, reports and formats, and of reports themselves.
-- A check is a function of a value. It returns the value to use; or nil, a message and, if only a
-- part of a report is wrong, the place of that part, such as `.columns[1]`.
-- Used only by policies, reports and formats.
local numbers = require("exectrack.numbers")

local M = {}

--- The default of the option `max_line_bytes`.
M.MAX_LINE_BYTES = 67108864

local function shown(value)
  local kind = type(value)
  return (kind == "number" or kind == "boolean") and numbers.tostring(value) or kind
end

local function mismatch(expected, value, show)
  return nil, expected .. " expected, got " .. (show or shown)(value)
end

--- Makes a check for values for which `passes` returns true. `show` returns how a message writes
-- another value.
local function value_that(passes, expected, show)
  return function(value)
    if passes(value) then
      return value
    end
    return mismatch(expected, value, show)
  end
end
M.value_that = value_that

local function range(least, most)
  return " from " .. least .. (most and " to " .. most or "")
end

--- Makes a check for whole numbers.
function M.integer(least, most)
  local expected = "an integer" .. range(least, most)
  return function(value)
    local is_whole = type(value) == "number" and value % 1 == 0
    if is_whole and value >= least and value < 2 ^ 63 and value <= (most or value) then
      return math.floor(value)
    end
    return mismatch(expected, value)
  end
end

--- A check for finite numbers of at least 0.
M.number = value_that(function(value)
  return type(value) == "number" and value >= 0 and value < math.huge
end, "a finite number from 0")

--- A check for finite numbers above 0.
M.positive = value_that(function(value)
  return type(value) == "number" and value > 0 and value < math.huge
end, "a finite number above 0")

--- A check for milliseconds that are at least one microsecond.
M.ms = value_that(function(value)
  return type(value) == "number" and value >= 0.001 and value < math.huge
end, "a finite number from 0.001")

--- A check for numbers from 0 to 1.
M.fraction = value_that(function(value)
  return type(value) == "number" and value >= 0 and value <= 1
end, "a number from 0 to 1")

--- A check for strings.
M.string = value_that(function(value)
  return type(value) == "string"
end, "a string")

--- A check for tables.
M.table = value_that(function(value)
  return type(value) == "table"
end, "a table")

--- A check for true and false.
M.boolean = value_that(function(value)
  return type(value) == "boolean"
end, "true or false")

--- A check for time zones, as `format.time` takes them.
M.timezone = value_that(function(value)
  return value == "local"
    or type(value) == "number" and value % 1 == 0 and value > -1440 and value < 1440
end, "minutes ahead of UTC, or 'local',")

--- A check for functions and other values that can be called.
M.callable = value_that(function(value)
  local meta = getmetatable(value)
  return type(value) == "function" or type(meta) == "table" and rawget(meta, "__call") ~= nil
end, "a function")

--- A check for snapshots.
function M.snapshot(value)
  local kind, meta = type(value), getmetatable(value)
  local has_methods = kind == "userdata" and type(meta) == "table" and meta.__index ~= nil
  if has_methods and value.decisions then -- a method that trackers don't have
    return value
  elseif has_methods and value.snapshot then
    return nil, "a snapshot expected, got a tracker: call its snapshot()"
  end
  return nil, "a snapshot expected, got " .. kind
end

--- Makes a check that also accepts false.
function M.false_or(check)
  return function(value)
    if value == false then
      return false
    end
    local used, message = check(value)
    return used, message and "false or " .. message
  end
end

local function count_keys(t)
  local count = 0
  for _ in next, t do
    count = count + 1
  end
  return count
end

--- Makes a check for arrays without holes. It returns a copy.
function M.array_of(check)
  return function(value)
    if type(value) ~= "table" then
      return mismatch("an array", value)
    end
    local copy = {}
    for i = 1, count_keys(value) do
      local used, message = check(rawget(value, i))
      if used == nil then
        return nil, "element " .. i .. ": " .. message
      end
      copy[i] = used
    end
    return copy
  end
end

--- Makes a check for tables with strings as keys. It returns a copy.
function M.map_of(check)
  return function(value)
    if type(value) ~= "table" then
      return mismatch("a table", value)
    end
    local copy = {}
    for key, element in next, value do
      if type(key) ~= "string" then
        return mismatch("a string as key", key)
      end
      local used, message = check(element)
      if used == nil then
        return nil, "'" .. key .. "': " .. message
      end
      copy[key] = used
    end
    return copy
  end
end

--- The names of fields, as the keys of a table.
local function names_of(fields)
  local names = {}
  for _, field in ipairs(fields) do
    names[field[1]] = true
  end
  return names
end

--- The first key of `given`, in the order of their text, that isn't a key of `known`.
local function unknown_name(known, given)
  local unknown
  for key in next, given do
    if not known[key] then
      local name = numbers.tostring(key)
      unknown = (unknown == nil or name < unknown) and name or unknown
    end
  end
  return unknown
end

--- The value to use for the option that `field` describes; or nil and a message if it is wrong.
local function choose(field, value)
  if value == nil and not field.required then
    return field.default
  end
  local used, message = field[2](value)
  return used, message and "option '" .. field[1] .. "': " .. message
end

--- Makes a check for a table of options, or nil for none. `fields` is an array of
-- `{ name, check, default =, required = }`. It returns another table.
function M.fields(fields)
  local known = names_of(fields)
  return function(given)
    if given ~= nil and type(given) ~= "table" then
      return mismatch("a table of options", given)
    end
    given = given or {}
    local unknown = unknown_name(known, given)
    if unknown then
      return nil, "unknown option '" .. unknown .. "'"
    end
    local chosen = {}
    for _, field in ipairs(fields) do
      local value, message = choose(field, rawget(given, field[1]))
      if message then
        return nil, message
      end
      chosen[field[1]] = value
    end
    return chosen
  end
end

--- Whether the keys of a table are 1 to n.
local function is_array(value)
  local count = 0
  for _ in pairs(value) do
    count = count + 1
    if value[count] == nil then
      return false
    end
  end
  return true
end

--- Makes a check for arrays that are part of a report. It returns the array itself.
function M.list_of(check, show)
  return function(value)
    if type(value) ~= "table" then
      return mismatch("an array", value, show)
    elseif not is_array(value) then
      return nil, "an array expected, got a table with holes or other keys"
    end
    for i, element in ipairs(value) do
      local used, message, place = check(element)
      if used == nil then
        return nil, message, "[" .. i .. "]" .. (place or "")
      end
    end
    return value
  end
end

--- Checks the fields of a table. Returns it; or nil, a message, and the place of what is wrong.
local function check_record(fields, value)
  for _, field in ipairs(fields) do
    local name = field[1]
    if value[name] ~= nil or field.required then
      local used, message, place = field[2](value[name])
      if used == nil then
        return nil, message, "." .. name .. (place or "")
      end
    end
  end
  return value
end

--- Makes a check for tables that are part of a report. `fields` is an array of `{ name, check,
-- required = }`. It returns the table itself.
function M.record(fields, show)
  local known, names = names_of(fields), {}
  for i, field in ipairs(fields) do
    names[i] = field[1]
  end
  names = "'" .. table.concat(names, "', '") .. "'"
  return function(value)
    if type(value) ~= "table" then
      return mismatch("a table", value, show)
    end
    local unknown = unknown_name(known, value)
    if unknown then
      return nil, "unknown field " .. show(unknown) .. ", not one of " .. names
    end
    return check_record(fields, value)
  end
end

--- A function that returns what `next_piece` returns, the next piece of a text or nil. It raises an
-- error, as `check` does for `name`, for a piece that isn't a string.
function M.pieces(name, next_piece)
  return function()
    local piece = next_piece()
    if piece ~= nil and type(piece) ~= "string" then
      error(name .. ": a piece: a string expected, got " .. shown(piece), 0)
    end
    return piece
  end
end

--- Whether `level` of the calling function is a tail call, which in Lua 5.1 is a level of its own
-- without a position.
local function is_tail_call(level)
  local info = debug and debug.getinfo(level + 1, "S")
  return info ~= nil and info.what == "tail"
end

--- Raises an error with the position at `level`, as `error` counts them; of a tail call, with that
-- of the next level that Lua knows.
function M.raise(message, level)
  level = level + 1 -- this function is one, too
  while is_tail_call(level) do
    level = level + 1
  end
  error(message, level)
end

--- Returns the value that `check` returns for `given`; or raises an error, whose position is where
-- the constructor `name`, which calls this, was called.
function M.check(name, given, check)
  local used, message = check(given)
  if used == nil then
    if type(given) == "table" and rawget(given, "tracker") and rawget(given, "tool") then
      message = "it isn't a policy itself: call it, as in policy." .. name .. " { ... }"
    end
    M.raise(name .. ": " .. message, 3)
  end
  return used
end

return M
