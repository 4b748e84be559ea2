/***
exectrack records what an agent's tools did, in memory that never grows.
@module exectrack
*/
#include "arguments.h"
#include "describe.h"
#include "fingerprint.h"
#include "handle.h"
#include "redact.h"
#include "snapshot_handle.h"

/***
Makes a tracker, with all the memory that it will ever use.
@function new
@tparam[opt] ?integer|table options `max_history`, or a table of:

* `max_history`: how many records are retained, 0 to 2^28, 32 bytes each (default 1,000)
* `max_tools`: how many tools are told apart, 1 to 65,535 (default 512); their names have
  64 bytes each on average
* `max_in_flight`: how many executions are listed while they run, 0 to 65,535 (default 64)
* `session_names`: how many names of recent sessions are kept, 0 to 65,536 (default 256), in
  sets of 8, of which the least recent makes room for another; a longer one than 64 bytes
  isn't
* `args_texts`, `error_texts`: how many texts of arguments and of errors are kept, those
  used last, 0 to 65,536 (default 0). Of errors it is the latest of each tool and error type
* `redact`: a function that is given a text to be kept, from which secrets are left out as
  by `redact`, and returns what is kept of it; or false: nothing is left out. If it raises or
  returns no string, there is no text. It can't yield.
* `label`: a name for the run, up to 64 bytes (default empty)
* `instance_id`: a UUID that names the tracker, for tests (default a random one)
* `ignore_args`: a list of the names of fields that count for no fingerprint of arguments:
  those of each argument that is a table, at its top level (default none)
* `clock`: a function that returns Unix seconds, finite, from 0, and must not use the
  tracker (default: the system's clock). A reading that is earlier than the one before
  counts as that.
@treturn Tracker
*/

/***
Loads a run that `save` has saved. Nothing in a file that is damaged, or isn't such a file,
does any harm. Of an open file, such as a pipe, the rest is read: a run and then the end.
Reading stops as soon as it isn't one. O(size).
@function load
@tparam string|file path a path, or a file that is open for reading
@treturn[1] Snapshot
@treturn[2] nil
@treturn[2] string message, which names the path if there is one
@treturn[2] string code: `kind`, it isn't a saved run; `version` or `byte_order`, it is of
  another one; `size`, it was cut short or added to; `checksum`, it isn't what was saved;
  `invalid`, its contents are inconsistent; or the system's, such as `ENOENT`
*/

/***
The snapshot whose `bytes` these are. O(size).
@function from_bytes
@tparam string bytes
@treturn[1] Snapshot
@treturn[2] nil
@treturn[2] string message
@treturn[2] string code, as for `load`
*/

/***
Merges runs, of several processes or days, into one. Tools of the same name are one, in the
order of the bytes of their names; lifetimes, histograms, denials and what is in flight add
up; a failure streak is that of the run in which the tool ended last. Records are in the
order of their ends, and where these are equal of their other fields. The label is that
which all have, or none. The order of the list makes no difference. A run that is in it
twice counts twice. O(n * log n).
@function merge
@tparam {Snapshot,...} snapshots at least one
@tparam[opt] table options `max_history`: keep only as many records, the newest
@treturn Snapshot
*/

/***
The fingerprint of some values. That of one value is the `args_hash` of an execution with
it as `args` (but nil as `args` is 0); several values differ from a table of them. It is
the same for tables with the same content, for 1 and 1.0, and in every process and
version. Functions, userdata and threads count by their identity, so that fingerprints with
them mean something within one Lua state only; light userdata by their type alone. No
metamethod is called. O(size of the values), up to 65,536 table entries and 1 MiB of
strings; beyond, nested tables count less deep, and of long strings the beginning, the end
and the length.
@function fingerprint
@param ... any values
@treturn integer 1 to 2^32 - 1
*/
static int fingerprint(lua_State *L) {
    lua_pushinteger(L, xl_fingerprint_args(L, 1, lua_gettop(L), 0));
    return 1;
}

/***
A short text that says what some values are, for people: one line of at most 120 bytes of
UTF-8. They are written as Lua would, with commas between; of a table first the list, then
the fields in the order of their keys. Functions, userdata and threads are written as their
types. What doesn't fit, or is nested more than 4 tables deep, is `…`. Secrets are left out
as `redact` does, and so are the values of fields and flags that are named like them: all
but booleans. No metamethod is called. O(entries of the tables that it gets to).
@function describe
@param ... any values
@treturn string
*/
static int describe(lua_State *L) {
    xl_description description = {.redacts = true};
    xl_describe_values(L, 1, lua_gettop(L), &description);
    lua_pushlstring(L, description.bytes, description.length);
    return 1;
}

/***
A text with `[redacted]` in place of what looks like a credential:

* tokens that are told by how they begin, such as `sk-`, `ghp_` and `AKIA`, JSON Web
  Tokens, PEM blocks, and what follows `Bearer` and `Basic`
* the password in `scheme://user:password@host`
* the value of a setting, flag, field or header that is named like a secret:
  `--password=…`, `GITHUB_TOKEN=…`, `"api_key": "…"`, `Cookie: …`

It knows no others. O(length).
@function redact
@tparam string text
@treturn string
*/
static int redact(lua_State *L) {
    xt_text text = xt_text_argument(L, xt_argument_at(1));
    xl_secret_search search = {.text = text};
    xl_stretch secret;
    size_t at = 0;
    luaL_Buffer redacted;
    luaL_buffinit(L, &redacted);
    while (xl_next_secret(&search, text.length, &secret)) {
        luaL_addlstring(&redacted, text.bytes + at, secret.start - at);
        luaL_addstring(&redacted, XL_REDACTED);
        at = secret.end;
    }
    luaL_addlstring(&redacted, text.bytes + at, text.length - at);
    luaL_pushresult(&redacted);
    return 1;
}

/***
The name and version of the module, `exectrack 0.1.0`.
@field _VERSION
*/

static const luaL_Reg functions[] = {
    {"new", xt_lua_new},
    {"fingerprint", fingerprint},
    {"describe", describe},
    {"redact", redact},
    {"load", xt_lua_load},
    {"from_bytes", xt_lua_from_bytes},
    {"from_table", xt_lua_from_table},
    {"merge", xt_lua_merge},
    {NULL, NULL},
};

int luaopen_exectrack_core(lua_State *L) {
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pushliteral(L, "exectrack " XT_VERSION);
    lua_setfield(L, -2, "_VERSION");
    return 1;
}
