--- The indexes of a run's records in the order of their ends, found naively: each is put behind
-- those that ended earlier or at the same time. Undated ones are first.
return function(snapshot)
  local order, ends = {}, {}
  for i = 1, #snapshot do
    local ended = snapshot[i].timestamp or -1
    local place = 1
    while ends[place] and ends[place] <= ended do
      place = place + 1
    end
    table.insert(order, place, i)
    table.insert(ends, place, ended)
  end
  return order
end
