--- An environment in which examples run: what they print is collected, and their trackers have a
-- clock of their own.
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local M = {}

--- A clock that starts at 2026-01-01T00:00:00Z and is 1 ms later at every reading.
local function ticking_clock()
  local clock = clocks.new()
  return function()
    local seconds = clock.read()
    clock.advance_us(1000)
    return seconds
  end
end

--- `options` with `clock`, unless they have one.
local function with_clock(options, clock)
  local all = { clock = clock }
  if type(options) == "table" then
    for option, value in pairs(options) do
      all[option] = value
    end
  elseif type(options) == "number" then
    all.max_history = options
  elseif options ~= nil then
    return options
  end
  return all
end

local function new_with_clock(options)
  return exectrack.new(with_clock(options, ticking_clock()))
end

--- `exectrack.open`, with one clock for all recorders: a run that is gone on with is a later one.
local function open_with_a_clock()
  local clock = ticking_clock()
  return function(path, options)
    if type(path) == "table" then
      return exectrack.open(with_clock(path, clock))
    end
    return exectrack.open(path, with_clock(options, clock))
  end
end

local function copy(t)
  local result = {}
  for key, value in pairs(t) do
    result[key] = value
  end
  return result
end

--- Makes an environment and the function that returns what was printed since its last call.
function M.new()
  local output = {}
  local env = copy(_G)
  local modules = { exectrack = copy(exectrack) }
  modules.exectrack.new = new_with_clock
  modules.exectrack.open = open_with_a_clock()
  env._G = env

  function env.print(...)
    local texts = portable.pack(...)
    for i = 1, texts.n do
      texts[i] = tostring(texts[i])
    end
    output[#output + 1] = table.concat(texts, "\t") .. "\n"
  end

  env.io = copy(io)
  function env.io.write(...)
    output[#output + 1] = table.concat { ... }
    return io.stdout
  end

  function env.require(name)
    return modules[name] or require(name)
  end

  local function take_output()
    local text = table.concat(output)
    output = {}
    return text
  end
  return env, take_output
end

return M
