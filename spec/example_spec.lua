-- Needs Lua 5.4: the idiom of the examples
local exectrack = require("exectrack")
local process = require("spec.support.process")
local utf8 = require("spec.support.utf8")

-- The example agent, on a small checkout that the spec makes.

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

describe("examples/agent.lua", function()
  local checkout

  setup(function()
    checkout = run("mktemp -d"):match("[^\n]+")
    process.write_file(checkout .. "/it's a name.txt", "one\ntwo\n")
    process.write_file(checkout .. "/sound.c", "int sound(void) { return 1; }\n")
    process.write_file(checkout .. "/broken.c", "int broken(void) { return }\n")
  end)

  teardown(function()
    run("rm -r '" .. checkout .. "'")
  end)

  it("uses its tools for real and reports how each use ended", function()
    local report = run("lua5.4 examples/agent.lua '" .. checkout .. "'")
    assert.matches("^examine a checkout\n[^\n]+\n30 executions, ", report)
    assert.matches("\nFailed          8\nTimed out       1\nCancelled       1\n", report, 1, true)
    assert.matches("\nread_file +5 +20.0 %% +20.0 %% ", report)
    assert.matches("\ncompile +6 +66.7 %% +0 %% ", report)
    assert.matches(" count_folders +cancelled +[%d.]+ m?s ", report)
    assert.matches(" run_with_limit +timed out +[%d.]+ m?s ", report)
    for line in report:gmatch("[^\n]+") do
      assert.is_true(utf8.len(line) <= 80, "wider than a terminal: " .. line)
    end
  end)

  it("is kept from going in circles and from using what is broken", function()
    local report = run("lua5.4 examples/agent.lua '" .. checkout .. "'")
    assert.matches("\nsearch +4 +0 %% +0 %% ", report)
    assert.matches("\nlook_up +4 +75.0 %% +0 %% ", report)
    assert.matches("\nsearch +repeated_call +1  [^\n]+\nlook_up +circuit_open +1  ", report)
    assert.matches("\n- The same call of 'search' was made 2 times already", report, 1, true)
    assert.matches(" make_index +success +[%d.]+ m?s  no\n[^\n]+ look_up +failed .- unavailable\n",
      report)
  end)

  it("goes on with the run of an agent that was killed, from its file", function()
    local folder = run("mktemp -d"):match("[^\n]+")
    local path = folder .. "/agent.run"
    process.write_file(folder .. "/cc", "#!/bin/sh\nkill -KILL $AGENT\n") -- in a tool
    run(("chmod +x %s/cc"):format(folder))
    local agent = "AGENT=$$ exec lua5.4 examples/agent.lua \"$0\" " .. path
    run(("PATH=%s:$PATH sh -c '%s' '%s'"):format(folder, agent, checkout))
    local left = assert(exectrack.load(path))
    assert.equal("died", left:writer().state)
    assert.equal("compile", left:in_flight()[1].tool)
    local report = run(("lua5.4 examples/agent.lua '%s' '%s'"):format(checkout, path))
    local all = assert(exectrack.load(path))
    assert.equal("closed", all:writer().state)
    assert.matches(("\n%d executions, "):format(#all), report)
    assert.equal("compile writer_died", all[#left + 1].tool .. " " .. all[#left + 1].error_type)
    assert.equal("list_files", all[#left + 2].tool)
    run("rm -r " .. folder)
  end)

  it("keeps a run that can be loaded", function()
    local path = checkout .. "/../" .. checkout:match("[^/]+$") .. ".run"
    run(("lua5.4 examples/agent.lua '%s' '%s'"):format(checkout, path))
    local saved = exectrack.load(path)
    os.remove(path)
    assert.equal(30, #saved)
    assert.equal("examine a checkout", saved:label())
  end)

  it("says that a checkout has no files", function()
    assert.matches("no files to examine in /no/such/checkout",
      run("lua5.4 examples/agent.lua /no/such/checkout"), 1, true)
  end)
end)
