--- Calls that were made again with the same result, though no cache answered them.
-- Used only by the findings.

-- How many fingerprints there are.
local FINGERPRINTS = 4294967296

--- Returns a function that adds the record at a place to those of its call: a tool, arguments, a
-- session and a result. `groups` are the places of each call, in the order of their first one.
local function grouping(snapshot, ids, hashes, groups)
  local results, sessions = snapshot:column("result_hash"), snapshot:column("session")
  local by_call = {}
  return function(place)
    local session = sessions[place]
    local call = ("%.0f %.0f %.0f %s"):format(ids[place], hashes[place], results[place] or -1,
      session and "=" .. session or "")
    local group = by_call[call]
    if not group and results[place] then
      group = {}
      by_call[call], groups[#groups + 1] = group, group
    end
    if group then
      group[#group + 1] = place
    end
  end
end

--- The places of the records of each call whose tool and arguments occur several times.
local function group_calls(snapshot, ids)
  local hashes, groups, first_places = snapshot:column("args_hash"), {}, {}
  local add = grouping(snapshot, ids, hashes, groups)
  for place, hash in ipairs(hashes) do
    local key = hash ~= 0 and ids[place] * FINGERPRINTS + hash
    local first = key and first_places[key]
    if key and not first then
      first_places[key] = place
    elseif key then
      if first > 0 then
        add(first)
        first_places[key] = 0
      end
      add(place)
    end
  end
  return groups
end

--- What all of these records took without the longest of them, in microseconds; nil if not all were
-- measured. Microseconds are whole numbers, whose sums are exact.
local function time_again(group, own_ms, timings)
  local sum_us, longest_us = 0.0, 0.0
  for _, place in ipairs(group) do
    if timings[place] ~= "measured" then
      return nil
    end
    local us = math.floor(own_ms[place] * 1000 + 0.5)
    sum_us, longest_us = sum_us + us, math.max(longest_us, us)
  end
  return sum_us - longest_us
end

--- The calls of each tool that no cache answered, that succeeded, and whose result was recorded and
-- was that of an earlier one of the same session, by the tool's name: their `count`, the `place` of
-- the last one, and `lost_ms`, what it would have saved to make each call once; nil if that isn't
-- known. O(n log n) for n records.
return function(snapshot)
  local ran, by_tool = snapshot:filter { was_cached = false, status = "success" }, {}
  local ids = ran:column("tool_id")
  local own_ms, timings = ran:column("self_duration_ms"), ran:column("timing")
  for _, group in ipairs(group_calls(ran, ids)) do
    if #group > 1 then
      local tool = ran:get_tool_name(ids[group[1]])
      local again = by_tool[tool] or { count = 0, last_index = 0, lost_us = 0.0 }
      local us = time_again(group, own_ms, timings)
      again.count, again.lost_us = again.count + #group - 1, us and again.lost_us
        and again.lost_us + us
      again.last_index, by_tool[tool] = math.max(again.last_index, group[#group]), again
    end
  end
  for _, again in pairs(by_tool) do
    again.place = ran[again.last_index].place
    again.lost_ms = again.lost_us and again.lost_us / 1000
  end
  return by_tool
end
