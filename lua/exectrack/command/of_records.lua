--- A run of the records of a snapshot alone: its totals are theirs, not those of a lifetime.
-- Used only by the command.
local core = require("exectrack.core")

local MOST_TOOLS = 65535

--- The options of a tracker that keeps what the run has of names and texts.
local function options_of(snapshot)
  local form = snapshot:filter({ last = 0 }):to_table()
  return { max_history = 0, max_tools = MOST_TOOLS, label = form.label,
    instance_id = form.instance_id, measures = snapshot:measures(),
    session_names = form.max_session_names, args_texts = form.max_args_texts,
    error_texts = form.max_error_texts }
end

--- Marks a run as one that doesn't have all records, so that gates don't take it for a whole one.
local function as_part(run)
  local form = run:to_table()
  form.filtered = true
  return assert(core.from_table(form))
end

--- Makes the run, with the texts of the records' arguments and errors. What is in flight and what
-- policies denied is left out. `is_part` says that records are missing which should be in it. O(n)
-- for n records.
return function(snapshot, is_part)
  local importer = core.importer(core.new(options_of(snapshot)), #snapshot)
  for _, record in snapshot:iter() do
    record.args_text = snapshot:args_text(record.args_hash)
    record.error_text = record.status ~= "success"
      and snapshot:error_text(record.tool, record.error_type) or nil
    importer:add(record)
  end
  local run = importer:build()
  return is_part and as_part(run) or run
end
