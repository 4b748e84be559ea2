--- Checks of the options and arguments of policies, reports and formats.
-- A check is a function of a value. It returns the value to use; or nil and a message.
-- Used only by policies, reports and formats.
local numbers = require("exectrack.numbers")

local M = {}

--- The default of the option `max_line_bytes`.
M.MAX_LINE_BYTES = 67108864

local function shown(value)
  local kind = type(value)
  return (kind == "number" or kind == "boolean") and numbers.tostring(value) or kind
end

local function mismatch(expected, value)
  return nil, expected .. " expected, got " .. shown(value)
end

--- Makes a check for values for which `passes` returns true.
local function value_that(passes, expected)
  return function(value)
    if passes(value) then
      return value
    end
    return mismatch(expected, value)
  end
end

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
    local used, problem = check(value)
    return used, problem and "false or " .. problem
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
      local used, problem = check(rawget(value, i))
      if used == nil then
        return nil, "element " .. i .. ": " .. problem
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
      local used, problem = check(element)
      if used == nil then
        return nil, "'" .. key .. "': " .. problem
      end
      copy[key] = used
    end
    return copy
  end
end

local function unknown_option(fields, given)
  local known = {}
  for _, field in ipairs(fields) do
    known[field[1]] = true
  end
  local unknown -- the first by name, as the order of the table isn't fixed
  for option in next, given do
    local name = numbers.tostring(option)
    if not known[option] and (unknown == nil or name < unknown) then
      unknown = name
    end
  end
  return unknown and "unknown option '" .. unknown .. "'"
end

--- The value to use for the option that `field` describes; or nil and a message if it is wrong.
local function choose(field, value)
  if value == nil and not field.required then
    return field.default
  end
  local used, problem = field[2](value)
  return used, problem and "option '" .. field[1] .. "': " .. problem
end

--- Makes a check for a table of options, or nil for none. `fields` is an array of
-- `{ name, check, default =, required = }`. It returns another table.
function M.fields(fields)
  return function(given)
    if given ~= nil and type(given) ~= "table" then
      return mismatch("a table of options", given)
    end
    given = given or {}
    local problem = unknown_option(fields, given)
    local chosen = {}
    for i = 1, problem and 0 or #fields do
      chosen[fields[i][1]], problem = choose(fields[i], rawget(given, fields[i][1]))
      if problem then
        break
      end
    end
    return not problem and chosen or nil, problem
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
  local used, problem = check(given)
  if used == nil then
    if type(given) == "table" and rawget(given, "tracker") and rawget(given, "tool") then
      problem = "it isn't a policy itself: call it, as in policy." .. name .. " { ... }"
    end
    M.raise(name .. ": " .. problem, 3)
  end
  return used
end

return M
