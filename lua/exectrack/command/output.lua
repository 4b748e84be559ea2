--- The output of the command: standard output, or a file, which is replaced only once it is
-- complete.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local system = require("exectrack.command.system")
local targets = require("exectrack.command.target")

local EPIPE = 32 -- on all systems that have signals

local Output = {}
Output.__index = Output

--- Converts the results of an `io` function that failed to those of the functions here.
local function failed(self, message, code)
  self:discard()
  if self.is_standard and code == EPIPE then
    return nil, "standard output: closed before all was written", exit_codes.CLOSED_EARLY
  end
  return nil, self.name .. ": " .. message
end

--- Opens a file for writing; standard output for nil and `-`. A regular file is replaced when the
-- output is closed; a pipe or a device is written to directly. Returns the output; or nil and a
-- message that names the path.
local function open(path)
  if path == nil or path == "-" then
    return setmetatable({ file = io.stdout, finish = io.stdout.flush, name = "standard output",
      is_standard = true }, Output)
  end
  local target = targets.of(path)
  local is_regular, file, message = system.is_regular(target), nil, nil
  if is_regular == false then
    file, message = io.open(target, "wb")
    return file and setmetatable({ file = file, finish = file.close, name = path }, Output),
      message and targets.named(message, target, path)
  elseif is_regular then
    local bytes, why = targets.first_bytes(target)
    message = bytes == targets.MAGIC and "it is a saved run, and isn't replaced by anything else"
      or why
  end
  if not message then
    file, message = system.new_file(target)
  end
  if not file then
    return nil, path .. ": " .. message
  end
  return setmetatable({ file = file, finish = file.commit, name = path }, Output)
end

--- Writes text. Returns true; or nil, a message and the exit code, if it isn't 1. Then the new file
-- is removed.
function Output:write(text)
  local ok, message, code = self.file:write(text)
  if not ok then
    return failed(self, message, code)
  end
  return true
end

--- Completes the output. Returns the same as `write`.
function Output:close()
  local ok, message, code = self.finish(self.file)
  if not ok then
    return failed(self, message, code)
  end
  self.file = nil
  return true
end

--- Discards the output, unless it is completed: the file stays as it was before.
function Output:discard()
  local file = self.file
  self.file = nil
  if file and file.discard then -- else what was written is written
    file:discard()
  end
end

--- Writes one text as the whole output. Returns the same as `Output:write`.
local function write(path, text)
  local out, message = open(path)
  if not out then
    return nil, message
  end
  local ok, code
  ok, message, code = out:write(text)
  if not ok then
    return nil, message, code
  end
  return out:close()
end

return { open = open, write = write }
