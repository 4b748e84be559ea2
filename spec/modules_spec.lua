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

--- The modules of ours that the text of a file requires by name.
local function required_by(text)
  local names = {}
  for name in text:gmatch('require%(?"([%w_.]+)"') do
    names[#names + 1] = FILES[name] and name
  end
  return names
end

--- The first circle of modules that is reached from `name`, as a text; nil for none. `state` says
-- which modules are on the way to `name`, and of which all is known.
local function circle(name, requires, state, way)
  way = way .. " > " .. name
  if state[name] then
    return state[name] == "on the way" and way or nil
  end
  state[name] = "on the way"
  for _, required in ipairs(requires[name]) do
    local found = circle(required, requires, state, way)
    if found then
      return found
    end
  end
  state[name] = "known"
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
  it("don't require each other in a circle", function()
    local requires, state = {}, {}
    for name, path in pairs(FILES) do
      requires[name] = required_by(process.read_file(path))
    end
    for _, name in ipairs(sorted_names()) do
      assert.is_nil(circle(name, requires, state, ""))
    end
  end)

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
