local exectrack = require("exectrack")

-- The example agent, on a small checkout that the spec makes.

local function run(command)
  local pipe <close> = assert(io.popen(command .. " 2>&1"))
  return pipe:read("a")
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

describe("examples/agent.lua", function()
  local checkout

  setup(function()
    checkout = run("mktemp -d"):match("[^\n]+")
    write(checkout .. "/it's a name.txt", "one\ntwo\n")
    write(checkout .. "/sound.c", "int sound(void) { return 1; }\n")
    write(checkout .. "/broken.c", "int broken(void) { return }\n")
  end)

  teardown(function()
    run("rm -r '" .. checkout .. "'")
  end)

  it("uses its tools for real and reports how each use ended", function()
    local report = run("lua5.4 examples/agent.lua '" .. checkout .. "'")
    assert.matches("examine a checkout: 23 executions in ", report, 1, true)
    assert.matches("15 successful, 6 failed, 1 timed out, 1 cancelled; 1 from the cache", report,
      1, true)
    assert.matches("read_file%s+5%s+1%s+1 ", report)
    assert.matches("compile%s+4%s+2%s+0 ", report)
    assert.matches("count_folders%s+cancelled", report)
    assert.matches("run_with_limit%s+timed_out%s+[%d.]+ m?s", report)
    for line in report:gmatch("[^\n]+") do
      assert.is_true(#line <= 80, "wider than a terminal: " .. line)
    end
  end)

  it("is kept from going in circles and from using what is broken", function()
    local report = run("lua5.4 examples/agent.lua '" .. checkout .. "'")
    assert.matches("search%s+3%s+0%s+0 ", report)
    assert.matches("  search           denied 1 x  repeated_call\n"
      .. "  look_up          denied 1 x  circuit_open\n"
      .. "  - The same call of 'search' was made 2 times already", report, 1, true)
    assert.matches("look_up%s+4%s+3%s+0 ", report)
    assert.matches("make_index +success +[%d.]+ m?s\n  look_up +failed +[%d.]+ m?s  ENOENT\n",
      report)
  end)

  it("saves a run that can be loaded and looked into", function()
    local path = checkout .. "/../" .. checkout:match("[^/]+$") .. ".run"
    run(("lua5.4 examples/agent.lua '%s' '%s'"):format(checkout, path))
    local saved = exectrack.load(path)
    assert.equal(23, #saved)
    local analysis = run(("lua5.4 examples/analyze.lua '%s' '%s'"):format(path, path))
    os.remove(path)
    assert.matches("^examine a checkout: 46 executions\n", analysis)
    assert.matches("\n    4 x compile          exit_1\n", analysis, 1, true)
    assert.matches("\n    2 x run_with_limit   (no error type)\n", analysis, 1, true)
    assert.matches("\nIdentical calls\n.*    4 x read_file        2 from the cache\n", analysis)
    assert.matches("\nWhere the time went\n  [%w_]+ +%d+ %%  #+\n", analysis)
  end)

  it("names a run that can't be loaded", function()
    assert.equal("/no/such.run: No such file or directory\n",
      run("lua5.4 examples/analyze.lua /no/such.run"))
    assert.equal("usage: lua5.4 examples/analyze.lua file...\n",
      run("lua5.4 examples/analyze.lua"))
  end)

  it("says that a checkout has no files", function()
    assert.matches("no files to examine in /no/such/checkout",
      run("lua5.4 examples/agent.lua /no/such/checkout"), 1, true)
  end)
end)
