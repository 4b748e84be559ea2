local declarations = require("reference.declarations")
local names = require("reference.names")
local page = require("reference.page")
local process = require("spec.support.process")
local sections = require("reference.sections")

--- The only declaration of a file with this text.
local function parse(text)
  local found = declarations.parse(text)
  assert.equal(1, #found)
  return found[1]
end

describe("docs/reference.md", function()
  local text = process.read_file("docs/reference.md")

  it("is what script/reference makes of library/", function()
    assert.is_true(page(sections()) == text, "docs/reference.md is stale: run script/reference")
  end)

  it("has all files of library/", function()
    local found, expected = {}, {}
    for i, section in ipairs(sections()) do
      found[i] = "library/" .. section.module:gsub("%.", "/") .. ".lua"
    end
    for path in process.run("find library -name '*.lua'"):gmatch("[^\n]+") do
      expected[#expected + 1] = path
    end
    table.sort(found)
    table.sort(expected)
    assert.same(expected, found)
  end)

  it("has one heading for each of its links", function()
    local headings = {}
    for heading in text:gmatch("\n##+ ([^\n]+)") do
      local anchor = names.anchor(heading)
      assert.is_nil(headings[anchor], heading)
      headings[anchor] = true
    end
    for anchor in text:gmatch("%]%(#([^)]*)%)") do
      assert.is_true(headings[anchor], anchor)
    end
  end)
end)

describe("the declarations of library/", function()
  it("have types, and text that goes on in the next line", function()
    local class = parse('---@class a.B: a.C\n---@field f? '
      .. 'false|fun(n: integer, ...: any): string?, "x"|T[] returns\n--- what it is\n'
      .. '---@field map table<string, (number|false)[]>\n---@field [string] file* open\n'
      .. '---to all\n'
      .. 'local B = {}')
    assert.same({ "a.C" }, class.parents)
    assert.equal("B", class.variable)
    assert.same({
      { name = "f", optional = true, text = "returns what it is",
        type = 'false|fun(n: integer, ...: any): string?, "x"|T[]' },
      { name = "map", optional = false, text = "", type = "table<string, (number|false)[]>" },
      { name = "[string]", optional = false, text = "open to all", type = "file*" },
    }, class.fields)
  end)

  it("have names of what is returned, and the types that generics stand for", function()
    local run = parse("--- Runs.\n---\n--- More.\n---@generic F: function\n---@param fn F\n"
      .. "---@return F[] # all of them\n---@return number? ms milliseconds\nfunction M.run(fn) end")
    assert.equal("Runs.\n\nMore.", run.text)
    assert.equal("function", run.parameters[1].type)
    assert.same({
      { name = "", type = "function[]", text = "all of them" },
      { name = "ms", type = "number?", text = "milliseconds" },
    }, run.returns)
  end)

  it("have no annotation that the reference would lose", function()
    assert.has_error(function() parse("---@deprecated\nfunction M.run() end") end,
      "unknown annotation: deprecated")
  end)

  it("are linked where text or types name them, but not in other code", function()
    local text = page { { title = "T", module = "m", declarations = declarations.parse(
      "---@class tlib\nlocal T = {}\n\n--- As exectrack.Row. `T.run` gives `exectrack.Row (1)`.\n"
      .. "---@return exectrack.Row[]\nfunction T.run() end\n\n---@class exectrack.Row") } }
    local row = "[`exectrack.Row`](#exectrackrow)"
    assert.matches("\n\nAs " .. row .. ". [`T.run`](#trun) gives `exectrack.Row (1)`.\n\n"
      .. "Returns:\n\n- " .. row .. "`[]`\n\n", text, 1, true)
  end)

  it("name no type that isn't there", function()
    local text = "--- As exectrack.Other.\nfunction M.run() end"
    assert.has_error(function()
      page { { title = "M", module = "m", declarations = declarations.parse(text) } }
    end, "exectrack.Other isn't declared")
  end)
end)
