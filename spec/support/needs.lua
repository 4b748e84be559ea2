--- What a test needs of Lua, as it says at its beginning: `needs.coroutine_close(pending)`. Where
-- Lua lacks it, the test is pending, with the reason.
local portable = require("spec.support.portable")

local function need(has, what)
  return function(pending)
    if not has then
      pending("this Lua has no " .. what)
    end
  end
end

local is_lua51 = _VERSION == "Lua 5.1" and not jit

return {
  integers = need(math.type ~= nil, "integers beyond 2^53"),
  limit_of_nested_calls = need(not jit, "limit of nested C calls that its stack has room for"),
  ipairs_of_objects = need(math.type ~= nil, "ipairs of other than tables"),
  table_functions_of_objects = need(math.type ~= nil, "table functions for other than tables"),
  running_collector = need(pcall(collectgarbage, "isrunning"), "way to ask if the collector runs"),
  eager_collector = need(_VERSION >= "Lua 5.4", "collector that keeps up with large objects"),
  second_try = need(_VERSION ~= "Lua 5.1", "collection and second try when memory runs out"),
  generational_collector = need(_VERSION >= "Lua 5.4", "generational collector"),
  pcall_that_yields = need(not is_lua51, "pcall that yields"),
  closing_exit = need(not is_lua51, "os.exit that closes the state"),
  parameter_names = need(debug.getinfo(1, "u").nparams, "names of parameters"),
  upvalues_of_c_functions = need(not setfenv, "way to see upvalues of C functions"),
  large_stack = need(pcall(portable.unpack, {}, 1, 600000), "stack for 600,000 values"),
  tools_called_by_c = need(not portable.RUN_IS_LUA, "way for C to call tools that yield or raise"),
  coroutine_close = need(coroutine.close ~= nil, "coroutine.close"),
}
