--- Which calls of a run went on with a loop.
-- Used only by the figures that a gate holds against limits.
local repeats = require("exectrack.report.parts.repeats")
local words = require("exectrack.report.parts.words")

--- Loops are searched among so many of a session's newest calls.
local WINDOW = 20

--- Whether it is known what a call led to. Of a cancelled one that isn't asked.
local function has_result(status, result_hash, error_type)
  return result_hash or status == "cancelled" or repeats.FAILURES[status] and error_type
end

--- Whether enough of the calls that were made before `call` and are like it have known results, or
-- are in flight, whose results nobody can know yet.
local function are_known(call)
  local count = call.tracker:repeats(call.tool, call.args_hash, 0, call.session)
  for _, record in ipairs(call.tracker:session_executions(WINDOW, call.session)) do
    if record.tool == call.tool and record.args_hash == call.args_hash
      and record.status ~= "cancelled" then
      if not has_result(record.status, record.result_hash, record.error_type) then
        break
      end
      count = count + 1
    end
  end
  return count >= repeats.LOOP
end

--- A policy that denies what `exectrack.policy.loop_guard` does, but for calls before which equal
-- ones led to what isn't known.
local function guard()
  local ask = require("exectrack.policy").loop_guard { repeats = repeats.LOOP, window = WINDOW,
    warn_at = false, within_ms = false }
  return function(call)
    local decision = ask(call)
    return decision and are_known(call) and decision or nil
  end
end

--- Why loops can't be told; nil if most calls have arguments and a known result.
local function unknown(run)
  local results, statuses = run:column("result_hash"), run:column("status")
  local error_types, without = run:column("error_type"), 0
  for place, hash in ipairs(run:column("args_hash")) do
    local is_known = hash ~= 0
      and has_result(statuses[place], results[place], error_types[place])
    without = without + (is_known and 0 or 1)
  end
  return 2 * without >= #run and words.of_calls(without, #run, "has no arguments or no result",
    "have no arguments or no result") or nil
end

-- What conditions choose by.
local CHOICE = { "tool", "session", "status", "timestamp" }

--- For each execution of `run`, whether it is in `chosen`, what conditions chose of it. Of those
-- that are alike to all conditions, all are chosen or the newest: so they are sought from the end.
local function are_chosen(run, chosen)
  local all, its, left, list = {}, {}, #chosen, {}
  for i, field in ipairs(CHOICE) do
    all[i], its[i] = run:column(field), chosen:column(field)
  end
  for place = #run, 1, -1 do
    list[place] = left > 0
    for i = 1, #CHOICE do
      list[place] = list[place] and all[i][place] == its[i][left]
    end
    left = list[place] and left - 1 or left
  end
  return list
end

--- How many calls went on with a loop in each of several runs by itself, as what others did between
-- says nothing. `parts` has for each the `run`, all of which the policy sees, and what was `chosen`
-- of it, whose calls are counted. Also returns the first of them, as `decisions` does, and why it
-- can't be told of `run`, which is merged of what was chosen; nil if it can.
return function(run, parts)
  local policy, count, first = guard(), 0, nil
  for _, part in ipairs(parts) do
    local is_counted = are_chosen(part.run, part.chosen)
    for _, entry in ipairs(assert(part.run:decisions(policy, { enforce = false }))) do
      if is_counted[entry.index] then
        count, first = count + 1, first or entry
      end
    end
  end
  return count, first, unknown(run)
end
