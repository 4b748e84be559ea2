--- Where a value is in a line: a key, or keys and indexes such as `error.code` and `calls[0].name`.
-- Used only by formats.
local M = {}

--- The keys, and indexes from 1, that a path is nested by; nil if it can only be a key.
local function steps_of(path)
  local steps, position = {}, 1
  while position <= #path do
    local _, last, index = path:find("^%[(%d+)%]", position)
    local step = index and tonumber(index) + 1
    if not index then
      _, last, step = path:find(position == 1 and "^([^.%[%]]+)" or "^%.([^.%[%]]+)", position)
    end
    if not step then
      return nil
    end
    steps[#steps + 1], position = step, last + 1
  end
  return #steps > 1 and steps or nil
end

--- Parses a path: it is a table with the fields `key`, the path as it is, and `steps`, or nil.
function M.parse(path)
  return { key = path, steps = steps_of(path) }
end

--- The value at a path: that of the key if there is one, else the nested one; nil for none.
function M.find(fields, path)
  local value = fields[path.key]
  if value == nil and path.steps then
    value = fields
    for _, step in ipairs(path.steps) do
      if type(value) ~= "table" then
        return nil
      end
      value = value[step]
    end
  end
  return value
end

return M
