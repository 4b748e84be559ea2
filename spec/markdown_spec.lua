local markdown = require("spec.support.markdown")
local portable = require("spec.support.portable")

--- `lines` as a page, in which `~~~` stands for three backticks.
local function page(lines)
  return (table.concat(lines, "\n"):gsub("~~~", "```"))
end

describe("markdown.examples", function()
  it("finds the blocks of a language with their lines", function()
    local examples = markdown.examples(page { "# Title", "", "~~~lua", "print(1)", "", "print(2)",
      "~~~", "~~~c", "int x;", "~~~", "~~~lua", "~~~" }, "lua")
    assert.equal(2, #examples)
    assert.equal("print(1)\n\nprint(2)\n", examples[1].text)
    assert.equal(4, examples[1].line)
    assert.is_nil(examples[1].output)
    assert.equal("", examples[2].text)
  end)

  it("takes the text block that follows for the output", function()
    for _, between in ipairs { {}, { "" }, { "", "", "prints", "" }, { "prints" } } do
      local lines = { "~~~lua", "print(1)", "~~~" }
      portable.move(between, 1, #between, #lines + 1, lines)
      portable.move({ "~~~text", "1", "~~~" }, 1, 3, #lines + 1, lines)
      assert.equal("1\n", markdown.examples(page(lines), "lua")[1].output)
    end
  end)

  it("takes no text block that is farther away", function()
    for _, between in ipairs { { "one", "two" }, { "one", "", "two" }, { "~~~sh", "ls", "~~~" } } do
      local lines = { "~~~lua", "print(1)", "~~~" }
      portable.move(between, 1, #between, #lines + 1, lines)
      portable.move({ "~~~text", "1", "~~~" }, 1, 3, #lines + 1, lines)
      assert.is_nil(markdown.examples(page(lines), "lua")[1].output)
    end
  end)

  it("takes the indentation of the fence off a block in a list", function()
    local lines = { "- item", "  ~~~lua", "  if x then", "    y()", "  end", "  ~~~" }
    assert.equal("if x then\n  y()\nend\n", markdown.examples(page(lines), "lua")[1].text)
  end)

  it("raises for a block that isn't closed", function()
    assert.has_error(function() markdown.examples(page { "", "~~~lua", "x" }, "lua") end,
      "the block at line 3 isn't closed")
  end)
end)
