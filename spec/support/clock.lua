--- A clock that stands still until a spec moves it.
local M = {}

--- 2026-01-01T00:00:00Z in microseconds.
M.START_US = 1767225600000000

--- Makes a clock whose `read` is the option `clock` of a tracker. It counts its `readings`.
function M.new()
  local clock = { us = M.START_US, readings = 0 }

  function clock.read()
    clock.readings = clock.readings + 1
    return clock.us / 1e6
  end

  --- Moves the clock by a whole number of microseconds, which may be negative.
  function clock.advance_us(us)
    clock.us = clock.us + us
  end

  return clock
end

return M
