--- Leaves out columns about caches where nothing is known of them.
-- Used by built-in reports and the command.

local LEFT_OUT = { was_cached = true, cached_rate = true, cached_hits = true }

--- Returns `columns`; without those that say what a cache answered if the records of `run` come
-- from a log that says it of none: mostly, such logs don't say it at all. O(records).
return function(run, columns)
  if not run:has_places() or run:summary({ quantiles = {} }).cached_hits > 0 then
    return columns
  end
  local others = {}
  for _, column in ipairs(columns) do
    if not LEFT_OUT[column.field] then
      others[#others + 1] = column
    end
  end
  return others
end
