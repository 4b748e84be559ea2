--- The command, as a shell runs it.
local lfs = require("lfs")
local process = require("spec.support.process")

local M = {}

M.quote = process.quote

--- Its file, as a word of a shell command.
M.FILE = process.quote(lfs.currentdir() .. "/bin/exectrack")

--- The words of a shell command that run it, in whatever folder, as the Lua that runs this.
M.PROGRAM = process.LUA .. " " .. M.FILE

-- Whatever the terminal is in which the specs run.
local ENVIRONMENT = "env -u COLUMNS -u NO_COLOR TERM=xterm "

-- Runs a shell command in a pseudo-terminal of so many columns; prints what it writes there, and
-- exits as it does.
local IN_TERMINAL = [=[
import fcntl, os, pty, struct, subprocess, sys, termios
main, other = pty.openpty()
fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
modes = termios.tcgetattr(other)
modes[1] &= ~termios.OPOST  # ends of lines stay as they are
termios.tcsetattr(other, termios.TCSANOW, modes)
process = subprocess.Popen(["sh", "-c", sys.argv[2]], stdin=other, stdout=other, stderr=other)
os.close(other)
while True:
    try:
        data = os.read(main, 65536)
    except OSError:  # the other end is closed
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
sys.exit(process.wait())
]=]

--- Runs it with these arguments, which are shell words and may go on with redirections and pipes.
-- `before` may be assignments to environment variables. Returns its standard output, standard error
-- and exit code.
function M.run(arguments, before)
  return process.run(ENVIRONMENT .. (before or "") .. " " .. M.PROGRAM .. " " .. arguments)
end

--- Runs it in a terminal of so many columns, which also is its standard error. Returns what appears
-- there, and its exit code.
function M.run_in_terminal(columns, arguments, before)
  local output, problem, code = process.run(("%s %s python3 -c %s %d %s"):format(ENVIRONMENT,
    before or "", process.quote(IN_TERMINAL), columns,
    process.quote(M.PROGRAM .. " " .. arguments)))
  assert(problem == "", problem)
  return output, code
end

return M
