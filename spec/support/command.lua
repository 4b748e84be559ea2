--- The command, as a shell runs it.
local core = require("exectrack.core")
local json = require("exectrack.json_text")
local lfs = require("lfs")
local process = require("spec.support.process")

local M = {}

M.quote = process.quote

--- Its file, as a word of a shell command.
M.FILE = process.quote(lfs.currentdir() .. "/bin/exectrack")

--- The words of a shell command that run it, in whatever folder, as the Lua that runs this.
M.PROGRAM = process.LUA .. " " .. M.FILE

--- Words that unset OpenTelemetry's variables, whichever are set where the specs run.
local function without_opentelemetry()
  local words = {}
  local variables = assert(io.popen("env"))
  for line in variables:lines() do
    local name = line:match("^(OTEL_[%w_]*)=")
    words[#words + 1] = name and "-u " .. name .. " "
  end
  variables:close()
  return table.concat(words)
end

--- The words of a shell command before it, whatever the environment is in which the specs run.
-- Assignments to variables may follow.
M.ENVIRONMENT = "env -u COLUMNS -u NO_COLOR -u LC_ALL -u LC_CTYPE -u LANG "
  .. without_opentelemetry() .. "TERM=xterm "

local PYTHON = "python3 -I -S -c" -- starts in half the time without packages of others

-- Runs a shell command in a pseudo-terminal of so many columns; prints what it writes there, and
-- exits as it does.
local IN_TERMINAL = [=[
import fcntl, os, struct, sys, termios
main, other = os.openpty()
fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
modes = termios.tcgetattr(other)
modes[1] &= ~termios.OPOST  # ends of lines stay as they are
termios.tcsetattr(other, termios.TCSANOW, modes)
child = os.fork()
if child == 0:
    for descriptor in range(3):
        os.dup2(other, descriptor)
    os.execvp("sh", ["sh", "-c", sys.argv[2]])
os.close(other)
while True:
    try:
        data = os.read(main, 65536)
    except OSError:  # the other end is closed
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
status = os.waitpid(child, 0)[1]
sys.exit(status >> 8 or status)
]=]

-- Runs a shell command in a pseudo-terminal, and does the steps in turn, lines of a file: waits for
-- text on the screen, sends keys or a signal, or changes the size. Prints how the command ended,
-- whether the terminal's modes are as before, and all that was written there.
local IN_DIALOGUE = [=[
import fcntl, json, os, resource, select, signal, struct, subprocess, sys, termios
def resize(columns, lines):
    fcntl.ioctl(main, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
main, other = os.openpty()
resize(80, 24)
before = termios.tcgetattr(other)
signal.alarm(300)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
process = subprocess.Popen(["sh", "-c", sys.argv[1]], stdin=other, stdout=other,
    stderr=other, preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
seen, place = b"", 0
def wait_for(text):
    global seen, place
    while text not in seen[place:]:
        data = os.read(main, 65536)
        if not data:
            sys.exit("the end, not " + repr(text) + " after " + repr(seen))
        seen += data
    place = seen.index(text, place) + len(text)
for step in open(sys.argv[2]):
    kind, *values = json.loads(step)
    if kind == "wait":
        wait_for(values[0].encode())
    elif kind == "send":
        os.write(main, values[0].encode())
    elif kind == "run":
        subprocess.run(["sh", "-c", values[0]], check=True)
    elif kind == "resize":
        resize(*values)
    elif kind == "signal":
        process.send_signal(getattr(signal, values[0]))
while process.poll() is None or select.select([main], [], [], 0)[0]:
    if select.select([main], [], [], 0.01)[0]:
        seen += os.read(main, 65536)
print(process.returncode, termios.tcgetattr(other) == before, flush=True)
sys.stdout.buffer.write(seen)
]=]

--- Runs it with these arguments, which are shell words and may go on with redirections and pipes.
-- `before` may be assignments to environment variables. Returns its standard output, standard error
-- and exit code.
function M.run(arguments, before)
  return process.run(M.ENVIRONMENT .. (before or "") .. " " .. M.PROGRAM .. " " .. arguments)
end

--- Runs it in a terminal of so many columns, which also is its standard error. Returns what appears
-- there, and its exit code.
function M.run_in_terminal(columns, arguments, before)
  local output, problem, code = process.run(("%s %s %s %s %d %s"):format(M.ENVIRONMENT,
    before or "", PYTHON, process.quote(IN_TERMINAL), columns,
    process.quote(M.PROGRAM .. " " .. arguments)))
  assert(problem == "", problem)
  return output, code
end

--- Runs it in a terminal of 80 columns and 24 lines, and does these steps: `{ "wait", text }`,
-- `{ "send", keys }`, `{ "run", command }`, `{ "resize", columns, lines }`, `{ "signal", name }`.
-- Whenever it stops, `is_job` lets a shell have it go on. Returns its exit code, negative for a
-- signal; whether the terminal has the modes that it had before; and all that it wrote there.
function M.converse(arguments, steps, before, is_job)
  local lines, path = {}, os.tmpname()
  for i, step in ipairs(steps) do
    lines[i] = json.encode(step) .. "\n"
  end
  process.write_file(path, table.concat(lines))
  local words = M.ENVIRONMENT .. (before or "") .. " " .. M.PROGRAM .. " " .. arguments
  words = is_job and "set -m; " .. words .. "; fg" or "exec " .. words
  local output, problem = process.run(("%s %s %s %s"):format(PYTHON, process.quote(IN_DIALOGUE),
    process.quote(words), path))
  os.remove(path)
  assert(problem == "", problem)
  local code, is_restored, text = output:match("^(-?%d+) (%u%a+)\n(.*)$")
  return tonumber(code), is_restored == "True", text
end

--- A built-in report as the command makes it of the run that it loaded from these paths. `own` may
-- be options of the report; `words` are those behind the paths in commands to paste, each behind a
-- space; `chosen` is what was selected, in words.
function M.report(name, snapshot, paths, own, words, chosen)
  local options = { run = table.concat(paths, " ") .. (words or ""),
    name = paths[#paths]:match("[^/]*$") }
  for key, value in pairs(own or {}) do
    options[key] = value
  end
  local report = require("exectrack.report")[name](snapshot, options)
  report.source = { files = paths, version = core._VERSION:match("%S+$"),
    taken = snapshot:taken() > 0 and snapshot:taken() or nil, chosen = chosen }
  return report
end

return M
