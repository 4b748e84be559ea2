--- Folded stacks, which flame graphs are made from: a line for each stack of nested calls, with the
-- microseconds that its last call took without those that were made within it.
local options = require("exectrack.options")
local pieces = require("exectrack.format.pieces")
local records = require("exectrack.format.records")
local unicode = require("exectrack.report.unicode")

local M = {}

--- The name of a tool as a frame of a stack, which ends at a semicolon.
local function frame(name)
  return (unicode.visible(name):gsub(";", "\\x3b"))
end

--- A function that returns the stack of the record with this index, outermost first.
local function stacks_of(snapshot)
  local tools, parents, frames, stacks = snapshot:column("tool"), snapshot:parents(), {}, {}
  local function stack(i)
    if not stacks[i] then
      frames[tools[i]] = frames[tools[i]] or frame(tools[i])
      local above = parents[i] > 0 and stack(parents[i]) .. ";" or "" -- at most 7 deep
      stacks[i] = above .. frames[tools[i]]
    end
    return stacks[i]
  end
  return stack
end

--- The stacks, sorted, the microseconds of each, and how many executions have no time.
local function sums_of(snapshot)
  local times, own = snapshot:column("timestamp"), snapshot:column("self_duration_ms")
  local stack, sums, sorted, undated = stacks_of(snapshot), {}, {}, 0
  for i = 1, #times do
    local us = own[i] and math.floor(own[i] * 1000 + 0.5) or 0
    if not times[i] then
      undated = undated + 1
    elseif us > 0 then
      local name = stack(i)
      sorted[#sorted + 1] = not sums[name] and name or nil
      sums[name] = (sums[name] or 0.0) + us -- floats, which all versions of Lua round alike
    end
  end
  table.sort(sorted)
  return sorted, sums, undated
end

--- Makes an iterator over pieces of text; also returns a function that returns notes, sentences.
function M.encode(snapshot)
  options.check("folded.encode", snapshot, options.snapshot)
  local sorted, sums, undated = sums_of(snapshot)
  return pieces("", #sorted, function(i)
    return ("%s %.0f\n"):format(sorted[i], sums[sorted[i]])
  end, ""), function() return records.undated_notes(undated, "stack") end
end

return M
