/* Exporting a snapshot. */
#include "binding.h"

/* snapshot:export(format, options): a module in Lua, which is loaded when it is needed. */
int xl_snapshot_export(lua_State *L) {
    xl_check_snapshot(L);
    lua_settop(L, 3);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "exectrack.format.export");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "export");
    lua_insert(L, 1);
    lua_pop(L, 1); /* module */
    lua_call(L, 3, 1);
    return 1;
}
