local core = require("exectrack.core")
local encode = require("spec.support.encode")
local exectrack = require("exectrack")
local mapping = require("exectrack.format.mapping")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 30
local MUTATIONS = ROUNDS * 500

local ID = "00000000-0000-4000-8000-000000000001"
local LEAST = '{"tool":"a","status":"success"}\n'

setup(function()
  random.seed("importer_take_spec")
  runs.has_unknowns = true
end)

local function new()
  return core.importer(exectrack.new { max_history = 0, max_tools = 65535, instance_id = ID })
end

--- Adds the execution of a line as the slow path does. Returns true; or nil and a message.
local function add(importer, mapper, line)
  local value, problem = exectrack.json.decode(line)
  if type(value) ~= "table" then
    return nil, problem or "an object expected"
  end
  local execution
  execution, problem = mapper:execution(value)
  if not execution then
    return nil, problem
  end
  return pcall(importer.add, importer, execution)
end

--- Fails unless the lines that are taken give the same as when they are added.
-- Returns how many were taken.
local function assert_taken_as_added(lines)
  local taking, adding, mapper = new(), new(), mapping.new {}
  local count = 0
  for _, line in ipairs(lines) do
    local position, taken = taking:take(line .. "\n", 1)
    assert.equal(taken == 1 and #line + 2 or 1, position)
    if taken == 1 then
      local ok, problem = add(adding, mapper, line)
      assert.is_true(ok, line .. ": " .. tostring(problem))
      count = count + 1
    end
  end
  assert.same(adding:counts(), taking:counts())
  assert.same({}, mapper:notes())
  local expected, actual = adding:build(), taking:build()
  if expected ~= actual then -- shows the difference
    assert.same(expected:records(), actual:records())
    assert.same(expected:to_table(), actual:to_table())
  end
  assert.is_true(expected == actual)
  return count
end

--- The lines of a random run as `convert` writes them.
local function random_lines(count)
  local tracker = runs.tracker({ max_history = 1000, measures = { { name = "cost", scale = 1e-6 },
    { name = "n" } } }, count)
  tracker:record { tool = "m", status = "success", measures = { cost = 0.25, n = 7 } }
  local lines = {}
  for line in encode("jsonl", tracker:snapshot()):gmatch("([^\n]+)\n") do
    lines[#lines + 1] = line
  end
  return lines
end

local BYTES = {}
for byte in ('{}[]":,.\\/-+0129aefilnrstuE \t\r\0\127\195\255'):gmatch(".") do
  BYTES[#BYTES + 1] = byte
end

--- The line with a byte at `i` taken out, doubled or replaced.
local function mutate(line, i)
  local before, after = line:sub(1, i - 1), line:sub(i + 1)
  return before .. random.pick { "", line:sub(i, i):rep(2), random.pick(BYTES) } .. after
end

describe("The method take of an importer", function()
  it("takes all that convert writes, as if it was added", function()
    for _ = 1, ROUNDS do
      local lines = random_lines()
      assert.equal(#lines, assert_taken_as_added(lines))
    end
  end)

  it("takes of lines that were changed somewhere only what means the same when added", function()
    local lines, mutated = random_lines(50), {}
    for i = 1, MUTATIONS do
      local line = random.pick(lines)
      for _ = 1, random.pick { 1, 1, 1, 2, 5 } do
        line = mutate(line, math.random(#line))
      end
      mutated[i] = line:gsub("\n", " ")
    end
    local taken = assert_taken_as_added(mutated)
    assert.is_true(taken > 0 and taken < MUTATIONS)
  end)

  it("takes of a line that was changed at each byte only what means the same", function()
    for _, line in ipairs(random_lines(3)) do
      local mutated = {}
      for i = 1, #line do
        mutated[#mutated + 1] = line:sub(1, i - 1) .. line:sub(i + 1)
        for _, byte in ipairs(BYTES) do
          mutated[#mutated + 1] = line:sub(1, i - 1) .. byte .. line:sub(i + 1)
          mutated[#mutated + 1] = line:sub(1, i) .. byte .. line:sub(i + 1)
        end
      end
      assert_taken_as_added(mutated)
    end
  end)

  it("takes whole lines from a position on, up to the first that isn't of our own", function()
    local importer = new()
    assert.same({ 1, 0 }, { importer:take("", 1) })
    assert.same({ 1, 0 }, { importer:take("\n", 1) })
    assert.same({ 1, 0 }, { importer:take(LEAST:sub(1, -2), 1) })
    assert.same({ #LEAST + 1, 1 }, { importer:take(LEAST, 1) })
    assert.same({ #LEAST + 1, 0 }, { importer:take(LEAST, #LEAST + 1) })
    assert.same({ #LEAST + 1, 0 }, { importer:take(LEAST, #LEAST + 5) })
    local text = "x\n" .. LEAST .. LEAST:gsub("\n", "\r\n") .. '{"tool":1}\n' .. LEAST
    assert.same({ 1, 0 }, { importer:take(text, 1) })
    assert.same({ 2 * #LEAST + 4, 2 }, { importer:take(text, 3) })
    assert.same({ 2 * #LEAST + 4, 0 }, { importer:take(text, 2 * #LEAST + 4) })
    assert.same({ #text + 1, 1 }, { importer:take(text, #text - #LEAST + 1) })
    assert.equal(4, importer:counts().executions)
  end)

  it("leaves longer lines than it may take", function()
    local importer, length = new(), #LEAST - 1
    assert.same({ 1, 0 }, { importer:take(LEAST, 1, length - 1) })
    assert.same({ #LEAST + 1, 1 }, { importer:take(LEAST, 1, length) })
  end)

  it("leaves a measure that is too many", function()
    local importer = new()
    local function line(names)
      return ('{"tool":"a","status":"success","measures":{%s}}\n'):format(
        (names:gsub("%a", '"%0":1')))
    end
    local text = line("a,b") .. line("c,d") .. line("e") .. line("a")
    local position, count = importer:take(text, 1)
    assert.same({ #line("a,b") * 2 + 1, 2 }, { position, count })
    assert.same({ "a", "b", "c", "d" }, (function()
      local names = {}
      for i, measure in ipairs(importer:build():measures()) do
        names[i] = measure.name
      end
      return names
    end)())
  end)

  it("checks its arguments", function()
    local importer = new()
    assert.has_error(function() importer:take(5, 1) end,
      "bad argument #1 to 'take' (string expected, got number)")
    assert.has_error(function() importer:take("", 0) end,
      "bad argument #2 to 'take' (an integer from 1 to 9223372036854775807 expected, got 0)")
    assert.has_error(function() importer:take("", 1, -1) end,
      "bad argument #3 to 'take' (an integer from 0 to 9223372036854775807 expected, got -1)")
  end)
end)
