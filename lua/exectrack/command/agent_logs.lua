--- Where coding agents keep their logs.
--
-- What is written here is from their documentation or, where that is silent, from their sources:
--
-- - Claude Code: code.claude.com/docs/en/claude-directory (`CLAUDE_CONFIG_DIR`, `projects`); the
--   name of a project's folder is in github.com/anthropics/claude-code/issues/59726 and 19742
-- - Codex: github.com/openai/codex, docs/config.md (`CODEX_HOME`); issues 22119 and 45251
--   (`sessions`, `archived_sessions`, `.zst`); the line `session_meta` has `cwd`
-- - Gemini CLI: geminicli.com/docs/cli/session-management (`tmp`, `chats`); in
--   github.com/google-gemini/gemini-cli packages/core/src/utils/paths.ts (`GEMINI_CLI_HOME`, in
--   which `.gemini` is), config/storage.ts and config/projectRegistry.ts (`.project_root`,
--   `projects.json`)
--
-- Used only by the command.
local compressed = require("exectrack.command.compressed")
local folder = require("exectrack.command.folder")
local json = require("exectrack.json")
local lines = require("exectrack.format.lines")
local system = require("exectrack.command.system")

local M = {}

local MOST_LINE_BYTES = 16777216 -- of the line that has the project
local MOST_FOLDER_NAME = 200 -- longer names end in a hash of the path

--- The value of a variable; nil if it is empty, too.
local function variable(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

--- Paths below the home folder, or none if there is no such folder.
local function in_home(...)
  local home, paths = variable("HOME"), {}
  for i, path in ipairs { ... } do
    paths[i] = home and home .. "/" .. path
  end
  return paths
end

--- Whether a path, without the ending of a compressed file, ends so.
local function has_ending(path, ending)
  return path:gsub("%.gz$", ""):gsub("%.zst$", ""):sub(-#ending) == ending
end

local claude = { title = "Claude Code" }

--- Claude Code takes `CLAUDE_CONFIG_DIR` for one folder; tools that count its tokens take a list.
function claude.roots()
  local given = variable("CLAUDE_CONFIG_DIR")
  if not given then
    return in_home(".config/claude/projects", ".claude/projects")
  end
  local roots = {}
  for path in given:gmatch(system.status(given) and ".+" or "[^,]+") do
    roots[#roots + 1] = path .. "/projects"
  end
  return roots
end

--- The name of a project's folder. It has a `-` for every UTF-16 unit of another character.
local function folder_name(project)
  return (project:gsub("[\240-\247][\128-\191]*", "--"):gsub("[\192-\239][\128-\191]*", "-")
    :gsub("[^A-Za-z0-9]", "-"))
end

function claude.accepts(root, projects)
  local names = {}
  for _, project in ipairs(projects or {}) do
    names[folder_name(project):sub(1, MOST_FOLDER_NAME)] = true
  end
  return function(path)
    local name = path:sub(#root + 2):match("^[^/]+")
    local cut = #name > MOST_FOLDER_NAME and name:sub(1, MOST_FOLDER_NAME) or name
    return has_ending(path, ".jsonl") and not path:find("/subagents/journal%.jsonl")
      and (not projects or names[cut] == true)
  end
end

local codex = { title = "Codex" }

function codex.roots()
  local home = variable("CODEX_HOME")
  if home then
    return { home .. "/sessions", home .. "/archived_sessions" }
  end
  return in_home(".codex/sessions", ".codex/archived_sessions")
end

--- The object in the first line of a file; nil if that isn't one.
local function first_object(path)
  local next_piece, close = compressed.open(path, true)
  if not next_piece then
    return nil
  end
  local _, line = lines(next_piece, MOST_LINE_BYTES)()
  close()
  local object = line and json.decode(line)
  return type(object) == "table" and object or nil
end

local function is_one_of(path, projects)
  for _, project in ipairs(projects) do
    if path == project then
      return true
    end
  end
  return false
end

function codex.accepts(_, projects)
  return function(path)
    if not (has_ending(path, ".jsonl") and path:find("/rollout%-[^/]*$")) then
      return false
    elseif not projects then
      return true
    end
    local first = first_object(path)
    return first ~= nil and type(first.payload) == "table"
      and is_one_of(first.payload.cwd, projects)
  end
end

local gemini = { title = "Gemini CLI" }

function gemini.roots()
  local home = variable("GEMINI_CLI_HOME")
  return home and { home .. "/.gemini/tmp" } or in_home(".gemini/tmp")
end

local function read_file(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

--- The folders of the projects in `projects.json`, by their paths; an empty table if it can't be
-- read.
local function registered(root)
  local text = read_file(root .. "/../projects.json")
  local registry = text and json.decode(text)
  local projects = type(registry) == "table" and registry.projects
  return type(projects) == "table" and projects or {}
end

--- Whether a folder is that of one of the projects. Before there was such a file, folders had
-- SHA-256 hashes as names; starting Gemini CLI in the project renames them.
local function is_folder_of(root, name, projects)
  local text = read_file(root .. "/" .. name .. "/.project_root")
  if text then
    return is_one_of(text:match("^%s*(.-)%s*$"), projects)
  end
  local folders = registered(root)
  for _, project in ipairs(projects) do
    if folders[project] == name then
      return true
    end
  end
  return false
end

function gemini.accepts(root, projects)
  local known = {}
  return function(path)
    local name, file = path:sub(#root + 2):match("^([^/]+)/chats/.-([^/]+)$")
    if not name or file:find("^%.")
        or not (has_ending(file, ".json") or has_ending(file, ".jsonl")) then
      return false
    end
    if projects and known[name] == nil then
      known[name] = is_folder_of(root, name, projects)
    end
    return not projects or known[name]
  end
end

local PROGRAMS = { claude = claude, codex = codex, gemini = gemini }

--- What a program is called.
function M.title(name)
  return PROGRAMS[name].title
end

--- The path without `.` and `..` in it.
local function normalized(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    if part == ".." then
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return "/" .. table.concat(parts, "/")
end

--- The absolute paths that a project may have in logs: with symbolic links, and resolved.
local function paths_of(project)
  local absolute = normalized(project:sub(1, 1) == "/" and project
    or (system.resolve(".") or "") .. "/" .. project)
  return { absolute, system.resolve(project) }
end

--- Adds a program's logs to `logs`, the folders in which they were looked for to `folders`, and
-- messages about those that can't be read to `messages`.
local function add(logs, folders, messages, name, projects, since)
  for _, root in ipairs(PROGRAMS[name].roots()) do
    folders[#folders + 1] = root
    local accepts = PROGRAMS[name].accepts(root, projects)
    local found, its_messages = {}, {}
    if system.status(root) then
      found, its_messages = folder.files(root, accepts, since)
    end
    for _, message in ipairs(found and its_messages or { its_messages }) do
      messages[#messages + 1] = message
    end
    for _, file in ipairs(found or {}) do
      file.format = name
      logs[#logs + 1] = file
    end
  end
end

--- Why there are no logs of these programs.
local function none_found(names, folders, project, since)
  local titles = {}
  for i, name in ipairs(names) do
    titles[i] = M.title(name)
  end
  return ("no logs of %s%s%s in: %s"):format(table.concat(titles, " or "),
    project and " for " .. project or "",
    since and " since then" or "",
    #folders > 0 and table.concat(folders, ", ") or "no folder, as HOME isn't set")
end

--- The logs of the programs of these names: an array of tables with `path`, `bytes`, `modified` and
-- `format`, the oldest first; and an array of messages about folders that can't be read. With a
-- `project`, the path of a folder, only those of sessions that were started there; with `since`, in
-- Unix seconds, only those that were modified then or later. Returns nil and a message if there are
-- none.
function M.find(names, project, since)
  local logs, folders, messages = {}, {}, {}
  local projects = project and paths_of(project)
  for _, name in ipairs(names) do
    add(logs, folders, messages, name, projects, since)
  end
  if #logs == 0 then
    return nil, messages[1] or none_found(names, folders, project and projects[1], since)
  end
  folder.sort(logs)
  return logs, messages
end

return M
