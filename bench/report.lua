--- The table that the benchmark prints: what was measured, against what, and whether that is good.
local M = {}

local rows = {}
local LINE = "%-27s %9s  %-24s %9s %5s  %-12s %s\n"

local function ns_text(ns)
  if ns < 1000 then
    return string.format("%.1f ns", ns)
  elseif ns < 1e6 then
    return string.format("%.2f us", ns / 1e3)
  end
  return string.format("%.2f ms", ns / 1e6)
end

local function bytes_text(bytes)
  if bytes < 1000 then
    return string.format("%.2f B", bytes)
  end
  return string.format("%.1f KiB", bytes / 1024)
end

-- Whether `value` is within `target`, text such as "<= 3.6", and nothing without one.
local function verdict(value, target)
  if target == "" then
    return ""
  end
  local sign, limit = target:match("^([<>]=) ([%d.]+)")
  limit = tonumber(limit)
  if sign == "<=" then
    return value <= limit and "met" or "missed"
  end
  return value >= limit and "met" or "missed"
end

--- A time against a peer's time; `ratio` is what the target is about, or without one the time in
-- microseconds.
function M.time(what, ns, peer, peer_ns, ratio, target)
  target = target or ""
  local ratio_text = ratio and string.format(ratio < 100 and "%.2f" or "%.0f", ratio) or ""
  local peer_text = peer_ns and ns_text(peer_ns) or ""
  rows[#rows + 1] = {
    what, ns_text(ns), peer or "", peer_text, ratio_text, target,
    verdict(ratio or ns / 1000, target),
  }
end

--- A size in bytes; `limit` is in bytes too.
function M.size(what, bytes, limit)
  if not bytes then
    rows[#rows + 1] = { what, "unknown", "(no /proc)", "", "", "", "" }
    return
  end
  local met = bytes <= limit and "met" or "missed"
  rows[#rows + 1] = { what, bytes_text(bytes), "", "", "", "<= " .. bytes_text(limit), met }
end

function M.print()
  table.insert(rows, 1, { "what", "takes", "against", "takes", "ratio", "target", "" })
  for _, row in ipairs(rows) do
    io.write((LINE:format(table.unpack(row)):gsub(" +\n", "\n")))
  end
end

return M
