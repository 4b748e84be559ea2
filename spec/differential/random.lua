-- Random values that are the same in every version of Lua, by Lehmer's generator.
local Random = {}
Random.__index = Random

function Random.new(seed)
  return setmetatable({ state = seed % 2147483646 + 1 }, Random)
end

-- A whole number from `least` to `most`, which are less than 2^31 apart.
function Random:between(least, most)
  self.state = self.state * 48271 % 2147483647
  return least + self.state % (most - least + 1)
end

-- Whether something happens that does so once in `n` times.
function Random:once_in(n)
  return self:between(1, n) == 1
end

-- One of the values of the array `choices`.
function Random:pick(choices)
  return choices[self:between(1, #choices)]
end

return Random
