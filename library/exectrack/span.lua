---@meta _

--- An execution in flight, from `Recording:start` or `Recording:begin` on. `tostring(span)` looks
--- like `exectrack.Span (read_file, in flight)`.
---
--- Declared `local span <close>` and not finished when it goes out of scope, it is recorded then:
--- as failed if an error other than nil is passing through, else (`break`, `return`, the end of the
--- block, `coroutine.close`) as cancelled; both without an error type. Collected unfinished, it is
--- recorded as cancelled, with the error type `abandoned`.
---@class exectrack.Span
local Span = {}

--- Finishes the execution, which is recorded. Finishing twice raises, and so does finishing one that
--- has timed out or that `Session:abandon` has ended. O(1).
---@param status? exectrack.Status how it ended; default `success`
---@param was_cached? boolean whether a cache answered; default false
---@param error_type? string a short stable class such as `ENOENT`; default none
---@param measures? table<string, number> as in exectrack.Execution
---@return number duration_ms milliseconds
function Span:finish(status, was_cached, error_type, measures) end

--- Finishes the execution as a call that returned these values: how it ended follows from them as
--- for `Recording:run`, and the options of `Recording:begin` apply. Finishing twice
--- raises; after a timeout or `Session:abandon` it does nothing. O(1), and the fingerprint of the
--- values.
---@generic R
---@param ... R
---@return R ... these values
function Span:done(...) end

--- Finishes the execution as a call that raised this error. Otherwise as `Span:done`.
---@param err any
---@return nil
---@return any err
function Span:failed(err) end

--- Does what `<close>` does, where Lua doesn't have that: an execution that isn't finished is
--- recorded, as failed with an error, else as cancelled. O(1).
---@param err? any
function Span:close(err) end
