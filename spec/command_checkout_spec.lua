local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local process = require("spec.support.process")

local LUA = process.LUA
local BUILD = assert(os.getenv("EXECTRACK_BUILD"), "EXECTRACK_BUILD isn't set")
local WITHOUT_PATHS = "env -u LUA_PATH -u LUA_CPATH -u LUA_PATH_5_4 -u LUA_CPATH_5_4"
local WITH_OTHERS = "env -u LUA_PATH_5_4 -u LUA_CPATH_5_4 LUA_PATH='/none/?.lua' "
  .. "LUA_CPATH='/none/?.so'"

local directory, checkout, quoted

--- The title of the report that the command prints when it is run as `program` in `folder`, a path
-- from the checkout.
local function title(folder, program, environment)
  local stdout, stderr, code = process.run(("cd %s/%s && %s %s report %s/a.run"):format(quoted,
    folder, environment, program, directory))
  assert.same({ "", 0 }, { stderr, code })
  return stdout:match("^[^\n]*")
end

-- A checkout that is built, in a folder whose name patterns and shells don't take as it is.
setup(function()
  directory = directories.make()
  checkout = directory .. "/a check-out"
  quoted = process.quote(checkout)
  process.run(("mkdir -p %s/build/lua/exectrack/command && cp -R bin lua %s"):format(quoted,
    quoted))
  for _, name in ipairs { "core", "command/system" } do
    process.run(("cp %s/lua/exectrack/%s.so %s/build/lua/exectrack/%s.so"):format(
      process.quote(BUILD), name, quoted, name))
  end
  local tracker = exectrack.new { label = "a run" }
  tracker:record("a", "success", 1)
  assert(tracker:snapshot():save(directory .. "/a.run"))
end)

teardown(function()
  directories.remove(directory)
end)

describe("the command of a checkout", function()
  it("finds the modules beside it, wherever it is started and however it is called", function()
    for _, environment in ipairs { WITHOUT_PATHS, WITH_OTHERS } do
      for _, call in ipairs {
        { ".", "bin/exectrack" },
        { ".", "./bin/exectrack" },
        { "bin", "exectrack" },
        { "lua", "../bin/exectrack" },
        { "..", "'a check-out/bin/exectrack'" },
        { "..", quoted .. "/bin/exectrack" },
      } do
        assert.equal("a run", title(call[1], LUA .. " " .. call[2], environment), call[2])
      end
    end
  end)

  it("starts by itself, with Lua 5.4", function()
    if _VERSION ~= "Lua 5.4" then
      return pending("the module here isn't for Lua 5.4")
    end
    for _, environment in ipairs { WITHOUT_PATHS, WITH_OTHERS } do
      assert.equal("a run", title("bin", "./exectrack", environment))
      assert.equal("a run", title("..", "PATH=" .. quoted .. "/bin:\"$PATH\" exectrack",
        environment))
    end
  end)

  it("takes what was built for its version of Lua, in a folder of its own", function()
    local folder = package.loaded.jit and "luajit" or _VERSION:lower():gsub(" ", "")
    process.run(("cp -R %s %s/several && cd %s/several/build && mkdir %s && cp -R lua %s/lua "
      .. "&& echo 'for another version' >lua/exectrack/core.so"):format(quoted, directory,
      directory, folder, folder))
    assert.equal("a run", title("../several", LUA .. " bin/exectrack", WITHOUT_PATHS))
  end)

  it("says in one line that it doesn't find its modules, as through a link to it", function()
    local problem = "exectrack: module '%s' not found: install exectrack, or start bin/exectrack "
      .. "of a built checkout by its own path, not through a link to it\n"
    process.run(("cd %s && mkdir links && ln -s %s/bin/exectrack links && mkdir unbuilt "
      .. "&& cp -R %s/bin %s/lua unbuilt"):format(directory, quoted, quoted, quoted))
    for _, environment in ipairs { WITHOUT_PATHS, WITH_OTHERS } do
      assert.same({ "", problem:format("exectrack.command"), 1 },
        { process.run(("%s %s %s/links/exectrack --version"):format(environment, LUA,
          directory)) })
      assert.same({ "", problem:format("exectrack.command.system"), 1 },
        { process.run(("%s %s %s/unbuilt/bin/exectrack --version"):format(environment, LUA,
          directory)) })
    end
    assert.equal("a run", title("bin", LUA .. " link", "ln -sf exectrack link; " .. WITHOUT_PATHS))
  end)

  it("says that it doesn't run on Windows, whose paths have backslashes", function()
    local problem = "exectrack: the command doesn't run on Windows yet, only the module does\n"
    local call = LUA .. [[ -e 'package.config = "\\"' %s/bin/exectrack --version]]
    assert.same({ "", problem, 1 }, { process.run(call:format(quoted)) })
  end)

  it("takes the modules that Lua finds without it", function()
    local other = directory .. "/other"
    process.run(("cp -R %s/lua %s"):format(quoted, other))
    process.write_file(other .. "/exectrack/command/init.lua",
      "return function() print('another') return 0 end")
    assert.equal("another", title(".", LUA .. " bin/exectrack",
      ("LUA_PATH='%s/?.lua;%s/?/init.lua;;'"):format(other, other)))
  end)

  it("runs nothing of the directory that it stands in", function()
    local hostile = directory .. "/hostile"
    local run_it = "io.stderr:write('hostile\\n') os.exit(3)"
    process.run(("mkdir -p %s/exectrack/command"):format(hostile))
    for _, name in ipairs { "exectrack", "exectrack/init", "exectrack/core", "exectrack/command",
      "exectrack/command/init", "exectrack/command/system", "argparse", "cjson" } do
      process.write_file(("%s/%s.lua"):format(hostile, name), run_it)
      process.write_file(("%s/%s.so"):format(hostile, name), "no library: an error if it is loaded")
    end
    process.write_file(hostile .. "/calls.jsonl",
      '{"tool":"a","status":"success","duration_ms":1}\n')
    for _, environment in ipairs { WITHOUT_PATHS,
      WITHOUT_PATHS .. " LUA_PATH='./?.lua;?/init.lua;;' LUA_CPATH=';;./?.so;?.so'" } do
      for arguments, expected in pairs { ["import calls.jsonl -o calls.run"] =
        "calls.run: 1 execution of 1 tool\n1 undated\n",
        ["merge calls.run -o calls.run"] = "calls.run: 1 run, 1 tool, 1 record\n",
        ["--version"] = exectrack._VERSION .. "\n" } do
        process.run(("cd %s && cp ../a.run calls.run"):format(hostile))
        local call = ("cd %s && %s %s %s/bin/exectrack %s"):format(hostile, environment, LUA,
          quoted, arguments)
        assert.same({ expected, "", 0 }, { process.run(call) })
      end
    end
  end)
end)
