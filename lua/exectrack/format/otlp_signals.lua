--- Which of OpenTelemetry's signals, spans or events of a log, tells about a call: programs may
-- write both.
-- Used only by formats.
local M = {}

local Signals = {}
Signals.__index = Signals

-- By objects of `calls`, as the signals may be in two files.
local of_calls = setmetatable({}, { __mode = "k" })

--- The object for an object of `calls`.
function M.of(calls)
  of_calls[calls] = of_calls[calls] or setmetatable({
    of_ids = {}, -- by session and identifier: the signal that told first about the call
    decisions = {}, -- by session and identifier: what was decided about the call
    results = {}, -- by session and identifier: whether an event told the result
  }, Signals)
  return of_calls[calls]
end

function M.key(session, id)
  return (session or "") .. "\0" .. id
end

--- Whether a signal, `span` or `event`, is the one that tells about a call. `id` is that which a
-- model gave it; nil for none: then each does.
function Signals:takes(signal, session, id)
  if not id then
    return true
  end
  local key = M.key(session, id)
  self.of_ids[key] = self.of_ids[key] or signal
  return self.of_ids[key] == signal
end

return M
