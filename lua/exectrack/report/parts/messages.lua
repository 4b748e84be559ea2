--- What a policy said, each message once.
-- Used only by the report on a policy.
local M = {}

--- Whether a word goes on from the end of one text to the beginning of another.
local function is_one_word(before, after)
  return before:find("[%w_\128-\255]$") and after:find("^[%w_\128-\255]")
end

--- `text` without the occurrences of `part`, which isn't a pattern, that aren't within a word.
local function without(text, part)
  if not part or part == "" then
    return text
  end
  local pieces, from = {}, 1
  local first, last = text:find(part, 1, true)
  while first do
    if not is_one_word(text:sub(first - 1, first - 1), part)
      and not is_one_word(part, text:sub(last + 1, last + 1)) then
      pieces[#pieces + 1], from = text:sub(from, first - 1), last + 1
    end
    first, last = text:find(part, last + 1, true)
  end
  return table.concat(pieces) .. text:sub(from)
end

--- What is the same for messages that differ only in the tool, its arguments, what is in
-- parentheses, and numbers.
local function key_of(row)
  local message = without(without(row.message, row.arguments), row.tool)
  message = message:gsub("%b()", ""):gsub("%d[%d.]*", "0")
  return table.concat({ row.action, row.policy or "", row.reason or "", message }, "\0")
end

--- Numbers the messages of decisions, in the order in which they come first: sets `message_number`
-- of each row that has one. Returns a row for each: its `number`, the `count` of its decisions,
-- `action`, `policy`, `reason`, and the first `message`.
function M.number(rows)
  local by_key, messages = {}, {}
  for _, row in ipairs(rows) do
    if row.message then
      local key = key_of(row)
      local found = by_key[key]
      if not found then
        found = { number = #messages + 1, count = 0, action = row.action, policy = row.policy,
          reason = row.reason, message = row.message }
        by_key[key], messages[found.number] = found, found
      end
      found.count, row.message_number = found.count + 1, found.number
    end
  end
  return messages
end

return M
