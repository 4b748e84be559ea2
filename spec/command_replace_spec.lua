local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")
local targets = require("exectrack.command.target")

local CALL = '{"tool":"a","status":"success","duration_ms":1}\n'

local folder, before, after

before_each(function()
  folder = import_command.new()
  before, after = made_up.examples()
  assert(before:save(folder.path .. "/before.run"))
  assert(after:save(folder.path .. "/after.run"))
  folder:write("policy.lua", "return function() end")
  folder:write("calls.jsonl", CALL)
end)

after_each(function()
  folder:remove()
end)

--- Asserts that the command fails so, and that all files are as they were.
local function assert_keeps_all(problem, arguments)
  local names, contents = folder:files(), {}
  for _, name in ipairs(names) do
    contents[name] = process.read_file(folder.path .. "/" .. name)
  end
  local stdout, stderr, code = folder:shell(folder.command(arguments))
  assert.same({ "", "exectrack: " .. problem .. "\n", 1 }, { stdout, stderr, code })
  assert.same(names, folder:files())
  for name, content in pairs(contents) do
    assert.is_true(content == process.read_file(folder.path .. "/" .. name), name)
  end
end

local function assert_works(arguments)
  local _, stderr, code = folder:shell(folder.command(arguments))
  assert.same({ "", 0 }, { stderr, code })
end

describe("a saved run", function()
  it("is never replaced by a report or a conversion", function()
    for _, name in ipairs { "before.run", "after.run" } do
      for _, arguments in ipairs { "report before.run --format text",
        "show before.run --format html", "compare before.run after.run --format csv",
        "convert before.run --to csv", "replay before.run --policy policy.lua --format json" } do
        assert_keeps_all(name .. ": it is a saved run, and isn't replaced by anything else",
          arguments .. " -o " .. name)
      end
    end
  end)

  it("is in no file that can't be read, as far as is known", function()
    if process.run("id -u") == "0\n" then
      return pending("root may read everything")
    end
    folder:shell("chmod 200 after.run")
    local problem = "after.run: Permission denied"
    for _, arguments in ipairs { "convert before.run --to csv -o after.run",
      "merge before.run -o after.run" } do
      local _, stderr = folder:shell(folder.command(arguments))
      assert.equal("exectrack: " .. problem .. "\n", stderr)
    end
    folder:shell("chmod 600 after.run")
    assert.is_true(exectrack.load(folder.path .. "/after.run") == after)
  end)

  it("is in nothing that can be opened but not read", function()
    assert.same({ nil, "Is a directory" }, { targets.first_bytes(folder.path) })
    folder:write("empty", "")
    assert.equal("", (targets.first_bytes(folder.path .. "/empty")))
  end)

  it("is one whatever its name, and if it is damaged", function()
    folder:write("report.html", after:bytes())
    folder:write("old.csv", after:bytes():sub(1, 100))
    assert_keeps_all("report.html: it is a saved run, and isn't replaced by anything else",
      "report before.run -o report.html")
    assert_keeps_all("old.csv: it is a saved run, and isn't replaced by anything else",
      "convert before.run -o old.csv")
  end)

  it("isn't replaced through a link, either", function()
    folder:shell("ln -s after.run link.run; ln -s link.run report.html; ln after.run hard.html")
    for _, name in ipairs { "link.run", "report.html", "hard.html" } do
      assert_keeps_all(name .. ": it is a saved run, and isn't replaced by anything else",
        "report before.run -o " .. name)
    end
  end)

  it("may be replaced by another", function()
    assert_works("merge -o after.run before.run")
    assert.equal(#before, #folder:load("after.run"))
    assert_works("import calls.jsonl -o after.run")
    assert.equal(1, #folder:load("after.run"))
    folder:write("after.run", after:bytes():sub(1, 100))
    assert_works("import calls.jsonl -o after.run")
    assert.equal(1, #folder:load("after.run"))
  end)

  it("may be replaced by another through a link, which stays", function()
    folder:shell("ln -s after.run link.run")
    assert_works("merge -o link.run before.run")
    assert.equal(#before, #folder:load("after.run"))
    assert.equal("after.run\n", (folder:shell("readlink link.run")))
  end)
end)

describe("a file that is no saved run", function()
  local PROBLEM = ": it isn't a saved run, so it isn't overwritten"

  it("is never replaced by a run", function()
    for _, text in ipairs { CALL, "exectrack", "EXECTRAK", "exectra" } do
      folder:write("other", text)
      assert_keeps_all("other" .. PROBLEM, "merge -o other before.run after.run")
      assert_keeps_all("other" .. PROBLEM, "import calls.jsonl -o other")
    end
    assert_keeps_all("calls.jsonl" .. PROBLEM, "import calls.jsonl -o calls.jsonl")
    assert_keeps_all("policy.lua" .. PROBLEM, "merge -o policy.lua before.run")
  end)

  it("isn't replaced through a link, either", function()
    folder:write("note", "a note")
    folder:shell("ln -s note all.run")
    assert_keeps_all("all.run" .. PROBLEM, "merge -o all.run before.run after.run")
    assert_keeps_all("all.run" .. PROBLEM, "import calls.jsonl -o all.run")
  end)

  it("is named as it was given", function()
    folder:shell("mkdir -p a/sub; ln -s a/sub link")
    for _, arguments in ipairs { "convert before.run --to csv", "merge before.run" } do
      local _, stderr, code = folder:shell(folder.command(arguments .. " -o link"))
      assert.same({ "exectrack: link: Is a directory\n", 1 }, { stderr, code })
    end
  end)

  it("may be replaced by a report or a conversion", function()
    folder:write("out", "old")
    assert_works("report before.run -o out --format csv")
    assert.matches("^section,", process.read_file(folder.path .. "/out"))
    assert_works("convert before.run -o out --to csv")
    assert.matches("^tool,", process.read_file(folder.path .. "/out"))
    assert.same({ "after.run", "before.run", "calls.jsonl", "out", "policy.lua" },
      directories.list(folder.path))
  end)
end)
