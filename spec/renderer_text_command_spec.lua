local assert = require("luassert")
local commands = require("exectrack.report.renderer.text_command")
local next_step = require("exectrack.report.parts.next_step")
local process = require("spec.support.process")
local random = require("spec.support.random")
local reports = require("spec.support.reports")
local unicode = require("exectrack.report.unicode")

local function lines(command, width, is_ascii)
  return commands.lines(command, "  ", width, { ascii = is_ascii })
end

describe("A command in text", function()
  it("is one line where it fits", function()
    assert.same({ "  exectrack report a.run" }, lines("exectrack report a.run", 24))
  end)

  it("is broken between words, then within them, by backslashes", function()
    assert.same({ "  exectrack report \\", "    a.run" }, lines("exectrack report a.run", 23))
    assert.same({ "  exectrack \\", "    report \\", "    a.run" },
      lines("exectrack report a.run", 14))
    assert.same({ "  a \\", "    'bcdefgh'\\", "'ijkl'" }, lines("a 'bcdefghijkl'", 14))
    assert.same({ "  a \\", "    $'bcde\\011'\\", "$'\\\\fghi'" },
      lines([[a $'bcde\011\\fghi']], 16))
  end)

  it("keeps quotes, also of nothing", function()
    for _, command in ipairs { "a '' \"b c\" d", [[a 'it'\''s' \$b "c\"d"]] } do
      assert.same({ "  " .. command }, lines(command, 40))
    end
  end)

  it("has escapes for what could do harm, and for what isn't ASCII if that is wanted", function()
    assert.same({ [[  a b$'\033''[1m']] }, lines("a b\27'[1m'", 40))
    assert.same({ [[  a '日'$'\302\240']] }, lines("a '日\194\160'", 40))
    assert.same({ [[  a $'\346\227\245']] }, lines("a '日'", 40, true))
    assert.same({ [[  a "b "$'\346\227\245'"c"]] }, lines('a "b 日c"', 40, true))
  end)

  it("is the same for a shell, at any width", function()
    random.seed("renderer_text_command_spec")
    local script = {}
    for i = 1, 60 do
      local words = {}
      for j = 1, math.random(4) do
        words[j] = next_step.word(random.pick(reports.HOSTILE)) or "''"
      end
      local command, width = "printf '%s\\0' " .. table.concat(words, " "), math.random(24, 60)
      script[2 * i - 1] = command
      local broken = lines(command, width, i % 2 == 0)
      for _, line in ipairs(broken) do
        assert(unicode.width(line) <= width, line)
      end
      script[2 * i] = table.concat(broken, "\n")
    end
    local function run(first)
      local parts = {}
      for i = first, #script, 2 do
        parts[#parts + 1] = script[i]
      end
      local output, complaints = process.run("bash -c " .. process.quote(table.concat(parts, "\n")))
      assert.equal("", complaints)
      return output
    end
    assert.equal(run(1), run(2))
  end)
end)
