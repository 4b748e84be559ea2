-- Prints what this version of Lua makes of random runs, and how it answers all that can be asked of
-- them: another version has to print the same.
--
--     LUA spec/differential/main.lua SEED [how many runs]
local Random = require("spec.differential.random")
local canonical = require("spec.differential.canonical")
local exectrack = require("exectrack")
local run_commands = require("spec.differential.command")
local runs = require("spec.differential.runs")
local write_values = require("spec.differential.values")
local write_writings = require("spec.differential.writing")
local write_readings = require("spec.differential.reading")

local DEFAULT_RUNS = 24

-- Prints an answer; of a long one, what tells it from another.
local function print_answer(asked, answer)
  if #answer > 4000 then
    answer = ("%s... %d bytes, %08x"):format(answer:sub(1, 200), #answer,
      exectrack.fingerprint(answer))
  end
  io.write(asked, ": ", answer, "\n")
end

local function print_run(number, random, before)
  local snapshot, said = runs.make(random)
  local function write(asked, answer)
    print_answer(("run %d %s"):format(number, asked), answer)
  end
  write("said", canonical.text(said))
  write("bytes", snapshot:bytes())
  write_readings(snapshot, write)
  write_writings(snapshot, before or snapshot, write)
  if before then
    local ok, merged = pcall(exectrack.merge, { snapshot, before }, { max_history = 50 })
    write("merge", ok and merged:bytes() or canonical.outcome(ok, merged))
  end
  return snapshot
end

local seed = assert(tonumber(arg[1]), "a seed expected")
write_values(print_answer)
local previous, longest, longest_before
for number = 1, tonumber(arg[2]) or DEFAULT_RUNS do
  local snapshot = print_run(number, Random.new(seed * 1000 + number), previous)
  previous = snapshot
  if not longest or #snapshot >= #longest then
    longest, longest_before = snapshot, longest or snapshot
  end
end
run_commands(longest, longest_before)
