--- Formats in which executions are exported and imported.
--
-- A format is a table with an encoder, `encode(snapshot)`, a decoder, `decode(pieces, options)`, or
-- both. They neither open files nor read the clock: their results depend only on their arguments.
-- `read` makes a run of files or of pieces, by decoders; `lines` and `mapping` are for decoders
-- of one's own.
local agents = require("exectrack.format.agents")
local check_decoder_options = require("exectrack.format.decoder_options")
local options = require("exectrack.options")
local text_lines = require("exectrack.format.lines")

local M = {
  csv = require("exectrack.format.csv"),
  json = require("exectrack.format.json"),
  jsonl = require("exectrack.format.jsonl"),
  read = require("exectrack.format.read"),
  reference = require("exectrack.format.reference"),
}
for _, name in ipairs(agents.NAMES) do
  M[name] = { decode = require("exectrack.format." .. name).decode }
end

--- The iterator over lines, with `max_line_bytes` or the default.
function M.lines(pieces, max_line_bytes)
  options.check("format.lines", pieces, options.callable)
  if max_line_bytes == nil then
    max_line_bytes = options.MAX_LINE_BYTES
  end
  options.check("format.lines: max_line_bytes", max_line_bytes, options.integer(1))
  return text_lines(options.pieces("format.lines", pieces), max_line_bytes)
end

--- What makes executions of fields, with the options of a decoder.
function M.mapping(given)
  return options.check("format.mapping", given, check_decoder_options).mapping
end

return M
