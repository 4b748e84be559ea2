--- `exectrack top`.
-- Used only by the command.
local Style = require("exectrack.report.renderer.text_style")
local draw = require("exectrack.command.top_frame")
local exit_codes = require("exectrack.command.exit_codes")
local models = require("exectrack.command.top_model")
local output = require("exectrack.command.output")
local rendering = require("exectrack.command.rendering")
local system = require("exectrack.command.system")
local watches = require("exectrack.command.watch")

local STANDARD_INPUT, STANDARD_OUTPUT = 0, 1

local INTERVAL_S, LEAST_SHARE = 1, 10
local COLUMNS, LINES = 80, 24

local EXAMPLES = [[
Examples:
   exectrack top agent.run
   exectrack top runs --sort errors
   exectrack top agent.run | cat

It shows every second: how many executions ended in the last 10 seconds, and
each tool's calls since the run was cleared last; its share of errors, median
and 95th percentile among the records that are retained; what is in flight, and
for how long. A bar is a second.

Keys: c r e 5 9 f t sort by calls, rate, errors, p50, p95, what is in flight or
the name; / shows only tools with some text in their names; q quits.

Without a terminal it prints once what there is.]]

local M = { summary = "Watch runs in a terminal." }

function M.describe(command, choose)
  command:argument("RUN"):target("runs"):args("+")
    :description("The file of a run, or a folder of them.")
  choose(command:option("--sort"):argname("COLUMN"):default("calls")
    :description("calls (the default), rate, errors, p50, p95, flight or tool."), "column",
    models.COLUMNS)
  command:option("--filter"):argname("TEXT"):default("")
    :description("Only tools with this text in their names.")
  require("exectrack.command.selection").describe_zones(command)
  rendering.describe_text(command, choose, "", "else 80")
  command:epilog(EXAMPLES)
end

local function is_interactive()
  return system.is_terminal(STANDARD_INPUT) and system.is_terminal(STANDARD_OUTPUT)
    and os.getenv("TERM") ~= "dumb"
end

--- The style of text, on a terminal of so many columns if there is one.
local function style_of(arguments, columns)
  local options = rendering.text_options(arguments)
  options.width = not arguments.width and columns or options.width or COLUMNS
  return Style.new(options)
end

local function print_once(model, arguments)
  local text = table.concat(draw(model, style_of(arguments)), "\n") .. "\n"
  local ok, message, code = output.write(nil, text)
  return ok and exit_codes.DONE, message, code
end

--- Draws a frame on the terminal: each line from its first column on, and nothing behind it.
local function draw_on(terminal, model, arguments)
  local columns, height = system.terminal_size(STANDARD_OUTPUT)
  local parts = {}
  for i, line in ipairs(draw(model, style_of(arguments, columns), height or LINES)) do
    parts[i] = ("\27[%d;1H%s\27[K"):format(i, line)
  end
  return terminal:write(table.concat(parts) .. "\27[J")
end

--- Waits for keys until the next look is due, and draws after each. Returns true; false to quit; or
-- nil and a message.
local function wait(terminal, model, arguments, due)
  repeat
    local ok, message = draw_on(terminal, model, arguments)
    local keys = ok and terminal:key(due - system.monotonic())
    if not keys then
      return nil, "the terminal: " .. (message or "it is gone")
    elseif model:press(keys) then
      return false
    end
  until system.monotonic() >= due
  return true
end

--- Looks and draws until that is no longer wanted, or possible. Returns what `run` does.
local function look_and_draw(terminal, watch, model, arguments)
  local due = system.monotonic() + INTERVAL_S
  local goes_on, message
  repeat
    goes_on, message = wait(terminal, model, arguments, due)
    if goes_on then
      local began = system.monotonic()
      local files, failures = watch:look()
      model:look(files, failures, system.time())
      local ended = system.monotonic()
      due = math.max(began + INTERVAL_S, ended + LEAST_SHARE * (ended - began))
    end
  until not goes_on
  return goes_on == false and exit_codes.DONE or nil, message, message and exit_codes.FAILED
end

--- The same on the terminal that there is.
local function show(watch, model, arguments)
  local terminal, message = system.open_terminal()
  if not terminal then
    return nil, "the terminal: " .. message
  end
  local ok, code
  ok, message, code = look_and_draw(terminal, watch, model, arguments)
  terminal:close()
  return ok, message, code
end

function M.run(arguments)
  local is_shown = is_interactive()
  local ok, message = watches.check_whole(arguments.runs)
  if ok and is_shown then
    ok, message = watches.check_paths(arguments.runs)
  end
  if not ok then
    return nil, message, exit_codes.WRONG_USAGE
  end
  local watch = watches.new(arguments.runs)
  local model = models.new(arguments.sort, arguments.filter, arguments.timezone)
  local files
  files, message = watch:first_look(is_shown)
  if not files then
    return nil, message
  end
  model:look(files, {}, system.time())
  if is_shown then
    return show(watch, model, arguments)
  end
  return print_once(model, arguments)
end

return M
