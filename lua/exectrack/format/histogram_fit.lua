--- A histogram with fewer buckets.
-- Used only by formats.
local floor = math.floor

--- The histogram at the next coarser scale, where two buckets are one.
local function halved(histogram)
  local offset, counts = floor(histogram.offset / 2), {}
  for i, count in ipairs(histogram.bucket_counts) do
    local place = floor((histogram.offset + i - 1) / 2) - offset + 1
    counts[place] = (counts[place] or 0) + count
  end
  return { scale = histogram.scale - 1, zero_count = histogram.zero_count, offset = offset,
    bucket_counts = counts }
end

--- The histogram, at the finest scale at which it has at most `most` buckets, at least 2.
return function(histogram, most)
  while #histogram.bucket_counts > most do
    histogram = halved(histogram)
  end
  return histogram
end
