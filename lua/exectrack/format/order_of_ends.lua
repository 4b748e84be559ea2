--- The order in which formats write records: that of their ends, undated ones first. Those that
-- ended at the same time stay in the order of recording. An import records in the same order, so
-- what it makes is written as it was.
-- Used only by formats.

--- Whether records were recorded in this order. O(records), without a table of them.
local function is_in_order(snapshot)
  local run = snapshot:filter({ last = 0 }):to_table()
  local undated = tonumber(run.undated)
  if not run.in_order or undated == 0 then
    return run.in_order
  end
  -- An undated one counts as recorded so many microseconds after 1970 as there were undated ones.
  local first = snapshot:summary({ quantiles = {} }).first_timestamp
  return not first or first * 1e6 > undated
end

--- The indexes of the records in this order; nil if they are in order.
return function(snapshot)
  if is_in_order(snapshot) then
    return nil
  end
  local ends, order = snapshot:column("timestamp"), {}
  for i = 1, #ends do
    ends[i], order[i] = ends[i] or -1, i
  end
  table.sort(order, function(a, b)
    if ends[a] ~= ends[b] then
      return ends[a] < ends[b]
    end
    return a < b
  end)
  return order
end
