local import_command = require("spec.support.import_command")

-- A decoder of lines such as `grep 0 12.5`.
local DECODER = [[
local format = require("exectrack.format")
return function(pieces, options)
  local next_line = format.lines(pieces, options.max_line_bytes)
  return function()
    local number, line, problem = next_line()
    if not line then
      return number, nil, problem
    end
    local tool, code, ms = line:match("^(%S+) (%d+) (%S+)$")
    if not tool then
      return number, nil, "three words expected"
    end
    return number, { tool = tool, status = code == "0" and "success" or "failed",
      duration_ms = tonumber(ms) }
  end
end
]]

describe("exectrack import --script", function()
  local import

  before_each(function()
    import = import_command.new()
  end)

  after_each(function()
    import:remove()
  end)

  --- Imports a log with a script. Returns what is printed and the exit code.
  local function run(script, log, options)
    import:write("decoder.lua", script)
    import:write("a.log", log or "grep 0 12.5\nls 1 3\n")
    return import:shell(import.command("import a.log --script decoder.lua -o a.run "
      .. (options or "")))
  end

  it("records what the script returns", function()
    local stdout, stderr, code = run(DECODER)
    assert.same({ "a.run: 2 executions of 2 tools\n2 undated\n", "", 0 }, { stdout, stderr, code })
    local made = import:load("a.run")
    assert.same({ "grep", "ls" }, made:column("tool"))
    assert.same({ "success", "failed" }, made:column("status"))
    assert.same({ 12.5, 3 }, made:column("duration_ms"))
  end)

  it("gives it the options of mapping, and prints the notes that it returns", function()
    local stdout, stderr, code = run([[
      local format = require("exectrack.format")
      return function(pieces, options)
        assert(options.max_line_bytes == 100 and options.measures[1] == "cost")
        local text = pieces():gsub("(%S+) (%d) (%S+)", '{"cmd":"%1","rc":%2,"took":%3}')
        local is_done = false
        return format.jsonl.decode(function()
          if not is_done then
            is_done = true
            return text
          end
        end, options)
      end
    ]], nil, "--map tool=cmd --map status=rc --status 0=success --status 1=failed --strict "
      .. "--duration-unit s --max-line 100 --measure cost")
    assert.same({ "a.run: 2 executions of 2 tools\n2 undated\n"
      .. "taken: tool from cmd, status from rc, duration from took (s)\n", "", 0 },
      { stdout, stderr, code })
    assert.same({ 12500, 3000 }, import:load("a.run"):column("duration_ms"))
  end)

  it("names what is wrong with a line, or skips it", function()
    local log = "grep 0 12.5\nls\nls 0 -1\n"
    assert.same({ "", "exectrack: a.log:2: three words expected\n", 1 }, { run(DECODER, log) })
    assert.same({ "a.run: 1 execution of 1 tool\n1 undated\n"
      .. "skipped 2 lines, the first: a.log:2: three words expected\n", "", 0 },
      { run(DECODER, log, "--skip-bad") })
    assert.same({ "", "exectrack: a.log:1: duration_ms: milliseconds must be finite and not "
      .. "negative, got -1\n", 1 }, { run(DECODER, "ls 0 -1") })
  end)

  it("names the script's file and line for its errors, and saves nothing", function()
    for script, problem in pairs {
      ["return )"] = "decoder.lua:1: unexpected symbol near ')'",
      ["error('no')"] = "decoder.lua:1: no",
      ["return 5"] = "decoder.lua: it returns a number: a function expected",
      ["\nreturn function() error({ message = 'lost' }) end"] = "decoder.lua:2: lost",
      ["\nreturn function() end"] = "decoder.lua:2: it returned nothing: an iterator expected",
      ["\nreturn function() return {} end"] =
        "decoder.lua:2: it returned a table: an iterator expected",
      ["return function()\nreturn function()\nlocal x = nil + 1 end end"] =
        "decoder.lua:3: attempt to perform arithmetic on a nil value",
      ["return function()\nreturn function() return nil end, function()\nerror('a') end end"] =
        "decoder.lua:3: a",
      ["return function(pieces)\nrequire('exectrack.format').lines(5) end"] =
        "decoder.lua:2: format.lines: a function expected, got 5",
    } do
      for _, options in ipairs { "", "--skip-bad" } do
        local stdout, stderr, code = run(script, nil, options)
        assert.same({ "", "exectrack: " .. problem .. "\n", 1 }, { stdout, stderr, code })
        assert.same({ "a.log", "decoder.lua" }, import:files())
      end
    end
    local _, stderr, code = import:shell(import.command("import a.log --script no.lua -o a.run"))
    assert.same({ "exectrack: no.lua: No such file or directory\n", 1 }, { stderr, code })
  end)

  it("says what a place is worth, and what isn't an execution", function()
    local script = "local done\nreturn function()\nreturn function() if not done then done = true "
      .. "return %s end end end"
    for returned, problem in pairs {
      ["'calls[7]', nil, 'odd'"] = "a.log: calls[7]: odd",
      ["'', nil, 'odd'"] = "a.log: odd",
      ["7, 'odd'"] = "a.log:7: a table of fields expected, got string",
      ["7, nil, 'odd', true"] = "a.log:7: odd",
      ["7, { tool = 'a' }"] = "a.log:7: status: string expected, got nil",
    } do
      assert.same({ "", "exectrack: " .. problem .. "\n", 1 },
        { run(script:format(returned)) })
    end
  end)

  it("names the script if what it returns is wrong, even with --skip-bad", function()
    local place = "a place, a number or a string, expected before an execution, got "
    for returned, problem in pairs {
      ["nil, {}"] = "3: " .. place .. "nil",
      ["nil, nil, 'odd'"] = "3: " .. place .. "nil",
      ["false"] = "3: " .. place .. "boolean",
      ["{ tool = 'a', status = 'success' }"] = "3: " .. place .. "table",
      ["7, nil, {}"] = "3: what is wrong with an execution: a string expected, got table",
      ["nil end, {}, function()"] = "2: notes: a function expected, got table",
      ["nil end, function()"] = "3: notes: an array expected, got nil",
      ["nil end, function() return 'a'"] = "3: notes: an array expected, got string",
      ["nil end, function() return { 'a', 5 }"] = "3: notes: element 2: a string expected, got 5",
    } do
      for _, options in ipairs { "", "--skip-bad" } do
        assert.same({ "", "exectrack: decoder.lua:" .. problem .. "\n", 1 },
          { run("\nreturn function()\nreturn function() return " .. returned .. " end end", nil,
            options) })
        assert.same({ "a.log", "decoder.lua" }, import:files())
      end
    end
  end)

  it("goes no further after what is fatal, even with --skip-bad", function()
    local script = "local n = 0 return function() return function() n = n + 1 "
      .. "return n, nil, 'odd', n == 2 end end"
    assert.same({ "", "exectrack: a.log:2: odd\n", 1 }, { run(script, nil, "--skip-bad") })
  end)

  it("ends at an interruption", function()
    local _, stderr, code = run("return function() return function() "
      .. "error('interrupted!', 0) end end")
    assert.same({ "exectrack: interrupted\n", 130 }, { stderr, code })
  end)
end)
