--- What a test needs of Lua, as it says at its beginning: `needs.coroutine_close(pending)`. Where
-- Lua lacks it, the test is pending, with the reason.
local function need(has, what)
  return function(pending)
    if not has then
      pending("this Lua has no " .. what)
    end
  end
end

return {
  integers = need(math.type ~= nil, "integers beyond 2^53"),
  limit_of_nested_calls = need(not jit, "limit of nested C calls that its stack has room for"),
  ipairs_of_objects = need(not setfenv, "ipairs of other than tables"),
  table_functions_of_objects = need(math.type ~= nil, "table functions for other than tables"),
  running_collector = need(pcall(collectgarbage, "isrunning"), "way to ask if the collector runs"),
  generational_collector = need(_VERSION >= "Lua 5.4", "generational collector"),
  coroutine_close = need(coroutine.close ~= nil, "coroutine.close"),
}
