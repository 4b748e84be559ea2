--- `exectrack push --follow`.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local json_text = require("exectrack.json_text")
local runs = require("exectrack.command.runs")
local system = require("exectrack.command.system")
local watches = require("exectrack.command.watch")
local words = require("exectrack.report.parts.words")

-- Metrics of a live run in which nothing happens are sent this often: receivers take a series for
-- ended that has no new point for some minutes, Prometheus for five.
local MOST_SILENT_S = 60

-- A run that isn't found at so many looks in a row is forgotten: a folder may be away for a while.
local PATIENCE = 10

-- That a live one isn't found is said after so many: one look may come while files are renamed.
local GONE_LOOKS = 2

local GONE_LIVE = ": it has gone; what a process recorded into it since it was sent, or still "
  .. "records, isn't sent"

-- What was refused is tried again this often: somebody has to change something.
local REFUSED_S = 60

local LONGEST_PAUSE_S, LONGEST_LAST_S = 3600, 10

-- So many messages of the last round are in the last line.
local MOST_AT_END = 3

--- Says something. Once a signal wants an end, it is kept for the only line that is written then:
-- `at_end`, if that is given, and nothing if it is false.
local function note(self, text, at_end)
  if not system.wait_for_end(0) then
    runs.note(text)
  elseif at_end ~= false then
    self.at_end[#self.at_end + 1] = at_end or text
  end
end

local function new_entry(path)
  return { path = path, tried = 0, absent = 0, is_due = true }
end

--- Whether something happened in a run since it was sent, or enough time went by.
local function is_due(entry, file, now)
  return file.bytes ~= entry.bytes or file.state ~= entry.state
    or file.state == "live" and now - entry.sent_at >= MOST_SILENT_S
end

--- Whether a file has more of a run than another, which then is a copy, or a part, of it.
local function has_more(file, other)
  if file.is_filtered ~= other.is_filtered then
    return other.is_filtered
  end
  local recorded, in_other = file.position.recorded, other.position.recorded
  return recorded > in_other or recorded == in_other and file.state == "live"
end

--- Of the runs that a look found, by instance id, the file with the most of each.
local function by_id(files)
  local chosen = {}
  local function add(file)
    local id = file.position.instance_id
    if not chosen[id] or has_more(file, chosen[id]) then
      chosen[id] = file
    end
  end
  for _, file in ipairs(files) do
    add(file)
    if file.renamed then
      add(file.renamed)
    end
  end
  return chosen
end

--- Forgets a run whose file has gone, unless it may come back, maybe with its folder.
local function miss(self, id, entry)
  if system.status(entry.path:match("^.*/") or ".") ~= "folder" then
    return
  end
  entry.absent = entry.absent + 1
  if entry.is_due and (entry.absent == PATIENCE or self.is_last) then
    note(self, entry.path .. ": it has gone before all of it was sent")
  elseif not entry.is_due and entry.state == "live" and entry.absent == GONE_LOOKS then
    note(self, entry.path .. GONE_LIVE)
  end
  if entry.absent == PATIENCE then
    self.entries[id] = nil
    self.pushing:forget(id)
  end
end

--- The refusals of a run, by signal, after which it is too early to try again; and whether there is
-- another one.
local function waiting_signals(self, entry, now)
  local waiting, has_other = {}, false
  for signal, refusal in pairs(entry.refused or {}) do
    local is_early = not self.is_last and now - refusal.at < REFUSED_S
    waiting[signal], has_other = is_early and refusal or nil, has_other or not is_early
  end
  return waiting, has_other
end

--- Whether a run that was refused isn't to be tried again yet.
local function is_waiting(self, entry, file, now)
  return entry.refused ~= nil and file.bytes == entry.bytes
    and not select(2, waiting_signals(self, entry, now))
end

--- The run's file, as a look found it or, if it is elsewhere, without what is known of it; nil if
-- it has gone.
local function file_of(entry, file, paths)
  return file or not paths[entry.path] and system.status(entry.path) == "file" and {} or nil
end

--- The runs to send: arrays of an instance id, its entry and the file. Those that were tried least
-- recently are first, so that none that fails is in the way of the others.
local function due_runs(self, files)
  local found, due, paths, now = by_id(files), {}, {}, system.monotonic()
  for id, file in pairs(found) do
    local entry = self.entries[id] or new_entry(file.path)
    self.entries[id], entry.path, entry.absent, paths[file.path] = entry, file.path, 0, true
    entry.is_due = entry.is_due or is_due(entry, file, now)
  end
  for id, entry in pairs(self.entries) do
    local file = file_of(entry, found[id], paths)
    if not found[id] and not (entry.is_due and file) then
      miss(self, id, entry)
    elseif entry.is_due and not is_waiting(self, entry, file, now) then
      due[#due + 1] = { id, entry, file }
    end
  end
  table.sort(due, function(a, b)
    if a[2].tried ~= b[2].tried then
      return a[2].tried < b[2].tried
    end
    return a[2].path < b[2].path
  end)
  return due
end

--- Says what there is to say of a run; what a receiver said, only if it didn't say so the last
-- time.
local function say(self, entry, texts)
  local said = {}
  for _, text in ipairs(texts) do
    if not (entry.said and entry.said[text]) then
      note(self, entry.path .. ": " .. text)
    end
    said[text] = text:find("^https?://") ~= nil or nil
  end
  entry.said = next(said) and said
end

--- Says that a receiver refuses something, once while it does.
local function say_refused(self, entry, failure)
  if not self.refusals[failure.message] then
    note(self, ("%s: trying again every %g s"):format(failure.message,
      math.max(REFUSED_S, self.interval_s)), failure.message)
    self.refusals[failure.message], self.refusals[failure.url] = failure.url, failure.url
  end
  failure.at = failure.at or self.began
  entry.refused[failure.signal] = failure
end

--- Judges why a run wasn't sent, an array. Adds what is to be said of the run to `texts`. Returns
-- the failures that may pass by themselves.
local function judge(self, entry, failures, texts)
  local passing = {}
  for _, failure in ipairs(failures) do
    if failure.code == "refused" then
      entry.refused = entry.refused or {}
      say_refused(self, entry, failure)
    elseif failure.code == "dropped" or failure.code == "filtered" then
      texts[#texts + 1] = failure.message
    else
      passing[#passing + 1] = failure
      passing.seconds = math.max(passing.seconds or 0, failure.seconds or 0)
    end
  end
  return passing
end

--- Sends what is due of a run. Returns what `Pushing:send` does.
local function send_due(self, entry, snapshot)
  local accepted = self.pushing:accepted()
  local ok, failures = self.pushing:send(entry.path, snapshot, nil,
    (waiting_signals(self, entry, self.began)))
  if self.pushing:accepted() > accepted and not entry.is_sent then
    self.sent, entry.is_sent = self.sent + 1, true
  end
  return ok, failures
end

--- Sends a run. Returns whether to go on with others; if not, also a message and after how many
-- seconds to try again.
local function send(self, id, entry, file)
  local snapshot = runs.load_file(entry.path)
  if not snapshot or snapshot:instance_id() ~= id then
    miss(self, id, entry)
    return true
  end
  entry.tried = self.round
  local texts = {}
  function self.pushing.on_note(_, text)
    texts[#texts + 1] = text
  end
  local _, failures = send_due(self, entry, snapshot)
  entry.refused = nil
  local passing = judge(self, entry, failures or {}, texts)
  say(self, entry, texts)
  if passing[1] then
    entry.bytes = nil -- so that it isn't taken for one that waits
    return false, self.pushing.text_of(passing), passing.seconds
  end
  entry.bytes, entry.state, entry.sent_at = file.bytes, file.state, system.monotonic()
  entry.is_due = entry.refused ~= nil
  return true
end

--- Whether a round is to end before all is sent: the last one after some time, any other when a
-- signal wants an end.
local function is_over(self)
  if self.is_last then
    return system.monotonic() - self.began > LONGEST_LAST_S
  end
  return (system.wait_for_end(0))
end

--- Keeps what was sent, if something was.
local function keep(self)
  if self.kept == self.pushing:settled() then
    return
  end
  local ok, message = self.pushing:keep()
  if ok then
    self.kept = self.pushing:settled()
  elseif message ~= self.state_message then
    note(self, message)
  end
  self.state_message = message
end

--- Sends what is due. Returns nil; or a message, if not all could be sent, and after how many
-- seconds to try again.
local function send_round(self, files)
  self.round, self.began = self.round + 1, system.monotonic()
  for _, run in ipairs(due_runs(self, files)) do
    if is_over(self) then
      return "ended before all was sent"
    end
    local goes_on, message, seconds = send(self, run[1], run[2], run[3])
    if not goes_on then
      return message, seconds
    elseif self.pushing:is_keep_due() then
      keep(self)
    end
  end
end

--- Says which refusals are over, as none of the runs is refused like that any more. Returns whether
-- any run is refused, and whether one was in this round.
local function check_refusals(self, has_accepted)
  local before, is_new = self.refusals, false
  self.refusals = {}
  for _, entry in pairs(self.entries) do
    for _, refusal in pairs(entry.refused or {}) do
      self.refusals[refusal.message], self.refusals[refusal.url] = refusal.url, refusal.url
      is_new = is_new or refusal.at == self.began
    end
  end
  for _, url in ipairs(json_text.sorted_keys(before)) do
    if before[url] == url and not self.refusals[url] and has_accepted then
      note(self, "it works again: " .. url, false)
    end
  end
  return next(self.refusals) ~= nil, is_new
end

--- Sends what a look found. Returns after how many seconds to do so again, and the message if not
-- all was sent.
local function send_found(self, files)
  local accepted = self.pushing:accepted()
  local message, seconds = send_round(self, files)
  keep(self)
  local has_accepted = self.pushing:accepted() > accepted
  local are_refused, are_new = check_refusals(self, has_accepted)
  local least_s = are_new and not has_accepted and REFUSED_S or self.interval_s
  if seconds and not self.is_down then
    note(self, message .. ": trying again until it works", message)
    self.is_down = true
  elseif self.is_down and not message and has_accepted then
    note(self, "it works again: " .. self.pushing:receivers(), false)
    self.is_down = false
  end
  return math.max(self.interval_s, least_s, seconds or 0), message or are_refused
end

--- Waits. Returns whether it is to go on.
local function wait(seconds)
  local due = system.monotonic() + seconds
  repeat
    local remaining_s = math.max(0, due - system.monotonic())
    if system.wait_for_end(math.min(remaining_s, LONGEST_PAUSE_S)) then
      return false
    end
  until remaining_s == 0
  return true
end

--- Sends until a signal ends that, and then once more. Returns the message if not all was sent.
local function follow(self, files)
  local goes_on
  repeat
    goes_on = wait((send_found(self, files)))
    files = self.watch:look_again()
  until not goes_on
  self.is_last = true
  return select(2, send_found(self, files))
end

--- What is known of runs of which something was sent before: by instance id.
local function known_runs(pushing)
  local entries = {}
  for id in pairs(pushing:known()) do
    entries[id] = new_entry("")
    entries[id].is_due = false
  end
  return entries
end

--- Says which folders have no runs yet.
local function note_empty(paths)
  for _, path in ipairs(paths) do
    local found = system.status(path) == "folder" and runs.files(path)
    if found and #found == 0 then
      runs.note(path .. ": " .. runs.NO_RUNS)
    end
  end
end

--- What was sent, and what became of the rest, in the words for the end.
local function summary_of(self, was_all_sent)
  local parts = { self.pushing:summary(self.sent), not was_all_sent and "not all was sent" or nil }
  for i = 1, math.min(#self.at_end, MOST_AT_END) do
    parts[#parts + 1] = self.at_end[i]
  end
  if #self.at_end > MOST_AT_END then
    parts[#parts + 1] = ("and %d more"):format(#self.at_end - MOST_AT_END)
  end
  return table.concat(parts, "; ")
end

--- Sends the runs at these paths again and again, until a signal ends that. Returns what `run` of a
-- subcommand does.
return function(pushing, paths, interval_s)
  local self = { pushing = pushing, watch = watches.new(paths, "nothing"), interval_s = interval_s,
    round = 0, sent = 0, kept = 0, entries = known_runs(pushing), refusals = {}, at_end = {} }
  local ok, message = system.delay_end()
  if not ok then
    return nil, message
  end
  local files
  files, message = self.watch:first_look(true)
  if not files then
    return nil, message
  end
  note_empty(paths)
  runs.note(("sends %s to %s every %g s"):format(words.counted(#files, "run"), pushing:receivers(),
    interval_s))
  message = follow(self, files)
  local summary = summary_of(self, not message)
  local _, is_interrupt = system.wait_for_end(0)
  if is_interrupt then
    return nil, "interrupted; " .. summary, exit_codes.INTERRUPTED
  end
  runs.note("ends; " .. summary)
  return message and exit_codes.FAILED or exit_codes.DONE
end
