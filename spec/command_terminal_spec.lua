local command = require("spec.support.command")
local directories = require("spec.support.directory")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")
local reports = require("exectrack.report")

local directory, path, run

setup(function()
  directory = directories.make()
  path = directory .. "/a.run"
  run = select(2, made_up.examples())
  assert(run:save(path))
end)

teardown(function()
  directories.remove(directory)
end)

--- The overview as text, with these options.
local function overview(options, words)
  return reports.render(command.report("overview", run, { path },
    { timezone = options.timezone }, words), "text", options)
end

--- Asserts what is printed in a terminal of 100 columns.
local function assert_shows(expected, arguments, before)
  local output, code = command.run_in_terminal(100, "report " .. path .. (arguments or ""), before)
  assert.equal(expected, output)
  assert.equal(0, code)
end

local function assert_prints(expected, arguments, before)
  local stdout, stderr, code = command.run("report " .. path .. (arguments or ""), before)
  assert.equal(expected, stdout)
  assert.equal("", stderr)
  assert.equal(0, code)
end

describe("in a terminal, a report", function()
  it("is coloured and as wide as the terminal", function()
    assert_shows(overview { width = 100, color = true })
    assert.truthy(overview({ color = true }):find("\27[", 1, true))
  end)

  it("isn't coloured with NO_COLOR, unless that is empty, or on a dumb terminal", function()
    assert_shows(overview { width = 100 }, "", "NO_COLOR=1")
    assert_shows(overview { width = 100, color = true }, "", "NO_COLOR=")
    assert_shows(overview { width = 100 }, "", "TERM=dumb")
  end)

  it("is coloured as --color says", function()
    assert_shows(overview { width = 100 }, " --color never")
    assert_shows(overview { width = 100, color = true }, " --color auto")
    assert_shows(overview { width = 100, color = true }, " --color always", "NO_COLOR=1 TERM=dumb")
  end)

  it("is as wide as --width says, else as COLUMNS does", function()
    assert_shows(overview { width = 60, color = true }, "", "COLUMNS=60")
    assert_shows(overview { width = 70, color = true }, " --width 70", "COLUMNS=60")
    assert_shows(overview { width = 100, color = true }, "", "COLUMNS=0")
  end)

  it("isn't too narrow to be drawn", function()
    local output = command.run_in_terminal(5, "report " .. path)
    assert.equal(overview { width = 20, color = true }, output)
    output = command.run_in_terminal(0, "report " .. path) -- it doesn't know
    assert.equal(overview { width = 80, color = true }, output)
  end)

  it("is drawn with ASCII if the first variable of a locale that is set isn't of UTF-8", function()
    for before, is_ascii in pairs {
      ["LC_ALL=C"] = true, ["LANG=de_DE.ISO-8859-1"] = true, ["LANG=C.UTF-8"] = false,
      ["LC_CTYPE=POSIX LANG=C.utf8"] = true, ["LC_ALL= LC_CTYPE=en_GB.utf8 LANG=C"] = false,
      ["LC_ALL=C.UTF-8 LC_CTYPE=C LANG=C"] = false, ["LANG="] = false,
    } do
      assert_prints(overview { ascii = is_ascii }, "", before)
    end
  end)

  it("has times of another zone on request", function()
    assert_prints(overview({ timezone = 120 }, " --timezone +02:00"), " --timezone +02:00")
  end)

  it("that goes elsewhere is neither coloured nor as wide", function()
    local file = directory .. "/out.txt"
    assert_shows("", " -o " .. file)
    assert.equal(overview {}, process.read_file(file))
    assert_shows("", " > " .. file)
    assert.equal(overview {}, process.read_file(file))
    assert_shows(overview {}, " | cat")
  end)

  it("is followed by nothing else", function()
    local output, code = command.run_in_terminal(80, "report " .. directory .. "/no.run")
    assert.equal("exectrack: " .. directory .. "/no.run: No such file or directory\n", output)
    assert.equal(1, code)
  end)
end)

describe("in a terminal", function()
  it("no run is written, and nothing is read for one", function()
    for arguments, name in pairs { ["merge -o - missing.run"] = "standard output",
      ["import missing.jsonl -o /dev/stdout"] = "/dev/stdout",
      ["import missing.jsonl -o -"] = "standard output" } do
      local output, code = command.run_in_terminal(100, arguments)
      assert.equal(("exectrack: %s: it is a terminal, and a run isn't text "
        .. "(see exectrack %s --help)\n"):format(name, arguments:match("^%a+")), output)
      assert.equal(2, code)
    end
  end)

  it("no format is written that isn't text", function()
    for argument, name in pairs { [""] = "standard output", [" -o /dev/stdout"] = "/dev/stdout" } do
      local output, code = command.run_in_terminal(100,
        "export " .. path .. " --to otlp --signal metrics" .. argument)
      assert.equal("exectrack: " .. name .. ": it is a terminal, and otlp isn't text "
        .. "(see exectrack export --help)\n", output)
      assert.equal(2, code)
    end
    local output = command.run_in_terminal(100, "export " .. path .. " --to prometheus")
    assert.equal("# HELP exectrack_build_info", output:sub(1, 27))
  end)

  it("even an error that nobody expected does no harm", function()
    local output = command.run_in_terminal(100, "show " .. path,
      [[LUA_INIT='package.preload["exectrack.command.show"] = function() error("a\27[2Jb") end']])
    assert.truthy(output:find("a\\x1b[2Jb\nstack traceback:\n\t", 1, true))
    assert.is_nil(output:find("\27", 1, true))
  end)
end)

describe("without a terminal, a report", function()
  it("is 80 columns wide, or as --width or COLUMNS say", function()
    assert_prints(overview { width = 80 })
    assert_prints(overview { width = 60 }, "", "COLUMNS=60")
    for _, none in ipairs { "", "0", "00", "wide" } do
      assert_prints(overview { width = 80 }, "", "COLUMNS=" .. none)
    end
    assert_prints(overview { width = 60 }, "", "COLUMNS=060")
    assert_prints(overview { width = 120 }, " --width 120", "COLUMNS=60")
  end)

  it("is neither too narrow nor too wide to be drawn", function()
    assert_prints(overview { width = 20 }, "", "COLUMNS=1")
    assert_prints(overview { width = 1000 }, "", "COLUMNS=99999")
  end)

  it("is drawn with ASCII on request", function()
    assert_prints(overview { ascii = true }, " --ascii")
  end)

  it("is coloured only if --color says so", function()
    assert_prints(overview { color = true }, " --color always", "NO_COLOR=1")
    local file = directory .. "/colored.txt"
    assert_prints("", " --color always -o " .. file)
    assert.equal(overview { color = true }, process.read_file(file))
  end)
end)
