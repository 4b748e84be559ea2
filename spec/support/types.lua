--- What the types in library/ and the LDoc comments in the sources declare.
local assert = require("luassert")
local process = require("spec.support.process")

local M = {}

local function files_of(patterns)
  local files = {}
  local listing <close> = assert(io.popen("ls " .. patterns))
  for path in listing:lines() do
    files[#files + 1] = path
  end
  return files
end

--- The files whose LDoc comments are the reference.
M.SOURCES = files_of("src/lua/*.c $(find lua -name '*.lua' | sort)")

--- Those of them whose methods Tracker and Snapshot share. They stand under Tracker.
M.SHARED = { "src/lua/read_methods.c", "src/lua/policy_methods.c" }

--- The methods that Tracker and Session share. They stand under Tracker too.
M.RECORDING = { record = true, start = true, run = true, wrap = true, instrument = true }

--- The sorted keys of `t` that aren't metamethods.
function M.names_of(t)
  local names = {}
  for name in pairs(t) do
    if not name:find("^__") then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

local types = ""
for _, path in ipairs(files_of("$(find library -name '*.lua' | sort)")) do
  types = types .. process.read_file(path) .. "\n"
end

--- Iterates over the comments of the types: each as an array of lines, and the line after it.
function M.comments()
  return coroutine.wrap(function()
    local comment = {}
    for line in types:gmatch("[^\n]*") do
      if line:find("^%-%-%-") then
        comment[#comment + 1] = line
      else
        coroutine.yield(comment, line)
        comment = {}
      end
    end
  end)
end

--- The lines of the comment in which `---@class name` stands, and the classes that it extends.
local function class_comment(name)
  for comment in M.comments() do
    for _, line in ipairs(comment) do
      local class, listed = line:match("^%-%-%-@class ([%w.]+):? ?([%w., ]*)$")
      if class == name then
        local parents = {}
        for parent in listed:gmatch("[%w.]+") do
          parents[#parents + 1] = parent
        end
        return comment, parents
      end
    end
  end
  error("no class " .. name)
end

function M.parents_of_class(name)
  return select(2, class_comment(name))
end

--- What a class says of its own fields, by their names: all of the text after the name. Names of
-- those that are optional end in `?`.
function M.descriptions_of_class(name)
  local descriptions, field = {}, nil
  for _, line in ipairs((class_comment(name))) do
    local next_field, text = line:match("^%-%-%-@field ([%w_]+%??) (.+)")
    if next_field then
      field = next_field
      descriptions[field] = text
    elseif field and line:find("^%-%-%- ") then
      descriptions[field] = descriptions[field] .. line:sub(4)
    else
      field = nil
    end
  end
  return descriptions
end

--- The sorted names of the fields of a class, inherited ones too. Those that are optional end
-- in `?`.
function M.fields_of_class(name)
  local fields = {}
  for _, parent in ipairs(M.parents_of_class(name)) do
    for _, field in ipairs(M.fields_of_class(parent)) do
      fields[#fields + 1] = field
    end
  end
  for field in pairs(M.descriptions_of_class(name)) do
    fields[#fields + 1] = field
  end
  table.sort(fields)
  return fields
end

--- Asserts that `class` has exactly the fields of `full`, those that `bare` hasn't optional.
function M.assert_fields(class, full, bare)
  local expected = {}
  for _, name in ipairs(M.names_of(full)) do
    expected[#expected + 1] = bare[name] == nil and name .. "?" or name
  end
  table.sort(expected)
  assert.same(expected, M.fields_of_class(class))
end

-- The variables that stand for modules in the types.
local MODULES = { policies = "exectrack.policy", reports = "exectrack.report",
  format = "exectrack.report.format", formats = "exectrack.format", csv = "exectrack.format.csv",
  json = "exectrack.format.json", jsonl = "exectrack.format.jsonl",
  reference = "exectrack.format.reference" }

-- The classes that declare the fields of modules.
local LIBRARIES = { exectrack = "exectracklib", ["exectrack.report"] = "exectrack.reportlib",
  ["exectrack.format"] = "exectrack.formatslib" }

--- A table with an empty one for each module and each kind of handle.
local function owners()
  local empty = { exectrack = {}, Tracker = {}, Session = {}, Span = {}, Snapshot = {} }
  for _, module in pairs(MODULES) do
    empty[module] = {}
  end
  return empty
end

--- Declares `name` in the set `names`, which hasn't got it yet.
local function add_name(names, name)
  assert.is_nil(names[name], name .. " is there twice")
  names[name] = true
end

--- `sets` with the sorted names of each in its place.
local function sorted(sets)
  for owner, set in pairs(sets) do
    sets[owner] = M.names_of(set)
  end
  return sets
end

--- The functions of the types: arrays of owner, name, the list of parameters and the comment. The
-- functions of a module are owned by it, methods by the last word of their class.
function M.functions()
  local functions = {}
  for comment, line in M.comments() do
    local owner, name, parameters = line:match("^function (%a+)[.:]([%w_]+)%((.-)%) end$")
    if owner then
      owner = MODULES[owner] or owner
      functions[#functions + 1] = { owner, name, parameters, comment }
    end
  end
  return functions
end

--- What `---@field` and `function` declare for the modules and classes, each with what it
-- inherits.
function M.typed_names()
  local declared = owners()
  declared.Run, declared.Recording = {}, {}
  for module, class in pairs(LIBRARIES) do
    for _, field in ipairs(M.fields_of_class(class)) do
      add_name(declared[module], field)
    end
  end
  for _, declaration in ipairs(M.functions()) do
    add_name(declared[declaration[1]], declaration[2])
  end
  for _, class in ipairs { "Tracker", "Session", "Span", "Snapshot" } do
    for _, parent in ipairs(M.parents_of_class("exectrack." .. class)) do
      for name in pairs(declared[parent:match("^exectrack%.(%a+)$")]) do
        add_name(declared[class], name)
      end
    end
  end
  declared.Run, declared.Recording = nil, nil -- nothing is only that
  return sorted(declared)
end

--- The strings of an alias, in order.
function M.strings_of_alias(name)
  local strings = {}
  for comment in M.comments() do
    local index = #comment
    while index > 0 and comment[index]:find("^%-%-%-|") do
      index = index - 1
    end
    if comment[index] == "---@alias " .. name then
      for i = index + 1, #comment do
        strings[#strings + 1] = comment[i]:match('^%-%-%-| "([%w_]+)"')
      end
    end
  end
  return strings
end

--- The LDoc comments of a text in Lua: from `---` to the last of the `--` that follow.
local function lua_comments(text)
  local found, open = {}, false
  for line in text:gmatch("[^\n]*") do
    if line:find("^%-%-%- ") then
      found[#found + 1] = line
    elseif open and line:find("^%-%-") then
      found[#found] = found[#found] .. "\n" .. line
    end
    open = line:find("^%-%-%- ") or open and line:find("^%-%-")
  end
  return found
end

local function c_comments(text)
  local found = {}
  for comment in text:gmatch("/%*%*%*\n(.-)%*/") do
    found[#found + 1] = comment
  end
  return found
end

--- The LDoc comments of a file, and the module or class that it documents.
function M.ldoc_comments(path)
  local text, owner = process.read_file(path), nil
  local found = (path:find("%.c$") and c_comments or lua_comments)(text)
  for _, comment in ipairs(found) do
    owner = comment:match("@classmod (%w+)") or comment:match("@%a*module ([%w.]+)") or owner
  end
  return found, owner
end

--- The name of the function or field that an LDoc comment documents.
local function documented_name(comment)
  return comment:match("@function ([%w_]+)") or comment:match("@field ([%w_]+)")
end

--- Whether a file documents a module, a class, or anything of them.
function M.is_for_users(path)
  for _, comment in ipairs((M.ldoc_comments(path))) do
    if comment:find("@module ") or comment:find("@classmod ") or documented_name(comment) then
      return true
    end
  end
  return false
end

--- The LDoc comment of a function or field.
function M.ldoc_comment(path, name)
  for _, comment in ipairs((M.ldoc_comments(path))) do
    if documented_name(comment) == name then
      return comment
    end
  end
  error("no comment on " .. name .. " in " .. path)
end

--- The sorted names of the functions and fields that the LDoc comments of a file document, and
-- the module or class that owns them.
function M.documented_in(path)
  local names, found, owner = {}, M.ldoc_comments(path)
  for _, comment in ipairs(found) do
    names[#names + 1] = documented_name(comment)
  end
  table.sort(names)
  return names, owner
end

local function is_shared(path)
  return path == M.SHARED[1] or path == M.SHARED[2]
end

--- What the LDoc comments of the sources document, by its owner.
function M.documented_names()
  local documented = owners()
  for _, path in ipairs(M.SOURCES) do
    local names, owner = M.documented_in(path)
    for _, name in ipairs(names) do
      add_name(documented[owner], name)
      if is_shared(path) then
        add_name(documented.Snapshot, name)
      elseif owner == "Tracker" and M.RECORDING[name] then
        add_name(documented.Session, name)
      end
    end
  end
  return sorted(documented)
end

return M
