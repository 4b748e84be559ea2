local assert = require("luassert")
local next_step = require("exectrack.report.parts.next_step")
local reports = require("spec.support.reports")

describe("the commands in reports", function()
  it("report on a part of the newest of some if it is known how many these are", function()
    for _, words in ipairs { "--last 9", "--last=9" } do
      assert.equal(("exectrack report a.run %s --report loops"):format(words),
        next_step.report("a.run " .. words, "loops", { tool = "a", session = "s" }))
      assert.equal("exectrack report a.run --tool a --last 1200000",
        next_step.report("a.run " .. words, nil, { tool = "a", count = 1200000 }))
    end
  end)

  it("name the runs, the report, and what to report on", function()
    assert.equal("exectrack report a.run", next_step.report("a.run"))
    assert.equal("exectrack report a.run --report failures --tool web_fetch --session 'chat 1'",
      next_step.report("a.run", "failures", { tool = "web_fetch", session = "chat 1" }))
    assert.equal("exectrack report a.run --exclude ask",
      next_step.report("a.run", nil, { exclude = "ask" }))
  end)

  it("give names that begin like an option behind an equals sign", function()
    assert.equal("exectrack report a.run --tool=-n",
      next_step.report("a.run", nil, { tool = "-n" }))
  end)

  it("report on one tool, or one session, of several that were chosen", function()
    local run = "'a --tool b.run' $'c\\047 --tool' --tool 'it'\\''s --session' --tool=-n "
      .. "--session x --since 1h"
    assert.equal("exectrack report 'a --tool b.run' $'c\\047 --tool' --session x --since 1h "
      .. "--report failures --tool y", next_step.report(run, "failures", { tool = "y" }))
    assert.equal("exectrack report a.run --tool b --session y",
      next_step.report("a.run --tool b --session x", nil, { session = "y" }))
    assert.equal("exectrack report a.run --tool b",
      next_step.report("a.run --tool b", nil, { tool = "a\0b" }))
  end)

  it("leave out names that no argument can be", function()
    assert.is_nil(next_step.word("a\0b"))
    assert.equal("exectrack report a.run", next_step.report("a.run", nil, { tool = "a\0b" }))
  end)

  it("quote names so that a shell reads them as they are", function()
    local words, names = {}, {}
    for _, name in ipairs(reports.HOSTILE) do
      local word = next_step.word(name)
      if word then
        words[#words + 1], names[#names + 1] = word, name
      end
    end
    local output = assert(io.popen("bash -c " .. next_step.word("printf '%s\\0' "
      .. table.concat(words, " ")), "r"))
    local printed = output:read("*a")
    output:close()
    assert.equal(table.concat(names, "\0") .. "\0", printed)
  end)

  it("have nothing that a terminal would show in another way", function()
    assert.equal("$'a\\033[1m'", next_step.word("a\27[1m"))
    assert.equal("$'a\\302\\2401'", next_step.word("a\194\1601"))
    assert.equal("日本語", (next_step.word("日本語"):gsub("'", "")))
  end)
end)
