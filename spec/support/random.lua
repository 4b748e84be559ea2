--- Random values that a failing run can repeat: `SEED=123 busted spec/group_model_spec.lua`.
local M = {}

local function seed()
  local given = os.getenv("SEED")
  return given and assert(tonumber(given:match("^%d+$")), "SEED must be an integer")
    or os.time() * 1000 + math.floor(os.clock() * 1e6) % 1000
end

--- Seeds `math.random` from the environment or the time, prints the seed and returns it.
function M.seed(name)
  local chosen = seed()
  math.randomseed(chosen)
  print(string.format("%s: SEED=%d", name, chosen))
  return chosen
end

--- One of the values of the array `choices`.
function M.pick(choices)
  return choices[math.random(#choices)]
end

--- A random integer. math.random takes none beyond 2^31 in Lua 5.1.
function M.integer(low, high)
  if _VERSION ~= "Lua 5.1" then
    return math.random(low, high)
  end
  local fraction = (math.random(0, 2 ^ 26 - 1) + math.random(0, 2 ^ 26 - 1) / 2 ^ 26) / 2 ^ 26
  return low + math.floor(fraction * (high - low + 1))
end

--- A string of up to `most` random bytes.
function M.bytes(most)
  local bytes = {}
  for i = 1, math.random(0, most) do
    bytes[i] = string.char(math.random(0, 255))
  end
  return table.concat(bytes)
end

--- Shuffles the array `items` in place and returns it.
function M.shuffle(items)
  for i = #items, 2, -1 do
    local j = math.random(i)
    items[i], items[j] = items[j], items[i]
  end
  return items
end

return M
