--- Which calls of a run went on with a loop.
-- Used only by the figures that a gate holds against limits.
local words = require("exectrack.report.parts.words")

local FAILURES = { failed = true, timed_out = true }

--- So many calls with the same result are a loop.
local REPEATS = 3

local function columns_of(run)
  local columns = {}
  for _, field in ipairs { "args_hash", "error_type", "result_hash", "session", "status",
      "tool_id" } do
    columns[field] = run:column(field)
  end
  return columns
end

--- Whether it is known what the execution at a place led to. Of a cancelled one that isn't asked.
local function has_result(columns, place)
  local status = columns.status[place]
  return columns.result_hash[place] or status == "cancelled"
    or FAILURES[status] and columns.error_type[place]
end

--- For each execution, how many of the same call came before it, in the session, since the latest
-- whose result isn't known.
local function count_known(columns)
  local before, counts = {}, {}
  for place, hash in ipairs(columns.args_hash) do
    local call = ("%.0f %.0f %s"):format(columns.tool_id[place], hash,
      columns.session[place] or "")
    local count = counts[call] or 0
    before[place] = count
    if columns.status[place] ~= "cancelled" then
      counts[call] = has_result(columns, place) and count + 1 or 0
    end
  end
  return before
end

--- Why loops can't be told; nil if most calls have arguments and a known result.
local function unknown(run)
  local columns, without = columns_of(run), 0
  for place, hash in ipairs(columns.args_hash) do
    without = without + ((hash == 0 or not has_result(columns, place)) and 1 or 0)
  end
  return 2 * without >= #run and ("%d of %s have no arguments or no result"):format(without,
    words.counted(#run, "call")) or nil
end

--- How many calls went on with a loop: those that `exectrack.policy.loop_guard` would deny in each
-- of the runs `parts` by itself, as what others did between says nothing, if the results of the
-- calls before are known. Also returns the first of them, as `decisions` does, and why it can't be
-- told of `run`, which is merged of these; nil if it can.
return function(run, parts)
  local policy = require("exectrack.policy").loop_guard { repeats = REPEATS, warn_at = false,
    within_ms = false }
  local count, first = 0, nil
  for _, part in ipairs(parts) do
    local known = count_known(columns_of(part))
    for _, entry in ipairs(assert(part:decisions(policy, { enforce = false }))) do
      if known[entry.index] >= REPEATS then
        count, first = count + 1, first or entry
      end
    end
  end
  return count, first, unknown(run)
end
