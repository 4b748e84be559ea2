-- Runs in Neovim: sends a run with the adapter of docs/sending.md to the receiver of sending.py.
-- Quits Neovim when it was accepted.
local checkout, endpoint = os.getenv("CHECKOUT"), os.getenv("ENDPOINT")
local exectrack = require("exectrack")

local tracker, notes = exectrack.new(10), {}
tracker:record { tool = "neovim_tool", status = "success", duration_ms = 5 }
local pusher = exectrack.push { endpoint = endpoint, protocol = "json",
  headers = { ["X-Host"] = "neovim" },
  post = dofile(checkout .. "/spec/hosts/adapter.lua")(checkout, "Neovim"),
  on_note = function(note) table.insert(notes, note) end }

local results, snapshot = {}, tracker:snapshot()
local function send()
  results[#results + 1] = { pusher:send(snapshot) }
end

coroutine.wrap(function()
  send()
  send()
end)()
assert(vim.wait(20000, function() return #results == 2 end, 1))
assert(results[1][3] == "unavailable" and results[1][4] == 7, results[1][2])
assert(results[1][2]:find("/v1/traces: status 503: busy", 1, true), results[1][2])
assert(results[2][1] == true, results[2][2])
assert(#notes == 1 and notes[1]:find("rejected 1 data point: odd", 1, true), notes[1])

pusher = exectrack.push { endpoint = "http://127.0.0.1:1", protocol = "json",
  post = dofile(checkout .. "/spec/hosts/adapter.lua")(checkout, "Neovim") }
coroutine.wrap(send)()
assert(vim.wait(20000, function() return #results == 3 end, 1))
assert(results[3][3] == "unavailable" and results[3][2]:find("onnect", 1, true), results[3][2])
vim.cmd("qall")
