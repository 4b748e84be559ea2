--- What decoders of the logs of agents have in common.
--
-- Such a decoder has a reader: a function of a value in JSON and its place. It says what it found
-- to an object of `calls`, and what is wrong with the value to `complain`, a function of a message
-- and, if it isn't the value's, its place.
-- Used only by formats.
local callings = require("exectrack.format.calls")
local json = require("exectrack.json")
local lines = require("exectrack.format.lines")
local options = require("exectrack.options")
local places = require("exectrack.format.place")

local M = {}

local check_options = options.fields {
  { "model_calls", options.boolean },
  { "source", options.string },
  { "max_line_bytes", options.integer(1), default = options.MAX_LINE_BYTES },
  { "calls", options.table },
}

local function ends_early(message)
  return message ~= nil and message:find("the text ends too early", 1, true) ~= nil
end

--- The table that a text is, an object or, if those are allowed, an array; or nil and a message.
local function decode(text, allows_arrays)
  local value, message = json.decode(text)
  if message then
    return nil, (message:gsub("^line 1, ", ""))
  elseif type(value) ~= "table" or not (allows_arrays or text:find("^%s*{")) then
    return nil, allows_arrays and "an object or array expected" or "an object expected"
  end
  return value
end

--- A text, and what was found out about it.
local Log = {}
Log.__index = Log

--- Begins to read a text. The first line is known at once.
local function open(next_piece, chosen, new_reader, allows_documents)
  local log = setmetatable({ next_line = lines(next_piece, chosen.max_line_bytes),
    allows_documents = allows_documents, source = chosen.source, calls = chosen.calls,
    keeps_calls = chosen.calls ~= nil }, Log)
  log.calls = log.calls or callings.new(chosen.model_calls)
  log.calls.source = chosen.source
  log.reader, log.at_end = new_reader(log.calls, chosen, function(message, place)
    log.complaint = log.complaint or { place = place, message = message }
  end)
  log.number, log.line, log.message = log.next_line()
  log.first = log.number
  return log
end

--- Reads a value. Returns its place; or the place of what is wrong in it, and a message.
function Log:read(value, place)
  self.complaint = nil
  self.reader(value, place)
  local complaint = self.complaint
  if complaint then
    return complaint.place or place, complaint.message
  end
  return place
end

--- Takes the next line. Returns its number, and the line; or the number, nil and a message.
function Log:take()
  local number, line, message = self.number, self.line, self.message
  if number then
    self.number, self.line, self.message = self.next_line()
  end
  return number, line, message
end

--- How many brackets a line of JSON opens more than it closes. No string goes over a line's end.
local function opened(line)
  local plain = line:gsub("\\.", ""):gsub('"[^"]*"', "")
  local _, opening = plain:gsub("[{%[]", "")
  local _, closing = plain:gsub("[}%]]", "")
  return opening - closing
end

--- The text of a document that begins in a line: up to the line in which its brackets are closed.
-- Or nil, the number of a line, and a message about it.
function Log:rest_of_document(first, line)
  local texts, open_brackets = { line }, opened(line)
  while open_brackets > 0 and self.number do
    local number, message
    number, line, message = self:take()
    if message then
      self.number = nil -- what follows means nothing by itself
      return nil, number, message
    end
    for i = #texts + 1, number - first do
      texts[i] = "" -- a blank line, which counts in messages
    end
    texts[number - first + 1] = line
    open_brackets = open_brackets + opened(line)
  end
  return table.concat(texts, "\n")
end

--- Reads a document that begins in a line. Others may follow. Returns what `step` does.
function Log:read_document(first, line)
  local text, number, message = self:rest_of_document(first, line)
  if not text then
    return number, message
  end
  local place = first == self.first and not self.number and "" or first
  local value
  value, message = decode(text, true)
  if value then
    return self:read(value, place)
  elseif ends_early(message) and place ~= "" then
    return self:leave_out(first)
  end
  return place, (message:gsub("^line (%d+)", function(n)
    return ("line %.0f"):format(first - 1 + n)
  end))
end

--- Leaves out the end of the text, which is still being written, or was when the program ended.
function Log:leave_out(number)
  self.note = places.text(self.source, number) .. " isn't whole, and was left out"
  return number
end

--- Reads the next value. Returns nil at the end; or its place, and a message if something is wrong
-- with it.
function Log:step()
  local number, line, message = self:take()
  if self.has_documents and line then
    return self:read_document(number, line)
  end
  local value
  if line then
    value, message = decode(line, self.allows_documents)
  end
  if value then
    local is_document = self.allows_documents and number == self.first and not self.number
    return self:read(value, is_document and "" or number)
  elseif line and ends_early(message) then
    if number == self.first and self.number and self.allows_documents then
      self.has_documents = true
      return self:read_document(number, line)
    elseif not self.number then
      return self:leave_out(number)
    end
  end
  return number, message
end

--- Ends the calls that have no result.
function Log:finish()
  self.has_ended = true
  if self.at_end then
    self.at_end()
  end
  if not self.keeps_calls then
    self.calls:close()
  end
end

--- Reads on to the next execution. Returns its place and the execution; or a place, nil and a
-- message if something is wrong there; or nil at the end.
function Log:next()
  while true do
    local place, execution = self.calls:next()
    if place or self.has_ended then
      return place, execution
    end
    local message
    place, message = self:step()
    self.calls.has_read = self.calls.has_read or place and not message
    if message then
      return place, nil, message
    elseif not place then
      self:finish()
    end
  end
end

--- What was left out, in sentences. That of `calls` is told by who made it.
function Log:notes()
  local notes = { self.note }
  for _, note in ipairs(self.keeps_calls and {} or self.calls:notes()) do
    notes[#notes + 1] = note
  end
  return notes
end

--- Makes a decoder. `new_reader` is called with an object of `calls`, the options, and
-- `complain`. It returns a reader, and may return a function that is called at the end of the text.
-- If `allows_documents`, values may be arrays, and documents of several lines, of which one may
-- follow another, as in what programs print with indents. The place of the only value in a text is
-- empty then.
--
-- The decoder's options are `model_calls`, whether messages of models are executions; `source`, the
-- name of the text; `max_line_bytes`; and `calls`, an object that knows the calls in other texts
-- and is closed by who made it.
function M.decoder(name, new_reader, allows_documents)
  return function(next_piece, given)
    options.check(name, next_piece, options.callable)
    local chosen = options.check(name, given, check_options)
    local log = open(options.pieces(name, next_piece), chosen, new_reader, allows_documents)
    return function() return log:next() end, function() return log:notes() end
  end
end

return M
