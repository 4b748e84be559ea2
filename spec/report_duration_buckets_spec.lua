local duration_buckets = require("exectrack.report.parts.duration_buckets")
local portable = require("spec.support.portable")

--- The buckets of `durations` as their limits and counts, in turn.
local function flat(durations)
  local list = {}
  for i, bucket in ipairs(duration_buckets(durations)) do
    list[#list + 1] = i == 1 and bucket.from or nil
    list[#list + 1] = bucket.count
    list[#list + 1] = bucket.to
  end
  return list
end

local function repeated(durations, times)
  local all = {}
  for _ = 1, times do
    portable.move(durations, 1, #durations, #all + 1, all)
  end
  return all
end

describe("the buckets of a histogram of durations", function()
  it("are none for no durations", function()
    assert.same({}, duration_buckets {})
  end)

  it("are one that can be told from the next for equal durations", function()
    assert.same({ 100, 1, 101 }, flat { 100 })
    assert.same({ 12.4, 2, 12.6 }, flat { 12.5, 12.5 })
    assert.same({ 0, 3, 0.001 }, flat { 0, 0, 0 })
    assert.same({ 0.001, 1, 0.002 }, flat { 0.001 })
  end)

  it("are equal where durations differ little", function()
    assert.same({ 100, 1, 150, 1, 200, 0, 250, 0, 300, 0, 350, 0, 400, 1, 450 },
      flat { 100, 150, 400 })
  end)

  it("grow where durations differ by more than a factor of four", function()
    assert.same({ 1, 1, 1.25, 0, 1.6, 0, 2, 0, 2.5, 0, 3.2, 0, 4, 1, 5 }, flat { 1, 4.001 })
    assert.same({ 1, 1, 1.6, 0, 2.5, 0, 4, 0, 6.3, 0, 10, 0, 16, 1, 25 }, flat { 1, 20 })
    assert.same({ 1, 1, 2, 0, 5, 0, 10, 0, 20, 0, 50, 0, 100, 1, 200 }, flat { 1, 100 })
  end)

  it("hold what is at their lower limit, and not at the upper one", function()
    assert.same({ 1, 1, 10, 2, 100, 1, 1000, 0, 10000, 0, 100000, 0, 1000000, 0, 10000000, 1,
      100000000 }, flat { 9.999, 10, 99.999, 100, 1e7 })
  end)

  it("have one for zeros alone", function()
    assert.same({ 0, 2, 5, 1, 10, 1, 20, 0, 50, 0, 100, 0, 200, 1, 500 },
      flat { 0, 5, 0, 10, 200 })
  end)

  it("are more for more durations, up to 24", function()
    local most_of_few, most_of_many = 0, 0
    for i = 0, 100 do
      local durations = { 7, math.floor(7 * 1.1 ^ i) }
      most_of_few = math.max(most_of_few, #duration_buckets(durations))
      most_of_many = math.max(most_of_many, #duration_buckets(repeated(durations, 100)))
    end
    assert.same({ 8, 24 }, { most_of_few, most_of_many })
  end)

  it("join without a gap and hold every duration once", function()
    local seed = 1
    for round = 1, 40 do
      local durations = {}
      for i = 1, 10 * round do
        seed = seed * 48271 % 2147483647
        durations[i] = math.floor(10 ^ (seed % 1000 / 1000 * (1 + round % 7))) / 1000
      end
      local buckets = duration_buckets(durations)
      for i, bucket in ipairs(buckets) do
        local count = 0
        for _, ms in ipairs(durations) do
          count = count + (ms >= bucket.from and ms < bucket.to and 1 or 0)
        end
        assert.equal(count, bucket.count)
        assert.equal(bucket.to, (buckets[i + 1] or { from = bucket.to }).from)
      end
      assert.is_true(buckets[1].count > 0 and buckets[#buckets].count > 0)
    end
  end)
end)
