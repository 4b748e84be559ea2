--- Calls that were made again with the same result, though no cache answered them.
-- Used only by the findings.
local record_columns = require("exectrack.report.parts.record_columns")

-- How many fingerprints there are.
local FINGERPRINTS = 4294967296

local function list_of(by_key, key)
  local list = by_key[key]
  if not list then
    list = {}
    by_key[key] = list
  end
  return list
end

--- Adds the record at `place` to those of its session and result, if that was recorded.
local function add(groups, by_session, columns, place)
  local result = columns.result_hash[place]
  if result then
    local group = list_of(list_of(by_session, columns.session[place]), result)
    group[#group + 1] = place
    groups[#groups + 1] = #group == 2 and group or nil
  end
end

--- The places of the records of each call, a tool, arguments, a session and a result, that was made
-- several times.
local function group_calls(columns)
  local groups, seen = {}, {} -- the place of the only record of a tool and arguments, or its groups
  local ids, hashes = columns.tool_id, columns.args_hash
  for place = 1, #ids do
    local hash = hashes[place]
    local key = ids[place] * FINGERPRINTS + hash
    local first = hash ~= 0 and seen[key]
    if hash ~= 0 and not first then
      seen[key] = place
    elseif first then
      if type(first) == "number" then
        seen[key] = {}
        add(groups, seen[key], columns, first)
      end
      add(groups, seen[key], columns, place)
    end
  end
  return groups
end

--- What the measured ones of these records took without the longest of them, in microseconds, and
-- how many they are. Microseconds are whole numbers, whose sums are exact.
local function time_again(group, own_ms, timings)
  local sum_us, longest_us, measured = 0.0, 0.0, 0
  for _, place in ipairs(group) do
    if timings[place] == "measured" then
      local us = math.floor(own_ms[place] * 1000 + 0.5)
      sum_us, longest_us, measured = sum_us + us, math.max(longest_us, us), measured + 1
    end
  end
  return sum_us - longest_us, measured
end

--- The calls of each tool that no cache answered, that succeeded, and whose result was recorded and
-- was that of an earlier one of the same session, by the tool's name: their `count`, the `place` of
-- the last one, and `lost_ms`, what it would have saved to make each call once; nil if that isn't
-- known of any, and without those of which it isn't known if `is_partly`. O(n log n) for n records.
return function(snapshot)
  local ran, by_tool = snapshot:filter { was_cached = false, status = "success" }, {}
  local columns = record_columns(ran)
  for _, group in ipairs(group_calls(columns)) do
    local tool = ran:get_tool_name(columns.tool_id[group[1]])
    local again = by_tool[tool] or { count = 0, last_index = 0, is_partly = false }
    local us, measured = time_again(group, columns.self_duration_ms, columns.timing)
    again.lost_us = measured > 1 and (again.lost_us or 0.0) + us or again.lost_us
    again.is_partly = again.is_partly or measured < #group
    again.count, by_tool[tool] = again.count + #group - 1, again
    again.last_index = math.max(again.last_index, group[#group])
  end
  for _, again in pairs(by_tool) do
    again.place = ran[again.last_index].place
    again.lost_ms = again.lost_us and again.lost_us / 1000
  end
  return by_tool
end
