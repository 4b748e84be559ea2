--- Reads declarations in the annotations of the Lua language server (LuaCATS).
--
-- A declaration is a comment of `---` lines and the line of code below it:
--
-- - a class has `name`, `parents`, `fields`, and `variable` if a local variable stands for it;
-- - an alias has `name` and `type` or `values`, of which each has `type` and `text`;
-- - a function has `owner`, the variable before its `name`, `separator`, `parameters`, `returns`
--   and `overloads`.
--
-- Each has `kind`, which of these it is, and `text`, the lines above the first annotation. A field,
-- parameter or returned value has `name`, `optional`, `type` and `text`, empty for none.
local M = {}

local type_end

--- The position after `fun(a: integer): string, boolean?`, whose list begins at `from`.
local function function_type_end(text, from)
  local after = text:match("^%b()()", from)
  local next_type = text:match("^: ?()", after)
  while next_type do
    after = type_end(text, next_type)
    next_type = text:match("^, ()", after)
  end
  return after
end

--- The position after a type without `|`, which begins at `from`.
local function simple_type_end(text, from)
  if text:find("^fun%(", from) then
    return function_type_end(text, from + 3)
  end
  local after = text:match('^"[^"]*"()', from) or text:match("^%b()()", from)
    or text:match("^[%w_.]+%b<>()", from) or text:match("^[%w_.]+()", from)
  assert(after, "a type expected: " .. text)
  return text:match("^[%[%]?*]*()", after)
end

--- The position after the type that begins at `from`.
function type_end(text, from)
  local after = simple_type_end(text, from)
  while text:find("^|", after) do
    after = simple_type_end(text, after + 1)
  end
  return after
end

--- Splits a text into the type that it begins with, and the rest.
local function split_type(text)
  local after = type_end(text, 1)
  return text:sub(1, after - 1), (text:sub(after):gsub("^ ", ""))
end

--- What `@field` and `@param` say: `name? type text`.
local function named_value(text)
  local name, mark, rest = text:match("^(%S-)(%??) (.+)$")
  local kind, description = split_type(rest)
  return { name = name, optional = mark == "?", type = kind, text = description }
end

--- What `@return` says: `type name text`, or `type # text`.
local function returned_value(text)
  local kind, rest = split_type(text)
  local name, description = rest:match("^(%S*) ?(.*)$")
  return { name = name ~= "#" and name or "", type = kind, text = description }
end

-- What an annotation adds to the declaration that it stands in.
local ANNOTATIONS = {
  class = function(declaration, text)
    local name, parents = text:match("^([%w_.]+):? ?(.*)$")
    declaration.kind, declaration.name = "class", name
    for parent in parents:gmatch("[%w_.]+") do
      table.insert(declaration.parents, parent)
    end
  end,
  alias = function(declaration, text)
    local name, rest = text:match("^(%S+) ?(.*)$")
    declaration.kind, declaration.name = "alias", name
    declaration.type = rest ~= "" and rest or nil
  end,
  ["|"] = function(declaration, text)
    local kind, rest = split_type(text)
    table.insert(declaration.values, { type = kind, text = (rest:gsub("^# ", "")) })
  end,
  field = function(declaration, text)
    table.insert(declaration.fields, named_value(text))
  end,
  param = function(declaration, text)
    table.insert(declaration.parameters, named_value(text))
  end,
  ["return"] = function(declaration, text)
    table.insert(declaration.returns, returned_value(text))
  end,
  overload = function(declaration, text)
    table.insert(declaration.overloads, text)
  end,
  generic = function(declaration, text)
    local name, bound = text:match("^(%w+):? ?(.*)$")
    declaration.generics[name] = bound ~= "" and bound or "any"
  end,
  -- What these say stands in the text too, or is of use to editors alone.
  meta = function() end,
  nodiscard = function() end,
  operator = function() end,
}

--- The annotations of a comment: each its name and its text, which goes on in the lines below it.
-- The first has no name: it is what stands above the others.
local function annotations_of(comment)
  local found = { { text = "" } }
  for _, line in ipairs(comment) do
    local name, text = line:match("^%-%-%-@(%w+) ?(.*)$")
    if not name then
      name, text = line:match("^%-%-%-(|) (.+)$")
    end
    local last = found[#found]
    if name then
      found[#found + 1] = { name = name, text = text }
    else
      last.text = last.text .. (last.name and " " or "\n") .. line:match("^%-%-%- ?(.*)$")
    end
  end
  return found
end

--- Puts the types that generics are bound to in their place.
local function bind_generics(declaration)
  for _, list in ipairs { declaration.parameters, declaration.returns } do
    for _, value in ipairs(list) do
      value.type = value.type:gsub("%f[%w_]%u%f[^%w_]", declaration.generics)
    end
  end
end

--- Adds what the line of code below a comment says.
local function add_code(declaration, line)
  local owner, separator, name, names = line:match("^function ([%w_]+)([.:])([%w_]+)%((.-)%) end$")
  if owner then
    declaration.kind, declaration.owner, declaration.name = "function", owner, name
    declaration.separator, declaration.names = separator, names
  else
    declaration.variable = line:match("^local (%w+) = {}$")
  end
end

--- The declaration of a comment and the line below it; nil if they declare nothing.
local function declaration_of(comment, line)
  local declaration = { parents = {}, fields = {}, values = {}, parameters = {}, returns = {},
    overloads = {}, generics = {} }
  for _, annotation in ipairs(annotations_of(comment)) do
    if annotation.name then
      local add = ANNOTATIONS[annotation.name]
      assert(add, "unknown annotation: " .. annotation.name)(declaration, annotation.text)
    else
      declaration.text = annotation.text:sub(2)
    end
  end
  add_code(declaration, line)
  bind_generics(declaration)
  return declaration.kind and declaration
end

--- The declarations of a file, in their order.
function M.parse(text)
  local declarations, comment = {}, {}
  for line in (text .. "\n\n"):gmatch("(.-)\n") do
    if line:find("^%-%-%-") then
      comment[#comment + 1] = line
    else
      declarations[#declarations + 1] = declaration_of(comment, line) or nil
      comment = {}
    end
  end
  return declarations
end

return M
