--- Files that are read in pieces, and those that gzip or zstd compressed, which are read through
-- these programs.
-- Used only by the command.
local shown = require("exectrack.format.shown")

local M = {}

local BLOCK_BYTES = 65536

local PROGRAMS = {
  { name = "gzip", ending = "%.gz$", beginning = "^\31\139" },
  { name = "zstd", ending = "%.zst$", beginning = "^%(\181\47\253" },
}

local NOT_FOUND = 127 -- what a shell returns for a program that there isn't
local CODE_BYTES = 3

--- The program that decompresses a file of which these are the first bytes; nil if it isn't
-- compressed.
local function program_of(path, beginning)
  for _, program in ipairs(PROGRAMS) do
    if path:lower():find(program.ending) or beginning:find(program.beginning) then
      return program.name
    end
  end
end

--- Whether a file is compressed by its name.
function M.is_name(path)
  return program_of(path, "") ~= nil
end

--- What is wrong if the program ended with this exit code; nil if that isn't known.
local function message_of(program, code)
  if code == NOT_FOUND then
    return ("it is compressed, and %s isn't installed"):format(program)
  end
  return ("%s can't decompress it: it is damaged or not complete (exit code %s)"):format(program,
    code or "unknown")
end

--- A shell command that prints a file's content and then, in `CODE_BYTES` bytes, the exit code of
-- the program. In Lua 5.1, `close` doesn't return that.
local function command_of(program, path)
  return ("exec 2>/dev/null; %s -dc <%s; printf %%%dd $?"):format(program, shown.argument(path),
    CODE_BYTES)
end

--- Starts the program. Returns what `open` does.
local function open_through(program, path)
  local pipe, message = io.popen(command_of(program, path), "r")
  if not pipe then
    return nil, message
  end
  local kept = "" -- the last bytes, which may be the exit code
  return function()
    while true do
      local piece = pipe:read(BLOCK_BYTES)
      if not piece then
        local code = tonumber(kept)
        return nil, code ~= 0 and message_of(program, code) or nil
      end
      local text = kept .. piece
      kept = text:sub(-CODE_BYTES)
      if #text > CODE_BYTES then
        return text:sub(1, -CODE_BYTES - 1)
      end
    end
  end, function()
    pipe:close() -- its results say nothing: the program fails if not all was read
    return true
  end
end

--- Opens a file. Returns a function that returns its next piece, nil at the end, or nil and a
-- message; and a function that closes it. Or nil and a message. If the file `is_regular`, what is
-- compressed is decompressed.
function M.open(path, is_regular)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, message
  end
  local program = is_regular and program_of(path, file:read(4) or "")
  if program then
    file:close()
    return open_through(program, path)
  end
  if is_regular then
    file:seek("set")
  end
  return function()
    return file:read(BLOCK_BYTES)
  end, function()
    file:close()
    return true
  end
end

return M
