--- Lua files of the user: a report, a policy. What goes wrong in one is said in one line that
-- begins with its path and, as far as it is known, the line: our own stack says nothing to its
-- author.
-- In use by the command alone.
local M = {}

--- The first line of a text, and the next one if Lua says there what is wrong with a module.
local function first_line(text)
  local first, second = text:match("^([^\n]*)\n?%s*([^\n]*)")
  return first:find("error loading module .*:$") and first .. " " .. second or first
end

--- What an error says. A table that doesn't say how is asked for what tables that are errors have.
local function to_text(err)
  local meta = getmetatable(err)
  if type(err) == "table" and not (type(meta) == "table" and meta.__tostring) then
    err = rawget(err, "message") or rawget(err, "code") or rawget(err, "type") or "an error object"
  end
  local ok, text = pcall(tostring, err)
  -- Before Lua 5.3, __tostring may return anything.
  return ok and type(text) == "string" and first_line(text) or "an error that can't be shown"
end

--- How messages show the path: a long one is cut.
local function shown_path(path)
  return debug.getinfo(load(function() end, "@" .. path), "S").short_src
end

--- How messages of what isn't Lua show the path: Lua 5.1 cuts it elsewhere.
local function shown_path_of_syntax(path)
  local _, problem = load(("?"):gmatch("."), "@" .. path)
  return problem:match("^(.*):1: ")
end

--- The line that `message` begins with, and what comes behind, if it begins with a position in the
-- file that messages show as `shown`.
local function split_position(message, shown)
  if message:sub(1, #shown) == shown then
    return message:sub(#shown + 1):match("^:(%d+): (.*)$")
  end
end

local OURS = debug.getinfo(1, "S").source:match("^(.*/)command/[^/]*$") -- where our own files are

--- What stands behind a position in one of our own files, which says nothing to the author of a
-- script; nil if `message` doesn't begin with one.
local function behind_our_position(message)
  local level = 2
  local info = debug.getinfo(level, "S")
  while OURS and info do
    local shown = info.short_src
    if info.source:sub(1, #OURS) == OURS and message:sub(1, #shown) == shown then
      return message:sub(#shown + 1):match("^:%d+: (.*)$")
    end
    level = level + 1
    info = debug.getinfo(level, "S")
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
    local line, text = split_position(message, shown_path(path))
    line = line or current_line(path)
    text = text or behind_our_position(message)
    return (line and path .. ":" .. line or path) .. ": " .. (text or message)
  end
end

--- Calls `f` with up to two arguments. Returns whether it returned, and what, up to two values; or
-- what went wrong.
function M.call(path, f, a, b)
  local ok, result, more = xpcall(function() return f(a, b) end, handler(path))
  if not ok and result:find("interrupted!$") then -- by Ctrl-C, and not by the script
    error(result, 0)
  end
  return ok, result, more
end

--- The function that the file returns; or nil and what is wrong with the file.
function M.load(path)
  local folder = path:match("^(.*)/[^/]*$") or "."
  package.path = package.path .. ";" .. folder .. "/?.lua" -- for what stands beside it
  local chunk, problem = loadfile(path)
  if not chunk then
    local line, text = split_position(problem, shown_path_of_syntax(path))
    return nil, line and path .. ":" .. line .. ": " .. text or (problem:gsub("^cannot %a+ ", ""))
  end
  local ok, result = M.call(path, chunk)
  if not ok then
    return nil, result
  elseif type(result) ~= "function" then
    return nil, path .. ": it returns " .. (result == nil and "nothing" or "a " .. type(result))
      .. ": a function expected"
  end
  return result
end

--- What a problem with the result of `f` begins with: the path, and the line at which `f` is
-- defined if it is in that file.
function M.position(path, f)
  local info = debug.getinfo(f, "S")
  return info.source == "@" .. path and path .. ":" .. info.linedefined or path
end

return M
