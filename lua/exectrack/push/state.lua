--- Positions in runs as plain data, which outlive a pusher in any form, such as JSON.
-- Used only by `exectrack.push`.
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")

local M = {}

--- A check for whole numbers from 0, also as text, as those of times are: JSON of 14 digits would
-- round them.
local function check_us(value)
  return options.integer(0)(type(value) == "string" and numbers.read(value) or value)
end

local function check_taken(value)
  return options.number(type(value) == "string" and numbers.read(value) or value)
end

local function check_root(value)
  if type(value) ~= "string" or #value ~= 16 or value:find("[^0-9a-f]") then
    return nil, "16 hexadecimal digits expected"
  end
  return value
end

local check_position = options.fields {
  { "done", options.integer(0), required = true },
  { "seen", options.integer(0) },
  { "latest_end_us", check_us, required = true },
  { "taken", check_taken, required = true },
  { "seen_end_us", check_us },
  { "idle_at", options.number },
  { "recorded", options.integer(0) },
  { "has_ended", options.boolean },
  { "after", options.array_of(options.integer(1)), default = {} },
  { "roots", options.array_of(check_root), default = {} },
}

local check_positions = options.map_of(check_position)

--- The elements of a list as a set; of numbers, those above `least`.
local function set_of(list, least)
  local set = {}
  for _, element in ipairs(list) do
    set[element] = not least or element > least or nil
  end
  return set
end

--- A check for what `of` returns. It returns positions by instance id.
function M.check(value)
  local positions, message = check_positions(value)
  for _, position in pairs(positions or {}) do
    position.done = math.min(position.done, position.seen or 0)
    position.after = set_of(position.after, position.done)
    position.roots = set_of(position.roots)
  end
  return positions, message
end

--- The sorted elements of a set; nil for none.
local function list_of(set)
  local list = {}
  for element in pairs(set) do
    list[#list + 1] = element
  end
  table.sort(list)
  return list[1] and list or nil
end

--- Positions, by instance id, as plain data.
function M.of(positions)
  local state = {}
  for id, position in pairs(positions) do
    state[id] = {
      done = position.done, seen = position.seen, idle_at = position.idle_at,
      latest_end_us = numbers.whole(position.latest_end_us),
      seen_end_us = position.seen_end_us and numbers.whole(position.seen_end_us),
      taken = numbers.text(position.taken), recorded = position.recorded,
      has_ended = position.has_ended,
      after = list_of(position.after), roots = list_of(position.roots),
    }
  end
  return state
end

return M
