--- One line for an execution.
-- Used only by `exectrack tail`.
local cell = require("exectrack.report.cell")
local format = require("exectrack.report.format")
local json = require("exectrack.json_text")
local unicode = require("exectrack.report.unicode")

local M = {}

local TIME_COLUMNS, SHORT_TIME_COLUMNS, DURATION_COLUMNS, STATUS_COLUMNS = 19, 8, 10, 9
local NARROW = 70 -- of lines that are narrower, the date is a line before the first of a day
local VERY_NARROW = 50 -- statuses have no column there, and success is "ok"

local FIELDS = { "tool", "status", "duration_ms", "timing", "was_cached", "error_type",
  "error_text", "args_hash", "args_text", "result_hash", "session", "depth", "measures", "place",
  "timestamp" }

local FAILURES = { "failed", "timed_out", "cancelled" }

--- When the latest error of each tool and error type ended, of which alone a run keeps the text.
local function latest_errors(run)
  local latest = {}
  local failures = run:filter { status = FAILURES }
  for _, row in ipairs(failures:group_by("tool", "error_type", { quantiles = {} })) do
    latest[row.tool .. "\0" .. (row.error_type or "")] = row.last_timestamp
  end
  return latest
end

--- A function that returns the texts of the arguments and of the error of a record of `run`, as far
-- as they are kept.
function M.texts(run)
  local latest
  return function(record)
    local args_text = record.args_hash ~= 0 and run:args_text(record.args_hash) or nil
    local error_text = record.status ~= "success" and run:error_text(record.tool, record.error_type)
    if error_text then
      latest = latest or latest_errors(run)
      local is_latest = latest[record.tool .. "\0" .. (record.error_type or "")] == record.timestamp
      error_text = is_latest and error_text
    end
    return args_text, error_text or nil
  end
end

--- A record as an object on one line, with the fields that `tracker:record` takes. `texts` is what
-- `M.texts` returns.
function M.json(record, texts)
  record.args_text, record.error_text = texts(record)
  record.args_hash = record.args_hash ~= 0 and record.args_hash or nil
  record.depth = record.depth > 0 and record.depth or nil
  return json.encode(json.object(record, FIELDS)) .. "\n"
end

local function left(text, columns)
  return text .. (" "):rep(columns - #text)
end

local function right(text, columns)
  return (" "):rep(columns - #text) .. text
end

--- The error type and the message of an execution; nil if it has neither.
local function error_of(record, error_text)
  if record.error_type and error_text then
    return unicode.name(record.error_type) .. ": " .. error_text
  end
  return record.error_type and unicode.name(record.error_type) or error_text
end

--- What comes behind the fixed columns. A tool that is wider than `room` is cut in the middle.
local function details(record, texts, style, room)
  local args_text, error_text = texts(record)
  local indent, mark = ("  "):rep(record.depth), style:mark()
  local tool = style:plain(unicode.name(record.tool))
  local parts = { indent .. unicode.cut(tool, math.max(2, room - #indent - unicode.width(mark)),
    mark) }
  parts[#parts + 1] = record.was_cached and "cached" or nil
  parts[#parts + 1] = record.timing == "elapsed" and "elapsed" or nil
  local message = error_of(record, error_text)
  parts[#parts + 1] = message and unicode.visible(message)
  parts[#parts + 1] = args_text and unicode.visible(args_text)
  parts[#parts + 1] = record.session and "[" .. unicode.name(record.session) .. "]" or nil
  return table.concat(parts, "  ")
end

--- Pieces of text with their tones as one line, cut to the width of the style.
local function joined(pieces, style)
  local width, room = 0, style.width
  for _, piece in ipairs(pieces) do
    width = width + unicode.width(piece.text)
  end
  if width > room then
    room = room - unicode.width(style:mark())
  end
  local parts = {}
  for i, piece in ipairs(pieces) do
    local text = unicode.prefix(piece.text, room)
    room = room - unicode.width(text)
    parts[i] = style:paint(text, piece.tone)
  end
  return table.concat(parts) .. (width > style.width and style:mark() or "")
end

--- When a record ended, in its column.
local function time_of(record, style)
  if style.width >= NARROW then
    local time = record.timestamp and format.time(record.timestamp, style.timezone) or "undated"
    return left(time, TIME_COLUMNS)
  end
  local _, time
  if record.timestamp then
    _, time = format.day_and_time(record.timestamp, style.timezone)
  end
  return left(time or "undated", SHORT_TIME_COLUMNS)
end

local function status_of(record, style)
  local status = cell.status(record.status)
  if style.width >= VERY_NARROW then
    return left(status, STATUS_COLUMNS) .. "  "
  end
  return (record.status == "success" and "ok" or status) .. "  "
end

--- The day in which a record ended, as a line, if lines are too narrow for it and `before`, the one
-- that is returned as well, was another; else no text.
function M.day(record, style, before)
  local day = style.width < NARROW and record.timestamp
    and (format.day_and_time(record.timestamp, style.timezone))
  if not day or day == before then
    return "", before
  end
  return style:paint(day, "muted") .. "\n", day
end

--- A record as a line of text. `style` is a Style, whose `width` may be infinite.
function M.text(record, texts, style)
  local duration = record.duration_ms and format.duration(record.duration_ms) or "untimed"
  local fixed = time_of(record, style) .. "  " .. right(duration, DURATION_COLUMNS) .. "  "
  local status = status_of(record, style)
  local room = style.width - #fixed - #status
  return joined({
    { text = fixed, tone = "muted" },
    { text = status, tone = cell.tone(record.status) },
    { text = style:plain(details(record, texts, style, room)) },
  }, style) .. "\n"
end

return M
