--- Lua files of the user: a report, a policy. What goes wrong in one is said in one line that
-- begins with its path and, as far as it is known, the line: our own stack says nothing to its
-- author.
-- In use by the command alone.
local M = {}

local function to_text(err)
  local ok, text = pcall(tostring, err)
  return ok and text or "an error that can't be shown"
end

--- How messages show the path: a long one is cut.
local function shown_path(path)
  return debug.getinfo(load(function() end, "@" .. path), "S").short_src
end

--- The line that `message` begins with, and what comes behind, if it begins with a position in the
-- file at `path`.
local function split_position(message, path)
  local shown = shown_path(path)
  if message:sub(1, #shown) == shown then
    return message:sub(#shown + 1):match("^:(%d+): (.*)$")
  end
end

--- The line at which the file's innermost function is that runs; nil if none does.
local function current_line(path)
  local level = 2
  local info = debug.getinfo(level, "Sl")
  while info and info.source ~= "@" .. path do
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  return info and info.currentline
end

--- Makes a message handler.
local function handler(path)
  return function(err)
    local message = to_text(err)
    local line, text = split_position(message, path)
    line = line or current_line(path)
    return (line and path .. ":" .. line or path) .. ": " .. (text or message)
  end
end

--- Calls `f` with up to two arguments.
-- @local
-- @treturn boolean whether it returned
-- @return what it returned, or what went wrong
function M.call(path, f, a, b)
  local ok, result = xpcall(function() return f(a, b) end, handler(path))
  if not ok and result:find("interrupted!$") then -- by Ctrl-C, and not by the script
    error(result, 0)
  end
  return ok, result
end

--- The function that the file returns; or nil and what is wrong with the file.
-- @local
function M.load(path)
  local chunk, problem = loadfile(path)
  if not chunk then
    local line, text = split_position(problem, path)
    return nil, line and path .. ":" .. line .. ": " .. text or (problem:gsub("^cannot %a+ ", ""))
  end
  local ok, result = M.call(path, chunk)
  if not ok then
    return nil, result
  elseif type(result) ~= "function" then
    return nil, path .. ": it must return a function, not a " .. type(result)
  end
  return result
end

--- What a problem with the result of `f` begins with: the path, and the line at which `f` is
-- defined if it is in that file.
-- @local
function M.position(path, f)
  local info = debug.getinfo(f, "S")
  return info.source == "@" .. path and path .. ":" .. info.linedefined or path
end

return M
