--- Draws what `exectrack top` shows.
-- Used only by `exectrack top`.
local format = require("exectrack.report.format")
local numbers = require("exectrack.numbers")
local unicode = require("exectrack.report.unicode")
local words = require("exectrack.report.parts.words")

local GAP = 2
local LEAST_NAME, LEAST_SPARK, MOST_SPARK = 8, 8, 60
local LEAST_TOOL = 12 -- names may be cut to so many columns
local AGE_COLUMNS = 10
local FLIGHT_SHARE = 1 / 3 -- of the lines, for what is in flight, if not all fits

--- Executions a second: `0`, `0.25`, `12.5`, `1,234`.
local function rate_text(rate)
  if rate == 0 then
    return "0/s"
  end
  return (rate < 9.995 and numbers.fixed(rate, 2) or rate < 99.95 and numbers.fixed(rate, 1)
    or format.count(math.floor(rate + 0.5))) .. "/s"
end

-- The columns of figures, with how wide they are at least where there is room, so that they seldom
-- move. Where there is little, those with the highest numbers are left out first.
local COLUMNS = {
  { name = "calls", heading = "Calls", least = 7, text = format.count, left_out = 1 },
  { name = "rate", heading = "Rate", least = 7, text = rate_text, left_out = 2 },
  { name = "errors", heading = "Errors", least = 7, text = format.percent, left_out = 3 },
  { name = "p50", heading = "p50", least = 7, text = format.duration, left_out = 5 },
  { name = "p95", heading = "p95", least = 7, text = format.duration, left_out = 6 },
  { name = "flight", heading = "Flight", least = 7, text = format.count, left_out = 4 },
}

--- Values as a line of bars, each as high as its share of the largest; 0 is empty.
local function sparkline(values, style)
  local most, parts = 0, {}
  for _, value in ipairs(values) do
    most = math.max(most, value)
  end
  for i, value in ipairs(values) do
    parts[i] = style:level(most > 0 and math.ceil(value / most * style:levels()) or 0)
  end
  return style:paint(table.concat(parts), "accent")
end

--- `left` and `right` at the ends of a line; `left` is cut if there isn't room for both.
local function ends(left, right, style, tone)
  local room = style.width - unicode.width(right) - (right == "" and 0 or GAP)
  if room < LEAST_NAME then
    return style:fit(left, style.width, false, tone)
  end
  return style:fit(left, room, false, tone) .. (right == "" and "" or (" "):rep(GAP) .. right)
end

--- What the runs are called: by their label, or the path of the only one, or how many they are.
local function name_of(model)
  if model.label ~= "" then
    return model.label
  end
  return #model.files == 1 and model.files[1].path or words.counted(#model.files, "run")
end

--- How many writers are in each state: `live`, or `2 live, 1 died`; empty if nothing is known.
local function states(model)
  local counts, texts, known = {}, {}, 0
  for _, file in ipairs(model.files) do
    if file.state then
      counts[file.state], known = (counts[file.state] or 0) + 1, known + 1
    end
  end
  for _, state in ipairs { "live", "closed", "died" } do
    if counts[state] then
      texts[#texts + 1] = known == 1 and state or format.count(counts[state]) .. " " .. state
    end
  end
  return table.concat(texts, ", ")
end

local function title(model, style)
  local state = states(model)
  local right = (state == "" and "" or state .. "  ") .. words.time(model.now, style.timezone)
  return ends("exectrack top  " .. style:text(name_of(model)), style:plain(right), style, "strong")
end

--- The lines of the figures of all tools, with a sparkline if there is room behind them.
local function figures(model, style)
  local all = model.all
  local texts = { words.counted(all.calls, "execution"), rate_text(model:rate()),
    "errors " .. (all.errors and format.percent(all.errors) or "-"),
    "in flight " .. format.count(all.flight) }
  texts[5] = all.at_death > 0 and "at a death " .. format.count(all.at_death) or nil
  local lines = style.flow(texts, (" "):rep(GAP), style.width)
  local room = math.min(MOST_SPARK, style.width - unicode.width(lines[1]) - GAP)
  if #lines == 1 and room >= LEAST_SPARK then
    lines[1] = style:fit(lines[1], style.width - room)
      .. sparkline(model.rates:history(room), style)
  end
  return lines
end

--- A heading, with a mark if rows are sorted by its column.
local function heading(text, is_sorted, style)
  return is_sorted and text .. (style.ascii and "v" or "\226\150\188") or text -- ▼
end

--- The cells of a column, its width, and how wide it must be.
local function measure(column, rows, is_sorted, style)
  local drawn = { name = column.name, texts = {}, left_out = is_sorted and 0 or column.left_out,
    heading = heading(column.heading, is_sorted, style) }
  local width = unicode.width(drawn.heading)
  for i, row in ipairs(rows) do
    drawn.texts[i] = row[column.name] and column.text(row[column.name]) or "-"
    width = math.max(width, unicode.width(drawn.texts[i]))
  end
  drawn.width, drawn.needed = math.max(column.least, width), width
  return drawn
end

--- Takes the column that matters least out of `columns`.
local function take_least(columns)
  local last = 1
  for i, column in ipairs(columns) do
    last = column.left_out > columns[last].left_out and i or last
  end
  return table.remove(columns, last)
end

--- What `columns` leave of `width` for names and sparklines.
local function room_of(columns, width)
  for _, column in ipairs(columns) do
    width = width - GAP - column.width
  end
  return width
end

--- The width of the widest name.
local function widest_name(rows, style)
  local width = #"Tool" + 1
  for _, row in ipairs(rows) do
    width = math.max(width, unicode.width(style:name(row.tool)))
  end
  return width
end

--- The columns that fit beside names as wide as `name`, the room that they leave for these and for
-- sparklines, and the headings of those that are left out.
local function fit_columns(rows, name, sort, style)
  local drawn, left_out, least = {}, {}, math.min(name, LEAST_TOOL)
  for i, column in ipairs(COLUMNS) do
    drawn[i] = measure(column, rows, column.name == sort, style)
  end
  if room_of(drawn, style.width) < least then
    for _, column in ipairs(drawn) do
      column.width = column.needed
    end
  end
  while room_of(drawn, style.width) < least and #drawn > 0 do
    table.insert(left_out, 1, take_least(drawn).heading)
  end
  return drawn, room_of(drawn, style.width), left_out
end

--- How many columns names and sparklines take of `room`.
local function divide(name, room)
  name = math.min(name, math.max(LEAST_NAME, math.floor(room * 0.6)), room)
  local spark = math.min(MOST_SPARK, room - name - GAP)
  if spark < LEAST_SPARK then
    return room, 0
  end
  return name, spark
end

--- A function that makes a line of a table: of a name, the cell that `cell` returns for each
-- column, and what `last` returns, if there is room for it.
local function liner(drawn, name, spark, style)
  return function(first, cell, last, tone)
    local cells = { style:fit(first, name, false, tone) }
    for i, column in ipairs(drawn) do
      cells[i + 1] = style:fit(cell(column), column.width, true, tone)
    end
    cells[#cells + 1] = spark > 0 and last() or nil
    return table.concat(cells, (" "):rep(GAP))
  end
end

--- The heading and the lines of the tools: the first `most` of `rows`. Also returns the headings of
-- the columns for which there is no room.
local function tool_lines(model, rows, most, style)
  local widest = widest_name(rows, style)
  local drawn, room, left_out = fit_columns(rows, widest, model.sort, style)
  local name, spark = divide(widest, room)
  local line = liner(drawn, name, spark, style)
  local lines = { line(heading("Tool", model.sort == "tool", style), function(column)
    return column.heading
  end, function()
    return style:paint(style:cut(("Last %d s"):format(spark), spark), "strong")
  end, "strong") }
  for i = 1, math.min(most, #rows) do
    lines[i + 1] = line(style:name(rows[i].tool), function(column)
      return column.texts[i]
    end, function()
      return sparkline(model.rates:history(spark, rows[i].tool), style)
    end)
  end
  return lines, left_out
end

--- What is in flight, behind its age.
local function flight_text(row, style)
  local parts = { ("  "):rep(row.depth) .. style:name(row.tool) }
  parts[#parts + 1] = row.has_died and "(its writer died)" or nil
  parts[#parts + 1] = row.args and style:text(row.args)
  parts[#parts + 1] = row.session and "[" .. style:name(row.session) .. "]"
  return table.concat(parts, "  ")
end

--- The lines of what is in flight, or was at a death: the first `most` of `rows`.
local function flight_lines(model, rows, most, style)
  local all = model.all
  local what = all.flight == 0 and all.at_death > 0 and "In flight at a death" or "In flight"
  local count = all.flight + all.at_death
  local unlisted = model.filter == "" and count > #rows and ("  %s of %s are listed"):format(
    format.count(#rows), format.count(count)) or ""
  local lines = { ends(what .. unlisted, "", style, "strong") }
  for i = 1, math.min(most, #rows) do
    local age = rows[i].has_died and rows[i].age_ms == 0 and "unknown"
      or format.duration(rows[i].age_ms)
    lines[i + 1] = ends((" "):rep(AGE_COLUMNS - #age) .. age .. "  "
      .. flight_text(rows[i], style), "", style)
  end
  return lines
end

--- The last line: what keys do, or the filter while it is changed.
local function footer(model, style)
  local filter = style:text(model.filter)
  if model.is_editing then
    return ends("Tools with: " .. filter .. "_", "Enter, Esc: no filter", style)
  end
  local keys = "/ filter  q quit"
  local left = "Sort: Calls Rate Errors p50 p95 Flight Tool by c r e 5 9 f t"
  if filter ~= "" then
    left = "Tools with: " .. filter .. "  Esc: all"
  elseif #left + GAP + #keys > style.width then
    left = "Sort: c r e 5 9 f t"
  end
  return ends(left, keys, style, "muted")
end

--- How many lines of `room` the tools and what is in flight get, which have so many.
local function share(room, tools, flight)
  if tools + flight <= room then
    return tools, flight
  end
  local least = math.min(flight, math.floor(room * FLIGHT_SHARE))
  local shown = math.min(tools, room - least)
  return shown, math.min(flight, room - shown)
end

--- Adds lines, of which the first is a heading; the last of them says how many rows aren't shown.
local function add(lines, block, rows, noun, style)
  local missing = rows - (#block - 1)
  if missing > 0 and #block > 2 then
    block[#block] = ends(("and %s more %s"):format(format.count(missing + 1), noun), "", style,
      "muted")
  end
  for _, line in ipairs(block) do
    lines[#lines + 1] = line
  end
end

--- Makes lines of exactly `height`, of which the last is `last`.
local function fill(lines, height, last)
  for i = #lines + 1, height - 1 do
    lines[i] = ""
  end
  lines[height] = last
  for i = #lines, height + 1, -1 do
    lines[i] = nil
  end
end

--- The lines of a frame: at most `height`, the last of which says what keys do; without a height,
-- as many as there are, without that one. `style` is a Style with the width.
return function(model, style, height)
  local tools, flight = model:tools(), model:in_flight()
  local lines = figures(model, style)
  table.insert(lines, 1, title(model, style))
  lines[#lines + 1] = model.note and ends(style:text(model.note), "", style, "warning")
  local frame = #lines + 2 + (#flight > 0 and 2 or 0) + 1 -- all that aren't rows
  local room = height and math.max(0, height - frame) or #tools + #flight
  local shown_tools, shown_flight = share(room, #tools, #flight)
  local block, left_out = tool_lines(model, tools, shown_tools, style)
  lines[#lines + 1] = left_out[1]
    and ends("Left out: " .. table.concat(left_out, ", "), "", style, "muted") or ""
  add(lines, block, #tools, "tools", style)
  if #flight > 0 then
    lines[#lines + 1] = ""
    add(lines, flight_lines(model, flight, shown_flight, style), #flight, "in flight", style)
  end
  if height then
    fill(lines, height, footer(model, style))
  end
  for i, line in ipairs(lines) do
    lines[i] = line:gsub(" +$", "")
  end
  return lines
end
