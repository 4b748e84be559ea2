local clocks = require("spec.support.clock")
local commands = require("spec.support.command")
local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")

local folder, clock, tracker

--- Saves a small run with something of everything.
local function save_all()
  tracker:record { tool = "read_file", status = "success", duration_ms = 12.5,
    args = { path = "notes.txt" } }
  clock.advance_us(61500000)
  tracker:record { tool = "fetch", status = "failed", duration_ms = 2400, error_type = "http_429",
    error_text = "Too many requests", args = { url = "https://example.org" }, session = "chat 17" }
  tracker:record { tool = "fetch", status = "timed_out", duration_ms = 20400, depth = 2 }
  clock.advance_us(1000000)
  tracker:record { tool = "fetch", status = "failed", duration_ms = 2.5, error_type = "http_429",
    error_text = "Slow\27[m down" }
  tracker:record { tool = "a\nb", status = "cancelled", timing = "untimed" }
  tracker:record { tool = "grep", status = "success", duration_ms = 7e6, timing = "elapsed",
    was_cached = true, timestamp = false }
  assert(tracker:snapshot():save(folder.path .. "/a.run"))
end

local LINES = {
  'undated              1 h 56 min  success    grep  cached  elapsed',
  '2026-01-01 00:00:00     12.5 ms  success    read_file  {path="notes.txt"}',
  '2026-01-01 00:01:01      2.40 s  failed     fetch  http_429  {url="https://example.org"}'
    .. '  [chat 17]',
  '2026-01-01 00:01:01      20.4 s  timed out      fetch',
  '2026-01-01 00:01:02     2.50 ms  failed     fetch  http_429: Slow\\x1b[m down',
  '2026-01-01 00:01:02     untimed  cancelled  a\\nb',
}

--- The lines with these numbers.
local function lines(...)
  local chosen = {}
  for i, number in ipairs { ... } do
    chosen[i] = LINES[number] .. "\n"
  end
  return table.concat(chosen)
end

local function run(arguments)
  return folder:shell(folder.command("tail " .. arguments))
end

--- Asserts what is printed, on standard output alone.
local function assert_prints(expected, arguments)
  local stdout, stderr, code = run(arguments)
  assert.same({ expected, "", 0 }, { stdout, stderr, code })
end

local function assert_fails(problem, code, arguments)
  local help = code == 2 and " (see exectrack tail --help)" or ""
  assert.same({ "", "exectrack: " .. problem .. help .. "\n", code }, { run(arguments) })
end

before_each(function()
  folder, clock = import_command.new(), clocks.new()
  tracker = exectrack.new { clock = clock.read, args_texts = 8, error_texts = 8 }
end)

after_each(function()
  folder:remove()
end)

describe("exectrack tail", function()
  it("lists what ended, the newest last", function()
    save_all()
    assert_prints(lines(1, 2, 3, 4, 5, 6), "a.run")
  end)

  it("shows times in the time zone that is chosen", function()
    save_all()
    assert_prints("2026-01-01 05:31:02     untimed  cancelled  a\\nb\n",
      "a.run -n 1 --timezone +05:30")
  end)

  it("leaves out tools", function()
    save_all()
    assert_prints(lines(1, 2, 6), "a.run --exclude fetch")
  end)

  it("lists the last 10, or as many as are asked for, or all since a time", function()
    save_all()
    for _ = 1, 9 do
      tracker:record("grep", "success", 1)
    end
    assert(tracker:snapshot():save(folder.path .. "/b.run"))
    local nine = ("2026-01-01 00:01:02     1.00 ms  success    grep\n"):rep(9)
    assert_prints(LINES[6] .. "\n" .. nine, "b.run")
    assert_prints(lines(5, 6) .. nine, "b.run --last 11")
    assert_prints(lines(3, 4, 5, 6) .. nine, "b.run --since 1s")
    assert_prints("", "b.run -n 0")
  end)

  it("selects as a report does", function()
    save_all()
    assert_prints(lines(3, 4, 5), "a.run --tool fetch")
    assert_prints(lines(3, 5), "a.run --tool fetch --tool grep --status failed")
    assert_prints(lines(3), "a.run --session 'chat 17'")
    assert_prints(lines(2), "a.run --before 2026-01-01T00:01:00")
    assert_prints(lines(4, 5), "a.run --tool fetch --last 2")
    assert_fails("no tool 'fetsch' in the run: did you mean 'fetch'?", 1, "a.run --tool fetsch")
    assert_fails("no session 'chat 18' in the run: did you mean 'chat 17'?", 1,
      "a.run --session 'chat 18'")
  end)

  it("merges several runs by time", function()
    save_all()
    local other = exectrack.new { clock = clock.read }
    for tool, after in pairs { early = 2, late = 90 } do
      other:record { tool = tool, status = "success", duration_ms = 1,
        timestamp = clocks.START_US / 1e6 + after }
    end
    assert(other:snapshot():save(folder.path .. "/b.run"))
    local early = "2026-01-01 00:00:02     1.00 ms  success    early\n"
    local late = "2026-01-01 00:01:30     1.00 ms  success    late\n"
    assert_prints(lines(1, 2) .. early .. lines(3, 4, 5, 6) .. late, "a.run b.run")
    assert_prints(lines(6) .. late, "a.run b.run --last 2")
    assert_prints(early .. late, "a.run b.run --tool early --tool late")
    assert_prints(lines(1, 2) .. early .. lines(3, 4, 5, 6) .. late, ".")
    assert_prints(lines(5, 6), "- --last 2 <a.run")
  end)

  it("writes JSON that exectrack import takes", function()
    save_all()
    assert_prints('{"tool":"fetch","status":"failed","duration_ms":2400,"was_cached":false,'
      .. '"error_type":"http_429","args_hash":754958447,'
      .. '"args_text":"{url=\\"https://example.org\\"}","session":"chat 17",'
      .. '"timestamp":1767225661.5}\n', "a.run --session 'chat 17' --json")
    assert_prints('{"tool":"fetch","status":"timed_out","duration_ms":20400,"was_cached":false,'
      .. '"depth":2,"timestamp":1767225661.5}\n', "a.run --json --status timed_out")
    assert_prints('{"tool":"grep","status":"success","duration_ms":7000000,"timing":"elapsed",'
      .. '"was_cached":true,"timestamp":false}\n', "a.run --json --tool grep --color always")
    folder:shell(folder.command("tail a.run --json | ")
      .. folder.command("import - -o b.run --keep-texts"))
    assert.same({ run("a.run --json") }, { run("b.run --json") })
  end)

  it("is as wide as the terminal, and coloured there", function()
    save_all()
    local path = folder.path .. "/a.run"
    local output = commands.run_in_terminal(61, "tail --tool fetch --last 1 " .. path)
    assert.equal("\27[2m2026-01-01\27[0m\n\27[2m00:01:02     2.50 ms  \27[0m"
      .. "\27[31mfailed     \27[0m"
      .. "fetch  http_429: Slow\\x1b[m…\n", output)
    assert_prints("2026-01-01 00:01:01      2.40 s  failed     fetch  http_429  {url=\"htt…\n",
      "--session 'chat 17' --width 71 a.run")
    local day = "2026-01-01\n" -- which is said once where lines have no room for it
    assert_prints(day .. "00:01:01      2.40 s…\n", "--session 'chat 17' --width 21 a.run")
    assert_prints(day .. "00:01:01      2.40 s...\n",
      "--session 'chat 17' --ascii --width 23 a.run")
    assert_prints(day .. "00:01:01      2.40 s  failed  f…\n",
      "--session 'chat 17' --width 32 a.run")
    assert_prints(day .. "00:00:00     12.5 ms  ok  read_file  {p…\n",
      "--tool read_file --width 40 a.run")
    assert(made_up.run({ { tool = ("x"):rep(40) .. "1", timestamp = 1767225600 },
      { tool = ("x"):rep(40) .. "2", timestamp = 1767225600 + 86400 } })
      :save(folder.path .. "/long.run"))
    assert_prints("2026-01-01\n00:00:00     untimed  ok  xxxxxxx…xxxxx1\n"
      .. "2026-01-02\n00:00:00     untimed  ok  xxxxxxx…xxxxx2\n", "--width 41 long.run")
  end)

  it("has times of another zone on request", function()
    save_all()
    assert_prints('2026-01-01 05:30:00     12.5 ms  success    read_file  {path="notes.txt"}\n',
      "--tool read_file --timezone +05:30 a.run")
  end)

  it("names what can't be read", function()
    assert_fails("a.run: No such file or directory", 1, "a.run")
    assert_fails(".: no file in it has a name that ends in .run", 1, ".")
    folder:write("b.run", "")
    assert_fails("./b.run: it is empty\nexectrack: .: none of its runs can be read", 1, ".")
    save_all()
    assert.same({ lines(6), "exectrack: ./b.run: it is empty\n"
      .. "exectrack: .: left out 1 of 2 runs\n", 0 }, { run(". --last 1") })
    assert_fails("-: it can't be followed, as it isn't a file", 2, "-f - <a.run")
  end)

  it("says why it can't write", function()
    save_all()
    assert_fails("standard output: No space left on device", 1, "a.run >/dev/full")
    assert_fails("standard output: Bad file descriptor", 1, "-f a.run >&-")
  end)
end)

describe("exectrack tail -f", function()
  local following, id

  --- Begins to follow, with these arguments. Lines on standard error begin with `! `.
  local function follow(arguments)
    folder:shell("mkfifo lines")
    local command = folder.command("tail -f " .. arguments):gsub("'", "'\\''")
    folder:shell(("{ sh -c 'echo $$; exec %s' 2>&1 >&3 | sed -u 's/^exectrack:/!/' >&3; } "
      .. "3>lines &"):format(command))
    following = assert(io.open(folder.path .. "/lines"))
    id = assert(following:read("*l"):match("^%d+$"))
  end

  local function next_line()
    return following:read("*l")
  end

  --- Records an execution that took so many milliseconds, and saves the run.
  local function save(name, duration_ms)
    tracker:record("read", "success", duration_ms)
    assert(tracker:snapshot():save(folder.path .. "/" .. name))
  end

  --- The line of such an execution.
  local function line_of(duration_ms)
    return ("2026-01-01 00:00:00     %.2f ms  success    read"):format(duration_ms)
  end

  after_each(function()
    process.run("kill -INT " .. id)
    assert.equal("! interrupted", next_line())
    assert.is_nil(next_line())
    following:close()
  end)

  it("goes on with what ends, in new files and in those that replace others", function()
    save("a.run", 1)
    follow(". --status success")
    assert.equal(line_of(1), next_line())
    save("a.run", 2)
    assert.equal(line_of(2), next_line())
    local before = tracker
    tracker = exectrack.new { clock = clock.read }
    tracker:record("read", "failed", 9)
    save("b.run", 3)
    assert.equal(line_of(3), next_line())
    tracker = before
    save("a.run", 4)
    assert.equal(line_of(4), next_line())
  end)

  it("begins with nothing, and takes filters for tools that come later", function()
    follow(". --tool late --tool read")
    save("a.run", 1)
    assert.equal(line_of(1), next_line())
    tracker:record("late", "success", 1)
    tracker:record("other", "success", 1)
    save("a.run", 2)
    assert.equal((line_of(1):gsub("read", "late")), next_line())
    assert.equal(line_of(2), next_line())
  end)

  it("says how many it can't show, and that another run is there", function()
    tracker = exectrack.new { clock = clock.read, max_history = 1 }
    save("a.run", 1)
    follow("a.run")
    assert.equal(line_of(1), next_line())
    tracker:record("read", "success", 2)
    tracker:record("read", "success", 3)
    save("a.run", 4)
    assert.equal(line_of(4), next_line())
    assert.equal("! a.run: 2 executions ended that can't be shown: newer ones took their place",
      next_line())
    os.rename(folder.path .. "/a.run", folder.path .. "/a-old.run")
    tracker = exectrack.new { clock = clock.read, max_history = 1 }
    save("a.run", 5)
    assert.equal(line_of(5), next_line())
    assert.equal("! a.run: it has another run now; the one before is in a-old.run", next_line())
  end)

  it("says what becomes of a recorder's writer, once", function()
    local path = folder.path .. "/a.run"
    local options = { clock = clock.read, any_file_system = true }
    tracker = assert(exectrack.open(path, options))
    local writer = ("process %.0f"):format(exectrack.load(path):writer().pid)
    follow("a.run")
    tracker:record("read", "success", 1)
    assert.equal(line_of(1), next_line())
    tracker:close()
    assert.equal("! a.run: its writer, " .. writer .. ", closed it", next_line())
    tracker = assert(exectrack.open(path, options))
    assert.equal("! a.run: " .. writer .. " goes on with it", next_line())
    tracker:record("read", "success", 2)
    assert.equal(line_of(2), next_line())
    tracker:close()
    assert.equal("! a.run: its writer, " .. writer .. ", closed it", next_line())
    process.run_lua(([[local tracker = assert(require("exectrack").open(%q,
        { clock = function() return %d end, any_file_system = true }))
      local spans = { tracker:start("fetch"), tracker:start("fetch"), tracker:start("a\nb") }
      os.exit(spans[3] and 0)]]):format(path, clock.us / 1e6))
    local line = next_line():gsub("process %d+", "process N")
    if line == "! a.run: process N goes on with it" then -- it was seen in time
      line = next_line():gsub("process %d+", "process N")
    end
    local death = "a.run: its writer, process N, died with 3 executions in flight, of fetch, a\\nb"
    assert.equal("! " .. death, line)
    local _, stderr, code = folder:shell(folder.command("tail a.run"))
    assert.same({ "exectrack: " .. death .. "\n", 0 }, { stderr:gsub("process %d+", "process N"),
      code })
  end)

  it("ends when nobody reads it any more", function()
    save("a.run", 1)
    follow("a.run")
    assert.equal(line_of(1), next_line())
    local stdout = folder:shell(folder.command("tail -f a.run 2>problem | head -n 1; cat problem"))
    assert.equal(line_of(1) .. "\n", stdout)
  end)
end)
