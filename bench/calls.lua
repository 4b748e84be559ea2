--- Times the calls of call_peers.lua in the version of Lua that runs it, for main.lua. Prints a
-- line for each: its name, its nanoseconds, and the ratio to an empty method.
--
--     lua5.1 bench/calls.lua ROUNDS SLICE_MS
local rounds = require("rounds")
local state = require("state")

local NAMES = { "empty", "record", "recorder", "wrapped" }

local peers = {}
for i, name in ipairs(NAMES) do
  peers[i] = { name, state.new("call_peers", name) }
end
local r = rounds.run(peers, tonumber(arg[1]), tonumber(arg[2]))
for _, name in ipairs(NAMES) do
  print(name, r:ns(name), r:ratio(name, "empty"))
end
