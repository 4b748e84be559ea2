local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local follow = require("exectrack.command.push_follow")
local http = require("exectrack.command.push_http")
local process = require("spec.support.process")
local push = require("exectrack.command.push")
local runs = require("exectrack.command.runs")
local system = require("exectrack.command.system")

local NAMES = { "delay_end", "monotonic", "wait_for_end" }

local folder, kept, note, now, waits, notes

--- What sends runs: `answers` are what it returns for each.
local function new_pushing(answers)
  local pushing = { requests = 0 }
  function pushing.accepted()
    return pushing.requests
  end
  pushing.settled, pushing.known = pushing.accepted, function() return {} end
  pushing.keep = function() return true end
  pushing.is_keep_due = function() return false end
  function pushing.receivers()
    return "H"
  end
  function pushing.summary()
    return "sent"
  end
  function pushing.send(self)
    local failures = table.remove(answers, 1)
    self.requests = self.requests + (failures and 0 or 1)
    return not failures or nil, failures or nil
  end
  return pushing
end

local function refused(signal)
  return { { message = signal .. ": no", code = "refused", signal = signal, url = signal } }
end

before_each(function()
  folder, kept, now, waits, notes, note = directory.make(), {}, 0, {}, {}, runs.note
  for _, name in ipairs(NAMES) do
    kept[name] = system[name]
  end
  function system.delay_end()
    return true
  end
  function system.monotonic()
    return now
  end
  function runs.note(text)
    notes[#notes + 1] = text
  end
  --- Waits, but ends after five times.
  function system.wait_for_end(seconds)
    if seconds > 0 then
      now = now + seconds
      waits[#waits + 1] = seconds
    end
    return #waits == 5
  end
end)

after_each(function()
  for _, name in ipairs(NAMES) do
    system[name] = kept[name]
  end
  runs.note = note
  directory.remove(folder)
end)

local function save(name)
  local tracker = exectrack.new(10)
  tracker:record("a", "success", 1)
  assert(tracker:snapshot():save(folder .. "/" .. name))
end

describe("exectrack push --follow", function()
  it("tries once a minute while all is refused, and as usual when it works", function()
    save("a.run")
    local pushing = new_pushing { refused("x"), refused("x"), refused("y") }
    assert.equal(0, follow(pushing, { folder }, 10))
    assert.same({ 60, 60, 60, 10, 10 }, waits)
    assert.same({ "sends 1 run to H every 10 s", "x: no: trying again every 60 s",
      "y: no: trying again every 60 s", "it works again: y", "ends; sent" }, notes)
  end)

  it("ends with one line, and the code of an interruption, by Ctrl-C", function()
    local wait, new = system.wait_for_end, {}
    function system.wait_for_end(seconds)
      local has_ended = wait(seconds)
      for _, name in ipairs(has_ended and seconds > 0 and new or {}) do
        save(name)
      end
      return has_ended, has_ended
    end
    save("a.run")
    assert.same({ nil, "interrupted; sent", 130 }, { follow(new_pushing {}, { folder }, 10) })
    waits, new = {}, { "b.run", "c.run", "d.run", "e.run" }
    local last = "interrupted; sent; not all was sent; v: no; w: no; x: no; and 1 more"
    assert.same({ nil, last, 130 },
      { follow(new_pushing { false, refused("v"), refused("w"), refused("x"), refused("y") },
      { folder }, 10) })
    assert.same({ "sends 1 run to H every 10 s", "sends 1 run to H every 10 s" }, notes)
  end)

  it("goes on as usual with other runs while one is refused", function()
    save("a.run")
    save("b.run")
    assert.equal(1, follow(new_pushing { refused("x"), false, refused("x") }, { folder }, 10))
    assert.same({ 10, 10, 10, 10, 10 }, waits)
    assert.same({ "sends 2 runs to H every 10 s", "x: no: trying again every 60 s",
      "ends; sent; not all was sent" }, notes)
  end)

  it("keeps to an interval that is longer", function()
    save("a.run")
    follow(new_pushing { refused("x"), refused("x") }, { folder }, 300)
    assert.same({ 300, 300, 300, 300, 300 }, waits)
  end)

  it("keeps what was sent every 5 seconds, also in the middle of many runs", function()
    for _, name in ipairs { "a", "b", "c", "d" } do
      save(name .. ".run")
    end
    local post = http.post
    for _, is_followed in ipairs { false, true } do
      local state, kept_runs = folder .. "/state" .. tostring(is_followed), {}
      function http.post()
        now = now + 1
        local _, count = process.read_file(state):gsub('"done"', "")
        kept_runs[#kept_runs + 1] = count / 2 -- of both signals
        return 200, {}, ""
      end
      assert.equal(0, push.run { runs = { folder }, state = state, follow = is_followed or nil,
        header = {} })
      assert.same({ 0, 0, 0, 0, 0, 0, 3, 3 }, kept_runs)
      assert.equal(("sent metrics and %d spans of 4 runs to http://localhost:4318"):format(
        is_followed and 4 or 8), notes[#notes]:match("sent.*"))
    end
    http.post = post
  end)

  it("says so if there is nothing to send yet", function()
    save("a.txt")
    assert.equal(0, follow(new_pushing {}, { folder }, 10))
    assert.same({ folder .. ": no file in it has a name that ends in .run",
      "sends 0 runs to H every 10 s", "ends; sent" }, notes)
  end)
end)
