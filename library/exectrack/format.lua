---@meta exectrack.format

--- Formats in which executions leave and enter exectrack. Neither encoders nor decoders open files
--- or know of the time: the same run gives the same bytes. `read` makes a run of a file.
---@class exectrack.formatslib
---@field chat exectrack.agentlib
---@field claude exectrack.agentlib
---@field codex exectrack.agentlib
---@field csv exectrack.csvlib
---@field gemini exectrack.agentlib
---@field json exectrack.jsonlib
---@field jsonl exectrack.jsonllib
---@field openhands exectrack.agentlib
---@field otlp exectrack.agentlib
---@field reference exectrack.referencelib
---@field vtcode exectrack.agentlib
local formats = {}

--- The name of a format that can be read.
---@alias exectrack.FormatName
---| "chat"
---| "claude"
---| "codex"
---| "csv"
---| "gemini"
---| "json"
---| "jsonl"
---| "openhands"
---| "otlp"
---| "reference"
---| "vtcode"

--- Returns the next piece of a text, nil at the end. A piece may be empty.
---@alias exectrack.Pieces fun(): string?

--- Returns a function, an iterator over the executions in a text, which returns a place, such as the
--- number of a line, and an execution as `record` takes it; or the place, nil and what is wrong, and
--- true if nothing more can be read, at which `skip_bad` ends, too. The decoder may also return a
--- function that returns notes on the text so far, an array of strings.
---@alias exectrack.Decoder
---| fun(pieces: exectrack.Pieces, options: exectrack.MappingOptions): function, function?

--- How to make a run of a text. `map`, `statuses`, `duration_unit`, `strict` and `max_line_bytes`
--- are those of `exectrack.MappingOptions`; `ignore_args`, `measures`, `label`, `args_texts`,
--- `error_texts` and `redact` those of `exectrack.new`.
---@class exectrack.ReadOptions
---@field map? table<string, string>
---@field statuses? table<string, exectrack.Status>
---@field duration_unit? "s"|"ms"|"us"|"ns"
---@field strict? boolean
---@field max_line_bytes? integer
---@field skip_bad? boolean whether to go on after what is wrong; default false
---@field exclude? string[] the names of tools whose executions are left out; those that no execution has are
--- in the notes
---@field max_history? integer keep only as many records, those that ended last, 0 to 2^28; default
--- all
---@field ignore_args? string[]
---@field measures? exectrack.MeasureOption[] default those that executions have, in no unit, as exactly as
--- they are given, up to 9 digits after the point
---@field label? string
---@field args_texts? integer default 0
---@field error_texts? integer default 0
---@field redact? false|fun(text: string): string
---@field model_calls? boolean whether calls of models in agents' logs are executions, too, of the tool `model:NAME`,
--- with the measures `input_tokens` (those from a cache included), `output_tokens` and `cached_tokens`; default false
---@field tool_from? string|false the name of an argument with a shell command: `shell` becomes `shell:git` if that
--- runs git. By default the one of shell tools in agents' logs; with false, no tool is renamed
---@field source? string what messages call the text; default the path
---@field on_progress? fun(bytes: integer, lines: integer) called before each piece is read, with
--- what was read so far

--- One of several texts that become one run.
---@class exectrack.Text
---@field open fun(): (exectrack.Pieces?, function|string|nil, string?) called when it is read; returns a function
--- that returns its next piece, and one that closes it, if it has to be closed. That returns true; or nil, a message
--- and a code, if the text wasn't whole. If it can't be opened: nil, a message and a code
---@field source? string what messages and places call it
---@field format? exectrack.FormatName|exectrack.Decoder its own, if it isn't that of all texts
---@field is_optional? boolean whether it is left out, with a note, if no format is given and it isn't an agent's log
---@field may_fail? boolean whether it is left out, with a note, if it can't be read and others can

--- What was read of a text, or of several.
---@class exectrack.ReadSummary
---@field executions integer how many were read
---@field tools integer
---@field sessions integer
---@field first? number Unix seconds at which the first ended; nil if all are undated
---@field last? number the same of the last
---@field untimed integer those whose duration isn't known
---@field undated integer those whose time isn't known
---@field excluded integer those that `exclude` left out
---@field skipped integer how often something was wrong, with `skip_bad`
---@field first_message? string what was wrong first, and where
---@field notes string[] which fields were taken for what, which were ignored, and what wasn't found; empty for
--- our own
---@field format? string the name of the format; nil for a decoder, and if texts had different ones

--- Makes a run of a text: a log of an agent, one in JSON Lines or CSV, what an encoder wrote, or what
--- the reference implementation serializes. Executions are sorted by their ends, undated ones in front.
--- A whole run (`json`) is read as it is.
---
--- Several texts make one run. A call in agents' logs counts once, also if it is in several of them,
--- as that of a session which was resumed is. Executions in the logs of others have `place`: the
--- name of the text and the line, or the path of the element.
---
--- Raises for what is wrong with a call, if a piece isn't a string or a decoder returns something
--- else than said, and what a decoder raises.
--- O(n * log n), and 32 bytes an execution, 40 with places; a document is in memory as a whole, and
--- of each call in agents' logs some 500 bytes until all is read.
---@param from string|(fun(): string?, string?, string?)|(string|exectrack.Text)[] a path; a function that returns
--- the next piece of a text, nil at the end, or nil, a message and a code, if that can't be read; or an array of paths
--- and texts
---@param format? exectrack.FormatName|exectrack.Decoder
--- default what each text looks like
---@param options? exectrack.ReadOptions
---@return exectrack.Snapshot? snapshot
---@return exectrack.ReadSummary|string summary or a message, which names the place
---@return string? code `invalid`, something is wrong with a text; `option`, the format can't have
--- an option that is given; or the system's, such as `ENOENT`
---@nodiscard
function formats.read(from, format, options) end

--- The lines of a text, in a `for` loop, for a decoder of one's own; blank ones are left out. Of
--- each line it returns the number and the text, without its end but for a `\r`; or, if it is too
--- long, the number, nil and a message. A byte order mark is left out. Raises if a piece isn't a
--- string. Keeps no more than a line and a piece.
---@param pieces exectrack.Pieces of any length
---@param max_line_bytes? integer a longer line is wrong, from 1; default 67,108,864
---@return fun(): integer?, string?, string?
---@nodiscard
function formats.lines(pieces, max_line_bytes) end

--- What makes executions of the fields of a log, for a decoder of one's own: it is what those of
--- JSON Lines and CSV use. `max_line_bytes` is ignored.
---@param options? exectrack.MappingOptions
---@return exectrack.Mapping
---@nodiscard
function formats.mapping(options) end

--- Makes executions of the fields of a log.
---@class exectrack.Mapping
local mapping = {}

--- The execution that fields make: a table as `record` takes it, which may be `fields`; or nil and
--- what is wrong.
---@param fields table<string, any> the values by their names; nested ones are tables
---@param is_text? boolean whether all values are text, so that numbers, true and false are looked
--- for in it; default false
---@return exectrack.Execution? execution
---@return string? message
---@nodiscard
function mapping:execution(fields, is_text) end

--- Which fields were taken for what so far, and which were ignored: sentences. There are none if all
--- were those of executions.
---@return string[]
---@nodiscard
function mapping:notes() end

--- A decoder of the logs of an agent: `format.claude`, and so `chat`, `codex`, `gemini`,
--- `openhands`, `otlp` and `vtcode`. docs/agent_logs.md says what is read of which.
---@class exectrack.agentlib
local agent = {}

--- How to read the log of an agent.
---@class exectrack.AgentLogOptions
---@field model_calls? boolean as in `exectrack.ReadOptions`
---@field source? string the name of the text, for `place` and, in the format `chat`, sessions
---@field max_line_bytes? integer a longer line is wrong, from 1; default 67,108,864

--- The executions in a log, in a `for` loop. Of each it returns the place of its call, the number of a
--- line or the path of an element, and a table as `record` takes it, with `place` if the text has a name;
--- or a place, nil and what is wrong there. They come in the order in which their results do; calls
--- without results come last, cancelled, with the error type `no_result`. Also returns a function that
--- returns notes on the text so far: what was left out. Raises if a piece isn't a string. Keeps no
--- more than a line and a piece, but a document as a whole; and what tells calls apart.
---@param pieces exectrack.Pieces of any length
---@param options? exectrack.AgentLogOptions
---@return fun(): (integer|string)?, exectrack.Execution?, string? next_execution
---@return fun(): string[] notes
---@nodiscard
function agent.decode(pieces, options) end

--- CSV: a record a row, under a header.
---@class exectrack.csvlib
local csv = {}

--- The records, in the order of their ends, as CSV (RFC 4180) in UTF-8, under a header. Each byte of
--- a name that isn't UTF-8 becomes U+FFFD, what could harm where it is shown an escape such as
--- `\x1b`, and what a spreadsheet would take for a formula, also behind apostrophes, has an
--- apostrophe in front. An error type, a session, a duration, a time and a measure that aren't
--- there are empty fields, as is the timing of what was measured. Each measure that a record has
--- is a column at the end, called `measures.` and its name; before these is the column `place`, if a
--- record has one. O(records).
---@param snapshot exectrack.Snapshot
---@return exectrack.Pieces
---@nodiscard
function csv.encode(snapshot) end

--- How the lines or rows of a log are taken for executions.
---@class exectrack.MappingOptions
---@field map? table<string, string> where fields are, by their names: a key, or a path such as `error.code` or
--- `calls[0].name`; empty for a field that isn't to be looked for. Fields are those of `exectrack.Execution`, but
--- `tool_id` and `measures`; `start`, `duration`, and `end`, which is `timestamp`; and `measures.` and a name, or the
--- name of one of `measures`. A field that isn't in the map is looked for under its common names
---@field statuses? table<string, exectrack.Status> statuses by the text of values; by `""` where there is none, by
--- `"*"` of any other value
---@field duration_unit? "s"|"ms"|"us"|"ns" the unit of durations whose names don't say one; default `"ms"`
---@field strict? boolean whether unknown fields are wrong; default false: they are ignored
---@field measures? string[] names of measures, which are fields then
---@field max_line_bytes? integer a longer line or row is wrong, from 1; default 67,108,864
---@field source? string the name of the text: then executions have `place`, unless they are in lines of our own

--- The executions in CSV (RFC 4180), a row each, under a header, in a `for` loop; blank lines are left out. Of each it
--- returns the number of the line in which the row begins, and a table as `record` takes it; or the number, nil and
--- what is wrong with the row; and true if it is the header, without which no row can be read. The separator is a
--- comma, a semicolon or a tab. What `encode` wrote is read exactly.
--- Also returns a function that returns notes on the rows so far: which columns were taken for what, and which were
--- ignored. Raises if a piece isn't a string. Keeps no more than two rows and a piece.
---@param pieces exectrack.Pieces of any length
---@param options? exectrack.MappingOptions
---@return fun(): integer?, exectrack.Execution?, string?, boolean? next_execution
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

--- The records in a whole run, in a `for` loop. Of each it returns its place, such as `records[1]`,
--- and the record; if the document isn't a run, an empty place, nil and what is wrong with it. What
--- a run has beside its records is left out: `read` keeps it. Raises if a piece isn't a string. Keeps
--- the whole document.
---@param pieces exectrack.Pieces of any length
---@return fun(): string?, exectrack.Record?, string?
---@nodiscard
function json.decode(pieces) end

--- JSON Lines: an execution a line, as an object with the fields that `record` takes.
---@class exectrack.jsonllib
local jsonl = {}

--- The records, in the order of their ends, as JSON Lines. Each byte of a name that isn't UTF-8
--- becomes U+FFFD. A duration, an error type, a fingerprint, a session, a depth, measures and a
--- place that aren't there are left out, and so is the timing of what was measured. O(records).
---@param snapshot exectrack.Snapshot
---@return exectrack.Pieces
---@nodiscard
function jsonl.encode(snapshot) end

--- The executions in JSON Lines, an object a line, in a `for` loop; blank lines are left out. Of
--- each line it returns the number, and a table as `record` takes it; or the number, nil and what is
--- wrong with the line. Also returns a function that returns notes on the lines so far: which fields
--- were taken for what, and which were ignored; there are none on our own. Raises if a piece isn't a
--- string. Keeps no more than a line and a piece.
---@param pieces exectrack.Pieces of any length
---@param options? exectrack.MappingOptions
---@return fun(): integer?, exectrack.Execution?, string? next_execution
---@return fun(): string[] notes
---@nodiscard
function jsonl.decode(pieces, options) end

--- Records as the reference implementation serializes them.
---@class exectrack.referencelib
local reference = {}

--- The executions, oldest first, in a `for` loop, of a JSON document. Of each it returns its place,
--- such as `records[1]`, and a table as `record` takes it; or the place, nil and what is wrong with
--- it. What is wrong with the whole has an empty place. They have no times, so they are undated.
--- Raises if a piece isn't a string. Keeps the whole document.
---@param pieces exectrack.Pieces of any length
---@return fun(): string?, exectrack.Execution?, string?
---@nodiscard
function reference.decode(pieces) end

--- The snapshot of such a run, which has its tools in their order: what `exectrack.from_table`
--- returns for it. All executions end in 1970, so that policies can be replayed.
---@param run exectrack.ReferenceRun
---@return exectrack.Snapshot? snapshot
---@return string? message names the field that is wrong
---@return string? code `invalid`
---@nodiscard
function reference.snapshot(run) end

return formats
