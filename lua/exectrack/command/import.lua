--- `exectrack import`.
-- Used only by the command.
local agents = require("exectrack.format.agents")
local exit_codes = require("exectrack.command.exit_codes")
local import_options = require("exectrack.command.import_options")
local inputs = require("exectrack.command.inputs")
local read = require("exectrack.command.reading")
local runs = require("exectrack.command.runs")
local words = require("exectrack.report.parts.words")

local MOST_NAMES = 3 -- of files in a message

local FORMATS = { "jsonl", "csv", "json", "reference" }
for _, name in ipairs(agents.NAMES) do
  FORMATS[#FORMATS + 1] = name
end

local EPILOG = [[
A log is JSON Lines or CSV, with an execution a line. Fields are found under
their common names, such as tool, name or function, and what was taken for what
is printed; --map says where others are. FIELD is tool, status, duration,
duration_ms, start, timestamp (or end: when it ended), session, error_type,
error_text, args, args_text, args_hash, result, result_hash, was_cached, depth,
timing, place, measures.NAME or the name of a --measure. PATH is a name, or
names with dots between, and [0] for the first in an array. An execution without
a duration or a time counts as well.
docs/importing.md has examples.

Logs of coding agents are recognized: they need no options. Several logs become
one run, as do those in a folder, where files that aren't logs are left out.
Files that gzip or zstd compressed are read through these programs.

What exectrack convert wrote comes in again, of json the whole run, of jsonl and
csv its executions, and so do the records of the reference implementation. What
convert replaced stays so: bytes that weren't UTF-8, and in csv control
characters. If a line is wrong, its number and what is wrong with it are
printed, and nothing is saved.

Beyond 65,535 tools or 256 error types, a new one counts as (other). More than
268,435,456 executions are refused: import parts of the log, and merge them.

Examples:
   exectrack import log.jsonl -o agent.run
   exectrack import log.csv -o agent.run --map tool=step --duration-unit s
   exectrack import log.jsonl -o agent.run --map session=chat.id \
      --map timestamp=finished_at --status ok=success --status error=failed
   zcat log.jsonl.gz | exectrack import - -o agent.run --skip-bad
   exectrack import agent.log -o agent.run --script agent_log.lua
   exectrack import ~/logs session.jsonl.zst -o agent.run --model-calls

A script returns a function of the next pieces of the text, and of options. That
returns an iterator: it returns a place, such as the number of a line, and an
execution as tracker:record takes it; or the place, nil and what is wrong.]]

local M = { summary = "Make a run of logs, or of what convert wrote." }

--- Adds the arguments to an argparse command.
function M.describe(command, choose)
  command:argument("FILE"):target("files"):args("+")
    :description("A text, or a folder: then all logs in it. - is standard input.")
  command:option("-o --output"):argname("RUN"):count(1)
    :description("Save the run in this file; - is standard output.")
  command:mutex(
    choose(command:option("--from"):argname("FORMAT")
      :description("jsonl, csv, json (a whole run), reference (records of the reference "
        .. "implementation), or the logs of agents: " .. table.concat(agents.NAMES, ", ")
        .. ". By default what the text looks like."), "format", FORMATS),
    command:option("--script"):argname("FILE.lua")
      :description("Read the text by this Lua file."))
  import_options.describe(command, choose)
  require("exectrack.command.selection").describe_zones(command,
    "Print times in this zone, whatever those in texts are in")
  command:epilog(EPILOG)
end

--- Says that there is nothing in the texts: that is a mistake, and not a run that did nothing.
local function blank_message(texts)
  local names = {}
  for i, text in ipairs(texts) do
    names[i] = text.source
  end
  return ("%s: there is no line in %s, so nothing is saved"):format(
    words.listed(names, MOST_NAMES), #names == 1 and "it" or "them")
end

--- Imports texts. Returns what `M.run` does.
local function import(texts, arguments, options, script)
  local are_blank = inputs.watch_for_lines(texts)
  local snapshot, summary, code = read(texts, script and script.decode or arguments.from, options)
  if script and script.message then
    return nil, script.message
  elseif not snapshot then
    if code == "option" then
      return nil, import_options.with_flags(summary), exit_codes.WRONG_USAGE
    end
    return nil, summary
  elseif summary.executions == 0 and are_blank() then
    return nil, blank_message(texts)
  end
  local ok, message
  ok, message, code = runs.save(snapshot, arguments.output)
  if ok then
    ok, message, code = require("exectrack.command.imported")(arguments, summary, #snapshot)
  end
  return ok and exit_codes.DONE, message, code
end

--- Runs the subcommand.
function M.run(arguments)
  local ok, message, code = runs.check_target(arguments.output)
  if not ok then
    return nil, message, code
  end
  local options
  options, message = import_options.of_arguments(arguments)
  if not options then
    return nil, message, exit_codes.WRONG_USAGE
  end
  local script
  if arguments.script then
    script, message = require("exectrack.command.decoder_script")(arguments.script)
    if not script then
      return nil, message
    end
  end
  local texts
  texts, message = inputs.of_paths(arguments.files, not (arguments.from or script))
  if not texts then
    return nil, message
  end
  return import(texts, arguments, options, script)
end

return M
