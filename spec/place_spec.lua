local core = require("exectrack.core")
local encode = require("spec.support.encode")
local exectrack = require("exectrack")
local format = require("exectrack.format")
local pieces = require("spec.support.pieces")
local random = require("spec.support.random")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 40

setup(function() random.seed("place_spec") end)

--- A run of executions with these places, false for none, that ended one second after another.
local function run_of(places, max_history)
  local importer = core.importer(exectrack.new { max_history = 0 }, max_history)
  for i, place in ipairs(places) do
    importer:add { tool = "a", status = "success", timestamp = i, place = place or nil }
  end
  return importer:build()
end

--- The places of all records, false for none.
local function places_of(snapshot)
  local places = {}
  for i, record in snapshot:iter() do
    places[i] = record.place or false
  end
  return places
end

local function assert_comes_back(snapshot)
  assert.is_true(assert(exectrack.from_table(snapshot:to_table())) == snapshot)
  assert.is_true(assert(exectrack.from_bytes(snapshot:bytes())) == snapshot)
end

-- Beginnings and ends of places, of which some together look like others.
local FILES = { "", "a", "a.jsonl", "chat.json: messages", "[", ":", "a:", "a[", "0", "7",
  "(other)", "\195\164\0\255", ("x"):rep(254) }
local NUMBERS = { "", ":1", ":01", ":0", "[2]", "[02]", "[0]", ":", "[]", "]", ":4294967295",
  ":4294967296", "[4294967295]", "[4294967296]", ":99999999999999999999", ":1:2", "[1][2]", "1" }

describe("A place", function()
  it("is kept by an importer, as any text", function()
    local places = { false }
    for _, file in ipairs(FILES) do
      for _, number in ipairs(NUMBERS) do
        local place = file .. number
        places[#places + 1] = #place <= 255 and place ~= "" and place or nil
      end
    end
    assert.is_true(#places > 200)
    local snapshot = run_of(places)
    assert.same(places, places_of(snapshot))
    assert_comes_back(snapshot)
  end)

  it("is none if it is empty", function()
    assert.same({ false }, places_of(run_of { "" }))
  end)

  it("of a file with a long name keeps the name's end, in whole characters", function()
    local long = ("x"):rep(300)
    local wide = "\226\130\172" -- three bytes
    assert.same({
      "\226\128\166" .. ("x"):rep(252) .. ":4294967295",
      "\226\128\166" .. ("x"):rep(251) .. "[7]",
      "\226\128\166" .. wide:rep(84),
      "\226\128\166" .. wide:rep(83) .. "a:8",
      long:sub(1, 255) .. ":9",
    }, places_of(run_of { long .. ":4294967295", long .. "[7]", wide:rep(100),
      wide:rep(100) .. "a:8", long:sub(1, 255) .. ":9" }))
  end)

  it("is in every kind of record table of a snapshot", function()
    local snapshot = run_of { "a:1", false, "b:2" }
    assert.equal("a:1", snapshot[1].place)
    assert.is_nil(snapshot[2].place)
    assert.equal("b:2", snapshot:records()[3].place)
    assert.equal("b:2", snapshot:recent_executions(1)[1].place)
    assert.same({ "a:1", false, "b:2" }, snapshot:column("place"))
    local seen = {}
    snapshot:filter { where = function(record) seen[#seen + 1] = record.place or false end }
    assert.same({ "a:1", false, "b:2" }, seen)
  end)

  it("follows the record in the order of the run, of which the last are kept", function()
    local importer = core.importer(exectrack.new { max_history = 0 }, 3)
    for i, second in ipairs { 5, 1, 4, 2, 3 } do
      importer:add { tool = "a", status = "success", timestamp = second, place = "a:" .. i }
    end
    local snapshot = importer:build()
    assert.same({ "a:5", "a:3", "a:1" }, places_of(snapshot))
    assert_comes_back(snapshot)
  end)

  it("is accepted by a tracker, which doesn't keep it", function()
    local tracker = exectrack.new(2)
    tracker:record { tool = "a", status = "success", place = "a:1" }
    assert.is_nil(tracker:recent_executions(1)[1].place)
    assert.same({ false }, tracker:snapshot():column("place"))
    for _, record in ipairs { 5, true, {} } do
      assert.has_error(function()
        tracker:record { tool = "a", status = "success", place = record }
      end, ("bad argument #1 to 'record' (place: string expected, got %s)"):format(type(record)))
    end
  end)

  it("is taken from lines of JSON as from tables", function()
    local places = { "a:1", "b \"x\"\n:2", "\226\130\172[3]" }
    local importer = core.importer(exectrack.new { max_history = 0 })
    local _, count = importer:take('{"tool":"a","status":"success","place":"a:1","timestamp":1}\n'
      .. '{"tool":"a","status":"success","place":"b \\"x\\"\\n:2","timestamp":2}\n'
      .. '{"tool":"a","status":"success","timestamp":3,"place":"\\u20ac[3]"}\n', 1)
    assert.equal(3, count)
    assert.is_true(importer:build():records()[2].place == places[2])
  end)
end)

describe("The places of a run", function()
  --- What the run costs more than one without places.
  local function bytes_more(places)
    local without = {}
    for i in ipairs(places) do
      without[i] = false
    end
    return #run_of(places):bytes() - #run_of(without):bytes()
  end

  it("take no bytes if there are none", function()
    assert.equal(0, bytes_more { false, "" })
    assert.equal(0, #run_of({ "a:1", false }, 1):bytes() - #run_of({ false, false }, 1):bytes())
  end)

  it("take 8 bytes a record, and each file's name once", function()
    assert.equal(3 * 8 + 8 + 8, bytes_more { "a:1", "a:2", false })
    assert.equal(4 * 8 + 2 * 8 + 16, bytes_more { "a:1", "12345678:2", "a", "12345678:1" })
  end)

  it("are those of the records that are selected, with their files alone", function()
    local snapshot = run_of { "other.jsonl:1", "b:2", false, "c:4", "b:5" }
    local selected = snapshot:filter { since = 4 }
    assert.same({ "c:4", "b:5" }, places_of(selected))
    assert.is_nil(selected:bytes():find("other.jsonl", 1, true))
    assert_comes_back(selected)
    assert.is_true(selected:filter { since = 5 } == snapshot:filter { since = 5 })
    local none = snapshot:filter { since = 3, before = 4 }
    assert.same({ false }, places_of(none))
    assert_comes_back(none)
    assert_comes_back(snapshot:filter { last = 0 })
  end)

  it("are united in a merged run, whatever the order of the runs", function()
    local runs = { run_of { "b:1", "a:2", "(other):3" }, run_of { "a:1", false, "c:3" },
      run_of { false, false } }
    local merged = exectrack.merge(runs)
    assert.same({ false, "a:1", "b:1", false, false, "a:2", "c:3", "(other):3" },
      places_of(merged))
    assert_comes_back(merged)
    assert.is_true(merged == exectrack.merge { runs[3], runs[2], runs[1] })
    local newest = exectrack.merge({ runs[2], runs[1] }, { max_history = 2 })
    assert.same({ "c:3", "(other):3" }, places_of(newest))
    assert_comes_back(newest)
  end)

  it("of equal records are told apart by file and then by line", function()
    local first, second = run_of { "b:10" }, run_of { "b:9" }
    local third = run_of { "a[11]" }
    local merged = exectrack.merge { first, second, third }
    assert.same({ "a[11]", "b:9", "b:10" }, places_of(merged))
    assert.is_true(merged == exectrack.merge { third, second, first })
  end)

  it("come back from random runs, selected and merged", function()
    local function random_run()
      local places = {}
      for i = 1, math.random(0, 100) do
        places[i] = math.random(3) > 1
          and random.pick { "a", "b", "c" } .. random.pick { ":", "[" } .. math.random(9) or false
      end
      return run_of(places, random.pick { 5, 1000 }), places
    end
    for _ = 1, ROUNDS do
      local run, places = random_run()
      local kept = {}
      for i = #places - #run + 1, #places do
        kept[#kept + 1] = places[i]
      end
      assert.same(kept, places_of(run))
      local other = random_run()
      local selected = run:filter { since = math.random(100) }
      for _, snapshot in ipairs { run, selected, exectrack.merge { run, other } } do
        assert_comes_back(snapshot)
      end
      assert.is_true(exectrack.merge { run, other, selected }
        == exectrack.merge { selected, run, other })
    end
  end)
end)

describe("Formats", function()
  --- The places in a text that comes in pieces of a few bytes.
  local function places_in(text, options)
    return places_of(assert(format.read(pieces(text, 7), nil, options)))
  end

  it("write a place only where there is one", function()
    local run = run_of { "=a\27.jsonl:1", false }
    assert.equal('{"tool":"a","status":"success","timing":"untimed","was_cached":false,'
      .. '"place":"=a\\u001b.jsonl:1","timestamp":1.000000}\n'
      .. '{"tool":"a","status":"success","timing":"untimed","was_cached":false,'
      .. '"timestamp":2.000000}\n', encode("jsonl", run))
    assert.equal("tool,status,duration_ms,timing,was_cached,error_type,args_hash,result_hash,"
      .. "session,depth,timestamp,place\r\n"
      .. "a,success,,untimed,false,,0,0,,0,1.000000,'=a\\x1b.jsonl:1\r\n"
      .. "a,success,,untimed,false,,0,0,,0,2.000000,\r\n", encode("csv", run))
    assert.is_nil(encode("csv", run_of { false }):find("place", 1, true))
    local records = encode("json", run):match('"records":%[\n(.-)%]')
    assert.equal(1, select(2, records:gsub('"place":"=a\\u001b%.jsonl:1","status"', "")))
  end)

  it("write places before measures in CSV, and read both again", function()
    local importer = core.importer(exectrack.new { max_history = 0 })
    importer:add { tool = "a", status = "success", timestamp = 1, place = "x:1",
      measures = { cost = 2 } }
    local text = encode("csv", importer:build())
    assert.equal("depth,timestamp,place,measures.cost\r\n", text:match("depth[^\n]*\n"))
    assert.equal("1.000000,x:1,2\r\n", text:match("1%.0[^\n]*\n"))
    assert.same({ "x:1" }, places_in(text))
  end)

  it("read a place in lines of others, and where it is mapped to", function()
    assert.same({ "a:1", "12", false }, places_in(
      '{"name":"a","ok":true,"ts":1,"place":"a:1"}\n{"name":"a","ok":true,"ts":2,"place":12}\n'
      .. '{"name":"a","ok":true,"ts":3,"place":""}\n'))
    assert.same({ "b:7" }, places_in('{"name":"a","ok":true,"at":{"line":"b:7"},"place":"Rome"}\n',
      { map = { place = "at.line" } }))
    assert.same({ false }, places_in('{"name":"a","ok":true,"place":"Rome"}\n',
      { map = { place = "" } }))
    assert.same({ "a:1", false }, places_in("Name,OK,Place\na,true,a:1\na,true,-\n"))
  end)
end)

describe("from_table refuses", function()
  local function assert_refused(expected, place)
    local form = run_of({ "a:1" }):to_table()
    form.records[1].place = place
    local snapshot, message, code = exectrack.from_table(form)
    assert.is_nil(snapshot)
    assert.equal(expected, message)
    assert.equal("invalid", code)
  end

  it("a place that can't be one", function()
    assert_refused("records[1].place: a string expected, got 5", 5)
    assert_refused("records[1].place: a file of 1 to 255 bytes expected, got 0", "")
    assert_refused("records[1].place: a file of 1 to 255 bytes expected, got 256",
      ("x"):rep(256) .. ":1")
    assert_refused("records[1].place: at most 266 bytes expected, got 267", ("x"):rep(267))
  end)
end)
