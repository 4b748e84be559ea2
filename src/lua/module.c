/***
exectrack records what an agent's tools did, in memory that never grows.
@module exectrack
*/
#include "fingerprint.h"
#include "handle.h"

/***
Makes a tracker, with all the memory that it will ever use.
@function new
@tparam[opt] ?integer|table options `max_history`, or a table of:

* `max_history`: how many records are retained, 0 to 2^28, 24 bytes each (default 1,000)
* `max_tools`: how many tools are told apart, 1 to 65,535 (default 512); their names have
  64 bytes each on average
* `max_in_flight`: how many executions are listed while they run, 0 to 65,535 (default 64)
* `label`: a name for the run, up to 64 bytes (default empty)
* `clock`: a function that returns Unix seconds, finite, from 0, and must not use the
  tracker (default: the system's clock). A reading that is earlier than the one before
  counts as that.
@treturn Tracker
*/

/***
The fingerprint of some values. That of one value is the `args_hash` of an execution with
it as `args` (but nil as `args` is 0); several values differ from a table of them. It is
the same for tables with the same content, for 1 and 1.0, and in every process and
version. Functions, userdata and threads count by their type alone. No metamethod is
called. O(size of the values), up to 65,536 table entries; beyond, nested tables count
less deep.
@function fingerprint
@param ... any values
@treturn integer 1 to 2^32 - 1
*/
static int fingerprint(lua_State *L) {
    lua_pushinteger(L, xt_fingerprint(L, 1, lua_gettop(L)));
    return 1;
}

/***
The name and version of the module, `exectrack 0.1.0`.
@field _VERSION
*/

int luaopen_exectrack_core(lua_State *L) {
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, xt_lua_new);
    lua_setfield(L, -2, "new");
    lua_pushcfunction(L, fingerprint);
    lua_setfield(L, -2, "fingerprint");
    lua_pushliteral(L, "exectrack " XT_VERSION);
    lua_setfield(L, -2, "_VERSION");
    return 1;
}
