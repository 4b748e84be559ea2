--- What library/ declares, to be compared with what the modules have.
local assert = require("luassert")
local names = require("reference.names")
local sections = require("reference.sections")

local M = {}

--- All declarations, in their order.
local declarations = {}
for _, section in ipairs(sections()) do
  for _, declaration in ipairs(section.declarations) do
    declarations[#declarations + 1] = declaration
  end
end

--- The sorted keys of `t` that aren't metamethods.
function M.names_of(t)
  local found = {}
  for name in pairs(t) do
    if not name:find("^__") then
      found[#found + 1] = name
    end
  end
  table.sort(found)
  return found
end

--- The class or alias of this name.
local function type_called(name)
  for _, declaration in ipairs(declarations) do
    if declaration.kind ~= "function" and declaration.name == name then
      return declaration
    end
  end
  error("no type " .. name)
end

--- Adds the fields of a class, inherited ones too, to `found`, by their names.
local function add_fields(found, class)
  for _, parent in ipairs(class.parents) do
    add_fields(found, type_called(parent))
  end
  for _, field in ipairs(class.fields) do
    assert.is_nil(found[field.name], field.name .. " is there twice")
    found[field.name] = field
  end
  return found
end

--- The fields of a class, inherited ones too, by their names.
function M.fields_of_class(name)
  return add_fields({}, type_called(name))
end

--- Asserts that `class` has exactly the fields of `full`, those that `bare` hasn't optional.
function M.assert_fields(class, full, bare)
  local expected, declared = {}, {}
  for _, name in ipairs(M.names_of(full)) do
    expected[name] = bare[name] == nil and "optional" or "always"
  end
  for name, field in pairs(M.fields_of_class(class)) do
    -- `[string]` are fields of other names.
    declared[name] = not name:find("^%[") and (field.optional and "optional" or "always") or nil
  end
  assert.same(expected, declared)
end

--- The functions, in their order. Those of a module have its name as `module`.
function M.functions()
  local functions = {}
  for _, declaration in ipairs(declarations) do
    functions[#functions + 1] = declaration.kind == "function" and declaration or nil
  end
  return functions
end

--- The function that the reference calls so, such as `Run:stats`.
function M.function_called(name)
  for _, declaration in ipairs(M.functions()) do
    if names.of(declaration) == name then
      return declaration
    end
  end
  error("no function " .. name)
end

local function add_functions(found, class)
  for _, parent in ipairs(class.parents) do
    add_functions(found, type_called(parent))
  end
  for _, declaration in ipairs(M.functions()) do
    if declaration.owner == class.variable then
      assert.is_nil(found[declaration.name], declaration.name .. " is there twice")
      found[declaration.name] = true
    end
  end
  return found
end

--- The sorted names of the functions and fields of a module or class, inherited ones too.
function M.names_in_class(name)
  local found = add_functions({}, type_called(name))
  for field in pairs(M.fields_of_class(name)) do
    found[field] = not field:find("^%[") or nil
  end
  return M.names_of(found)
end

--- The names of the classes that have functions, but those that others extend alone.
function M.classes_with_functions()
  local found = {}
  for _, declaration in ipairs(declarations) do
    if declaration.variable then
      found[declaration.name] = true
    end
  end
  for _, declaration in ipairs(declarations) do
    for _, parent in ipairs(declaration.parents) do
      found[parent] = nil
    end
  end
  return M.names_of(found)
end

--- The strings of an alias, in order.
function M.strings_of_alias(name)
  local strings = {}
  for _, value in ipairs(type_called(name).values) do
    strings[#strings + 1] = value.type:match('^"([%w_]+)"$')
  end
  return strings
end

return M
