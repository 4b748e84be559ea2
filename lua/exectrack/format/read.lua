--- Makes a run of texts in some of the formats.
-- Used only by formats and the command.
local agents = require("exectrack.format.agents")
local core = require("exectrack.core")
local document = require("exectrack.format.document")
local inputs = require("exectrack.format.input")
local options = require("exectrack.options")
local places = require("exectrack.format.place")
local read_options = require("exectrack.format.read_options")
local readings = require("exectrack.format.reading")
local recognize = require("exectrack.format.recognize")
local shown = require("exectrack.format.shown")

local BLOCK_BYTES = 65536

local FORMATS, NAMES = {}, {}
for _, names in ipairs { agents.NAMES, { "csv", "json", "jsonl", "reference" } } do
  for _, name in ipairs(names) do
    FORMATS[name], NAMES[#NAMES + 1] = true, "'" .. name .. "'"
  end
end
table.sort(NAMES)
NAMES = table.concat(NAMES, ", ")

--- What was read of a whole run.
local function summary_of(snapshot)
  local row = snapshot:summary { quantiles = {} }
  local all, sessions = snapshot:stats(), 0
  for _, group in ipairs(snapshot:group_by("session", { quantiles = {} })) do
    sessions = sessions + (group.session and 1 or 0)
  end
  return {
    executions = all.total_executions,
    tools = #snapshot:tools(),
    sessions = sessions,
    first = row.first_timestamp,
    last = row.last_timestamp,
    untimed = all.untimed,
    undated = snapshot:filter({ last = 0 }):to_table().undated,
    excluded = 0,
    skipped = 0,
    notes = {},
    format = "json",
  }
end

--- Reads a whole run. Returns it and a summary; or nil, a message and a code.
local function read_run(input, source, label)
  local form, message = document.read("format.read", input.pieces)
  local snapshot
  if form then
    form.label = label or form.label
    snapshot, message = core.from_table(form)
  end
  if not snapshot then
    return nil, places.located(source, "", message), "invalid"
  end
  return snapshot, summary_of(snapshot)
end

--- The code of the system's error for a file that can't be read, such as `ENOENT`.
local function code_of(path)
  local _, _, code = core.load(path)
  return code and code:find("^E") and code or "EIO"
end

--- Opens a file. Returns a function that returns its next piece, and one that closes it; or nil, a
-- message and a code.
local function open(path)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, message, code_of(path)
  end
  return function()
    local piece, its_message = file:read(BLOCK_BYTES)
    return piece, its_message, its_message and code_of(path)
  end, function() file:close() end
end

local function file_at(path, source)
  return { source = source or path, open = function() return open(path) end }
end

--- The texts that `from` stands for; or nil and what was expected.
local function texts_of(from, source)
  if type(from) == "string" then
    return { file_at(from, source) }
  elseif options.callable(from) then
    return { { source = source, open = function() return from end } }
  elseif type(from) ~= "table" then
    return nil, "a path, a function or an array expected, got " .. type(from)
  end
  local texts = {}
  for i, item in ipairs(from) do
    texts[i] = type(item) == "string" and file_at(item) or item
    if type(texts[i]) ~= "table" or not options.callable(texts[i].open) then
      return nil, ("element %d: a path or a table with a function 'open' expected, got %s")
        :format(i, type(item) == "table" and "a table without it" or type(item))
    end
  end
  return texts
end

--- Whether a text that may be left out is: it isn't an agent's log, or may be one in several
-- formats, which `message` says then. That can be told by its content alone.
local function leave_out(reading, text, format, message, is_ambiguous)
  if not text.is_optional or agents.IS_NAME[format] then
    return false
  elseif is_ambiguous then
    reading:note("left out: " .. places.located(text.source, "", message))
  else -- by its own name, to be short
    table.insert(reading.left_out, (text.source or "a text"):match("[^/]*$"))
  end
  return true
end

--- What is wrong with reading one of `count` texts in a format: a message and a code; nil if
-- nothing is.
local function refusal(format, chosen, count)
  if format == "json" and count > 1 then
    return "it is a whole run, and exectrack merge puts runs together", "invalid"
  end
  local message = read_options.refused(format, chosen)
  return message, message and "option"
end

--- Reads one of `count` texts. Returns true; the snapshot of a whole run and a summary; or nil, a
-- message and a code.
local function read_input(reading, input, text, format, count)
  local message, code = nil, "invalid"
  if format == nil then
    local is_ambiguous
    format, message, is_ambiguous = recognize(input:beginning())
    if leave_out(reading, text, format, message, is_ambiguous) then
      return true
    end
  end
  if not message then
    message, code = refusal(format, reading.chosen, count)
  end
  if message then
    return nil, places.located(text.source, "", message), code
  elseif format == "json" then
    return read_run(input, text.source, reading.chosen.label)
  end
  local done
  done, message = reading:text(input, format, text.source)
  return done, message, "invalid"
end

--- The function that is called before each piece of a text, when others were read; nil for none.
local function progress_of(reading)
  local on_progress, bytes, lines = reading.chosen.on_progress, reading.bytes, reading.lines
  return on_progress and function(its_bytes, its_lines)
    on_progress(bytes + its_bytes, lines + its_lines)
  end
end

--- Opens and reads a text. Returns what `read_input` does.
local function read_text(reading, text, format, count)
  local pieces, close, open_code = text.open()
  if not pieces then
    return nil, close, open_code
  end
  local input = inputs.new(pieces, progress_of(reading))
  local done, more, code = read_input(reading, input, text, format, count)
  reading.bytes, reading.lines = reading.bytes + input.bytes, reading.lines + input.lines
  reading.misuse = input.misuse
  local message, its_code = input.message, input.code
  if close and not message then
    local is_closed
    is_closed, message, its_code = close()
    message = not is_closed and message or nil
  end
  if message then
    return nil, places.located(text.source, "", message),
      type(its_code) == "string" and its_code or "EIO"
  end
  return done, more, code
end

--- Adds notes about texts that were left out.
local function note_left_out(reading, unreadable)
  if #reading.left_out > 0 then
    reading:note("left out, as they aren't agents' logs: " .. shown.list(reading.left_out))
  end
  if #unreadable > 0 then
    reading:note(("%d can't be read, the first: %s"):format(#unreadable, unreadable[1]))
  end
end

--- Reads texts. Returns what `read` does.
local function read(reading, texts, format)
  local unreadable = {} -- messages
  for _, text in ipairs(texts) do
    local done, more, code = read_text(reading, text, text.format or format, #texts)
    local is_left_out = not done and text.may_fail and code ~= "invalid" and code ~= "option"
    if is_left_out then
      unreadable[#unreadable + 1] = more
    end
    if reading.misuse or done ~= true and (not is_left_out or #unreadable == #texts) then
      return done, more, code
    end
  end
  note_left_out(reading, unreadable)
  return reading:finish()
end

--- Raises unless the format is one of those that `read` takes.
local function check_format(format)
  if not (format == nil or FORMATS[format] or options.callable(format)) then
    error(("format.read: the format: %s, a function or nil expected, got %s"):format(NAMES,
      type(format) == "string" and "'" .. format .. "'" or type(format)), 3)
  end
end

--- Makes a run of the text in a file, or of a text of which a function returns the next piece, and
-- nil at the end, or nil, a message and a code if it can't be read; or of an array of such texts,
-- of which each is a path or a table with `open`, a function that returns the function for pieces
-- and one that closes the text, or nil, a message and a code; with `source`, the name of the text;
-- with `format`, if it isn't that of all; with `is_optional`, whether it is left out unless it is
-- an agent's log; and with `may_fail`, whether it is left out if it can't be read. `format` is the
-- name of one, a decoder, or nil to recognize that of each text. Returns the snapshot and a table
-- of what was read; or nil, a message and a code.
return function(from, format, given)
  local chosen, message = read_options.check(given)
  if not chosen then
    error("format.read: " .. message, 2)
  end
  check_format(format)
  local texts
  texts, message = texts_of(from, chosen.source)
  if not texts then
    error("format.read: " .. message, 2)
  end
  for _, text in ipairs(texts) do
    check_format(text.format)
  end
  local reading = readings.new(chosen)
  local snapshot, summary, code = read(reading, texts, format)
  if reading.misuse then
    error("format.read: " .. reading.misuse, 2)
  end
  return snapshot, summary, code
end
