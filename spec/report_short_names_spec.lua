local random = require("spec.support.random")
local short_names = require("exectrack.report.short_names")
local unicode = require("exectrack.report.unicode")

local MARK = "…"

describe("Short names", function()
  it("are cut in the middle if they differ then", function()
    assert.same({ "read", "mcp__…read", "mcp__…rite", "read" },
      short_names({ "read", "mcp__files__read", "mcp__files__write", "read" }, 10, 10, MARK))
  end)

  it("are cut where they agree if they differ in the middle", function()
    local names = {}
    for i, service in ipairs { "alpha", "gamma", "delta" } do
      names[i] = "mcp__company_" .. service .. "_service__read_the_file_now"
    end
    assert.same({ "mcp__comp…alpha…_now", "mcp__comp…gamma…_now", "mcp__comp…delta…_now" },
      short_names(names, 20, 20, MARK))
    assert.same({ "mcp_…al…ow", "mcp_…ga…ow", "mcp_…de…ow" }, short_names(names, 10, 10, MARK))
    names[4] = "mcp__company_alpha_service__list_the_file_now"
    names[4] = "mcp__company_alpha_service__list_the_file_now"
    local labels = short_names(names, 20, 20, MARK)
    assert.same({ "mcp_…alph…read_…_now", "mcp_…gamma_s…ile_now", "mcp_…alph…list_…_now" },
      { labels[1], labels[2], labels[4] })
    assert.equal("...a...r...", short_names(names, 8, 11, "...")[1]) -- as wide as it must be
    assert.equal("mcp_...1", short_names(names, 8, 10, "...")[1])
  end)

  -- Of which random names are made; some are escapes, marks and what stands for what is left out.
  local PIECES = { "a", "b", "_", " ", ".", "…", "日", "é", "e\204\129", "\\", "\n", "\\n", "x20",
    "\226\128\174" }

  local function text_of(most)
    local pieces = {}
    for i = 1, random.integer(0, most) do
      pieces[i] = random.pick(PIECES)
    end
    return table.concat(pieces)
  end

  --- Up to 17 names, as `shown` shows them, with parts in common.
  local function names_of(shown)
    local parts, names = { text_of(30), text_of(30), text_of(3) }, {}
    for i = 1, random.integer(1, 17) do
      local name = {}
      for j = 1, random.integer(1, 5) do
        name[j] = random.pick { parts[1], parts[2], parts[3], text_of(2), text_of(20) }
      end
      names[i] = shown(unicode.name(table.concat(name)))
    end
    return names
  end

  local function assert_apart(names, width, most, mark)
    local name_of = {}
    for i, label in ipairs(short_names(names, width, most, mark)) do
      assert.is_true(unicode.width(label) <= most, label)
      assert.is_true(unicode.width(label) <= width or unicode.width(names[i]) > width, label)
      assert.equal(names[i], name_of[label] or names[i])
      name_of[label] = names[i]
    end
  end

  it("differ if the names do, and aren't too wide", function()
    random.seed("report_short_names_spec")
    for _ = 1, 200 do
      local width = random.integer(5, 40)
      local most = width + random.integer(0, 20)
      assert_apart(names_of(tostring), width, most, MARK)
      assert_apart(names_of(unicode.ascii), math.max(width, 6), most + 1, "...")
    end
  end)
end)
