local command = require("spec.support.command")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local lfs = require("lfs")
local process = require("spec.support.process")

local COMMANDS = { "report", "show", "tail", "top", "compare", "check", "replay", "merge",
  "convert", "export", "push", "serve", "import", "completion" }

local directory, path

setup(function()
  directory = directories.make()
  path = directory .. "/a.run"
  local tracker = exectrack.new(5000) -- more text than a pipe holds
  for i = 1, 5000 do
    tracker:record { tool = "a tool with quite a long name", status = "success", duration_ms = i,
      timestamp = i }
  end
  assert(tracker:snapshot():save(path))
end)

teardown(function()
  directories.remove(directory)
end)

--- Asserts that the command is wrong usage, and what it says.
local function assert_usage(problem, help, arguments)
  local stdout, stderr, code = command.run(arguments)
  assert.equal(("exectrack: %s (see %s --help)\n"):format(problem, help), stderr)
  assert.equal("", stdout)
  assert.equal(2, code)
end

describe("the command", function()
  it("prints its version", function()
    local stdout, stderr, code = command.run("--version")
    assert.equal(exectrack._VERSION .. "\n", stdout)
    assert.equal("", stderr)
    assert.equal(0, code)
  end)

  it("prints help, with every subcommand, examples and exit codes", function()
    for _, option in ipairs { "--help", "-h" } do
      local stdout, stderr, code = command.run(option)
      assert.equal("", stderr)
      assert.equal(0, code)
      for _, name in ipairs(COMMANDS) do
        assert.truthy(stdout:find("\n   " .. name .. " +%u"), name)
      end
      assert.truthy(stdout:find("\nExamples:\n   exectrack ", 1, true))
      assert.truthy(stdout:find("\n   141   standard output was closed before all was written\n$"))
    end
  end)

  --- What a subcommand says below its options.
  local function epilog_of(name)
    local epilog
    local any = setmetatable({}, { __index = function(any, method)
      return function(_, text)
        epilog = method == "epilog" and text or epilog
        return any
      end
    end })
    require("exectrack.command." .. name).describe(any, function(option) return option end)
    return epilog
  end

  it("prints help of each subcommand, within 80 columns, with examples and exit codes", function()
    for _, name in ipairs(COMMANDS) do
      local stdout, stderr, code = command.run(name .. " --help")
      assert.equal("", stderr)
      assert.equal(0, code)
      assert.truthy(stdout:find("^Usage: exectrack " .. name .. " "), name)
      assert.truthy(stdout:find("\nExamples:\n   exectrack " .. name .. " ", 1, true), name)
      assert.truthy(stdout:find("\n\n" .. epilog_of(name) .. "\n\nExit codes:\n   0     done\n", 1,
        true), name) -- with its own line ends
      for line in stdout:gmatch("[^\n]+") do
        assert.is_true(#line <= 80, line)
      end
    end
  end)

  it("calls arguments in help what they are", function()
    for name, arguments in pairs { report = { "RUN" }, show = { "RUN" }, tail = { "RUN" },
      top = { "RUN" }, replay = { "RUN" }, merge = { "RUN" }, convert = { "RUN" },
      export = { "RUN" }, serve = { "RUN" }, import = { "FILE" },
      compare = { "BEFORE", "AFTER" } } do
      local help = command.run(name .. " --help")
      for _, argument in ipairs(arguments) do
        assert.truthy(help:match("^Usage: (.-)\n\n"):find(argument, 1, true), name)
        assert.truthy(help:find("\n   " .. argument .. " ", 1, true), name)
      end
    end
  end)

  it("prints help for nothing, as an error", function()
    local help = command.run("--help")
    local stdout, stderr, code = command.run("")
    assert.equal("", stdout)
    assert.equal(help, stderr)
    assert.equal(2, code)
  end)

  it("names the subcommand and the option that were meant", function()
    local known = " Known: " .. table.concat(COMMANDS, ", ")
    assert_usage("unknown command 'reprot': did you mean 'report'?" .. known, "exectrack",
      "reprot " .. path)
    assert_usage("unknown command 'frobnicate'." .. known, "exectrack", "frobnicate")
    assert_usage("unknown command ''." .. known, "exectrack", "''")
    assert_usage("unknown command 'a\\n\\x1b[31m'." .. known, "exectrack", "'a\n\27[31m'")
    assert_usage("unknown option '--versio': did you mean '--version'?", "exectrack", "--versio")
    assert_usage("unknown option '--fromat': did you mean '--format'?", "exectrack report",
      "report --fromat csv")
    assert_usage("unknown option '-x'", "exectrack show", "show -x")
  end)

  it("says how to report on a run that stands in place of a subcommand", function()
    local report = "to report on this run: exectrack report "
    assert_usage(("unknown command '%s': %s%s"):format(path, report, path), "exectrack", path)
    assert_usage(("unknown command '%s#a': %s'%s#a'"):format(path, report, path), "exectrack",
      path .. "#a")
    assert(lfs.mkdir(directory .. "/some runs"))
    assert_usage(("unknown command '%s/some runs': %s'%s/some runs'"):format(directory, report,
      directory), "exectrack", command.quote(directory .. "/some runs"))
    for _, name in ipairs { "no.run", "no.run#a", "no/folder" } do
      assert_usage(name .. ": No such file or directory; exectrack report RUN reports on a run",
        "exectrack", name)
    end
  end)

  it("says where reports, help and the version are", function()
    for _, name in ipairs { "overview", "failures", "latency", "loops", "sessions" } do
      assert_usage(("unknown command '%s': it is a report, exectrack report RUN --report %s")
        :format(name, name), "exectrack", name .. " " .. path)
    end
    for _, name in ipairs { "help", "version" } do
      assert_usage(("unknown command '%s': it is an option, --%s"):format(name, name), "exectrack",
        name .. " report")
    end
  end)

  it("says which argument is missing, or too many", function()
    assert_usage("missing argument 'RUN'", "exectrack report", "report")
    assert_usage("missing argument 'RUN'", "exectrack show", "show -n 5")
    assert_usage("missing argument 'AFTER'", "exectrack compare", "compare a.run")
    assert_usage("missing argument 'RUN'", "exectrack convert", "convert --to csv")
    assert_usage("missing argument 'FILE'", "exectrack import", "import -o a.run")
    assert_usage("missing option '-o'", "exectrack merge", "merge a.run")
    assert_usage("missing option '--policy'", "exectrack replay", "replay a.run")
    assert_usage("too many arguments", "exectrack show", "show a.run b.run")
    assert_usage("option '--format' requires an argument", "exectrack report", "report a --format")
    assert_usage("unknown shell 'csh': did you mean 'zsh'? Known: bash, zsh, fish",
      "exectrack completion", "completion csh")
    assert_usage("a command is required", "exectrack", "--")
  end)

  it("takes a value with a dash and a digit for no option", function()
    assert_usage("--last: must be an integer of at least 0, got '-1'", "exectrack report",
      "report a.run --last -1")
    assert_usage("-n: must be an integer of at least 0, got '-1'", "exectrack show",
      "show -n -1 a.run")
    assert_usage("--max-calls: '-1': expected an integer of at least 0; for one tool, its name and "
      .. "= before it", "exectrack check", "check a.run --max-calls -1")
    assert_usage("unknown option '-1'", "exectrack show", "show -1")
    local _, stderr, code = command.run("report --ascii -- -1.run")
    assert.same({ "exectrack: missing argument 'RUN' (see exectrack report --help)\n", 2 },
      { stderr, code })
    assert.same({ "", 0 }, { select(2, command.run("tail --timezone -05:00 -n 1 " .. path)) })
    _, stderr = command.run("merge -o /tmp -- -1.run")
    assert.equal("exectrack: -1.run: No such file or directory\n", stderr)
  end)

  it("shows an empty path", function()
    local _, stderr, code = command.run("report ''")
    assert.same({ "exectrack: '': No such file or directory\n", 1 }, { stderr, code })
  end)

  it("says how to get argparse if it isn't there", function()
    local without = "LUA_PATH='lua/?.lua;lua/?/init.lua'"
    for _, arguments in ipairs { "--help", "show " .. path, "report --ascii " .. path } do
      local stdout, stderr, code = command.run(arguments, without)
      assert.equal("", stdout)
      assert.equal("exectrack: argparse isn't installed: luarocks install argparse, "
        .. "or on Debian apt-get install lua-argparse\n", stderr)
      assert.equal(1, code)
    end
  end)
end)

describe("standard output", function()
  it("that is closed early is an exit code of its own, and no more is said", function()
    for _, arguments in ipairs { "show -n 5000 " .. path, "report --help" } do
      local early = directory .. "/early"
      process.run("mkfifo " .. early)
      -- The reader is gone before anything is written.
      local stdout, stderr, code = process.run(("sh -c 'exec 3<%s' & exec 4>%s; wait; "
        .. "%s %s >&4"):format(early, early, command.PROGRAM, arguments))
      assert.equal("", stdout)
      assert.equal("", stderr)
      assert.equal(141, code)
      os.remove(early)
    end
  end)

  it("may be cut by head", function()
    local stdout, stderr = command.run(("show -n 5000 %s | head -1"):format(path))
    assert.equal(path:match("[^/]*$") .. "\n", stdout)
    assert.equal("", stderr)
  end)

  it("that can't be written to is an error", function()
    local _, stderr, code = command.run("show " .. path .. " >/dev/full")
    assert.equal("exectrack: standard output: No space left on device\n", stderr)
    assert.equal(1, code)
    _, stderr, code = command.run("--help >/dev/full")
    assert.equal("exectrack: standard output: No space left on device\n", stderr)
    assert.equal(1, code)
    _, stderr, code = command.run("report " .. path .. " >&-")
    assert.equal("exectrack: standard output: Bad file descriptor\n", stderr)
    assert.equal(1, code)
    -- Nor is it the first file that is opened then.
    _, stderr, code = command.run("serve --listen 127.0.0.1:0 " .. path .. " >&-")
    assert.same({ "exectrack: standard output: Bad file descriptor\n", 1 }, { stderr, code })
  end)
end)
