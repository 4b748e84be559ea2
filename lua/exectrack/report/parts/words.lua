--- Phrases for titles and sentences.
-- Used only by built-in reports, renderers and the command.
local format = require("exectrack.report.format")

local M = {}

--- A number of things: `1 call`, `1,200 calls`.
function M.counted(number, noun)
  return format.count(number) .. " " .. noun .. (number == 1 and "" or "s")
end

--- What is so of some of the calls, by how many they are: `1 of 3 calls wasn't measured`.
function M.of_calls(number, count, if_one, if_several)
  return ("%s of %s %s"):format(format.count(number), M.counted(count, "call"),
    number == 1 and if_one or if_several)
end

--- The first `most` of the texts, and how many more there are: `a, b and 3 more`.
function M.listed(texts, most)
  if #texts <= most then
    return table.concat(texts, ", ")
  end
  return table.concat(texts, ", ", 1, most) .. " and " .. format.count(#texts - most) .. " more"
end

--- Joins sentences, each of which may be nil; nil if all are.
function M.joined(...)
  local sentences = {}
  for i = 1, select("#", ...) do
    sentences[#sentences + 1] = select(i, ...)
  end
  return #sentences > 0 and table.concat(sentences, " ") or nil
end

--- What a run is called: by its label, or else `name`, or else `otherwise`.
function M.named(snapshot, name, otherwise)
  local label = snapshot:label()
  label = label ~= "" and label or name
  return label and format.name(label) or otherwise
end

--- A report's title: its kind, and the run's label or else `name`, if it has one.
function M.title(what, snapshot, name)
  local label = M.named(snapshot, name)
  return label and what .. " of " .. label or what
end

--- A sentence about a snapshot without executions; nil if it has some.
function M.none(snapshot)
  if #snapshot > 0 then
    return nil
  elseif snapshot:is_filtered() then
    return "No execution that has ended was chosen."
  end
  return snapshot:stats().total_executions > 0 and "None of the run's executions is retained."
    or "Nothing was recorded."
end

--- A point in time, in Unix seconds, with its zone, which is as `format.time` takes it; without
-- one if it is shown in seconds.
function M.time(seconds, zone)
  local text = format.time(seconds, zone)
  return format.day_and_time(seconds, zone) and text .. " " .. format.zone(zone) or text
end

--- From when to when something was, in Unix seconds. The zone is said once.
function M.from_to(first, last, zone)
  local text = (format.day_and_time(last, zone) and format.time or M.time)(first, zone)
  return text .. " to " .. M.time(last, zone)
end

--- A sentence about sessions of which only the fingerprints are known; nil if none of the rows has
-- such a one.
function M.nameless(rows)
  for _, row in ipairs(rows) do
    if row.session and row.session:find("^#%x%x%x%x%x%x%x%x$") then
      return ("A session is called %s or the like if the run no longer has its name."):format(
        row.session)
    end
  end
end

--- The same as `from_to`, but for a single second only that.
function M.period(first, last, zone)
  local is_one = math.floor(first) == math.floor(last)
  return is_one and M.time(last, zone) or M.from_to(first, last, zone)
end

--- A sentence about what a selection, nil for none, doesn't choose from: of the chosen tools, and
-- what `more` says; nil if all is chosen.
function M.whole_run(snapshot, selection, more)
  return snapshot:is_filtered() and (selection and "Of the chosen tools" .. more
    or "Of the whole run, not only of the chosen part.") or nil
end

--- How many executions the run retained of which a snapshot has all or some, if older ones are
-- gone; else nil. `retained` is that number if it is known, as it must be of chosen ones.
function M.retained(snapshot, retained)
  retained = retained or not snapshot:is_filtered() and #snapshot or nil
  return retained and retained < snapshot:stats().total_executions and retained or nil
end

--- Words for what a sentence is about, behind a space, if older executions are gone; else nothing.
function M.among_retained(snapshot, retained)
  local count = M.retained(snapshot, retained)
  return count and " among the " .. M.counted(count, "execution") .. " that are retained" or ""
end

return M
