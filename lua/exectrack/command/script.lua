--- The user's Lua files: a report, a policy. An error in one becomes a message of one line that
-- begins with its path and, if known, the line number. A traceback of our own files wouldn't help
-- its author.
-- Used only by the command.
local M = {}

--- The first line of a text, and the second one if that has Lua's message about a broken module.
local function first_line(text)
  local first, second = text:match("^([^\n]*)\n?%s*([^\n]*)")
  return first:find("error loading module .*:$") and first .. " " .. second or first
end

--- The message of an error. For a table without `__tostring`, a field that errors often have.
local function to_text(err)
  local meta = getmetatable(err)
  if type(err) == "table" and not (type(meta) == "table" and meta.__tostring) then
    err = rawget(err, "message") or rawget(err, "code") or rawget(err, "type") or "an error object"
  end
  local ok, text = pcall(tostring, err)
  -- Before Lua 5.3, __tostring may return anything.
  return ok and type(text) == "string" and first_line(text) or "an error that can't be shown"
end

--- The path as Lua's messages show it: a long one is cut.
local function shown_path(path)
  return debug.getinfo(load(function() end, "@" .. path), "S").short_src
end

--- The path as messages of syntax errors show it: Lua 5.1 cuts it in another place.
local function shown_path_of_syntax(path)
  local _, message = load(("?"):gmatch("."), "@" .. path)
  return message:match("^(.*):1: ")
end

--- If `message` begins with a position in the file that messages show as `shown`: the line, and the
-- rest of the message.
local function split_position(message, shown)
  if message:sub(1, #shown) == shown then
    return message:sub(#shown + 1):match("^:(%d+): (.*)$")
  end
end

-- The folder of our own files.
local OURS = debug.getinfo(1, "S").source:match("^@(.*/)command/[^/]*$")

--- The rest of `message` after a position in one of our own files, which doesn't help the author of
-- a script; nil if it doesn't begin with one. The function that raised may no longer be on the call
-- stack.
local function behind_our_position(message)
  for name in pairs(OURS and package.loaded or {}) do
    local place = type(name) == "string" and name:match("^exectrack%.(.*)$")
    for _, ending in ipairs(place and { ".lua", "/init.lua" } or {}) do
      local path = OURS .. place:gsub("%.", "/") .. ending
      local line, rest = split_position(message, shown_path(path))
      if line then
        return rest
      end
    end
  end
end

--- The current line of the file's innermost function on the call stack; nil if there is none.
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

--- What `call` returns for the results of `xpcall`.
local function results(ok, ...)
  if not ok and (...):find("interrupted!$") then -- by Ctrl-C, and not by the script
    error((...), 0)
  end
  return ok, ...
end

--- Calls `f` with up to two arguments. Returns true and its results; or false and a message.
function M.call(path, f, a, b)
  return results(xpcall(function() return f(a, b) end, handler(path)))
end

--- The function that the file returns; or nil and a message.
function M.load(path)
  local folder = path:match("^(.*)/[^/]*$") or "."
  package.path = package.path .. ";" .. folder .. "/?.lua" -- for modules in the same folder
  local chunk, message = loadfile(path)
  if not chunk then
    local line, text = split_position(message, shown_path_of_syntax(path))
    return nil, line and path .. ":" .. line .. ": " .. text or (message:gsub("^cannot %a+ ", ""))
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

--- The beginning of a message about the result of `f`: the path, and the line where `f` is defined,
-- if that is in this file.
function M.position(path, f)
  local info = debug.getinfo(f, "S")
  return info.source == "@" .. path and path .. ":" .. info.linedefined or path
end

return M
