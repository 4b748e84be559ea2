--- Shows the progress of a long operation on one line of a terminal.
-- Used only by the command.
local format = require("exectrack.report.format")

local PATIENCE_S = 1 -- nothing is shown earlier
local INTERVAL_S = 0.1
local MOST_BAR_COLUMNS = 30
local LEAST_BAR_COLUMNS = 5

local Progress = {}
Progress.__index = Progress

--- Makes a progress with these options: `write`, a function that writes to the terminal, or nil if
-- there is none; `clock`, a function that returns seconds and never goes back; `width`, the columns
-- of the terminal; `what`, the plural of what is counted; and `total`, how much there is to do, nil
-- if that isn't known.
local function new(options)
  return setmetatable({
    write = options.write,
    clock = options.clock,
    width = options.width,
    what = options.what,
    total = options.total,
    started = options.clock(),
    shown = "",
  }, Progress)
end

--- The done share, as a bar and in percent, in `columns` columns.
local function bar(share, columns)
  local percent = ("%3d %%  "):format(math.floor(share * 100))
  local length = math.min(columns - #percent - 4, MOST_BAR_COLUMNS) -- brackets and two spaces
  if length < LEAST_BAR_COLUMNS then
    return percent
  end
  local full = math.floor(share * length)
  return "[" .. ("#"):rep(full) .. (" "):rep(length - full) .. "]  " .. percent
end

local function line(self, done, count, elapsed)
  local text = ("%s %s  %s/s"):format(format.count(count), self.what,
    format.count(math.floor(count / elapsed)))
  if self.total and self.total > 0 then
    local columns = self.width - 1 - #text -- some terminals wrap after the last column
    text = bar(math.min(done / self.total, 1), columns) .. text
  end
  return text:sub(1, self.width - 1)
end

local function show(self, text)
  self.write("\r" .. text .. (" "):rep(#self.shown - #text))
  self.shown = text
end

--- Updates what is shown, not too often: `done` of the total is done, and that is `count` of them.
function Progress:update(done, count)
  if not self.write then
    return
  end
  local now = self.clock()
  local elapsed = now - self.started
  if elapsed >= PATIENCE_S and (not self.updated or now - self.updated >= INTERVAL_S) then
    self.updated = now
    show(self, line(self, done, count, elapsed))
  end
end

--- Erases what is shown.
function Progress:finish()
  if self.shown ~= "" then
    show(self, "")
    self.write("\r")
  end
end

return { new = new }
