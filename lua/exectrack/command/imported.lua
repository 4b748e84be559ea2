--- What `exectrack import` prints when it is done.
-- Used only by the command.
local agents = require("exectrack.format.agents")
local format = require("exectrack.report.format")
local unicode = require("exectrack.report.unicode")
local words = require("exectrack.report.parts.words")

--- The executions of a run, and from when to when they ended.
local function extent(summary, zone)
  local text = ("%s of %s"):format(words.counted(summary.executions, "execution"),
    words.counted(summary.tools, "tool"))
  if summary.sessions > 0 then
    text = text .. " in " .. words.counted(summary.sessions, "session")
  end
  return summary.first and text .. ", " .. words.period(summary.first, summary.last, zone) or text
end

--- How many executions lack something or were left out, and how many records are kept if those
-- aren't all; nil for none of these.
local function others(summary, kept)
  local texts = {}
  for _, what in ipairs { "untimed", "undated", "excluded" } do
    if summary[what] > 0 then
      texts[#texts + 1] = format.count(summary[what]) .. " " .. what
    end
  end
  if kept < summary.executions then
    texts[#texts + 1] = format.count(kept) .. " kept"
  end
  return #texts > 0 and table.concat(texts, ", ") or nil
end

--- The lines of what was read.
local function lines(arguments, summary, kept)
  local output = arguments.output
  local all = { (output == "-" and "standard output" or format.name(output)) .. ": "
    .. extent(summary, arguments.timezone) }
  all[#all + 1] = agents.IS_NAME[summary.format] and "read as " .. summary.format or nil
  all[#all + 1] = others(summary, kept)
  for _, note in ipairs(summary.notes) do
    all[#all + 1] = unicode.visible(note)
  end
  if summary.skipped > 0 then
    all[#all + 1] = ("skipped %s, the first: %s"):format(words.counted(summary.skipped, "line"),
      unicode.visible(summary.first_message))
  end
  return table.concat(all, "\n") .. "\n"
end

--- Prints what was read, of which `format.read` returned `summary` and a run with `kept` records:
-- on standard output, or on standard error if that is the run's. Returns true; or nil, a message
-- and the exit code.
return function(arguments, summary, kept)
  local text = lines(arguments, summary, kept)
  if arguments.output == "-" then
    io.stderr:write(text)
    return true
  end
  return require("exectrack.command.output").write(nil, text)
end
