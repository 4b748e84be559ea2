local directory = require("spec.support.directory")
local process = require("spec.support.process")
local system = require("exectrack.command.system")

describe("what the command asks of the system", function()
  it("is whether a stream is a terminal, and how wide", function()
    local output = process.run("lua5.4 -e " .. process.quote([[
      local system = require("exectrack.command.system")
      print(system.is_terminal(1), system.terminal_width(1))]]))
    assert.equal("false\tnil\n", output)
    assert.is_false(system.is_terminal(99))
    assert.has_error(function() system.is_terminal("out") end,
      "bad argument #1 to 'is_terminal' (number expected, got string)")
  end)

  it("is whether a path is a regular file", function()
    local folder = directory.make()
    process.write_file(folder .. "/file", "")
    process.run("ln -s file " .. folder .. "/link; mkfifo " .. folder .. "/pipe")
    assert.is_true(system.is_regular(folder .. "/file"))
    assert.is_false(system.is_regular(folder .. "/link"))
    assert.is_false(system.is_regular(folder .. "/pipe"))
    assert.is_false(system.is_regular(folder))
    assert.is_false(system.is_regular("/dev/null"))
    assert.is_nil(system.is_regular(folder .. "/none"))
    directory.remove(folder)
  end)

  it("is what a path leads to", function()
    local folder = directory.make()
    local real = process.run("cd " .. folder .. " && pwd -P"):gsub("\n", "")
    process.write_file(folder .. "/file", "")
    process.run(("cd %s; ln -s file link; ln -s link second; ln -s none broken"):format(folder))
    for _, name in ipairs { "file", "link", "second", "./link" } do
      assert.equal(real .. "/file", system.resolve(folder .. "/" .. name))
    end
    assert.equal(real, system.resolve(folder))
    assert.is_nil(system.resolve(folder .. "/broken"))
    assert.is_nil(system.resolve(folder .. "/none"))
    directory.remove(folder)
  end)

  it("is a new file beside another, with its permissions", function()
    local folder = directory.make()
    local path = folder .. "/file"
    local first = system.create_beside(path)
    local second = system.create_beside(path)
    assert.matches("^" .. path:gsub("%-", "%%-") .. "%.%w%w%w%w%w%w$", first)
    assert.not_equal(first, second)
    assert.equal("", process.read_file(first))
    local function permissions(of)
      return (process.run("stat -c %a " .. of):gsub("\n", ""))
    end
    local umask = process.run("umask")
    assert.equal(("%o"):format(438 & ~tonumber(umask, 8)), permissions(first))
    process.write_file(path, "")
    process.run("chmod 640 " .. path)
    assert.equal("640", permissions(system.create_beside(path)))
    directory.remove(folder)
    assert.same({ nil, "No such file or directory", n = 2 },
      table.pack(system.create_beside(path)))
  end)

  it("is a clock that never goes back", function()
    local before = system.monotonic()
    assert.is_true(system.monotonic() >= before)
    assert.equal("float", math.type(before))
  end)

  it("is that a broken pipe be an error", function()
    local _, message = process.run("lua5.4 -e " .. process.quote([[
      require("exectrack.command.system").ignore_broken_pipes()
      local ok, problem
      repeat
        ok, problem = io.write(("x"):rep(65536))
      until not ok
      io.stderr:write(problem)]]) .. " | true")
    assert.equal("Broken pipe", message)
  end)
end)
