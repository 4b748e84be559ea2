local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local portable = require("spec.support.portable")
local watches = require("exectrack.command.watch")

local folder, clock, watch

local function new(max_history)
  return exectrack.new { max_history = max_history or 10, clock = clock.read }
end

--- Records executions that took these milliseconds, and saves the run.
local function save(tracker, name, ...)
  for _, duration_ms in ipairs { ... } do
    tracker:record("read", "success", duration_ms)
  end
  assert(tracker:snapshot():save(folder.path .. "/" .. name))
end

--- A watch over these files of the folder.
local function watch_over(...)
  local paths = {}
  for i, name in ipairs { ... } do
    paths[i] = folder.path .. (name == "" and "" or "/" .. name)
  end
  watch = watches.new(paths)
end

--- What is new at the next look: a text for each file with something new, and for each problem.
local function look()
  local found, problems = watch:look()
  local texts = {}
  local function add(file)
    local durations = file.new and table.concat(file.new:column("duration_ms"), " ") or ""
    if durations ~= "" or file.lost > 0 then
      texts[#texts + 1] = file.path:sub(#folder.path + 2) .. ": " .. durations
        .. (file.lost > 0 and " lost " .. file.lost or "")
    end
  end
  for _, file in ipairs(found) do
    if file.renamed then
      add(file.renamed)
    end
    add(file)
  end
  for _, problem in ipairs(problems) do
    texts[#texts + 1] = problem.message:sub(#folder.path + 2)
  end
  return texts
end

before_each(function()
  folder, clock = import_command.new(), clocks.new()
end)

after_each(function()
  folder:remove()
end)

describe("a watch over runs", function()
  it("names what in a folder is called like a run and isn't a file, once", function()
    local tracker, problem = new(), ": it isn't a file, or leads to none"
    save(tracker, "a.run", 1)
    folder:shell("ln -s none b.run; mkfifo c.run; mkdir d.run")
    watch_over("")
    assert.same({ "a.run: 1", "b.run" .. problem, "c.run" .. problem }, look())
    assert.equal(3, (select(3, watch:look())))
    assert.same({}, look())
    save(new(), "none", 2)
    assert.same({ "b.run: 2" }, look())
  end)

  it("finds what is new at each look", function()
    local tracker = new(3)
    save(tracker, "a.run", 5, 0, 1, 2)
    watch_over("a.run")
    assert.same({ "a.run: 0 1 2" }, look()) -- what was before that isn't lost to it
    assert.same({}, look())
    save(tracker, "a.run", 3)
    assert.same({ "a.run: 3" }, look())
    save(tracker, "a.run", 4, 5, 6, 7, 8)
    assert.same({ "a.run: 6 7 8 lost 2" }, look())
    save(new(1), "a.run", 1, 2)
    assert.same({ "a.run: 2 lost 1" }, look())
  end)

  it("finds new files in a folder, and loses those that are gone", function()
    watch_over("")
    assert.same({}, look())
    save(new(), "b.run", 1)
    save(new(), "a.run", 2, 3)
    folder:write("c.jsonl", "")
    assert.same({ "a.run: 2 3", "b.run: 1" }, look())
    os.remove(folder.path .. "/a.run")
    assert.same({}, look())
    assert.equal(1, #watch:look())
  end)

  it("looks at each file once, however it is named", function()
    save(new(), "a.run", 1)
    folder:shell("ln -s a.run b.run")
    watch_over("a.run", "./a.run", "", "b.run")
    assert.same({ "a.run: 1" }, look())
  end)

  it("finds the last records of a run that was renamed when another took its place", function()
    local tracker = new()
    save(tracker, "a.run", 1)
    save(new(), "a-b.run", 9)
    watch_over("a.run")
    look()
    save(tracker, "a-20260101T000000Z.run", 2)
    save(new(), "a.run", 3)
    assert.same({ "a-20260101T000000Z.run: 2", "a.run: 3" }, look())
    save(new(), "a.run", 4)
    assert.same({ "a.run: 4" }, look()) -- the one before is gone
    assert.is_true(watch:look()[1].is_replaced == false)
  end)

  it("finds them once in a folder, too", function()
    local tracker = new()
    save(tracker, "a.run", 1)
    watch_over("")
    look()
    save(tracker, "a-20260101T000000Z.run", 2)
    save(new(), "a.run", 3)
    assert.same({ "a-20260101T000000Z.run: 2", "a.run: 3" }, look())
  end)

  it("finds no records if only lifetimes are wanted", function()
    local tracker = new()
    save(tracker, "a.run", 1, 2)
    watch = watches.new({ folder.path }, "lifetimes")
    local file = watch:look()[1]
    assert.same({ 0, 2, 0, 2 }, { #file.snapshot, (file.snapshot:totals()), #file.new,
      file.position.recorded })
    assert.is_nil(watch:look()[1].new)
    save(tracker, "a.run", 3)
    file = watch:look()[1]
    assert.same({ 0, 3, 0 }, { #file.snapshot, (file.snapshot:totals()), #file.new })
  end)

  it("takes nothing in a copy for new", function()
    local tracker = new()
    save(tracker, "a.run", 1, 2)
    watch_over("")
    look()
    save(new(), "c.run", 7)
    folder:shell("cp a.run b.run")
    assert.same({ "c.run: 7" }, look())
    save(tracker, "a.run", 3, 4)
    assert.same({ "a.run: 3 4" }, look())
    folder:shell("cp a.run b.run")
    assert.same({}, look())
  end)

  it("takes all for new in a file that went back", function()
    local tracker = new()
    save(tracker, "a.run", 1, 2)
    folder:shell("cp a.run old")
    watch_over("a.run")
    look()
    save(tracker, "a.run", 3)
    assert.same({ "a.run: 3" }, look())
    folder:shell("cp old a.run")
    assert.same({ "a.run: 1 2" }, look())
  end)

  it("says what can't be read once, and only if that lasts", function()
    local tracker = new()
    save(tracker, "a.run", 1)
    watch_over("a.run", "b.run")
    assert.same({ "a.run: 1", "b.run: No such file or directory" }, look())
    folder:write("a.run", "")
    assert.equal(1, #watch:look()) -- as it was before
    save(tracker, "a.run")
    assert.same({}, look())
    os.remove(folder.path .. "/a.run")
    assert.same({}, look())
    assert.same({ "a.run: No such file or directory" }, look())
    assert.equal(0, #watch:look())
    save(tracker, "a.run", 2)
    save(new(), "b.run", 3)
    assert.same({ "a.run: 2", "b.run: 3" }, look())
    os.remove(folder.path .. "/b.run")
    look()
    assert.same({ "b.run: No such file or directory" }, look())
    assert.same({}, look())
  end)

  it("forgets a run that is in no file for 100 looks", function()
    local tracker = new()
    save(tracker, "a.run", 1)
    folder:shell("cp a.run old")
    watch_over("")
    local function look_without_it(times)
      look()
      os.remove(folder.path .. "/a.run")
      for _ = 1, times do
        look()
      end
      folder:shell("cp old a.run")
    end
    look_without_it(99)
    assert.same({}, look())
    look_without_it(100)
    assert.same({ "a.run: 1" }, look())
  end)

  it("begins with an error if something given can't be read, or there is nothing", function()
    watch_over("a.run")
    assert.same({ nil, folder.path .. "/a.run: No such file or directory" },
      { watch:first_look() })
    watch_over("")
    assert.same({ nil, folder.path .. ": no file in it has a name that ends in .run" },
      { watch:first_look() })
    watch_over("")
    assert.same({}, watch:first_look(true))
  end)

  it("is for files and folders that are there", function()
    assert.same({ nil, "-: it can't be followed, as it isn't a file", n = 2 },
      portable.pack(watches.check_paths { folder.path, "-" }))
    assert.same({ nil, "/dev/null: it can't be followed, as it isn't a file", n = 2 },
      portable.pack(watches.check_paths { "/dev/null" }))
    assert.is_true(watches.check_paths { folder.path, folder.path .. "/none" })
    local session = folder.path .. "#S"
    assert.same({ nil, session .. ": the totals of a session aren't known, only those of the whole "
      .. "run", n = 2 }, portable.pack(watches.check_whole { folder.path, session }))
    assert.is_true(watches.check_paths { session })
    assert.is_true(watches.check_whole { folder.path })
  end)
end)
