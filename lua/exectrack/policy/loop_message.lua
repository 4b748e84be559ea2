--- What the loop guard says, for a language model to read.
-- Used only by loop_guard.
local core = require("exectrack.core")
local numbers = require("exectrack.numbers")

local M = {}

local NO_ARGUMENTS = core.fingerprint()

local ADVICE = {
  warn = "Use that result, change the arguments, or do something else first. If you go on "
    .. "repeating this call, it will be denied.",
  deny = "It is denied now. Use that result, change the arguments, or do something else first.",
}

local function times(count)
  return count == 1 and "once" or numbers.text(count) .. " times"
end

--- The fingerprint of arguments, as reports show it, and what they were, if that is kept.
local function arguments(tracker, args_hash)
  if args_hash == 0 then
    return ""
  elseif args_hash == NO_ARGUMENTS then
    return " (without arguments)"
  end
  local text = tracker:args_text(args_hash)
  return (" (arguments %08x%s)"):format(args_hash, text and ": " .. text or "")
end

--- What to do about a call that is repeated and was denied so often before.
local function advice(action, denied)
  if action == "deny" and denied > 0 then
    return "By now it was denied " .. times(denied + 1) .. "; stop, and say what blocks you."
  end
  return ADVICE[action]
end

--- A call that was made `repeats` times, and denied `denied` times since.
function M.repeated(call, action, repeats, denied)
  return "The same call of '" .. call.tool .. "' was made " .. times(repeats) .. " already"
    .. arguments(call.tracker, call.args_hash) .. "; unless something has changed since, it will "
    .. "end as before. " .. advice(action, denied)
end

--- A call that begins a cycle again: its executions, in their order, were made `rounds` times.
function M.cycle(call, action, executions, rounds, denied)
  local names = {}
  for i, execution in ipairs(executions) do
    names[i] = "'" .. execution.tool .. "'" .. arguments(call.tracker, execution.args_hash)
  end
  return "This call of '" .. call.tool .. "' begins a round again: the same " .. #executions
    .. " calls, " .. times(rounds) .. " already: " .. table.concat(names, ", ") .. ". Unless "
    .. "something has changed since, they will end as before. " .. advice(action, denied)
end

--- A call of a tool whose last `count` calls failed with the same error type.
function M.similar(call, count, error_type)
  return "The last " .. numbers.text(count) .. " calls of '" .. call.tool .. "' failed alike ("
    .. error_type .. "), each with other arguments. Find out what is wrong before you try others."
end

return M
