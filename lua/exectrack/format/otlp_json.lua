--- OTLP in JSON: one request a line, that with the metrics first, then that with the spans.
local metrics = require("exectrack.format.otlp_metrics")
local options = require("exectrack.options")
local traces = require("exectrack.format.otlp_traces")

local M = {}

local REQUESTS = { { signal = "metrics", encode = metrics.json },
  { signal = "traces", encode = traces.json } }

--- Makes an iterator over pieces of text; also returns a function that returns notes.
function M.encode(snapshot, given)
  options.check("otlp_json.encode", snapshot, options.snapshot)
  local signal, next_piece, notes, at = given and given.signal, nil, {}, 0
  return function()
    local piece = next_piece and next_piece()
    while piece == nil and at < #REQUESTS do
      at = at + 1
      if not signal or signal == REQUESTS[at].signal then
        next_piece, notes = REQUESTS[at].encode(snapshot, given)
        piece = next_piece()
      end
    end
    return piece
  end, function() return notes end
end

return M
