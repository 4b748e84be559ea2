---@meta _

--- The methods of a tracker and of a session that record executions.
---@class exectrack.Recording
local Recording = {}

--- Records an execution that ends now, or at its `timestamp`, to import a past run. Records stay in
--- the order in which they are recorded. When there are `max_tools` tools or 256 error types, or no
--- more room for the names of tools, a new one counts as `(other)`. O(1).
---@param tool string any bytes; of more than 255 the first 255 count
---@param status exectrack.Status how it ended
---@param duration_ms? number milliseconds, finite, from 0; kept to the nearest microsecond; nil for
--- an untimed one, whose duration isn't known
---@param was_cached? boolean whether a cache answered; default false
---@param error_type? string a short stable class such as `ENOENT`; default none
---@param args? any what the tool was called with; only its fingerprint is kept
---@overload fun(self: exectrack.Recording, execution: exectrack.Execution|exectrack.Record)
function Recording:record(tool, status, duration_ms, was_cached, error_type, args) end

--- Makes a function `record(status, duration_ms, was_cached, error_type, args)` that records
--- executions of this tool as `Recording:record` does: the fast way in a loop. O(1).
---@param tool string any bytes; of more than 255 the first 255 count
---@return fun(status: exectrack.Status, duration_ms?: number, was_cached?: boolean, error_type?: string, args?: any)
---@nodiscard
function Recording:recorder(tool) end

--- Starts an execution, which is in flight until its span is finished. O(1).
---@param tool string any bytes; of more than 255 the first 255 count
---@param args? any what the tool is called with; only its fingerprint is kept
---@return exectrack.Span
---@nodiscard
function Recording:start(tool, args) end

--- Calls a function as a tool: times the call, records how it ended, and returns what the function
--- returns. An error that it raises goes on as it is. How the call ended, and its error type, a short
--- stable class of the error, follow from the results or the error by Lua's convention:
--- `classify.convention` says how. Of the arguments and results only fingerprints are kept, unless
--- the tracker keeps texts.
---
--- The function may yield: the time until it returns counts. When its coroutine is closed, or
--- abandoned and collected, the call is recorded as `cancelled`, an abandoned one with the error
--- type `abandoned`. A coroutine that dies of an error closes nothing before it is closed or
--- collected itself: then its call is recorded, as `failed`, but as `cancelled` if the error was
--- nil and it is closed. O(1) and the fingerprint of the arguments.
---
--- With a table in the place of `tool`, does what a function does that `Recording:wrap` makes with
--- these options: a policy may deny the call, for example.
---@generic R
---@param tool string|exectrack.RunOptions any bytes; of more than 255 the first 255 count
---@param fn fun(...: any): R
---@param ... any its arguments
---@return R result what `fn` returns
---@return any ... its other results
function Recording:run(tool, fn, ...) end

--- How to begin a call: as in exectrack.WrapOptions, but for `args` and `session`.
---@class exectrack.BeginOptions
---@field args? any what the tool is called with; only its fingerprint is kept
---@field session? string the name of the session that the call belongs to; default that of a
--- Session, else none
---@field classify? exectrack.Classifier
---@field measure? fun(ok: boolean, ...: any): table<string, number>?
---@field results? false|fun(...: any): ...
---@field ignore_args? string[]
---@field policy? exectrack.Policy
---@field enforce? boolean
---@field on_warn? fun(decision: exectrack.Decision, call: exectrack.Call)
---@field on_policy_error? fun(err: any, call: exectrack.Call): exectrack.Decision|false|nil
---@field timeout_ms? number

--- Asks the policy, if there is one, and starts a call: for dispatchers that can't be wrapped. End
--- it with `Span:done`, `Span:failed` or `Span:finish`. For a call that is denied it returns nil,
--- the decision's message and the decision. O(1), the fingerprint of the arguments, and the policy.
---@param tool string any bytes; of more than 255 the first 255 count
---@param options? exectrack.BeginOptions
---@return exectrack.Span? span
---@return string? message
---@return exectrack.Decision? decision
---@nodiscard
function Recording:begin(tool, options) end

--- How to wrap tools.
---@class exectrack.WrapOptions
---@field classify? exectrack.Classifier is called with `true` and the results, or with `false` and
--- the error. Returns how the call ended: a status, whether a cache answered, and an error type. For
--- what it leaves nil, `classify.convention` decides. What it raises after a call that returned is
--- raised
---@field measure? fun(ok: boolean, ...: any): table<string, number>? is called as `classify` is,
--- and returns numbers by the names of the tracker's measures. What it raises after a call that
--- returned is raised, as is what is wrong with a number; the call is recorded without measures
--- then
---@field args? false|fun(...: any): ... is called with the arguments, and returns those that count
--- for their fingerprint. If it returns none, or with false, the call has none; default all count
---@field results? false|fun(...: any): ... is called with the results of a call that is a
--- `success`, and returns those that count for their fingerprint. If it returns none, or with
--- false, the call has none; default all count. What it raises is raised; the call is recorded
--- without that fingerprint then
---@field describe? fun(...: any): string is called with the arguments, and returns the text to keep
--- of them, if the tracker keeps any; secrets are removed from it. If it raises or returns no
--- string, no text is kept; default what `exectrack.describe` says of the arguments that count
---@field ignore_args? string[] as in exectrack.Options, in place of the tracker's. It applies to
--- what `args` returns, if that is given
---@field policy? exectrack.Policy is asked before each call. A call that it denies doesn't run and
--- isn't recorded: `Run:denials` counts it
---@field callback? integer|fun(args: table, done: fun(...: any)) for a tool that returns at once
--- and answers later: the number of the argument that it calls then, which doesn't count for the
--- fingerprint of the arguments. The call ends when that is first called, as a call that returned
--- what it is called with. A call without a function there ends when the tool returns. For a
--- callback that is elsewhere, a function that is called with the list of the arguments, with their
--- number as `n`, and puts `done`, or a function that calls it, where the tool will call it, or at
--- its end; what the list holds then is what the tool is called with
---@field timeout_ms? number milliseconds, above 0, after which a call that is still in flight ends
--- as `timed_out`: with the tracker's first operation then. What it returns or calls back later isn't
--- recorded; default none
---@field enforce? boolean with false, the policy is asked and denials are counted, but all calls
--- run; default true
---@field on_warn? fun(decision: exectrack.Decision, call: exectrack.Call) is called before the tool
--- runs with a decision to warn; with `enforce = false`, with one to deny too
---@field on_policy_error? fun(err: any, call: exectrack.Call): exectrack.Decision|false|nil is
--- called with what the policy raised, and decides in its place; default: the error is printed once
--- on standard error, and the call is allowed
---@field sleep? fun(seconds: number) is called when a call is denied by a decision with a
--- `retry_after_ms` that fits into `max_wait_ms`; then the policy is asked again, and the call starts
--- when it is allowed, or is denied in the end. What it raises is raised, and the tool doesn't run
---@field max_wait_ms? number milliseconds, from 0, that a call waits at most, by the tracker's clock
--- and by what `sleep` is told; required with `sleep`, and only then

--- How to make one call.
---@class exectrack.RunOptions: exectrack.WrapOptions
---@field tool string any bytes; of more than 255 the first 255 count

--- Makes a function that does what `Recording:run` does whenever it is called, with its arguments.
--- A call that a policy denies returns nil, the decision's message and the decision.
---
--- With `callback`, a call stays in flight when the tool has returned, unless it returned nil or
--- false and an error, which ends it, as an error that it raises does. A call whose callback never
--- comes ends at its `timeout_ms`, with `Session:abandon` or `Tracker:close`; or, when nothing can
--- call it any more, as `cancelled`, with the error type `abandoned`, when it is collected.
---
--- The functions `policy`, `on_warn`, `on_policy_error` and `sleep` may yield. What the last three
--- raise is raised, and the tool doesn't run. The other functions in the options can't yield. O(1), the
--- fingerprints of arguments and results, and the functions in the options.
---@generic F: function
---@param tool string any bytes; of more than 255 the first 255 count
---@param fn F
---@param options? exectrack.WrapOptions
---@return F
---@nodiscard
function Recording:wrap(tool, fn, options) end

--- Wraps all functions in a table, as `Recording:wrap` does, in a copy of it: each as the tool of
--- its key, those in nested tables as `"fs.read"`. What is neither a function nor a table is copied
--- as it is; the table itself stays untouched. Metatables aren't copied. A table that is there
--- twice is copied for each place, under the names that its tools have there; where a table
--- contains itself, so does the copy.
---@generic T: table
---@param tools T by name
---@param options? exectrack.WrapOptions for all of them
---@return T
---@nodiscard
function Recording:instrument(tools, options) end
