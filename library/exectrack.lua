---@meta exectrack

--- exectrack records what an agent's tools did, in memory that never grows.
---
--- Durations are milliseconds, an integer when whole, else a float, kept to the microsecond. Times
--- are Unix seconds with a fraction. Misuse raises an error that names the argument. An execution
--- is one use of a tool, and a record what is retained of it.
---
--- Lua 5.1, 5.2 and LuaJIT have no integers. Their numbers hold all fingerprints, ids and times
--- exactly; counts and sums beyond 2^53 are rounded.
---@class exectracklib
---@field _VERSION string the name and version of the module: `exectrack 0.1.0`
---@field classify exectrack.classifylib
---@field json exectrack.jsonvalueslib
local exectrack = {}

--- How to make a tracker. Its clock never goes back: a reading that is earlier than the one before
--- counts as the one before.
---@class exectrack.Options
---@field max_history? integer how many records are retained, those recorded last, 0 to 2^28, 32
--- bytes each; default 1,000
---@field max_tools? integer how many tools are counted separately, 1 to 65,535, with 64 bytes of
--- name each on average; default 512
---@field max_in_flight? integer how many executions in flight are listed, 0 to 65,535; default 64
---@field session_names? integer how many names of recent sessions are kept, of up to 64 bytes each,
--- 0 to 65,536, in sets of 8, of which the least recent makes room for another; default 256
---@field args_texts? integer how many texts of arguments are kept, those used last, 0 to 65,536,
--- 136 bytes each, rounded up to a multiple of 8, as `exectrack.describe` writes them; default 0
---@field error_texts? integer how many messages of errors are kept, in the same way: the latest of
--- each tool and error type; default 0
---@field redact? false|fun(text: string): string is given each text of arguments or an error, from
--- which `exectrack.redact` has removed secrets, and returns what to keep of it, up to 120 bytes;
--- if it raises or returns no string, nothing is kept; it can't yield. With false, texts are kept
--- as they are. By default, `exectrack.redact` alone is applied
---@field label? string a name for the run, up to 64 bytes; default empty
---@field instance_id? string a UUID that names the tracker, not all zeros; default a random one
---@field ignore_args? string[] names of fields that don't count for the fingerprint of arguments:
--- those of each argument that is a table, at its top level; default none
---@field measures? exectrack.MeasureOption[] up to 4 numbers of your own that executions may have,
--- 8 bytes each a record and 32 a tool; default none
---@field clock? fun(): number returns Unix seconds, finite, from 0; must not use the tracker;
--- called once by `new`, `record` (without a `timestamp`), `start`, `finish`, `in_flight` and
--- `snapshot`, and by `run` and wrapped functions once at the start, which is before a policy is
--- asked, and once at the end; default the system's clock, which goes on while the machine sleeps
--- (on Linux and macOS)

--- A measure to have. Values are kept as whole numbers of `scale`. They and their sums stop at
--- 9,223,372,036,854,775,807 of it (2^63 - 1), so that a sum doesn't depend on the order of what is
--- added.
---@class exectrack.MeasureOption
---@field name string 1 to 32 bytes, different for each measure
---@field unit? string such as `USD`, or `By` for bytes, up to 32 bytes; default empty
---@field scale? number the smallest difference that is kept, such as 1e-6: values are rounded to
--- multiples of it; finite and above 0; default 1, whole numbers

--- Makes a tracker, with all the memory that it will ever use.
---@param options? exectrack.Options
---@return exectrack.Tracker
---@overload fun(max_history: integer): exectrack.Tracker
---@nodiscard
function exectrack.new(options) end

--- How to open the file of a recorder. Its limits (`max_history` and so on), `measures` and
--- `ignore_args` must be those that the file was made with; `label` and `instance_id` are for a new
--- file only.
---@class exectrack.RecorderOptions: exectrack.Options
---@field on_mismatch? "rotate"|"error" what to do with a file that was made with other options, is of
--- another version of the format, or is damaged: rename it in its folder, for example to
--- `agent-20261125T204038Z.run`, and begin a new one; or return an error. Default `rotate`
---@field any_file_system? boolean whether file systems are accepted on which locks and mapped files
--- can't be relied on: NFS, CIFS, 9p and FUSE; default false

--- How to begin a file of one's own in a directory.
---@class exectrack.DirectoryOptions: exectrack.RecorderOptions
---@field directory string its path; made, with its parents, for the owner alone (0700) if it is
--- missing
---@field keep? integer how many recorders with this label to keep in the directory, with the new
--- one, 1 to 1,000,000: the oldest are removed, but none that a process has open, and no other file;
--- default all

--- Opens a recorder: a tracker whose data are in a file, so that a run outlives its process. However
--- the process ends, the file has every execution that was recorded before, and what was in flight.
---
--- - If there is no file at `path`, it is made: whole, with its full size, for its owner alone
---   (0600).
--- - If there is one, its run goes on. What its last process left in flight ends as `cancelled`, with
---   the error type `writer_died`: its duration is `elapsed`, up to the last time known. Policies
---   decide as if nothing had happened.
---
--- Given a table with a `directory`, it begins a new file there, which is named by the label, the time
--- in UTC and the process: `agent-20261125T204038Z-4711.run`.
---
--- A file has one writer, until `Tracker:close`, or the end of its process. A child that was forked
--- from it can't use the tracker: its methods raise, but for `close`. O(size of the file).
---@param path string
---@param options? exectrack.RecorderOptions
---@return exectrack.Tracker? tracker
---@return string? message says what is wrong, and names the path
---@return string? code `busy`, another recorder has the file open; `mismatch`, it was made with
--- other options; `invalid`, it is damaged (both only if `on_mismatch` is `error`); `kind`, it isn't a
--- recorder's, but a saved run or something else; `file_system`, it is on one that isn't accepted, or
--- this system has no recorders (Windows); or the system's, such as `ENOSPC` for a full disk, `EPERM`
--- for a file of another user, `ELOOP` for a symbolic link in a directory that others can write to,
--- which isn't followed
---@overload fun(path: string, max_history: integer): exectrack.Tracker?, string?, string?
---@overload fun(options: exectrack.DirectoryOptions): exectrack.Tracker?, string?, string?
---@nodiscard
function exectrack.open(path, options) end

--- Loads a run that `Snapshot:save` has saved, or that a recorder has in its file. A file that is
--- damaged, or isn't a run, does no harm. An open file, such as a pipe, is read from where it is, and
--- must end after the run. Reading stops as soon as it can't be a run. O(size).
---
--- The process that writes a recorder is neither stopped nor slowed down by this, and nothing is
--- written. What it had left half done is undone. While it records very fast, the snapshot may lack
--- the oldest records. That is so for a path; an open file is read as it is, so a recorder in it must
--- not be written meanwhile.
---@param path string|file* a path, or a file that is open for reading
---@return exectrack.Snapshot? snapshot
---@return string? message says what is wrong, and names the path if there is one
---@return string? code `kind`, it isn't a saved run; `version` or `byte_order`, it is of another
--- version of the format, or of a machine of the other byte order; `size`, it was cut short or
--- added to; `checksum`, it isn't what was saved; `invalid`, its contents are inconsistent; `busy`, the
--- process that writes it changed it so fast that it couldn't be read for 100 ms; or the system's,
--- such as `ENOENT`
---@nodiscard
function exectrack.load(path) end

--- The snapshot that `Snapshot:bytes` made these bytes of, or that of a recorder's bytes. O(size).
---@param bytes string
---@return exectrack.Snapshot? snapshot
---@return string? message
---@return string? code as for `exectrack.load`
---@nodiscard
function exectrack.from_bytes(bytes) end

--- The snapshot that `Snapshot:to_table` made this table of, also after a trip through JSON; or one
--- of the records of the reference implementation, as it serializes them. JSON's null may be a
--- light userdata, as in many libraries. O(size).
---@param run exectrack.RunTable|exectrack.ReferenceRun
---@return exectrack.Snapshot? snapshot
---@return string? message names the field that is wrong
---@return string? code `invalid`
---@nodiscard
function exectrack.from_table(run) end

--- How to merge runs.
---@class exectrack.MergeOptions
---@field max_history? integer keep only as many records, the newest, 0 to 2^28; default all

--- Merges runs, of several processes or days, into one. The order of the list makes no difference.
--- A run that is in it twice counts twice.
---
--- - Tools of the same name are one, in the order of the bytes of their names. Lifetimes,
---   histograms, denials and what is in flight add up. A failure streak is that of the run in which
---   the tool ended last. What is in flight is known to run until its own run was taken.
--- - Records are in the order of their ends, and where these are equal of their other fields.
--- - The label is that which all have, or none.
--- - Measures of the same name are one, in the order of the bytes of their names. It raises if they
---   differ in unit or scale, and for more than 4.
---
--- O(n * log n).
---@param snapshots exectrack.Snapshot[] at least one
---@param options? exectrack.MergeOptions
---@return exectrack.Snapshot
---@nodiscard
function exectrack.merge(snapshots, options) end

--- The fingerprint of some values, 1 to 2^32 - 1. That of one value is the `args_hash` of an
--- execution with it as `args` (but nil as `args` is 0). Several values differ from a table of
--- them.
---
--- It is the same for tables with the same content, for 1 and 1.0, and in every process and
--- version. Functions, userdata and threads count by their identity, so that fingerprints with them
--- mean something within one Lua state only; light userdata by their type alone. No metamethod is
--- called.
---
--- O(size of the values), up to 65,536 table entries and 1 MiB of strings. Beyond, nested tables
--- count less deep, and of long strings the beginning, the end and the length.
---@param ... any
---@return integer
---@nodiscard
function exectrack.fingerprint(...) end

--- A short text that says what some values are, for people: one line of at most 120 bytes of UTF-8.
--- They are written as Lua would, with commas between; of a table first the list, then the fields
--- in the order of their keys. Functions, userdata and threads are written as their types. What
--- doesn't fit, or is nested more than 4 tables deep, is `…`. Secrets are left out as
--- `exectrack.redact` does, and so are the values of fields and flags that are named like them: all
--- but booleans. No metamethod is called. O(entries of the tables that it reads).
---@param ... any
---@return string
---@nodiscard
function exectrack.describe(...) end

--- A text with `[redacted]` in place of what looks like a credential:
---
--- - tokens that are known by how they begin, such as `sk-`, `ghp_` and `AKIA`, JSON Web Tokens,
---   PEM blocks, and what follows `Bearer` and `Basic`
--- - the password in `scheme://user:password@host`, and in `-u user:password` as curl has it
--- - the value of a setting, flag, field or header that is named like a secret, as in
---   `--password=…`, `GITHUB_TOKEN=…`, `"api_key": "…"`, `Cookie: …`
---
--- It finds no others. O(length).
---@param text string
---@return string
---@nodiscard
function exectrack.redact(text) end

--- Makes a pusher, which sends runs to a receiver of OTLP, OpenTelemetry's protocol, with an HTTP client
--- of your choice. It has no clock and waits for nothing unless it is given a way to.
---@param options exectrack.PushOptions
---@return exectrack.Pusher
---@nodiscard
function exectrack.push(options) end

return exectrack
