--- Text that is made piece by piece.
-- Used only by formats.

-- Of records with short names, these are some 64 KiB.
local PIECE_RECORDS = 512

--- Makes an iterator over pieces of the text that is `before`, then `row(i)` for each `i` from 1 to
-- `count`, then `after`. There is at least one piece; it may be empty.
return function(before, count, row, after)
  local done, is_ended = 0, false
  return function()
    if is_ended then
      return nil
    end
    local texts = { done == 0 and before or "" }
    local last = math.min(done + PIECE_RECORDS, count)
    for i = done + 1, last do
      texts[#texts + 1] = row(i)
    end
    done, is_ended = last, last == count
    texts[#texts + 1] = is_ended and after or nil
    return table.concat(texts)
  end
end
