local policy = require("exectrack.policy")

local function assert_writes(expected, names)
  for name in names:gmatch("%S+") do
    assert.same({ name, expected }, { name, policy.writes { tool = name } })
  end
end

describe("a tool's name", function()
  it("says that it changes something", function()
    assert_writes(true, "edit Edit edit_file NotebookEdit MultiEdit write_file fs.write replace "
      .. "str_replace_editor shell:apply_patch Bash:rm insert book_reservation cancel_reservation "
      .. "UpdateRecord HTTPPost create2 mcp__files__create_directory")
  end)

  it("says that it is a shell, which may change something", function()
    assert_writes(true, "bash Bash shell execute_bash run_shell_command run_terminal_cmd exec "
      .. "local_shell code_interpreter python shell:python mcp__box__sh Bash:bash")
    assert.is_false(policy.writes({ tool = "bash" }, true))
    assert.is_true(policy.writes({ tool = "edit" }, true))
    assert_writes(false, "bash:git shell:ls exec_plan show_shell_history command_line_help ssh")
  end)

  it("says that it reads", function()
    assert_writes(false, "read_file Read grep Grep Glob search list_directory Bash:ls shell:sed "
      .. "WebFetch get_user_details run_tests pytest calculate think open_page credit "
      .. "rewriter editor updated_since dataset settings postal \255 _")
    assert.is_false(policy.writes { tool = "" })
  end)
end)
