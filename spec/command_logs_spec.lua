local import_command = require("spec.support.import_command")
local transcript = require("spec.support.transcript")

local ENVIRONMENT = "unset CLAUDE_CONFIG_DIR CODEX_HOME GEMINI_CLI_HOME COLUMNS\nHOME=$PWD "

describe("reports on the logs that agents keep", function()
  local home

  before_each(function()
    home = import_command.new()
    home:shell("mkdir -p .claude/projects/-srv-a .claude/projects/-srv-b .gemini/tmp/c/chats")
    home:write(".claude/projects/-srv-a/1.jsonl",
      transcript.claude("s1", 10, { "make", "make test" }))
    home:write(".claude/projects/-srv-b/2.jsonl", transcript.claude("s2", 11, { "git log" }))
    home:write(".gemini/tmp/c/chats/3.json", transcript.gemini("s3", "read_file"))
    home:shell("mkdir -p .codex/sessions/2026/01/01")
    home:write(".codex/sessions/2026/01/01/rollout-4.jsonl",
      transcript.codex("s4", "/srv/b", "ls"))
    home:shell("TZ=UTC touch -t 202601011200.00 .claude/projects/*/* .gemini/tmp/c/chats/*")
  end)

  after_each(function()
    home:remove()
  end)

  --- Runs the command. Returns what it prints on standard output, on standard error and its exit
  -- code.
  local function run(arguments)
    return home:shell(ENVIRONMENT .. home.command(arguments))
  end

  --- Asserts the lines of the table of tools in the overview, and what is on standard error.
  local function assert_tools(expected, arguments, problem)
    local stdout, stderr, code = run("report --format csv --section 'By tool' " .. arguments)
    assert.same({ problem or "", 0 }, { stderr, code })
    local tools = {}
    for tool, count in stdout:gmatch("\n([^,]+),(%d+)") do
      tools[#tools + 1] = tool .. " " .. count
    end
    assert.equal(expected, table.concat(tools, ", "))
  end

  local function assert_error(problem, arguments, expected_code)
    local stdout, stderr, code = run(arguments)
    local help = expected_code == 2
      and (" (see exectrack %s --help)"):format(arguments:match("%a+")) or ""
    assert.same({ "", "exectrack: " .. problem .. help .. "\n", expected_code or 1 },
      { stdout, stderr, code })
  end

  it("are on those of one program, or of several", function()
    assert_tools("Bash:make 2, Bash:git 1", "--claude")
    assert_tools("read_file 1", "--gemini")
    assert_tools("shell:ls 1", "--codex")
    assert_tools("Bash:git 1, shell:ls 1", "--codex --claude --project /srv/b")
    assert_tools("Bash:make 2, Bash:git 1, read_file 1", "--claude --gemini")
    assert.equal("Claude Code, Gemini CLI",
      ((run "report --claude --gemini"):match("^[^\n]*")))
  end)

  it("write nothing", function()
    local before = home:shell("find . | sort")
    run "report --claude --gemini"
    run "show --claude"
    assert.equal(before, (home:shell("find . | sort")))
  end)

  it("are on those of a project, or since then", function()
    assert_tools("Bash:make 2", "--claude --project /srv/a")
    assert_tools("Bash:git 1", "--claude --since 2026-01-01T10:30")
    assert.matches("\nChosen: since 2026-01-01T12:30 +02:00\n",
      run("report --claude --since 2026-01-01T12:30 --timezone +02:00"), 1, true)
    home:shell("touch .claude/projects/-srv-a/1.jsonl")
    assert_error("no logs of Gemini CLI since then in: " .. home.path .. "/.gemini/tmp",
      "report --gemini --since 1h")
    local stdout = run("report --claude --since 1h")
    assert.truthy(stdout:find("\n0 of 2 executions\n", 1, true)) -- not those of the old file
    for arguments, expected in pairs { show = ",1,3,2,0,1,",
        ["compare a.run"] = "\nafter,Claude Code,2026-01-01T11:00:00." } do
      run("import .claude/projects/-srv-a/1.jsonl -o a.run")
      stdout = run(arguments .. " --claude --since 2026-01-01T10:30 --format csv --section 1")
      assert.truthy(stdout:find(expected, 1, true), stdout)
    end
  end)

  it("name calls, and take those of models, as they are told", function()
    assert_tools("Bash 3", "--claude --no-tool-from")
    assert_tools("Bash 3", "--claude --tool-from cmd")
    assert_tools("model:m 3, Bash:make 2, Bash:git 1", "--claude --model-calls")
  end)

  it("are on saved runs and logs together", function()
    home:write("calls.jsonl", '{"tool":"a","ok":true,"ts":1767225600}\n')
    run "import calls.jsonl -o a.run"
    assert_tools("Bash:make 2, Bash:git 1, a 1", "a.run --claude")
    assert_tools("Bash:make 2, a 2, Bash:git 1", "a.run --claude a.run",
      "exectrack: a.run and a.run are of the same run: what is in both counts twice\n")
    assert_error("none.run: No such file or directory", "report none.run --claude")
  end)

  it("say which lines were skipped", function()
    home:write(".claude/projects/-srv-b/4.jsonl", "{\n[]\n"
      .. transcript.claude("s4", 12, { "ls" }))
    assert_tools("Bash:git 1, Bash:ls 1", "--claude --project /srv/b",
      "exectrack: skipped 2 lines, the first: " .. home.path
        .. "/.claude/projects/-srv-b/4.jsonl:1: byte 2: the text ends too early\n")
  end)

  it("read files whose beginning doesn't tell what they are", function()
    home:write(".claude/projects/-srv-b/5.jsonl", ('{"type":"new"}\n'):rep(100)
      .. transcript.claude("s5", 12, { "ls" }))
    assert_tools("Bash:git 1, Bash:ls 1", "--claude --project /srv/b",
      "exectrack: unknown kinds, skipped: new 100\n")
  end)

  it("are shown", function()
    local stdout, stderr, code = run("show --claude --project /srv/a -n 1 --format csv "
      .. "--section 'Newest executions'")
    assert.same({ "", 0 }, { stderr, code })
    assert.truthy(stdout:find("\n2026-01-01T10:00:00.004000Z,Bash:make,success,", 1, true), stdout)
    assert_error("RUN: not with --claude", "show a.run --claude", 2)
    assert_error("missing argument 'RUN'", "show", 2)
    assert_error("--project: the path of a folder expected, got ''",
      "report --claude --project=", 2)
  end)

  it("are the second side of a comparison", function()
    home:write("calls.jsonl", '{"tool":"a","ok":true,"ts":1767225600}\n')
    run "import calls.jsonl -o a.run --label before"
    local stdout, stderr, code = run "compare a.run --claude"
    assert.same({ "", 0 }, { stderr, code })
    assert.equal("Comparison of before and Claude Code", (stdout:match("^[^\n]*")))
    assert_error("AFTER: not with --gemini", "compare a.run a.run --gemini", 2)
    assert_error("missing argument 'AFTER'", "compare a.run", 2)
    assert_error("missing argument 'BEFORE'", "compare --claude", 2)
    assert_error("none.run: No such file or directory", "compare none.run --claude")
  end)

  it("are checked and replayed, also beside saved runs, and then none is skipped", function()
    home:write("policy.lua", "return function(call) return call.tool == 'Bash:git'"
      .. " and { action = 'deny' } or nil end")
    home:write("calls.jsonl", '{"tool":"a","ok":true,"ts":1767225600}\n')
    run "import calls.jsonl -o a.run"
    assert.same({ "calls of all tools: 3, at most 2 allowed: exectrack report --claude\n", "", 3 },
      { run "check --claude --max-calls 2" })
    assert.same({ "ok: 2 checks passed\n", "", 0 },
      { run "check a.run --claude --since 2026-01-01T10:30 --max-calls 1" })
    local gate = "replay --policy policy.lua --claude --fail-on successes_lost=1% --min-calls 1"
    assert.same({ "successes lost: 33.3 % of 3 successful calls, at most 1.0 % allowed: exectrack "
      .. "replay --policy policy.lua --claude\n", "", 3 }, { run(gate) })
    local stdout, stderr, code = run "replay --policy policy.lua a.run --claude"
    assert.same({ "", 0 }, { stderr, code })
    assert.equal("Policy replay of a.run, Claude Code", stdout:match("^[^\n]*"))
    assert.truthy(stdout:find("\n4 executions, ", 1, true))
    home:write(".claude/projects/-srv-b/4.jsonl", "{\n" .. transcript.claude("s4", 12, { "ls" }))
    for _, arguments in ipairs { gate, "check --claude --max-calls 2",
        "compare a.run --claude --fail-on worse" } do
      assert_error(home.path .. "/.claude/projects/-srv-b/4.jsonl:1: byte 2: the text ends too "
        .. "early", arguments)
    end
  end)

  it("have options that need logs", function()
    for _, option in ipairs { "--project x", "--model-calls", "--tool-from x", "--no-tool-from",
        "--keep-texts" } do
      for _, command in ipairs { "report a.run", "show a.run", "compare a.run b.run",
        "check a.run --max-calls 1", "replay a.run --policy a.lua" } do
        assert_error(option:match("%S+") .. ": only for the logs that --claude, --codex or "
          .. "--gemini read", command .. " " .. option, 2)
      end
    end
    assert_error("missing argument 'RUN'", "report", 2)
    assert_error("missing argument 'RUN'", "report --since 7d", 2)
    assert_error("missing argument 'RUN'", "check --max-calls 1", 2)
    assert_error("missing argument 'RUN'", "replay --policy a.lua", 2)
  end)

  it("are completed by shells", function()
    for _, name in ipairs { "report", "show", "compare", "check", "replay" } do
      for _, option in ipairs { "--claude", "--codex", "--gemini", "--project",
        "--no-tool-from" } do
        local found = run(("completion --words %s %s"):format(name, option))
        assert.equal(option .. "\n", found, name)
      end
    end
  end)
end)
