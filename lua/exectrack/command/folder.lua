--- The files in a folder and in those below it.
-- Used only by the command.
local system = require("exectrack.command.system")

local M = {}

local MOST_FOLDERS = 64 -- within each other

--- Adds those files in a folder to `files` that `is_wanted` returns true for. Returns true; or nil
-- and a message, if the folder can't be read. A message about one below it is added to `messages`.
local function add_folder(files, folder, is_wanted, messages, depth)
  if depth > MOST_FOLDERS then
    return nil, ("%s: more than %d folders within each other"):format(folder, MOST_FOLDERS)
  end
  local names, message = system.list(folder)
  for _, name in ipairs(names or {}) do
    local path = folder:gsub("/+$", "") .. "/" .. name
    local kind, bytes, modified, is_link = system.status(path) -- nil for a link to nothing
    if kind == "file" and is_wanted(path, modified) then
      files[#files + 1] = { path = path, bytes = bytes, modified = modified }
    elseif kind == "folder" and not is_link then
      local _, its_message = add_folder(files, path, is_wanted, messages, depth + 1)
      messages[#messages + 1] = its_message
    end
  end
  return names and true, message
end

--- The oldest first. Of those that are as old, in the order of their paths.
local function is_before(a, b)
  if a.modified ~= b.modified then
    return a.modified < b.modified
  end
  return a.path < b.path
end

--- Puts files in the order in which they were modified last.
function M.sort(files)
  table.sort(files, is_before)
end

--- The regular files in a folder and below it whose paths `accepts`, a function, returns true for,
-- in the order in which they were modified last: an array of tables with `path`, `bytes` and
-- `modified`, in Unix seconds. Folders that are symbolic links are left out, and so is what was
-- modified before `since`, if that is given. Also returns an array of messages about folders below
-- it that can't be read. Or nil and a message.
function M.files(folder, accepts, since)
  local files, messages = {}, {}
  local ok, message = add_folder(files, folder, function(path, modified)
    return not (since and modified < since) and accepts(path)
  end, messages, 1)
  if not ok then
    return nil, message
  end
  M.sort(files)
  return files, messages
end

return M
