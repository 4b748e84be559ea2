--- `exectrack import` in a directory of its own, which becomes a shell's working directory.
local commands = require("spec.support.command")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local process = require("spec.support.process")

local Import = {}
Import.__index = Import

--- The shell command that runs `exectrack` with arguments, which are shell words.
function Import.command(arguments)
  return commands.PROGRAM .. " " .. arguments
end

--- Makes the directory.
function Import.new()
  return setmetatable({ path = directory.make() }, Import)
end

function Import:remove()
  directory.remove(self.path)
end

--- The names of the files.
function Import:files()
  return directory.list(self.path)
end

--- Runs a shell command there. Returns its standard output, standard error and exit code.
function Import:shell(command)
  return process.run("cd " .. process.quote(self.path) .. "\n" .. command)
end

--- Writes a file there.
function Import:write(name, text)
  process.write_file(self.path .. "/" .. name, text)
end

--- Loads a run from there.
function Import:load(name)
  return assert(exectrack.load(self.path .. "/" .. name))
end

--- Imports `text`, the content of calls.jsonl, to calls.run. Returns what it prints on standard
-- error, the exit code, and what it prints on standard output.
function Import:run(text, options)
  self:write("calls.jsonl", text)
  local stdout, stderr, code = self:shell(
    self.command("import calls.jsonl -o calls.run " .. (options or "")))
  return stderr, code, stdout
end

--- The run that `text` is imported as, and what is printed about it.
function Import:snapshot(text, options)
  local stderr, code, stdout = self:run(text, options)
  assert(stderr == "" and code == 0, stderr)
  return self:load("calls.run"), stdout
end

return Import
