local tool_from = require("exectrack.format.tool_from")

local GIT = { command = "cd x && git status" }

describe("a tool's name with what its command runs", function()
  it("is that of the shell tools of agents, in their logs", function()
    local name = tool_from.new(nil, true)
    for _, tool in ipairs { "Bash", "bash", "shell", "local_shell", "shell_command",
      "container.exec", "exec_command", "command_execution", "run_shell_command", "execute_bash",
      "terminal", "run_pty_cmd", "run_terminal_cmd", "unified_exec" } do
      assert.equal(tool .. ":git", name(tool, GIT))
      assert.equal(tool .. ":git", name(tool, { cmd = { "bash", "-lc", "git status" } }))
    end
    assert.equal("Read", name("Read", GIT))
    assert.equal("Bash", name("Bash", { script = "git" }))
    assert.equal("Bash:ls", name("Bash", { command = 7, cmd = "ls" }))
  end)

  it("is that of all tools that have the argument, in any log", function()
    for _, is_agents_log in ipairs { true, false } do
      local name = tool_from.new("script", is_agents_log)
      assert.equal("run:git", name("run", { script = "git status" }))
      assert.equal("run:git", name("run", { script = { "git", "status" } }))
      assert.equal("run", name("run", GIT))
      assert.equal("Bash", name("Bash", GIT))
    end
  end)

  it("is the name alone with false, and in other logs", function()
    assert.equal("Bash", tool_from.new(false, true)("Bash", GIT))
    assert.equal("Bash", tool_from.new(false, false)("Bash", GIT))
    assert.equal("Bash", tool_from.new(nil, false)("Bash", GIT))
    assert.equal("Bash", tool_from.new()("Bash", GIT))
  end)

  it("is the name alone without a plain word", function()
    local name = tool_from.new(nil, true)
    for _, args in ipairs { {}, { command = "" }, { command = "$x" }, { command = {} },
      { command = 5 }, "git", 7, true } do
      assert.equal("Bash", name("Bash", args))
    end
    assert.equal("Bash", name("Bash", nil))
  end)

  it("is the value itself for what isn't a name", function()
    local name = tool_from.new("command")
    for _, tool in ipairs { 7, true, GIT } do
      assert.equal(tool, name(tool, GIT))
    end
    assert.is_nil(name(nil, GIT))
  end)

  it("calls no metamethod", function()
    local function refuse()
      error("called")
    end
    local args = setmetatable({}, { __index = refuse })
    assert.equal("Bash", tool_from.new(nil, true)("Bash", args))
    assert.equal("Bash", tool_from.new("script")("Bash", args))
  end)
end)
