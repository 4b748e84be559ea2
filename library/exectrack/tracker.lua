---@meta _

--- Records what an agent's tools did, and answers questions about it. `#tracker` is the number of
--- records retained, and `tostring(tracker)` looks like
--- `exectrack.Tracker (12 tools, 1000/1000 records)`.
---
--- `close` frees its memory, which otherwise the garbage collector does.
---@class exectrack.Tracker: exectrack.Run, exectrack.Recording
---@operator len: integer
local Tracker = {}

--- What records for the session called `name`, of which only the fingerprint is kept with each
--- record. There may be any number of sessions. O(length of the name).
---@param name string any bytes; `#` and eight lower-case hexadecimal digits name the session with
--- this fingerprint
---@return exectrack.Session
---@nodiscard
function Tracker:session(name) end

--- Takes a snapshot of the run as it is now: its clock is read, and the used part of its memory is
--- copied. Nothing that happens to the tracker later shows in it. O(records + up to 4.3 KB a tool).
---@return exectrack.Snapshot
---@nodiscard
function Tracker:snapshot() end

--- Empties the history and zeroes all statistics, as at the start of a session. Names, their ids
--- and what is in flight stay; a span that is finished later counts then. O(tools).
function Tracker:clear() end

--- The path of the recorder's file; nil for a tracker in memory.
---@return string?
---@nodiscard
function Tracker:path() end

--- Waits until all that was recorded is on the disk, so that it survives a power cut or a crash of
--- the system, too. Only a recorder needs that; a tracker in memory does nothing. It takes as long as
--- the disk.
---@return true?
---@return string? message names the file
---@return string? code the system's, such as `EIO`
function Tracker:sync() end

--- Frees the tracker's memory. Using it afterwards raises, but closing it again does nothing. From
--- Lua 5.4 on, `local tracker <close>` closes it when it goes out of scope. A tracker that a C host
--- lends isn't closed. O(1).
---
--- It marks the file of a recorder as closed, so that a run that ended well is told from one whose
--- process died, and lets others open it.
function Tracker:close() end
