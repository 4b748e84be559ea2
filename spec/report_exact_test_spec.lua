local exact_test = require("exectrack.report.statistics.exact_test")

local function assert_close(expected, actual, tolerance)
  assert.is_true(math.abs(actual / expected - 1) < tolerance, ("%.8g isn't %.8g"):format(actual,
    expected))
end

local function choose(n, k)
  local ways = 1
  for i = 1, k do
    ways = ways * (n - k + i) / i
  end
  return ways
end

--- By whole numbers: of the ways to mark as many, the share that gives a table that is no more
-- probable.
local function enumerate(marked_a, count_a, marked_b, count_b)
  local marked = marked_a + marked_b
  local given = choose(count_a, marked_a) * choose(count_b, marked_b)
  local as_improbable = 0
  for k = math.max(0, marked - count_b), math.min(marked, count_a) do
    local ways = choose(count_a, k) * choose(count_b, marked - k)
    as_improbable = as_improbable + (ways <= given and ways or 0)
  end
  return as_improbable / choose(count_a + count_b, marked)
end

describe("the exact test of shares", function()
  -- R. A. Fisher, The Design of Experiments, 1935, chapter 2: of four cups each, three guesses are
  -- right. 34 of 70 ways are no more probable.
  it("gives the probability of the lady tasting tea", function()
    assert_close(34 / 70, exact_test(3, 4, 1, 4), 1e-12)
    assert_close(2 / 70, exact_test(4, 4, 0, 4), 1e-12)
  end)

  -- R. A. Fisher, Statistical Methods for Research Workers, convictions of twins of criminals: 2 of
  -- 17 and 10 of 13; R's fisher.test gives p = 0.0005367.
  it("gives the probability of the convicted twins", function()
    assert_close(0.0005367, exact_test(2, 17, 10, 13), 1e-4)
  end)

  it("agrees with an enumeration by whole numbers", function()
    for count_a = 0, 9 do
      for count_b = 0, 6 do
        for marked_a = 0, count_a do
          for marked_b = 0, count_b do
            local expected = enumerate(marked_a, count_a, marked_b, count_b)
            local p = exact_test(marked_a, count_a, marked_b, count_b)
            assert.is_true(math.abs(expected - p) < 1e-12)
          end
        end
      end
    end
  end)

  it("says how probable the rarest table is", function()
    local _, least = exact_test(2, 17, 10, 13)
    assert_close(13 / 86493225, least, 1e-12) -- all 12 among the 13: C(13, 12) of C(30, 12) ways
    _, least = exact_test(3, 17, 9, 13) -- whatever was found
    assert_close(13 / 86493225, least, 1e-12)
    _, least = exact_test(1, 3, 0, 5)
    assert_close(3 / 8, least, 1e-12)
    _, least = exact_test(4, 4, 0, 4) -- as rare as the other way round
    assert_close(2 / 70, least, 1e-12)
    _, least = exact_test(0, 3, 0, 5)
    assert.equal(1, least)
    _, least = exact_test(5000, 10000, 5000, 10000)
    assert.equal(0, least)
  end)

  it("finds nothing where nothing or everything is marked", function()
    assert.equal(1, exact_test(0, 100, 0, 3))
    assert.equal(1, exact_test(100, 100, 3, 3))
    assert.equal(1, exact_test(0, 0, 1, 3))
  end)

  it("is right for large numbers", function()
    -- 24 standard deviations apart: about what the normal distribution gives.
    local p = exact_test(1000, 100000, 2200, 100000)
    assert.is_true(p > 1e-110 and p < 1e-95, p)
    assert_close(1, exact_test(500000, 1000000, 500000, 1000000), 1e-12)
    assert.equal(0, exact_test(0, 1000000, 500000, 1000000))
  end)
end)
