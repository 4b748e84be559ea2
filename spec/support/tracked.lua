-- Runs of given records, and what encoders make of them.
local exectrack = require("exectrack")

local M = {}

--- The snapshot of a tracker with these options that recorded these.
function M.run(records, options)
  options = options or {}
  options.max_history = #records
  local tracker = exectrack.new(options)
  for _, record in ipairs(records) do
    tracker:record(record)
  end
  return tracker:snapshot()
end

--- All pieces as one text.
function M.text(pieces)
  local texts = {}
  for piece in pieces do
    texts[#texts + 1] = piece
  end
  return table.concat(texts)
end

return M
