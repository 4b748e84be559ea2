local directory = require("spec.support.directory")
local process = require("spec.support.process")
local transcript = require("spec.support.transcript")

-- Prints the format and path of each log, or what is wrong.
local FIND = [[
local logs, problem = require("exectrack.command.agent_logs").find({ %s }, %s)
print(logs and problem[1] or not logs and problem or "")
for _, log in ipairs(logs or {}) do
  print(log.format, log.path)
end
]]

describe("the logs that agents keep", function()
  local home

  before_each(function()
    home = directory.make()
  end)

  after_each(function()
    directory.remove(home)
  end)

  --- Makes files of these names, with a text.
  local function make(names, text)
    for i, name in ipairs(names) do
      local path = home .. "/" .. name
      process.run("mkdir -p " .. process.quote(path:match("^(.*)/")))
      process.write_file(path, text or "")
      process.run(("TZ=UTC touch -t 202601010000.%02d %s"):format(i, process.quote(path)))
    end
  end

  --- The names of a program's logs, relative to the home folder; or what is wrong. `given` are
  -- other arguments of `find`, `variables` environment variables.
  local function find(program, given, variables)
    local script = FIND:format(program, given or "nil")
    local output, problem, code = process.run(("cd %s; unset CLAUDE_CONFIG_DIR CODEX_HOME "
      .. "GEMINI_CLI_HOME; export LUA_PATH LUA_CPATH; HOME=%s; %s %s -e %s"):format(home, home,
      variables or "", process.LUA, process.quote(script)))
    assert.same({ "", 0 }, { problem, code })
    local message, rest = output:match("^([^\n]*)\n(.*)$")
    if message ~= "" then
      return (message:gsub(home, "~"))
    end
    return (rest:gsub("%w+\t" .. home .. "/", ""))
  end

  it("are transcripts of Claude Code in either folder, the oldest first", function()
    make { ".claude/projects/-a/s2.jsonl", ".config/claude/projects/-b/s1.jsonl",
      ".claude/projects/-a/s2/subagents/agent-1.jsonl", ".claude/projects/-a/s3.jsonl.zst",
      ".claude/projects/-a/s2/subagents/journal.jsonl", ".claude/projects/-a/s2.json",
      ".claude/history.jsonl" }
    assert.equal([[
.claude/projects/-a/s2.jsonl
.config/claude/projects/-b/s1.jsonl
.claude/projects/-a/s2/subagents/agent-1.jsonl
.claude/projects/-a/s3.jsonl.zst
]], find("'claude'"))
  end)

  it("are in CLAUDE_CONFIG_DIR, a folder or several", function()
    make { "x,y/projects/-a/1.jsonl", "z/projects/-a/2.jsonl", "x/projects/-a/3.jsonl",
      ".claude/projects/-a/4.jsonl" }
    assert.equal("x,y/projects/-a/1.jsonl\n",
      find("'claude'", nil, "export CLAUDE_CONFIG_DIR=$HOME/x,y;"))
    assert.equal("z/projects/-a/2.jsonl\nx/projects/-a/3.jsonl\n",
      find("'claude'", nil, "export CLAUDE_CONFIG_DIR=$HOME/x,$HOME/z;"))
    assert.equal(".claude/projects/-a/4.jsonl\n",
      find("'claude'", nil, "export CLAUDE_CONFIG_DIR=;"))
  end)

  it("of Claude Code are of a project by the name of their folder", function()
    local long = ("x"):rep(199)
    make { ".claude/projects/-srv-a/1.jsonl", ".claude/projects/-srv-a-b/2.jsonl",
      ".claude/projects/-srv-a/s/subagents/agent-3.jsonl",
      ".claude/projects/-w--rk--2---a/4.jsonl", ".claude/projects/-" .. long .. "-1a2b3c/5.jsonl" }
    assert.equal(".claude/projects/-srv-a/1.jsonl\n"
      .. ".claude/projects/-srv-a/s/subagents/agent-3.jsonl\n", find("'claude'", "'/srv/a'"))
    assert.equal(".claude/projects/-srv-a-b/2.jsonl\n", find("'claude'", "'/srv/./c/../a_b/'"))
    assert.equal(".claude/projects/-w--rk--2---a/4.jsonl\n",
      find("'claude'", "'/w\195\182\195\182rk/.2/\240\159\152\128a'"))
    assert.equal(".claude/projects/-" .. long .. "-1a2b3c/5.jsonl\n",
      find("'claude'", "'/" .. long .. "yyy'"))
    assert.equal("no logs of Claude Code for /srv in: ~/.config/claude/projects, "
      .. "~/.claude/projects", find("'claude'", "'/srv'"))
  end)

  it("are of a project whose path is relative, or a link", function()
    process.run(("cd %s; mkdir real; ln -s real link"):format(home))
    local real = process.run("cd " .. home .. "/real; pwd -P"):gsub("\n", "")
    local name = ".claude/projects/" .. real:gsub("[^%w]", "-") .. "/1.jsonl"
    make { name, ".claude/projects/-a/2.jsonl" }
    for _, path in ipairs { "real", "./link", "real/", "x/../real", real } do
      assert.equal(name .. "\n", find("'claude'", "'" .. path .. "'"))
    end
  end)

  it("are rollouts of Codex, also archived and compressed ones", function()
    make { ".codex/sessions/2026/01/02/rollout-2026-01-02T00-00-00-1.jsonl",
      ".codex/archived_sessions/rollout-2025-01-01T00-00-00-2.jsonl",
      ".codex/sessions/2026/01/01/rollout-2026-01-01T00-00-00-3.jsonl.zst",
      ".codex/sessions/2026/01/01/other.jsonl", ".codex/history.jsonl" }
    local three = ([[
.codex/sessions/2026/01/02/rollout-2026-01-02T00-00-00-1.jsonl
.codex/archived_sessions/rollout-2025-01-01T00-00-00-2.jsonl
.codex/sessions/2026/01/01/rollout-2026-01-01T00-00-00-3.jsonl.zst
]])
    assert.equal(three, find("'codex'"))
    process.run("cd " .. home .. "; mv .codex elsewhere")
    assert.equal((three:gsub("%.codex", "elsewhere")),
      find("'codex'", nil, "export CODEX_HOME=$HOME/elsewhere;"))
    assert.equal("no logs of Codex in: ~/.codex/sessions, ~/.codex/archived_sessions",
      find("'codex'"))
  end)

  it("of Codex are of a project by their first line", function()
    make({ ".codex/sessions/rollout-1.jsonl" }, transcript.codex("s1", "/srv/a", "make"))
    make({ ".codex/sessions/rollout-2.jsonl" }, transcript.codex("s2", "/srv/b", "make"))
    make({ ".codex/sessions/rollout-3.jsonl" }, "no JSON\n")
    make({ ".codex/sessions/rollout-4.jsonl" }, '{"payload":7}\n')
    make { ".codex/sessions/rollout-5.jsonl", ".codex/sessions/rollout-6.jsonl.gz" }
    assert.equal(".codex/sessions/rollout-2.jsonl\n", find("'codex'", "'/srv/b'"))
    process.run("gzip " .. home .. "/.codex/sessions/rollout-2.jsonl")
    assert.equal(".codex/sessions/rollout-2.jsonl.gz\n", find("'codex'", "'/srv/b'"))
  end)

  it("are chats of Gemini CLI and of its agents", function()
    make { ".gemini/tmp/a/chats/session-2.json", ".gemini/tmp/0f/chats/session-1.jsonl",
      ".gemini/tmp/a/chats/s2/s3.jsonl", ".gemini/tmp/a/chats/.tmp-1.json",
      ".gemini/tmp/a/logs.json", ".gemini/tmp/bin/x.json", ".gemini/settings.json" }
    local three = [[
.gemini/tmp/a/chats/session-2.json
.gemini/tmp/0f/chats/session-1.jsonl
.gemini/tmp/a/chats/s2/s3.jsonl
]]
    assert.equal(three, find("'gemini'"))
    process.run("cd " .. home .. "; mkdir x; mv .gemini x")
    assert.equal((three:gsub("%.gemini", "x/.gemini")),
      find("'gemini'", nil, "export GEMINI_CLI_HOME=$HOME/x;"))
  end)

  it("of Gemini CLI are of a project by what it keeps of their folders", function()
    make { ".gemini/tmp/a/chats/1.json", ".gemini/tmp/b/chats/2.json",
      ".gemini/tmp/c/chats/3.json" }
    make({ ".gemini/tmp/a/.project_root" }, "/srv/a\n")
    make({ ".gemini/projects.json" },
      '{"projects":{"/srv/b":"b","/srv/a":"c","/srv/c":"a"}}')
    assert.equal(".gemini/tmp/a/chats/1.json\n.gemini/tmp/c/chats/3.json\n",
      find("'gemini'", "'/srv/a'"))
    assert.equal(".gemini/tmp/b/chats/2.json\n", find("'gemini'", "'/srv/b'"))
    assert.equal("no logs of Gemini CLI for /srv/c in: ~/.gemini/tmp",
      find("'gemini'", "'/srv/c'")) -- the folder's own file counts
    for _, text in ipairs { "", "[]", '{"projects":7}' } do
      make({ ".gemini/projects.json" }, text)
      assert.equal(".gemini/tmp/a/chats/1.json\n", find("'gemini'", "'/srv/a'"))
    end
  end)

  it("are those of several programs, and those that were modified since then", function()
    make { ".claude/projects/-a/1.jsonl", ".gemini/tmp/a/chats/2.json",
      ".codex/sessions/rollout-3.jsonl", ".claude/projects/-a/4.jsonl" }
    assert.equal(".claude/projects/-a/1.jsonl\n.gemini/tmp/a/chats/2.json\n"
      .. ".claude/projects/-a/4.jsonl\n", find("'claude', 'gemini'"))
    assert.equal(".codex/sessions/rollout-3.jsonl\n.claude/projects/-a/4.jsonl\n",
      find("'claude', 'codex', 'gemini'", "nil, 1767225603"))
    assert.equal("no logs of Codex or Gemini CLI since then in: ~/.codex/sessions, "
      .. "~/.codex/archived_sessions, ~/.gemini/tmp", find("'codex', 'gemini'", "nil, 1767225604"))
  end)

  it("aren't there without a home folder", function()
    for _, variables in ipairs { "unset HOME;", "HOME=;" } do
      assert.equal("no logs of Gemini CLI in: no folder, as HOME isn't set",
        find("'gemini'", nil, variables))
    end
  end)
end)
