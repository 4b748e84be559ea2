--- Where the command writes to: a file, which is there whole or not at all, or standard output.
-- In use by the command alone.
local system = require("exectrack.command.system")

local EPIPE = 32 -- on all systems that have signals
local CLOSED_EARLY = 141 -- what a shell reports of a process that a broken pipe ended

local Output = {}
Output.__index = Output

--- What an `io` function that failed returned, as what these functions return.
local function failure(self, message, code)
  self:discard()
  if self.is_standard and code == EPIPE then
    return nil, "standard output: closed before all was written", CLOSED_EARLY
  end
  return nil, self.name .. ": " .. message
end

--- Opens a file for writing; standard output for nil and `-`. What is there, and is no regular
-- file, is written to as it is. A regular file is replaced when the output is closed.
-- @local
-- @treturn table|nil the output
-- @treturn string what went wrong, and names the path
local function open(path)
  if path == nil or path == "-" then
    return setmetatable({ file = io.stdout, name = "standard output", is_standard = true }, Output)
  end
  local target = system.resolve(path) or path -- what a symbolic link leads to is replaced
  local is_regular = system.is_regular(target)
  if is_regular and require("exectrack.command.runs").is_run(target) then
    return nil, path .. ": it is a saved run, and isn't replaced by anything else"
  end
  local temporary, problem
  if is_regular ~= false then
    temporary, problem = system.create_beside(target)
    if not temporary then
      return nil, path .. ": " .. problem
    end
  end
  local file, message = io.open(temporary or target, "wb")
  if not file then
    return nil, message
  end
  return setmetatable({ file = file, name = path, target = target,
    temporary = temporary }, Output)
end

--- Writes text.
-- @local
-- @treturn boolean|nil true, or nil: then nothing is left of the file
-- @treturn string what went wrong
-- @treturn integer|nil the exit code, if it isn't 1
function Output:write(text)
  local ok, message, code = self.file:write(text)
  if not ok then
    return failure(self, message, code)
  end
  return true
end

--- Ends it well. Returns what `write` does.
-- @local
function Output:close()
  local finish = self.is_standard and self.file.flush or self.file.close
  local ok, message, code = finish(self.file)
  if not ok then
    return failure(self, message, code)
  end
  self.file = nil
  if self.temporary then
    ok, message = os.rename(self.temporary, self.target)
    if not ok then
      return failure(self, message)
    end
    self.temporary = nil
  end
  return true
end

--- Ends it without a trace, as far as it isn't ended: the file is as it was before.
-- @local
function Output:discard()
  if self.file and io.type(self.file) == "file" and not self.is_standard then
    self.file:close()
  end
  if self.temporary then
    os.remove(self.temporary)
  end
  self.file, self.temporary = nil, nil
end

-- When the process is interrupted.
Output.__gc = Output.discard

--- Writes one text. Returns what `Output:write` does.
-- @local
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
