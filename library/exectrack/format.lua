---@meta exectrack.format

--- Formats in which executions leave and enter exectrack. Neither encoders nor decoders open files
--- or know of the time: the same run gives the same bytes.
---@class exectrack.formatslib
---@field csv exectrack.csvlib
---@field json exectrack.jsonlib
---@field jsonl exectrack.jsonllib
---@field reference exectrack.referencelib
local formats = {}

--- Returns the next piece of a text, nil at the end. A piece may be empty.
---@alias exectrack.Pieces fun(): string?

--- CSV: a record a row, under a header.
---@class exectrack.csvlib
local csv = {}

--- The records, in the order of their ends, as CSV (RFC 4180) in UTF-8, under a header. Each byte of
--- a name that isn't UTF-8 becomes U+FFFD, what could harm where it is shown an escape such as
--- `\x1b`, and what a spreadsheet would take for a formula, also behind apostrophes, has an
--- apostrophe in front. An error type, a session, a duration, a time and a measure that aren't
--- there are empty fields, as is the timing of what was measured. Each measure is a column at the
--- end, called `measures.` and its name. O(records).
---@param snapshot exectrack.Snapshot
---@return exectrack.Pieces
---@nodiscard
function csv.encode(snapshot) end

--- How the lines or rows of a log are taken for executions.
---@class exectrack.MappingOptions
---@field map? table<string, string> where fields are, by their names: a key, or a path such as `error.code` or
--- `calls[0].name`; empty for a field that isn't to be looked for. Fields are those of `exectrack.Execution`, but
--- `tool_id` and `measures`; `start`, `end` and `duration`; and `measures.` and a name, or the name of one of
--- `measures`. A field that isn't in the map is looked for under its common names
---@field statuses? table<string, exectrack.Status> statuses by the text of values; by `""` where there is none, by
--- `"*"` of any other value
---@field duration_unit? "s"|"ms"|"us"|"ns" the unit of durations whose names don't say one; default `"ms"`
---@field strict? boolean whether unknown fields are wrong; default false: they are ignored
---@field measures? string[] names of measures, which are fields then
---@field max_line_bytes? integer a longer line or row is wrong, from 1; default 67,108,864

--- The executions in CSV (RFC 4180), a row each, under a header, in a `for` loop; blank lines are left out. Of each it
--- returns the number of the line in which the row begins, and a table as `record` takes it; or the number, nil and
--- what is wrong with the row. The separator is a comma, a semicolon or a tab. What `encode` wrote is read exactly.
--- Also returns a function that returns notes on the rows so far: which columns were taken for what, and which were
--- ignored. Raises if a piece isn't a string. Keeps no more than two rows and a piece.
---@param pieces exectrack.Pieces of any length
---@param options? exectrack.MappingOptions
---@return fun(): integer?, exectrack.Execution?, string? next_execution
---@return fun(): string[] notes
---@nodiscard
function csv.decode(pieces, options) end

--- JSON: the whole run with its statistics.
---@class exectrack.jsonlib
local json = {}

--- The table form, `snapshot:to_table()`, as JSON, which `exectrack.from_table` takes back once it
--- is decoded. Each record is on a line of its own. Each byte of a name that isn't UTF-8 becomes
--- U+FFFD. O(size).
---@param snapshot exectrack.Snapshot
---@return exectrack.Pieces
---@nodiscard
function json.encode(snapshot) end

--- JSON Lines: an execution a line, as an object with the fields that `record` takes.
---@class exectrack.jsonllib
local jsonl = {}

--- The records, in the order of their ends, as JSON Lines. Each byte of a name that isn't UTF-8
--- becomes U+FFFD. A duration, an error type, a fingerprint, a session, a depth and measures that
--- aren't there are left out, and so is the timing of what was measured. O(records).
---@param snapshot exectrack.Snapshot
---@return exectrack.Pieces
---@nodiscard
function jsonl.encode(snapshot) end

--- What a decoder of JSON Lines is to accept.
---@class exectrack.JsonlOptions
---@field max_line_bytes? integer a longer line is wrong, from 1; default 67,108,864

--- The executions that a text describes, a line each, in a `for` loop; blank lines are left out. Of
--- each line it returns the number and a table of the fields that the line has, but those that are
--- null, in its measures too; or the number, nil and what is wrong with the line. Whether the
--- fields make an execution isn't checked: `record` does that. Raises if a piece isn't a string.
--- Needs lua-cjson. Keeps no more than a line and a piece.
---@param pieces exectrack.Pieces of any length
---@param options? exectrack.JsonlOptions
---@return fun(): integer?, exectrack.Execution?, string?
---@nodiscard
function jsonl.decode(pieces, options) end

--- Records as the reference implementation serializes them.
---@class exectrack.referencelib
local reference = {}

--- The executions, oldest first, in a `for` loop. Of each it returns its place, from 1, and a table
--- as `record` takes it; or the place, nil and what is wrong with it. What is wrong with the whole
--- has the place 0. They have no times, so all end in 1970.
---@param run exectrack.ReferenceRun
---@return fun(): integer?, exectrack.Execution?, string?
---@nodiscard
function reference.decode(run) end

--- The snapshot of such a run, which has its tools in their order: what `exectrack.from_table`
--- returns for it.
---@param run exectrack.ReferenceRun
---@return exectrack.Snapshot? snapshot
---@return string? message names the field that is wrong
---@return string? code `invalid`
---@nodiscard
function reference.snapshot(run) end

return formats
