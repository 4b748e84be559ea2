local import_command = require("spec.support.import_command")
local progress = require("exectrack.command.progress")

--- A progress of `total` at second 0 of a clock, the clock's `set`, and what was written so far.
local function start(total, width)
  local now, written = 100, {}
  local shown = progress.new {
    write = function(text) written[#written + 1] = text end,
    clock = function() return now end,
    width = width or 80,
    what = "lines",
    total = total,
  }
  return shown, function(seconds) now = 100 + seconds end, written
end

describe("A progress", function()
  it("shows nothing of what takes less than a second", function()
    local shown, set, written = start(1000)
    set(0.999)
    shown:update(500, 50)
    shown:finish()
    assert.same({}, written)
  end)

  it("shows a bar, percent, a count and a rate", function()
    local shown, set, written = start(1000)
    set(1)
    shown:update(500, 12345)
    assert.same({ "\r[###############               ]   50 %  12,345 lines  12,345/s" }, written)
    set(2)
    shown:update(1000, 30001)
    assert.equal("\r[##############################]  100 %  30,001 lines  15,000/s", written[2])
  end)

  it("shows no share of what has no known end", function()
    for _, total in ipairs { false, 0 } do
      local shown, set, written = start(total or nil)
      set(4)
      shown:update(1000, 1000)
      assert.same({ "\r1,000 lines  250/s" }, written)
    end
  end)

  it("is never beyond the end, if there is more than was known", function()
    local shown, set, written = start(10, 40)
    set(1)
    shown:update(15, 3)
    assert.same({ "\r[################]  100 %  3 lines  3/s" }, written)
  end)

  it("draws ten times a second at most", function()
    local shown, set, written = start(1000)
    for _, step in ipairs { { 1, 1 }, { 1.0625, 1 }, { 1.125, 2 }, { 1.1875, 2 }, { 1.25, 3 } } do
      set(step[1])
      shown:update(0, 0)
      assert.equal(step[2], #written)
    end
  end)

  it("covers a longer line, and erases all at the end", function()
    local shown, set, written = start()
    set(1)
    shown:update(0, 1000)
    set(500)
    shown:update(0, 1000)
    shown:finish()
    assert.same({ "\r1,000 lines  1,000/s", "\r1,000 lines  2/s    ",
      "\r" .. (" "):rep(16), "\r" }, written)
    shown:finish()
    assert.equal(4, #written)
  end)

  it("keeps to the columns of the terminal", function()
    for width, text in pairs {
      [41] = "[########         ]   50 %  9 lines  9/s",
      [40] = "[########        ]   50 %  9 lines  9/s",
      [29] = "[##   ]   50 %  9 lines  9/s",
      [28] = " 50 %  9 lines  9/s",
      [10] = " 50 %  9 ",
    } do
      local shown, set, written = start(2, width)
      set(1)
      shown:update(1, 9)
      assert.same({ "\r" .. text }, written)
      assert.is_true(#text < width)
    end
  end)

  it("shows nothing without a terminal", function()
    local now = 0
    local shown = progress.new { clock = function() now = now + 5 return now end, width = 80,
      what = "lines" }
    shown:update(1, 1)
    shown:finish()
    assert.equal(5, now)
  end)
end)

-- Runs its arguments in a pseudo-terminal of 60 columns and prints what they print there.
local TERMINAL = [[
import fcntl, os, struct, subprocess, sys, termios
ours, theirs = os.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
child = subprocess.Popen(sys.argv[1:], stdout=theirs, stderr=theirs)
os.close(theirs)
try:
    while True:
        text = os.read(ours, 65536)
        if not text: break
        sys.stdout.buffer.write(text)
except OSError:
    pass
sys.exit(child.wait())
]]

describe("exectrack import in a terminal", function()
  local import

  before_each(function()
    import = import_command.new()
  end)

  after_each(function()
    import:remove()
  end)

  --- Imports `count` lines of 100 bytes with a clock that goes on by `seconds` at each look.
  -- Returns what is on the terminal.
  local function run(count, seconds)
    local line = '{"tool":"a","status":"success","duration_ms":1}'
    import:write("calls.jsonl", (line .. (" "):rep(99 - #line) .. "\n"):rep(count))
    import:write("terminal.py", TERMINAL)
    local stdout, stderr, code = import:shell("LUA_INIT='local now = 0 "
      .. "require(\"exectrack.command.system\").monotonic = function() now = now + " .. seconds
      .. " return now end' python3 terminal.py "
      .. import.command("import calls.jsonl -o calls.run"))
    assert.same({ "", 0 }, { stderr, code })
    return stdout
  end

  it("shows the progress, erases it, and says what was imported", function()
    assert.equal("\r[                              ]    0 %  0 lines  0/s"
      .. "\r[###################           ]   65 %  655 lines  327/s"
      .. "\r[##############################]  100 %  1,000 lines  333/s"
      .. "\r" .. (" "):rep(59) .. "\rcalls.run: 1,000 executions of 1 tool\r\n1,000 undated\r\n",
      run(1000, 1))
  end)

  it("shows no progress of what takes no time", function()
    assert.equal("calls.run: 1 execution of 1 tool\r\n1 undated\r\n", run(1, 0.25))
  end)
end)
