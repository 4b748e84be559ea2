local random = require("spec.support.random")
local unicode = require("exectrack.report.unicode")
local utf8 = require("spec.support.utf8")

local u = utf8.text

local REPLACEMENT = u[[\u{FFFD}]]

describe("UTF-8", function()
  --- Asserts that none of the bytes that `written` stands for is part of a character.
  local function assert_invalid(written)
    local text = u(written)
    assert.equal(REPLACEMENT:rep(#text), unicode.valid(text))
    assert.equal("a" .. REPLACEMENT:rep(#text) .. "b", unicode.valid("a" .. text .. "b"))
    assert.is_false(unicode.is_valid(text))
    assert.is_false(unicode.is_valid("a\195\169" .. text .. "b"))
    assert.equal((text:gsub(".", function(byte) return ("\\x%02x"):format(byte:byte()) end)),
      unicode.visible(text))
    assert.equal(#text, unicode.width(text))
  end

  local function assert_valid(written)
    local text = u(written)
    assert.equal(text, unicode.valid(text))
    assert.equal("a" .. text .. "b", unicode.valid("a" .. text .. "b"))
    assert.is_true(unicode.is_valid(text))
    assert.is_true(unicode.is_valid("a" .. text .. "b" .. text))
  end

  it("has the characters at the ends of each row of its table", function()
    for text in ([[\x00 \x7F \xC2\x80 \xDF\xBF \xE0\xA0\x80 \xE0\xBF\xBF \xE1\x80\x80 \xEC\xBF\xBF
      \xED\x80\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF \xF0\x90\x80\x80 \xF0\xBF\xBF\xBF
      \xF1\x80\x80\x80 \xF3\xBF\xBF\xBF \xF4\x80\x80\x80 \xF4\x8F\xBF\xBF]]):gmatch("%S+") do
      assert_valid(text)
    end
  end)

  it("has nothing longer than it must be", function()
    for text in ([[\xC0\x80 \xC0\xBF \xC1\x80 \xC1\xBF \xE0\x80\x80 \xE0\x9F\xBF \xF0\x80\x80\x80
      \xF0\x8F\xBF\xBF]]):gmatch("%S+") do
      assert_invalid(text)
    end
  end)

  it("has no surrogates", function()
    assert_invalid([[\xED\xA0\x80]])
    assert_invalid([[\xED\xBF\xBF]])
    assert_invalid([[\xED\xA0\xBD\xED\xB8\x80]])
  end)

  it("has nothing above U+10FFFF", function()
    assert_invalid([[\xF4\x90\x80\x80]])
    assert_invalid([[\xF5\x80\x80\x80]])
    assert_invalid([[\xF8\x88\x80\x80\x80]])
    assert_invalid([[\xFD\xBF\xBF\xBF\xBF\xBF]])
    assert_invalid([[\xFE]])
    assert_invalid([[\xFF]])
  end)

  it("has no characters that are cut short", function()
    for written in ([[\xC2 \xE2 \xE2\x82 \xE2\x94 \xE2\x96 \xF0 \xF0\x9F
      \xF0\x9F\x98]]):gmatch("%S+") do
      assert_invalid(written)
      local text = u(written)
      assert.equal(REPLACEMENT:rep(#text) .. "€", unicode.valid(text .. "€"))
    end
  end)

  it("has no bytes that follow nothing", function()
    assert_invalid([[\x80]])
    assert_invalid([[\xBF\xBF]])
    assert.equal(u[[€\u{FFFD}]], unicode.valid(u[[€\x82]]))
  end)

  -- The bytes at the ends of what the rows of the table allow, and those just beyond.
  local BYTES = { 0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
    0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF }

  local function model(text)
    local parts, i = {}, 1
    while i <= #text do
      local character = utf8.at(text, i)
      parts[#parts + 1] = character or REPLACEMENT
      i = i + (character and #character or 1)
    end
    return table.concat(parts)
  end

  it("is told from other bytes as Lua does, in random text", function()
    random.seed("report_unicode_spec")
    for _ = 1, 2000 do
      local bytes = {}
      for i = 1, math.random(8) do
        bytes[i] = string.char(random.pick(BYTES))
      end
      local text = table.concat(bytes)
      assert.equal(model(text), unicode.valid(text))
      text = random.bytes(12)
      assert.equal(model(text), unicode.valid(text))
    end
  end)
end)

describe("Visible text", function()
  it("is text as it is", function()
    for _, text in ipairs { "", "a b~", "a  b", "日本語", u[[e\u{301}]], "👩", u[[👍\u{1F3FD}]],
      u[[\u{AC}\u{AE}]], u[[\u{2027}\u{2030}]] } do
      assert.equal(text, unicode.visible(text))
    end
  end)

  it("has escapes for control characters", function()
    assert.equal([[\x00\x01\x1b\x1f \x7f\u{0080}\u{009f}]],
      unicode.visible(u"\0\1\27\31 \127\\u{80}\\u{9F}"))
    assert.equal([[a\tb\nc\rd]], unicode.visible("a\tb\nc\rd"))
    assert.equal([[\x7f]], unicode.visible("\127"))
  end)

  it("has escapes for the ends of each range of what hides, reorders or isn't XML", function()
    for code, others in pairs {
      [0xAD] = { 0xAC, 0xAE }, [0x61C] = { 0x61B, 0x61D }, [0x200F] = { 0x2010 },
      [0x2028] = { 0x2027 }, [0x202E] = { 0x2030 }, [0x206F] = { 0x2070 },
      [0xFEFF] = { 0xFEFE, 0xFF01 }, [0xFFFB] = { 0xFFFC }, [0xFFFE] = { 0xFFFD },
      [0xFFFF] = { 0x10000 }, [0xE0000] = {}, [0xE007F] = {}, [0x10FFFF] = {},
    } do
      assert.equal(("a\\u{%04x}b"):format(code), unicode.visible("a" .. utf8.char(code) .. "b"))
      for _, other in ipairs(others) do
        assert.equal(utf8.char(other), unicode.visible(utf8.char(other)))
      end
    end
  end)

  -- Of each line of Default_Ignorable_Code_Point and White_Space in Unicode's lists the ends, and
  -- other blanks.
  local UNSEEN = { 0xA0, 0x34F, 0x115F, 0x1160, 0x1680, 0x17B4, 0x17B5, 0x180B, 0x180E, 0x180F,
    0x2000, 0x200A, 0x200B, 0x200D, 0x202F, 0x205F, 0x2060, 0x2065, 0x2800, 0x3000, 0x3164, 0xE000,
    0xFDD0, 0xFE00, 0xFE0F, 0xFFA0, 0xFFF0, 0xFFF8, 0x1BCA0, 0x1BCA3, 0x1D159, 0x1D173, 0x1D17A,
    0x1FFFF, 0xE0001, 0xE0100, 0xE0FFF, 0xF0000 }

  it("tells names apart that differ by what can't be seen", function()
    for _, code in ipairs(UNSEEN) do
      local unseen, escaped = utf8.char(code), ("\\u{%04x}"):format(code)
      assert.equal("a" .. escaped, unicode.visible("a" .. unseen))
      assert.equal("日" .. escaped .. "本", unicode.visible("日" .. unseen .. "本"))
    end
    assert.equal(u[[👩\u{200d}👧]]:gsub("\226\128\141", "\\u{200d}"),
      unicode.visible("👩‍👧"))
  end)

  it("has escapes for marks that it begins with", function()
    assert.equal([[\u{0301}\u{05b0}a]], unicode.visible(u[[\u{301}\u{5B0}a]]))
    assert.equal([[\u{0301}]], unicode.visible(u[[\u{301}]]))
  end)

  it("has escapes for spaces at its ends", function()
    assert.equal([[\x20]], unicode.visible(" "))
    assert.equal([[\x20\x20a  b\x20]], unicode.visible("  a  b "))
    assert.equal([[\x20日\x20]], unicode.visible(" 日 "))
  end)

  it("has escapes for bytes that aren't UTF-8", function()
    assert.equal([[\xff\xfe日\xe6\x97]], unicode.visible(u[[\xFF\xFE日\xE6\x97]]))
  end)

  it("may keep its tabs and ends of lines", function()
    assert.equal("a\tb\nc\rd", unicode.visible_lines("a\tb\nc\rd"))
    assert.equal([[\x00\x0b\x1b\u{2028}\xff]] .. "\n日",
      unicode.visible_lines(u"\0\v\27\\u{2028}\\xFF\n日"))
  end)
end)

describe("The paragraphs of a text", function()
  it("are what empty lines part, each on one line with one space between words", function()
    assert.same({ "one two three", "four", "five", "six" },
      unicode.paragraphs("\n \n one \t two\nthree \n\nfour\n \t\nfive\n\n\n\nsix"))
    assert.same({ "a b", "c", "d" }, unicode.paragraphs("a\r\nb\r\n\r\nc\r\rd\r"))
  end)

  it("are visible", function()
    assert.same({ [[a\x1b\xff\u{2028}]], "日" }, unicode.paragraphs(u"a\27\\xFF\\u{2028}\n\n日"))
  end)

  it("are none where there are no words", function()
    assert.same({}, unicode.paragraphs(""))
    assert.same({}, unicode.paragraphs(" \t\r\n\n \n"))
  end)
end)

describe("Valid text", function()
  it("keeps what is UTF-8, also what isn't visible", function()
    for _, text in ipairs { "", "plain", "\0\27\n", u[[\u{202E}\u{FFFE}\u{E0001}]], "日本語" } do
      assert.equal(text, unicode.valid(text))
    end
  end)
end)

describe("Harmful characters", function()
  it("can be replaced by anything, or kept", function()
    local given = {}
    local text = u"a\n\\u{2028}\\xFFé"
    assert.equal(u[[a<>\u{2028}<>é]], unicode.replace_harmful(text, function(code, byte)
      given[#given + 1] = { code, byte }
      return code ~= 0x2028 and "<>" or nil
    end))
    assert.same({ { 10, 10 }, { 0x2028, 0xE2 }, { nil, 0xFF } }, given)
  end)
end)

describe("The width of text", function()
  it("is one column for most characters", function()
    assert.equal(0, unicode.width(""))
    assert.equal(4, unicode.width("a b~"))
    assert.equal(4, unicode.width("é█…–"))
    assert.equal(8, unicode.width("─│▁█▒日é"))
    assert.equal(1, unicode.width(u[[\u{FFFD}]]))
  end)

  it("is two for those of East Asia and for pictures", function()
    assert.equal(6, unicode.width("日本語"))
    assert.equal(8, unicode.width("ｗｉｄｅ"))
    assert.equal(2, unicode.width("한"))
    assert.equal(2, unicode.width("👩"))
    assert.equal(2, unicode.width("✅"))
    assert.equal(1, unicode.width("ﾃ")) -- a half-width form
  end)

  it("is two from the first to the last of a range, and not beyond", function()
    for _, range in ipairs { { 0x231A, 0x231B }, { 0x4E00, 0xA4CF }, { 0xAC00, 0xD7A3 },
      { 0xFF01, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F680, 0x1F6FF }, { 0x20000, 0x3FFFD } } do
      assert.equal(1, unicode.width(utf8.char(range[1] - 1)))
      assert.equal(2, unicode.width(utf8.char(range[1])))
      assert.equal(2, unicode.width(utf8.char(range[2])))
      assert.equal(1, unicode.width(utf8.char(range[2] + 1)))
    end
  end)

  it("is none for what joins the character before", function()
    assert.equal(1, unicode.width(u[[e\u{301}]]))
    assert.equal(2, unicode.width(u[[👍\u{1F3FD}]]))
    assert.equal(6, unicode.width("👩‍👩‍👧"))
    assert.equal(1, unicode.width(u[[\u{2764}\u{FE0F}]]))
  end)

  it("is one for each byte that isn't UTF-8", function()
    assert.equal(3, unicode.width(u[[a\xFF\xFE]]))
    assert.equal(4, unicode.width(u[[日\xE6\x97]]))
  end)
end)

describe("The characters of text", function()
  it("are apart, but for escapes, and for marks with the character before", function()
    assert.same({}, unicode.units(""))
    assert.same({ "a", [[\x1b]], "日", u[[e\u{301}\u{302}]], [[\\n]], [[\]], "q", [[\u{202e}]] },
      unicode.units([[a\x1b]] .. u[[日e\u{301}\u{302}]] .. [[\\n\q\u{202e}]]))
  end)
end)

describe("A prefix of text", function()
  it("takes up to its width", function()
    assert.equal("", unicode.prefix("abc", 0))
    assert.equal("ab", unicode.prefix("abc", 2))
    assert.equal("abc", unicode.prefix("abc", 3))
    assert.equal("abc", unicode.prefix("abc", 9))
    assert.equal("abc", unicode.prefix("abc", math.huge))
    assert.equal("", unicode.prefix("", 3))
  end)

  it("never has half of a character", function()
    assert.equal("", unicode.prefix("日本語", 1))
    assert.equal("日", unicode.prefix("日本語", 2))
    assert.equal("日", unicode.prefix("日本語", 3))
    assert.equal("日本", unicode.prefix("日本語", 4))
    assert.equal("a日", unicode.prefix("a日本語", 4))
  end)

  it("has what joins its last character", function()
    assert.equal(u[[e\u{301}]], unicode.prefix(u[[e\u{301}a]], 1))
    assert.equal(u[[e\u{301}a\u{302}]], unicode.prefix(u[[e\u{301}a\u{302}b]], 2))
  end)

  it("counts bytes that aren't UTF-8 as its width does", function()
    assert.equal(u[[a\xFF]], unicode.prefix(u[[a\xFF\xFE]], 2))
  end)
end)

describe("A suffix of text", function()
  it("takes up to its width", function()
    assert.equal("", unicode.suffix("abc", -1))
    assert.equal("", unicode.suffix("abc", 0))
    assert.equal("bc", unicode.suffix("abc", 2))
    assert.equal("abc", unicode.suffix("abc", 3))
    assert.equal("abc", unicode.suffix("abc", 9))
    assert.equal("", unicode.suffix("", 3))
  end)

  it("never has half of a character", function()
    assert.equal("", unicode.suffix("日本語", 1))
    assert.equal("語", unicode.suffix("日本語", 2))
    assert.equal("語", unicode.suffix("日本語", 3))
    assert.equal("本語", unicode.suffix("日本語", 4))
    assert.equal("語a", unicode.suffix("日本語a", 4))
    assert.equal("é€😀", unicode.suffix("né€😀", 4))
  end)

  it("has what joins its last character", function()
    assert.equal(u[[e\u{301}]], unicode.suffix(u[[ae\u{301}]], 1))
    assert.equal(u[[be\u{301}]], unicode.suffix(u[[abe\u{301}]], 2))
    assert.equal(u[[👍\u{1F3FD}]], unicode.suffix(u[[a👍\u{1F3FD}]], 2))
  end)

  it("doesn't begin with what joins the character before", function()
    assert.equal("a", unicode.suffix(u[[e\u{301}a]], 1))
    assert.equal("", unicode.suffix(u[[e\u{301}]], 0))
    assert.equal("", unicode.suffix(u[[a👍\u{1F3FD}]], 1))
    assert.equal("👧", unicode.suffix("👩‍👩‍👧", 2))
    assert.equal("👩‍👧", unicode.suffix("👩‍👩‍👧", 5))
  end)
end)

describe("A name", function()
  it("is shown as it is", function()
    for _, name in ipairs { "read_file", "a/b:c-d.e", "run (twice)", "App\\Search", "日本語", "é",
      "(other)", "(5 other tools)", "it's", '"a" b', "👩" } do
      assert.equal(name, unicode.name(name))
    end
  end)

  it("has what doesn't look like another's", function()
    for name, shown in pairs {
      [""] = '""', ["(none)"] = '"(none)"', ["all tools"] = '"all tools"', ['""'] = [[""""]],
      ["\\n"] = [[\\n]], ["\\x20"] = [[\\x20]], ["\\u{200b}"] = [[\\u{200b}]],
      [u[[\u{200B}]]] = [[\u{200b}]], ["\\\n"] = [[\\\n]], ["a  b"] = [[a \x20b]],
      [u[[e\u{301}]]] = [[e\u{0301}]], [u[[\u{212A}]]] = [[\u{212a}]],
      [u[[か\u{3099}]]] = [[か\u{3099}]], [u[[\u{1100}\u{1161}]]] = u[[\u{1100}]] .. [[\u{1161}]],
    } do
      assert.equal(shown, unicode.name(name))
    end
  end)

  -- What other names could be taken for, in any order.
  local PIECES = { "a", "n", "\n", "\\", "x20", "u{00e9}", " ", "é", '"', "(", ")", "\255" }

  --- Calls `f` with every text of up to `count` pieces.
  local function each_text(count, f, text)
    f(text or "")
    for _, piece in ipairs(count > 0 and PIECES or {}) do
      each_text(count - 1, f, (text or "") .. piece)
    end
  end

  it("looks like no other, also in ASCII", function()
    local seen, alike = { {}, {} }, {}
    each_text(4, function(name)
      local shown = unicode.name(name)
      for i, text in ipairs { shown, unicode.ascii(shown) } do
        alike[#alike + 1] = (seen[i][text] or name) ~= name and { seen[i][text], name } or nil
        seen[i][text] = name
      end
      alike[#alike + 1] = unicode.visible(shown) ~= shown and { name } or nil
    end)
    assert.same({}, alike)
  end)
end)
