local process = require("spec.support.process")


--- The files of the Lua modules, by the modules' names.
local function files_of_modules()
  local files = {}
  local listing = assert(io.popen("find lua -name '*.lua'"))
  for path in listing:lines() do
    files[path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")] = path
  end
  listing:close()
  return files
end

local FILES = files_of_modules()

local function sorted_names()
  local names = {}
  for name in pairs(FILES) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Loads a module when nothing else of ours that is in Lua is loaded. Returns a message, or nil.
local function load_alone(name)
  local loaded = {}
  for other, value in pairs(package.loaded) do
    loaded[other] = FILES[other] and value
  end
  for other in pairs(loaded) do
    package.loaded[other] = nil
  end
  local ok, message = pcall(require, name)
  collectgarbage("restart") -- which the command stops while it loads
  for other in pairs(FILES) do
    package.loaded[other] = loaded[other]
  end
  return not ok and name .. ": " .. tostring(message) or nil
end

describe("the modules in Lua", function()
  it("can each be loaded first", function()
    local messages = {}
    for _, name in ipairs(sorted_names()) do
      messages[#messages + 1] = load_alone(name)
    end
    assert.same({}, messages)
  end)

  it("of reports are loaded when they are asked for", function()
    local out = process.run_lua([[
      local report = require("exectrack.report")
      local run = require("exectrack").new(1):snapshot()
      local function is_loaded(name)
        return package.loaded["exectrack.report." .. name] ~= nil
      end
      print(is_loaded("check"), is_loaded("builtin.latency"), is_loaded("renderer.csv"))
      report.render(report.latency(run), "csv")
      print(is_loaded("check"), is_loaded("builtin.latency"), is_loaded("renderer.csv"))
      print(is_loaded("builtin.overview"), is_loaded("renderer.html"))]])
    assert.equal("false\tfalse\tfalse\ntrue\ttrue\ttrue\nfalse\tfalse\n", out)
  end)
end)
