/*
 * Keeps the module loaded until the process ends. Lua 5.1 and LuaJIT unload modules when a state is
 * closed, and run finalizers after that, which may use it.
 */
#define _GNU_SOURCE /* dladdr */

#include <dlfcn.h>
#include <lua.h>

#if LUA_VERSION_NUM == 501
__attribute__((constructor)) static void stay_loaded(void) {
    static const char in_module;
    Dl_info module;
    if (dladdr(&in_module, &module) != 0) {
        dlopen(module.dli_fname, RTLD_NOW | RTLD_NODELETE);
    }
}
#endif
