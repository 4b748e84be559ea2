local directory = require("spec.support.directory")
local folder = require("exectrack.command.folder")
local process = require("spec.support.process")

local START = 1767225600 -- 2026-01-01 00:00:00 UTC

describe("the files in a folder", function()
  local path

  before_each(function()
    path = directory.make()
  end)

  after_each(function()
    directory.remove(path)
  end)

  local function shell(command)
    local _, problem, code = process.run("export TZ=UTC; cd " .. path .. "; " .. command)
    assert.same({ "", 0 }, { problem, code })
  end

  local function any()
    return true
  end

  --- The paths of files below the folder.
  local function names(files)
    local all = {}
    for i, file in ipairs(files) do
      all[i] = file.path:sub(#path + 2)
    end
    return all
  end

  it("are those below it, too, the oldest first, and then by their paths", function()
    shell([[mkdir -p b/c; printf abc >w; touch -t 202601010000.30 z
      touch -t 202601010000.20 b/c/x b/a w; touch -t 202601010000.10 b/y]])
    local files = folder.files(path, any)
    assert.same({ "b/y", "b/a", "b/c/x", "w", "z" }, names(files))
    assert.same({ path = path .. "/w", bytes = 3, modified = START + 20 }, files[4])
    assert.same({ path .. "/b/y" }, { folder.files(path .. "//", any)[1].path })
  end)

  it("are those that are wanted, and not older than that", function()
    shell([[mkdir d.x; touch -t 202601010000.10 a.x; touch -t 202601010000.20 b.x c.y]])
    local function is_x(name)
      return name:find("%.x$") ~= nil
    end
    assert.same({ "a.x", "b.x" }, names(folder.files(path, is_x)))
    assert.same({ "b.x" }, names(folder.files(path, is_x, START + 20)))
    assert.same({}, names(folder.files(path, is_x, START + 21)))
  end)

  it("are regular ones, and not in folders that are links", function()
    shell("mkdir a; touch a/x; ln -s a b; ln -s . a/loop; ln -s none c; ln -s a/x d; mkfifo e")
    assert.same({ "a/x", "d" }, names(folder.files(path, any)))
  end)

  it("can't be too deep", function()
    shell("p=.; for i in $(seq 63); do p=$p/f; done; mkdir -p $p; touch $p/x")
    assert.equal(1, #folder.files(path, any))
    shell("p=.; for i in $(seq 64); do p=$p/f; done; mkdir -p $p")
    local files, problems = folder.files(path, any)
    assert.equal(1, #files)
    assert.same({ path .. ("/f"):rep(64) .. ": more than 64 folders within each other" }, problems)
  end)

  it("can't be read of what isn't a folder", function()
    shell("touch x")
    assert.same({ nil, path .. "/x: Not a directory" }, { folder.files(path .. "/x", any) })
    assert.same({ nil, path .. "/y: No such file or directory" },
      { folder.files(path .. "/y", any) })
  end)
end)
