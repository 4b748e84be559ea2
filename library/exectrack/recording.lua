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

--- Starts an execution, which is in flight until its span is finished. O(1).
---@param tool string any bytes; of more than 255 the first 255 count
---@param args? any what the tool is called with; only its fingerprint is kept
---@return exectrack.Span
---@nodiscard
function Recording:start(tool, args) end

--- Calls a function as a tool: times the call, records how it ended, and returns what the function
--- returns. An error that it raises is recorded as `failed`, and goes on as it is. After `nil, err`
--- or `false, err` the call `failed`, but it `timed_out` for an `err` of `"timeout"` and was
--- `cancelled` for `"cancelled"`; else it is a `success`. The error type is a short stable class of
--- the error: the `code` or `type` of a table; the name of a system's error, such as `ENOENT`; or
--- the words of the message without its position, numbers, quoted parts and paths. Of the arguments
--- and results only fingerprints are kept, unless the tracker keeps texts.
---
--- The function may yield: the time until it returns counts. When its coroutine is closed, or
--- abandoned and collected, the call is recorded as `cancelled`, an abandoned one with the error
--- type `abandoned`. A coroutine that dies of an error closes nothing before it is closed or
--- collected itself: then its call is recorded, as `failed`, but as `cancelled` if the error was
--- nil and it is closed. O(1) and the fingerprint of the arguments.
---@generic R
---@param tool string any bytes; of more than 255 the first 255 count
---@param fn fun(...: any): R
---@param ... any its arguments
---@return R result what `fn` returns
---@return any ... its other results
function Recording:run(tool, fn, ...) end

--- How to wrap tools.
---@class exectrack.WrapOptions
---@field classify? fun(ok: boolean, ...: any): exectrack.Status?, boolean?, string? is called with
--- `true` and the results, or with `false` and the error. Returns how the call ended: a status,
--- whether a cache answered, and an error type. For what it leaves nil, the rules of
--- `Recording:run` apply. What it raises after a call that returned is raised
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
---@field enforce? boolean with false, the policy is asked and denials are counted, but all calls
--- run; default true
---@field on_warn? fun(decision: exectrack.Decision, call: exectrack.Call) is called before the tool
--- runs with a decision to warn; with `enforce = false`, with one to deny too
---@field on_policy_error? fun(err: any, call: exectrack.Call): exectrack.Decision|false|nil is
--- called with what the policy raised, and decides in its place; default: the error is printed once
--- on standard error, and the call is allowed

--- Makes a function that does what `Recording:run` does whenever it is called, with its arguments.
--- A call that a policy denies returns nil, the decision's message and the decision.
---
--- The functions `policy`, `on_warn` and `on_policy_error` may yield. What the last two raise is
--- raised, and the tool doesn't run. The other functions in the options can't yield. O(1), the
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
