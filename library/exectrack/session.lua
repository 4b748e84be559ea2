---@meta _

--- Records for one session of a Tracker, which it keeps alive: what its methods record, and what
--- functions record that it wrapped. Two are equal if they are the same session of the same
--- tracker.
---@class exectrack.Session: exectrack.Recording
local Session = {}

--- The name that the session was given. O(length).
---@return string
---@nodiscard
function Session:name() end
