local portable = require("spec.support.portable")
local process = require("spec.support.process")

local PATH = "rockspec/exectrack-scm-1.rockspec"

local function lines_of(command)
  local lines = {}
  local output = assert(io.popen(command))
  for line in output:lines() do
    lines[#lines + 1] = line
  end
  output:close()
  return lines
end

local function sorted(list)
  local copy = portable.move(list, 1, #list, 1, {})
  table.sort(copy)
  return copy
end

--- A rockspec is Lua that sees no globals.
local function load_rockspec()
  local rockspec = {}
  assert(portable.load(process.read_file(PATH), PATH, "t", rockspec))()
  return rockspec
end

--- The module that a file in lua/ is: lua/exectrack/init.lua is exectrack.
local function module_name(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

describe("the rockspec", function()
  it("is the only one", function()
    assert.same({ PATH }, lines_of(
      "find . -name '*.rockspec' -not -path './.git/*' -not -path './build/*'"
        .. " -not -path './lua_modules/*' | sed 's,^\\./,,'"))
  end)

  it("lists the Lua files that are there", function()
    local expected = {}
    for _, path in ipairs(lines_of("find lua -name '*.lua'")) do
      expected[module_name(path)] = path
    end
    local listed = {}
    for name, module in pairs(load_rockspec().build.modules) do
      if type(module) == "string" and module:find("%.lua$") then
        listed[name] = module
      end
    end
    assert.same(expected, listed)
  end)

  it("lists the C files that are there, each once", function()
    local sources = load_rockspec().build.modules["exectrack.core"].sources
    assert.same(sorted(lines_of("ls src/*.c src/posix/*.c src/posix/module/*.c src/lua/*.c")),
      sorted(sources))
  end)

  it("has the module and the program of the command", function()
    local build = load_rockspec().build
    assert.same(lines_of("ls src/command/*.c src/new_file.c src/posix/file_system.c"
      .. " src/posix/module/*.c"), build.modules["exectrack.command.system"].sources)
    assert.same({ exectrack = "bin/exectrack" }, build.install.bin)
  end)

  it("copies directories that are there", function()
    for _, directory in ipairs(load_rockspec().build.copy_directories) do
      assert.same({ directory }, lines_of("ls -d " .. directory))
    end
  end)

  it("is named after its package and version", function()
    local rockspec = load_rockspec()
    assert.equal(PATH, "rockspec/" .. rockspec.package .. "-" .. rockspec.version .. ".rockspec")
  end)

  it("needs a Lua such as this is", function()
    assert.same({ "lua >= 5.1, < 5.6" }, load_rockspec().dependencies)
    assert.is_true(_VERSION >= "Lua 5.1" and _VERSION < "Lua 5.6")
  end)
end)
