-- Runs in Neovim, with examples/neovim.lua as the module "tool_record": 20 coroutine tools and 20
-- callback tools at once, of which the policy admits eight at a time. A call that is denied is made
-- again when another has ended. Quits Neovim when all have ended but the one that never answers.
local record = require("tool_record")

local waiting, ended, most_in_flight = {}, 0, 0

local function after(ms, fn)
  local timer = vim.loop.new_timer()
  timer:start(ms, 0, function()
    timer:close()
    fn()
  end)
end

local read = record.wrap("read", function(i)
  local thread = coroutine.running()
  after(i % 3, function() assert(coroutine.resume(thread)) end)
  coroutine.yield()
  if i % 5 == 0 then
    error("open notes.txt: No such file or directory")
  end
  return "text " .. i
end)

local fetch = record.wrap_callback("fetch", function(i, answer)
  if i == 20 then
    return -- never answers
  end
  after(i % 3, function()
    if i % 5 == 0 then
      answer(nil, "timeout")
    else
      answer("page " .. i)
    end
  end)
end, 2)

--- Has `attempt` start a call, now or when another has ended: it returns false if it was denied.
local function start(attempt)
  if not attempt() then
    table.insert(waiting, attempt)
  end
  most_in_flight = math.max(most_in_flight, record.tracker:in_flight_count())
end

local function went_on(ok)
  assert(ok)
  ended = ended + 1
  if #waiting > 0 then
    start(table.remove(waiting, 1))
  end
end

local function attempt_to_read(i)
  local denied = false
  coroutine.wrap(function()
    local ok, result, _, decision = pcall(read, i)
    denied = decision ~= nil
    if not denied then
      went_on(ok == (i % 5 ~= 0) and (not ok or result == "text " .. i))
    end
  end)()
  return not denied
end

local function attempt_to_fetch(i)
  local _, _, decision = fetch(i, function(page, problem)
    went_on(page == "page " .. i or (i % 5 == 0 and problem == "timeout"))
  end)
  return decision == nil
end

for i = 1, 20 do
  start(function() return attempt_to_read(i) end)
  start(function() return attempt_to_fetch(i) end)
end
assert(#waiting == 32)
assert(vim.wait(10000, function() return ended == 39 end, 1))
assert(most_in_flight == 8 and record.tracker:in_flight_count() == 1)

vim.cmd("ToolReport")
assert(vim.fn.search("^fetch ") > 0)
vim.cmd("qall")
