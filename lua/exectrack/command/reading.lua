--- Reads logs, and shows the progress on a terminal.
-- Used only by the command.
local inputs = require("exectrack.command.inputs")
local progress = require("exectrack.command.progress")
local read = require("exectrack.format.read")
local system = require("exectrack.command.system")

local STANDARD_ERROR = 2

local function new_progress(bytes)
  local is_shown = system.is_terminal(STANDARD_ERROR)
  return progress.new {
    write = is_shown and function(text) io.stderr:write(text) end or nil,
    clock = system.monotonic,
    width = system.terminal_size(STANDARD_ERROR) or 80,
    what = "lines",
    total = bytes,
  }
end

--- Reads inputs in a format, or by a decoder. Returns what `format.read` does.
return function(texts, decoder, options)
  local shown = new_progress(inputs.bytes(texts))
  options.on_progress = function(bytes, lines)
    shown:update(bytes, lines)
  end
  local snapshot, summary, code = read(texts, decoder, options)
  shown:finish()
  return snapshot, summary, code
end
