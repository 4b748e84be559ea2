--- Decisions whose message is made when it is first read: in a replay most never are, and to make
-- and keep a text of a hundred bytes takes longer than all else that a policy does.
-- Used only by the policies.

-- Metatables that are kept, one for each tool. Many more tools than that get new ones.
local MOST_TOOLS = 256

local function new_metatable(tool, make)
  local function message_of(decision)
    return make(tool, decision)
  end
  return {
    __message = message_of, -- for the binding, which calls no other metamethod of decisions
    __index = function(decision, key)
      if key ~= "message" then
        return nil
      end
      local message = message_of(decision)
      rawset(decision, "message", message)
      return message
    end,
  }
end

--- Makes a function that gives `decision`, about a call of `tool`, the message that
-- `make(tool, decision)` returns.
return function(make)
  local by_tool, count = {}, 0
  return function(tool, decision)
    local meta = by_tool[tool]
    if not meta then
      if count == MOST_TOOLS then
        by_tool, count = {}, 0
      end
      meta = new_metatable(tool, make)
      by_tool[tool], count = meta, count + 1
    end
    return setmetatable(decision, meta)
  end
end
