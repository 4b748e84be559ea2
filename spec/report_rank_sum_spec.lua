local portable = require("spec.support.portable")
local rank_sum = require("exectrack.report.statistics.rank_sum")

local function assert_p(expected, a, b)
  local p = rank_sum(a, b)
  assert.is_true(math.abs(p / expected - 1) < 5e-4, ("%.8g isn't %.8g"):format(p, expected))
end

-- Lehmer's generator: from 0 to below 1, the same everywhere.
local function generator(seed)
  return function()
    seed = seed * 48271 % 2147483647
    return seed / 2147483647
  end
end

local function sample(count, draw)
  local values = {}
  for i = 1, count do
    values[i] = draw()
  end
  return values
end

--- In how many pairs the value of `b` is larger, equal ones by half.
local function pairs_won(a, b)
  local won = 0
  for _, x in ipairs(a) do
    for _, y in ipairs(b) do
      won = won + (y > x and 1 or y == x and 0.5 or 0)
    end
  end
  return won
end

--- The exact probability, by all ways to choose who is in `a`.
local function enumerate(a, b)
  local all = portable.move(b, 1, #b, #a + 1, portable.move(a, 1, #a, 1, {}))
  local middle = #a * #b / 2
  local distance = math.abs(pairs_won(a, b) - middle)
  local ways, as_far = 0, 0
  local function choose(i, chosen, rest)
    if i > #all then
      if #chosen == #a then
        ways = ways + 1
        as_far = as_far + (math.abs(pairs_won(chosen, rest) - middle) >= distance and 1 or 0)
      end
      return
    end
    for _, into in ipairs { chosen, rest } do
      into[#into + 1] = all[i]
      choose(i + 1, chosen, rest)
      into[#into] = nil
    end
  end
  choose(1, {}, {})
  return as_far / ways
end

describe("the rank sum test", function()
  -- M. Hollander and D. A. Wolfe, Nonparametric Statistical Methods, 1973, p. 69: permeability of
  -- membranes at term and earlier; the one-sided probability is 0.1272 there.
  it("gives the probability of a worked example without ties", function()
    local term = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 }
    local earlier = { 1.15, 0.88, 0.90, 0.74, 1.21 }
    assert_p(2 * 0.1272, term, earlier)
    local _, _, larger = rank_sum(term, earlier)
    assert.equal(0.3, larger)
  end)

  -- Ozone in New York in May and August of 1973, as R compares them in the examples of its
  -- wilcox.test: p = 0.0001208.
  it("gives the probability of a worked example with ties and many values", function()
    local may = { 41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32,
      23, 45, 115, 37 }
    local august = { 39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45,
      168, 73, 76, 118, 84, 85 }
    assert_p(0.0001208, may, august)
    local _, _, larger = rank_sum(may, august)
    assert.equal((26 * 26 - 127.5) / (26 * 26), larger) -- R's W is 127.5
  end)

  it("agrees with an enumeration of all ways, with and without ties", function()
    local random = generator(1)
    for round = 1, 20 do
      local kinds = round % 2 == 0 and 4 or 1000
      local function draw()
        return math.floor(random() * kinds)
      end
      local a, b = sample(1 + round % 5, draw), sample(1 + round % 4, draw)
      local p, _, larger = rank_sum(a, b)
      assert.is_true(math.abs(enumerate(a, b) - p) < 1e-12)
      assert.is_true(math.abs(pairs_won(a, b) / #a / #b - larger) < 1e-12)
    end
  end)

  it("hardly differs where the approximation takes over", function()
    local a, b = {}, {}
    for i = 1, 10 do
      a[i], b[i] = 2 * i, 2 * i + 7
    end
    local exact = rank_sum(a, b)
    b[11] = 18
    local approximate = rank_sum(a, b)
    assert.is_true(math.abs(approximate - exact) < 0.02)
  end)

  it("is exact for 20 values together, and approximate for 21", function()
    local a, b = { 1, 2, 3, 4, 5 }, {}
    for i = 1, 15 do
      b[i] = 5 + i
    end
    assert_p(2 / 15504, a, b) -- C(20, 5) ways
    b[16] = 21
    assert_p(0.0011083, a, b) -- 39.5 / sqrt(5 * 16 * 22 / 12) standard deviations
  end)

  it("says nothing of fewer than 5 values against many", function()
    local b = {}
    for i = 1, 17 do
      b[i] = i
    end
    local p, least = rank_sum({ 97, 98, 99, 100 }, b)
    assert.same({ 1, 1 }, { p, least })
    p, least = rank_sum({ 97, 98, 99 }, b) -- 20 together
    assert.is_true(math.abs(p - 2 / 1140) < 1e-12)
    assert.is_true(math.abs(least - 2 / 1140) < 1e-12)
  end)

  it("says which probability is the least that samples of these sizes can give", function()
    local function least(count_a, count_b)
      local a, b = {}, {}
      for i = 1, count_a do
        a[i] = i
      end
      for i = 1, count_b do
        b[i] = i
      end
      return (select(2, rank_sum(a, b)))
    end
    assert.same({ 1, 2 / 3, 0.5, 2 / 6 }, { least(1, 1), least(1, 2), least(1, 3), least(2, 2) })
    assert.equal(2 / 70, least(4, 4))
    assert.equal(2 / 252, least(5, 5))
    assert.equal(2 / 15504, least(5, 15))
    assert.equal(least(15, 5), least(5, 15))
    assert.is_true(math.abs(least(30, 30) / (2 / 118264581564861424) - 1) < 1e-12)
    assert.equal(least(5, 2000), least(2000, 5))
    assert.is_true(least(2000, 5) > 0)
    assert.equal(0, least(2000, 2000))
    for count = 2, 10 do
      local low, high = {}, {}
      for i = 1, count do
        low[i], high[i] = i, 100 + i
      end
      local p, least_p = rank_sum(low, high)
      assert.is_true(math.abs(p / least_p - 1) < 1e-12)
    end
  end)

  it("finds nothing in equal samples", function()
    local few, many = {}, {}
    for i = 1, 100 do
      few[i % 5 + 1], many[i] = 7, 7
    end
    assert.equal(1, rank_sum(few, few))
    assert.equal(1, rank_sum(many, many))
    local _, _, larger = rank_sum(many, many)
    assert.equal(0.5, larger)
  end)

  it("is the same the other way round", function()
    local random = generator(2)
    for count = 2, 30, 7 do
      local a, b = sample(count, random), sample(count + 3, random)
      local p, _, larger = rank_sum(a, b)
      local back, _, smaller = rank_sum(b, a)
      assert.is_true(math.abs(p - back) < 1e-12)
      assert.is_true(math.abs(larger + smaller - 1) < 1e-12)
    end
  end)

  it("leaves its arguments as they are", function()
    local a, b = { 3, 1, 2 }, { 9, 8 }
    rank_sum(a, b)
    assert.same({ 3, 1, 2 }, a)
    assert.same({ 9, 8 }, b)
  end)

  it("raises a false alarm as often as it says", function()
    local random = generator(3)
    local alarms = 0
    for _ = 1, 400 do
      local a, b = sample(14, random), sample(16, random)
      alarms = alarms + (rank_sum(a, b) < 0.05 and 1 or 0)
    end
    assert.is_true(alarms > 8 and alarms < 32, alarms .. " of 400, where 20 are expected")
  end)
end)
