--- The texts that the arguments of a command name: files, those in folders, and standard input.
-- Used only by the command.
local agents = require("exectrack.format.agents")
local compressed = require("exectrack.command.compressed")
local folder = require("exectrack.command.folder")
local format_input = require("exectrack.format.input")
local recognize = require("exectrack.format.recognize")
local system = require("exectrack.command.system")

local M = {}

local BLOCK_BYTES = 65536

-- What the names of logs in folders end in; maybe with the ending of a compressed file behind.
local ENDINGS = { jsonl = true, ndjson = true, json = true, csv = true, traj = true }

local function is_log(path)
  local name = path:lower():gsub("%.gz$", ""):gsub("%.zst$", "")
  return ENDINGS[name:match("%.(%w+)$")] == true
end

--- How many bytes of a file are left to read; nil if that isn't known, as for a pipe.
local function bytes_left(file)
  local position = file:seek()
  local size = position and file:seek("end")
  return size and file:seek("set", position) and size - position or nil
end

local function standard_input()
  return {
    source = "standard input",
    bytes = bytes_left(io.stdin),
    open = function()
      return function() return io.stdin:read(BLOCK_BYTES) end
    end,
  }
end

--- The input of the file at `path`, for `format.read`. `bytes` is its size, nil if it isn't a
-- regular file.
function M.of_file(path, bytes)
  return {
    source = path,
    path = path,
    bytes = bytes,
    open = function() return compressed.open(path, bytes ~= nil) end,
  }
end

--- Adds the inputs of the logs in a folder. Returns true; or nil and a message.
local function add_folder(inputs, path)
  local files, messages = folder.files(path, is_log)
  if not files or messages[1] then
    return nil, files and messages[1] or messages
  elseif #files == 0 then
    return nil, path .. ": no file in it has a name that ends in .jsonl, .ndjson, .json, .csv or "
      .. ".traj"
  end
  for _, file in ipairs(files) do
    local input = M.of_file(file.path, file.bytes)
    input.is_in_folder = true
    inputs[#inputs + 1] = input
  end
  return true
end

--- Adds the inputs of an argument. Returns true; or nil and a message.
local function add(inputs, path)
  if path == "-" then
    inputs[#inputs + 1] = standard_input()
    return true
  end
  local kind, bytes = system.status(path)
  if kind == "folder" then
    return add_folder(inputs, path)
  elseif kind then
    inputs[#inputs + 1] = M.of_file(path, kind == "file" and bytes or nil)
  end
  return kind and true, bytes
end

--- Whether one of the files is an agent's log. Reads the beginnings of files until one is.
local function has_agents_log(inputs)
  for _, input in ipairs(inputs) do
    local next_piece, close
    if input.path and input.bytes then
      next_piece, close = input.open()
    end
    if next_piece then
      local name = recognize(format_input.new(next_piece):beginning())
      close()
      if agents.IS_NAME[name] then
        return true
      end
    end
  end
  return false
end

--- The inputs without those that lead to the same file as an earlier one; or nil and a message.
local function without_copies(inputs)
  local left, known = {}, {}
  for _, input in ipairs(inputs) do
    local place = input.path and system.resolve(input.path) or input.source
    local same = known[place]
    if not same then
      known[place], left[#left + 1] = input, input
    elseif input.path then
      same.is_in_folder = same.is_in_folder and input.is_in_folder -- it may be given itself
    else
      return nil, "-: standard input can be read only once"
    end
  end
  return left
end

--- The inputs that these paths name, for `format.read`: `-` is standard input, and of folders the
-- files with the endings of logs, the oldest first. If `is_any_format` and one of all is an agent's
-- log, those in folders that aren't may be left out. Each has `bytes`, if its size is known. Or nil
-- and a message.
function M.of_paths(paths, is_any_format)
  local inputs, has_folders = {}, false
  for _, path in ipairs(paths) do
    local ok, message = add(inputs, path)
    if not ok then
      return nil, message
    end
    has_folders = has_folders or inputs[#inputs].is_in_folder
  end
  local left, message = without_copies(inputs)
  if left and has_folders and is_any_format and has_agents_log(left) then
    for _, input in ipairs(left) do
      input.is_optional = input.is_in_folder
    end
  end
  return left, message
end

-- A character that isn't a space, nor of a byte-order mark.
local OF_A_LINE = "[^%s\239\187\191]"

--- Watches how inputs are read. Returns a function that tells, when they were, whether none has a
-- line that isn't blank.
function M.watch_for_lines(inputs)
  local has_lines = false
  for _, input in ipairs(inputs) do
    local open = input.open
    input.open = function()
      local next_piece, close, code = open()
      return next_piece and function()
        local piece, message, its_code = next_piece()
        has_lines = has_lines or piece ~= nil and piece:find(OF_A_LINE) ~= nil
        return piece, message, its_code
      end, close, code
    end
  end
  return function() return not has_lines end
end

--- How many bytes the inputs have; nil if that isn't known.
function M.bytes(inputs)
  local all = 0
  for _, input in ipairs(inputs) do
    if not input.bytes or input.path and compressed.is_name(input.path) then
      return nil
    end
    all = all + input.bytes
  end
  return all
end

return M
