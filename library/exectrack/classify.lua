---@meta exectrack.classify

--- Classifiers, functions for the option `classify`, which say how a call ended. `require
--- "exectrack"` has them as `classify`.
---
--- Where a classifier returns nil, because the results aren't of its kind or the tool raised an
--- error, `classify.convention` decides.
---@class exectrack.classifylib
local classify = {}

--- Called with true and the results of a tool, or with false and its error. Returns how the call
--- ended, whether a cache answered, and an error type; nil for what it doesn't know. Can't yield.
---@alias exectrack.Classifier fun(ok: boolean, ...: any): exectrack.Status?, boolean?, string?

--- Lua's convention, which decides for calls without a classifier, too. A call succeeded, unless it
--- raised an error, or returned
---
--- - nil or false and an error;
--- - only a table in which `isError` or `is_error` is true, or `error` is true, a string that isn't
---   empty, a number other than 0, or a table that isn't empty.
---
--- The error decides, whether it was raised or returned:
---
--- - A code in it is the error type: the name of a system's error such as `ENOENT`, also if only its
---   description is there; `http_404`, `exit_2` and `signal_9`, for what a message says in words, as
---   in `HTTP/1.1 404 Not Found`, `status code 404`, `exited with code 2`, `SIGKILL`, and for what
---   `os.execute` returns, as in `nil, "exit", 2`. Numbers from 400 to 599 in place of a message
---   are HTTP statuses. With ETIMEDOUT, HTTP 408 and 504, and exit code
---   124 the call `timed_out`; with ECANCELED, HTTP 499, exit codes 130 and 143, and signals 2 and 15
---   it was `cancelled`; with any other code it `failed`.
--- - Of a message without a code the beginning may say that it `timed_out` (timed out, timeout,
---   deadline exceeded, operation timed out, TimeoutError) or was `cancelled` (cancelled, canceled,
---   interrupted, aborted by user, AbortError); also after a position and prefixes such as `curl: `
---   and `Request failed: `, and after `request`, `tool call` and the like as after `operation`. Such a
---   call has no error type.
--- - Any other message gives as error type its words, up to 64 bytes, without those that differ from
---   one message to the next: positions, numbers, paths, quoted parts, dates, hexadecimal digits,
---   identifiers. Of a message without ASCII words it is the beginning. Of several lines the first
---   counts; of a traceback of Python's the last.
--- - Of a table these fields are read, in this order: `code`, `type`, `name`, `status`, `error`,
---   `message`, and `content`, or the first `text` in that. `error` may be a table of such fields.
---   The first that says something gives the error type; but a `name` that doesn't read like an
---   error's (`TypeError`, `NotFound`, `SQLITE_BUSY`) comes last. What follows a code says nothing
---   more; before that, each of these may say that the call timed out or was cancelled.
--- - A tool that returns the nil, message and decision of a call of another tool, which a policy
---   denied, was `cancelled`, with the decision's `reason` as error type; so was one that raises the
---   decision.
---
--- It always returns a status.
---@param ok boolean
---@param ... any
---@return exectrack.Status status
---@return nil was_cached
---@return string? error_type
function classify.convention(ok, ...) end

--- A result of the Model Context Protocol, alone or in a response of JSON-RPC, as the first result:
--- `failed` if `isError` or `is_error` is true or there is an `error`, by the text of its `content`; `success` if
--- there is `content` or `structuredContent`.
---@param ok boolean
---@param ... any
---@return exectrack.Status? status
---@return nil was_cached
---@return string? error_type
function classify.mcp(ok, ...) end

--- A process. Exit codes and signals mean what they do in messages (see `classify.convention`); exit
--- code 0 is a `success`. It knows the results of
---
--- - `os.execute` and the `close` of a pipe: true or nil, `"exit"` or `"signal"`, and a number;
--- - `os.execute` in Lua 5.1 and LuaJIT: a number that has the exit code in its upper byte (there,
---   the `close` of a pipe returns no exit code);
--- - luv, which calls back with an exit code and a signal; an exit code alone will do;
--- - `vim.system`: a table with `code` (or `exit_code`, `exitCode`, `exitcode`) and `signal`, which
---   may also be a name, such as `SIGTERM`; or with Python's `returncode`;
--- - other functions: true, false or nil, and an exit code.
---
--- What the process wrote may come first: any number of strings, and tables without such fields.
---@param ok boolean
---@param ... any
---@return exectrack.Status? status
---@return nil was_cached
---@return string? error_type
function classify.shell(ok, ...) end

--- An HTTP status from 100 to 599: the first result; or its field `status`, `status_code`,
--- `statusCode` or `code`, also as text; or the second result after a string or 1, as of LuaSocket.
--- From 400 on a call `failed` with an error type such as `http_404`, except for those statuses that
--- mean something else (see `classify.convention`); below it is a `success`.
---@param ok boolean
---@param ... any
---@return exectrack.Status? status
---@return nil was_cached
---@return string? error_type
function classify.http(ok, ...) end

--- Makes a classifier of several. The first of them that returns a status decides, with its error
--- type; without any, the first that returns an error type. Whether a cache answered says the first
--- that returns that. All are called for each call.
---@param given exectrack.Classifier[]
---@return exectrack.Classifier
---@nodiscard
function classify.any_of(given) end

return classify
