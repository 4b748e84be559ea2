local clocks = require("spec.support.clock")
local command = require("spec.support.command")
local directories = require("spec.support.directory")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")

local directory, before, after

setup(function()
  directory = directories.make()
  local run = made_up.examples()
  before, after = directory .. "/before.run", directory .. "/died.run"
  assert(run:save(before))
  process.write_file(directory .. "/policy.lua",
    "return require('exectrack.policy').budget { max_executions = 2 }")
  -- The process ends with a call in flight.
  local _, stderr = process.run_lua(([[
    local now = %d
    local tracker = assert(require("exectrack").open(%q, { any_file_system = true,
      clock = function() now = now + 1 return now end }))
    local session = tracker:session("chat")
    for i = 1, 40 do
      session:record { tool = "fetch", status = i %% 3 == 0 and "failed" or "success",
        duration_ms = 100, args = { page = i %% 2 }, result_hash = 1 }
    end
    span = session:start("make")
    os.exit(0)]]):format(clocks.START_US / 1e6, after))
  assert.equal("", stderr)
end)

teardown(function()
  directories.remove(directory)
end)

--- Markdown in UTC as it is 330 minutes ahead of it: the runs are of one day. Without what the
-- length of the zone's name changes.
local function ahead(text)
  text = text:gsub("(%d%d):(%d%d):(%d%d)", function(hours, minutes, seconds)
    local all = tonumber(hours) * 60 + tonumber(minutes) + 330
    return ("%02d:%02d:%s"):format(math.floor(all / 60), all % 60, seconds)
  end)
  return (text:gsub("UTC", "+05:30"):gsub(" +", " "))
end

local function run(words, zone)
  local stdout, stderr = command.run(words .. " --timezone " .. zone)
  assert.equal("", stderr)
  return stdout
end

describe("--timezone", function()
  it("is the one zone of all that an output says", function()
    local commands = { "show " .. after, "compare " .. before .. " " .. after,
      ("replay %s --policy %s/policy.lua"):format(after, directory) }
    for _, name in ipairs { "overview", "failures", "latency", "loops", "sessions" } do
      commands[#commands + 1] = ("report %s --report %s"):format(after, name)
    end
    for _, words in ipairs(commands) do
      words = words .. " --before 2026-01-02"
      local expected = ahead(run(words .. " --format markdown", "UTC"))
      assert.matches("Chosen: before 2026-01-02 +05:30\n", expected, 1, true)
      assert.equal(expected, (run(words .. " --format markdown", "+05:30"):gsub(" +", " ")))
      for _, format in ipairs { "text", "html" } do
        assert.is_nil(run(words .. " --format " .. format, "+05:30"):find("UTC", 1, true), words)
      end
    end
  end)
end)
