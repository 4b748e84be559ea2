/* Making a tracker in memory. */
#include "lua_memory.h"
#include "tracker_options.h"

void xl_open_new_tracker(lua_State *L, xl_tracker *handle, const xt_options *options) {
    xt_error error = xt_tracker_create(options, &handle->tracker);
    if (error == XT_ERROR_MEMORY) {
        lua_gc(L, LUA_GCCOLLECT, 0);
        error = xt_tracker_create(options, &handle->tracker);
    }
    if (error != XT_OK) {
        luaL_error(L, "cannot make a tracker: %s", xt_error_message(error));
    }
    /* So that a loop that makes trackers frees the previous ones in time. */
    xl_account_for(L, xt_image_bytes(xt_tracker_image(handle->tracker)));
}

/* exectrack.new([max_history or options]) */
int xl_tracker_new(lua_State *L) {
    static const char *const names[] = {XL_COMMON_OPTION_NAMES};
    lua_settop(L, 1);
    xt_options options = xl_read_tracker_options(L, 1, XL_COMMON_OPTIONS, names);
    xl_tracker *handle = xl_push_tracker_with(L, &options);
    xl_open_new_tracker(L, handle, &options);
    return 1;
}
