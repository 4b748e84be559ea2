/* Tracker: making and closing it, and the methods that neither record nor read. */
#include "binding.h"
#include "call_nesting.h"
#include "exectrack_recorder.h"
#include "lua_memory.h"
#include "number_text.h"
#include "push.h"
#include "snapshot.h"

#include <errno.h>

const xl_type xl_tracker_type = {"exectrack.Tracker", sizeof(xl_tracker)};

static xl_tracker *check_tracker(lua_State *L) {
    return xl_check_userdata(L, &xl_tracker_type);
}

void xl_check_usable(lua_State *L, const xl_tracker *handle) {
    if (handle->tracker == NULL) {
        xl_error(L, "attempt to use a closed tracker");
    }
    if (xt_recorder_is_inherited(handle->tracker)) {
        xl_error(
            L,
            "this recorder belongs to process %d, which forked this one; open another "
            "with exectrack.open",
            (int)xt_recorder_process(handle->tracker));
    }
}

/* The handle of a method's self. Raises an error if it is closed. */
static xl_tracker *check_open(lua_State *L) {
    xl_tracker *handle = check_tracker(L);
    xl_settle(L, 1, handle);
    xl_open_tracker(L, handle);
    return handle;
}

/* tracker:snapshot() */
static int tracker_snapshot(lua_State *L) {
    xl_tracker *handle = check_open(L);
    const xt_image *image = xt_tracker_image(xl_read_clock_of_self(L, handle));
    size_t bytes = 0;
    void *block = NULL;
    xt_snapshot *snapshot;
    xt_tracker_now_us(handle->tracker);
    while (xt_snapshot_bytes(image) > bytes) {
        bytes = xt_snapshot_bytes(image);
        lua_settop(L, 1);
        block = xl_push_block(L, bytes);
        /* A finalizer may have recorded more meanwhile, or closed the tracker. */
        image = xt_tracker_image(xl_open_tracker(L, handle));
    }
    xt_allocator memory = xl_block_allocator(block);
    xt_snapshot_take(image, &memory, &snapshot); /* runs no finalizer */
    xl_push_snapshot(L, snapshot);
    xl_account_for(L, bytes); /* so that a loop frees the previous ones in time */
    return 1;
}

/* tracker:clear() */
static int tracker_clear(lua_State *L) {
    xt_tracker_clear(check_open(L)->tracker);
    return 0;
}

/* tostring(tracker) */
static int tracker_tostring(lua_State *L) {
    const xl_tracker *handle = check_tracker(L);
    if (handle->tracker == NULL) {
        lua_pushfstring(L, "%s (closed)", xl_tracker_type.name);
        return 1;
    }
    const xt_image *image = xt_tracker_image(handle->tracker);
    uint32_t tools = xt_image_tool_count(image);
    lua_pushfstring(L, "%s (%d %s, %s/%s records)", xl_tracker_type.name, (int)tools,
                    tools == 1 ? "tool" : "tools",
                    xl_digits((int64_t)xt_image_record_count(image)).bytes,
                    xl_digits((int64_t)xt_image_max_history(image)).bytes);
    return 1;
}

/* tracker:path() */
static int tracker_path(lua_State *L) {
    lua_pushstring(L, xt_recorder_path(check_open(L)->tracker)); /* null is nil */
    return 1;
}

/* tracker:sync() */
static int tracker_sync(lua_State *L) {
    xt_tracker *tracker = check_open(L)->tracker;
    xt_error error = xt_recorder_sync(tracker);
    if (error != XT_OK) {
        return xl_push_problem(L, xt_recorder_path(tracker), error,
                               xt_error_message(error), errno);
    }
    lua_pushboolean(L, true);
    return 1;
}

/* tracker:close(), `local tracker <close>`, and the finalizer */
static int tracker_close(lua_State *L) {
    xl_tracker *handle = check_tracker(L);
    if (!handle->is_borrowed) {
        xt_tracker_close(handle->tracker);
        handle->tracker = NULL;
    }
    return 0;
}

static const luaL_Reg methods[] = {
    {"session", xl_tracker_session},
    {"record", xl_tracker_record},
    {"recorder", xl_tracker_recorder},
    {"start", xl_tracker_start},
#if XL_HAS_TO_CLOSE
    {"run", xl_tracker_run}, /* before 5.4 it is a Lua function, as `begin` always is */
#endif
    {"wrap", xl_tracker_wrap},
    {"instrument", xl_tracker_instrument},
    {"snapshot", tracker_snapshot},
    {"clear", tracker_clear},
    {"path", tracker_path},
    {"sync", tracker_sync},
    {"close", tracker_close},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__len", xl_len},
    {"__tostring", tracker_tostring},
    {"__gc", tracker_close},
    {"__close", tracker_close},
    {NULL, NULL},
};

xl_tracker *xl_push_closed_tracker(lua_State *L) {
    xl_nesting *nesting = xl_nesting_of(L);
    xl_tracker *handle = lua_newuserdatauv(L, sizeof *handle, XL_TRACKER_USER_VALUES);
    *handle = (xl_tracker){
        .type = &xl_tracker_type, .nesting = nesting, .next_deadline_us = UINT64_MAX};
    xl_push_metatable(L, &xl_tracker_type, metamethods, methods, true);
    lua_setmetatable(L, -2);
    return handle;
}

void xt_push_tracker(lua_State *L, xt_tracker *tracker) {
    luaL_requiref(L, "exectrack.core", luaopen_exectrack_core, 0);
    lua_pop(L, 1); /* module */
    xl_tracker *handle = xl_push_closed_tracker(L);
    handle->is_borrowed = true;
    handle->is_recorder = xt_recorder_path(tracker) != NULL;
    handle->tracker = tracker;
}
