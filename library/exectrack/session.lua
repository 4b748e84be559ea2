---@meta _

--- Records for one session of a tracker: one conversation, episode or request. What its methods
--- record, and what functions that it wrapped record, belongs to the session. It keeps the tracker
--- from being collected; when that is closed, its methods raise. Two are equal if they are the same
--- session of the same tracker. `tostring(session)` looks like
--- `exectrack.Session (conversation 17)`.
---@class exectrack.Session: exectrack.Recording
local Session = {}

--- The name that the session was given. O(length).
---@return string
---@nodiscard
function Session:name() end

--- Ends all that is in flight of the session, as `cancelled`, with the error type `abandoned`: for
--- hosts that end a request without unwinding what it has called. What ends of itself later isn't
--- recorded again. Executions beyond the tracker's `max_in_flight` aren't found. O(in flight).
---@return integer count how many it has ended
function Session:abandon() end
