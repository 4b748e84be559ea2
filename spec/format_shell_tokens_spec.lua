local tokens_of = require("exectrack.format.shell_tokens")

--- The tokens of a command in one text: words in brackets, operators as they are.
local function tokens(command)
  local texts = {}
  for token, is_word in tokens_of(command) do
    texts[#texts + 1] = is_word and "[" .. token .. "]" or token
  end
  return table.concat(texts)
end

describe("the tokens of a shell command", function()
  local EXPECTED = {
    [""] = "",
    [" \t"] = "",
    ["git status -s"] = "[git][status][-s]",
    ["a;b&&c||d|e&f\ng"] = "[a];[b]&&[c]||[d]|[e]&[f]\n[g]",
    ["(a)"] = "([a])",
    ["a \\\n  b\\\nc"] = "[a][bc]",
    ["a \\\r\n b\r\nc"] = "[a][b]\n[c]",
    ["# no\na # no\n#"] = "\n[a]\n",
    ["a#b"] = "[a#b]",
    ["'a b'\\''c'd"] = "[a b'cd]",
    ["''"] = "[]",
    [ [["a \"b\" \$c \\ \d" e]] ] = [==[[a "b" $c \ \d][e]]==],
    [ [[x"$(f "a)" ')"')"y z]] ] = [==[[x$(f "a)" ')"')y][z]]==],
    ["$a $(b c; d) ${e f} `g h`i"] = "[$a][$][$][$i]",
    ["$(a $(b) '(' \\( \"(\") c"] = "[$][c]",
    ["A=(1 2) b"] = "[A=][b]",
    ["a >b 2>&1 <c >>'d e' &>f 2>/dev/null g"] = "[a][g]",
    ["2>x a"] = "[a]",
    ["'a"] = "[a]",
    ['"a'] = "[a]",
    ['"'] = "[]",
    ["$(a"] = "[$]",
    ["`a"] = "[$]",
    ["a\\"] = "[a]",
    ["a >"] = "[a]",
  }

  it("are words without quotes, and operators", function()
    for command, expected in pairs(EXPECTED) do
      assert.equal(expected, tokens(command), command)
    end
  end)

  it("end where the text is cut", function()
    for command in pairs(EXPECTED) do
      for last = 0, #command do
        assert.is_string(tokens(command:sub(1, last)))
      end
    end
  end)

  it("take as many brackets and quotes as there are", function()
    for _, opening in ipairs { "(", "{", "$(", '"$(', "'", '"', "`", "\\", "<", "$" } do
      assert.is_string(tokens(opening:rep(20000)))
      assert.is_string(tokens("$(" .. opening:rep(20000)))
    end
  end)
end)
