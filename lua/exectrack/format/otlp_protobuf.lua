--- OTLP in Protocol Buffers: one request, with the metrics or with the spans.
local metrics = require("exectrack.format.otlp_metrics")
local options = require("exectrack.options")
local traces = require("exectrack.format.otlp_traces")

local M = {}

local ENCODERS = { metrics = metrics.protobuf, traces = traces.protobuf }

--- Makes an iterator over pieces of the bytes; also returns a function that returns notes.
function M.encode(snapshot, given)
  options.check("otlp_protobuf.encode", snapshot, options.snapshot)
  local next_piece, notes = ENCODERS[given.signal](snapshot, given)
  return next_piece, function() return notes end
end

return M
