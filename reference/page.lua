--- Writes the reference, in Markdown.
local names = require("reference.names")

local INTRODUCTION = [[
# Reference

All that exectrack gives to Lua. `script/reference` makes this page from the declarations in
[`library/`](../library/exectrack.lua), which editors read too: change those, not this page.

- Durations are milliseconds and times are Unix seconds, both with a fraction.
- A `?` after a name or a type means that it may be left out or nil.
- Misuse raises an error that names the argument. What the system refuses, such as a file that
  isn't there, returns nil, a message and a code.
- `Recording:record` is called on a tracker or a session, as in `tracker:record(…)`, and `Run:stats`
  on a tracker or a snapshot.
- `O(…)` is the cost of a call.]]

--- Adds a paragraph, unless it is nil or empty.
local function add(paragraphs, text)
  paragraphs[#paragraphs + 1] = text ~= "" and text or nil
end

local function link(heading, label)
  return "[`" .. (label or heading) .. "`](#" .. names.anchor(heading) .. ")"
end

--- Makes links of the types in a text, which must be declared; `quote` stands around each.
local function link_types(text, index, quote)
  return (text:gsub("exectrack%.%u[%w.]*%f[^%w.]", function(name)
    local type_name, dot = name:match("^(.-)(%.?)$")
    assert(index.types[type_name], type_name .. " isn't declared")
    return quote .. link(type_name) .. quote .. dot
  end))
end

--- Makes links of the types that a text names, and of functions that stand in it as code.
local function with_links(text, index)
  local linked = (text .. "``"):gsub("([^`]*)`([^`]*)`", function(prose, span)
    local is_function = index.function_names[span]
    return link_types(prose, index, "") .. (is_function and link(span) or "`" .. span .. "`")
  end)
  return linked:sub(1, -3)
end

--- Code in which types are links.
local function code(text, index)
  return (("`" .. link_types(text, index, "`") .. "`"):gsub("``", ""))
end

--- Adds a list of fields, parameters, returned values or the values of an alias, if there are any.
local function add_values(paragraphs, heading, values, index)
  local lines = {}
  for i, value in ipairs(values) do
    local name = value.name or ""
    lines[i] = "- " .. (name ~= "" and "`" .. name .. (value.optional and "?" or "") .. "`, " or "")
      .. code(value.type, index) .. (value.text ~= "" and ": " or "")
      .. with_links(value.text, index)
  end
  if #lines > 0 then
    add(paragraphs, heading)
    add(paragraphs, table.concat(lines, "\n"))
  end
end

--- Adds what a class has of `parent`, which it extends: methods or fields.
local function add_inherited(paragraphs, declaration, parent, index)
  local methods, list = index.functions[index.types[parent].variable] or {}, {}
  for i, method in ipairs(methods) do
    list[i] = link(names.of(method), declaration.variable .. ":" .. method.name)
  end
  local kind = #list > 0 and "methods" or "fields"
  add(paragraphs, "It has the " .. kind .. " of " .. link(parent)
    .. (#list > 0 and ": " or " too") .. table.concat(list, ", ") .. ".")
end

--- Adds the ways in which a function may be called.
local function add_signatures(paragraphs, declaration, index)
  local name, parameters, others = names.of(declaration), {}, {}
  for i, parameter in ipairs(declaration.parameters) do
    parameters[i] = parameter.name .. (parameter.optional and "?" or "")
  end
  for i, overload in ipairs(declaration.overloads) do
    local call = overload:gsub("^fun%(self: [%w.]+,? ?", "fun("):gsub("^fun", name)
    others[i] = "- " .. code(call, index)
  end
  add(paragraphs, "`" .. name .. "(" .. table.concat(parameters, ", ") .. ")`"
    .. (#others > 0 and ", or" or ""))
  add(paragraphs, table.concat(others, "\n"))
end

-- How each kind of declaration is written.
local WRITERS = {}

function WRITERS.class(paragraphs, declaration, index)
  add(paragraphs, with_links(declaration.text, index))
  for _, parent in ipairs(declaration.parents) do
    add_inherited(paragraphs, declaration, parent, index)
  end
  add_values(paragraphs, "Fields:", declaration.fields, index)
end

function WRITERS.alias(paragraphs, declaration, index)
  add(paragraphs, with_links(declaration.text, index))
  add(paragraphs, declaration.type and "It is " .. code(declaration.type, index) .. ".")
  add_values(paragraphs, "One of:", declaration.values, index)
end

WRITERS["function"] = function(paragraphs, declaration, index)
  add_signatures(paragraphs, declaration, index)
  add(paragraphs, with_links(declaration.text, index))
  add_values(paragraphs, "Parameters:", declaration.parameters, index)
  add_values(paragraphs, "Returns:", declaration.returns, index)
end

--- Adds a section. One that begins with a module is about it, under no other heading.
local function add_section(paragraphs, section, index)
  add(paragraphs, "## " .. section.title)
  for i, declaration in ipairs(section.declarations) do
    local name = names.of(declaration)
    if i == 1 and names.is_module(declaration) then
      add(paragraphs, "`" .. name .. "` is what `require(\"" .. section.module .. "\")` returns.")
    else
      add(paragraphs, "### " .. name)
    end
    WRITERS[declaration.kind](paragraphs, declaration, index)
  end
end

--- A line for each section, with links to its functions; to its types if it has none.
local function contents(sections)
  local lines = {}
  for i, section in ipairs(sections) do
    local types, functions = {}, {}
    for _, declaration in ipairs(section.declarations) do
      local list = declaration.kind == "function" and functions or types
      list[#list + 1] = link(names.of(declaration))
    end
    lines[i] = "- [" .. section.title .. "](#" .. names.anchor(section.title) .. "): "
      .. table.concat(#functions > 0 and functions or types, ", ")
  end
  return table.concat(lines, "\n")
end

--- The types by their names, the functions by the variable that they belong to, and which names
-- functions have in the reference.
local function index_of(sections)
  local index = { types = {}, function_names = {}, functions = {} }
  for _, section in ipairs(sections) do
    for _, declaration in ipairs(section.declarations) do
      local owner = declaration.owner
      if owner then
        index.functions[owner] = index.functions[owner] or {}
        table.insert(index.functions[owner], declaration)
        index.function_names[names.of(declaration)] = true
      else
        index.types[declaration.name] = declaration
      end
    end
  end
  return index
end

--- The page of these sections. A type that isn't declared raises an error that names it.
return function(sections)
  local index, paragraphs = index_of(sections), {}
  add(paragraphs, INTRODUCTION)
  add(paragraphs, contents(sections))
  for _, section in ipairs(sections) do
    add_section(paragraphs, section, index)
  end
  return table.concat(paragraphs, "\n\n") .. "\n"
end
