--- Compiles the modules that a report needs, for `precompiled`.
-- Used only by `bin/exectrack`.
local core = require("exectrack.core")
local precompiled = require("exectrack.command.precompiled")
local report = require("exectrack.command.report")

require("exectrack.command")

--- Loads the modules that a report needs for a run with a bit of everything, and for options.
local function load_modules()
  local path = os.tmpname()
  local tracker = core.new { args_texts = 10, error_texts = 10 }
  for _ = 1, 5 do
    tracker:record { tool = "a", status = "failed", duration_ms = 1, args_text = "b",
      error_text = "c", session = "d" }
  end
  local span = tracker:start("a")
  assert(tracker:snapshot():save(path))
  span:close()
  assert(report.run { runs = { path }, output = path .. ".txt", report_options = {} })
  os.remove(path)
  os.remove(path .. ".txt")
  if pcall(require, "argparse") then
    require("exectrack.command.parser").of_command("report", report)
  end
end

--- The source of a table of these texts by their keys.
local function source_of(texts)
  local fields = {}
  for key, text in pairs(texts) do
    fields[#fields + 1] = ("[%q] = %q"):format(key, text)
  end
  table.sort(fields)
  return "{" .. table.concat(fields, ",") .. "}"
end

--- The source of what the file returns. The modules keep the numbers of their lines, for errors.
local function source()
  local codes, stamps = {}, {}
  for name in pairs(package.loaded) do
    local file, stamp
    if precompiled.is_one(name) then
      file, stamp = precompiled.find(name)
    end
    if stamp then
      codes[file], stamps[file] = string.dump(assert(loadfile(file))), stamp
    end
  end
  return ("return %q, %s, %s"):format(precompiled.INTERPRETER, source_of(codes), source_of(stamps))
end

--- Writes the file at `path`. Returns true; or nil and a message.
return function(path)
  load_modules()
  local new = path .. ".new"
  local file, message = io.open(new, "wb")
  if not file then
    return nil, message
  end
  local ok
  ok, message = file:write(string.dump(precompiled.load_string(source(), "=" .. path), true))
  ok = file:close() and ok
  if not ok then
    os.remove(new)
    return nil, message
  end
  return os.rename(new, path)
end
