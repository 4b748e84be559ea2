--- OTLP: in JSON one request a line, that with the metrics first, then that with the spans; in
-- Protocol Buffers one request, with the metrics or with the spans.
local metrics = require("exectrack.format.otlp_metrics")
local traces = require("exectrack.format.otlp_traces")

local M = {}

local SIGNALS = { "metrics", "traces" }
local ENCODERS = { metrics = metrics, traces = traces }

--- Makes an iterator over pieces of text; also returns a function that returns notes.
function M.json(snapshot, given)
  local signals = given and given.signal and { given.signal } or SIGNALS
  local at, next_piece, notes = 0, nil, {}
  return function()
    local piece = next_piece and next_piece()
    while piece == nil and at < #signals do
      at = at + 1
      next_piece, notes = ENCODERS[signals[at]].json(snapshot, given)
      piece = next_piece()
    end
    return piece
  end, function() return notes end
end

--- Makes an iterator over pieces of the bytes; also returns a function that returns notes.
function M.protobuf(snapshot, given)
  local next_piece, notes = ENCODERS[given.signal].protobuf(snapshot, given)
  return next_piece, function() return notes end
end

return M
