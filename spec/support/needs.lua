--- What a test needs of Lua: `it("does that", needs.coroutine_close(function() ... end))` is
-- pending, with the reason, where Lua doesn't have it.
local function need(has, what)
  return function(test)
    return has and test or function() pending("this Lua has no " .. what) end
  end
end

return {
  integers = need(math.type ~= nil, "integers beyond 2^53"),
  coroutine_close = need(coroutine.close ~= nil, "coroutine.close"),
}
