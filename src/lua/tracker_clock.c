/*
 * A tracker's clock that is a Lua function. Before a method calls the core, it calls this
 * function and stores the result, which the core's clock then returns. So an error that
 * the function raises never jumps over the core.
 */
#include "arguments.h"
#include "binding.h"
#include "number_text.h"

/* Stores the reading that is on top. Raises an error if it isn't a time. [-1, +0] */
static void take_reading(lua_State *L, xl_tracker *handle) {
    if (!xl_to_time_us(L, -1, &handle->clock_us)) {
        luaL_error(L, "the clock must return Unix seconds from 0 to %s, got %s",
                   xl_digits(XT_MAX_SECONDS).bytes, xl_describe(L, -1));
    }
    lua_pop(L, 1); /* reading */
}

/* Calls the clock, on top. Meanwhile no call times out, which would call it again: it may
 * use the tracker. [-1, +1] */
static void call_before_deadlines(lua_State *L, xl_tracker *handle) {
    uint64_t next_us = handle->next_deadline_us;
    handle->next_deadline_us = UINT64_MAX;
    int status = lua_pcall(L, 0, 1, 0);
    if (next_us < handle->next_deadline_us) {
        handle->next_deadline_us = next_us;
    }
    if (status != LUA_OK) {
        lua_error(L);
    }
}

void xl_read_lua_clock(lua_State *L, xl_tracker *handle, int index) {
    lua_getiuservalue(L, index, XL_TRACKER_CLOCK);
    if (handle->next_deadline_us == UINT64_MAX) {
        lua_call(L, 0, 1);
    } else {
        call_before_deadlines(L, handle);
    }
    take_reading(L, handle);
}

void xl_read_clock_of(lua_State *L, int index, xl_tracker *tracker) {
    if (tracker->has_clock) {
        xl_push_tracker_of(L, index, tracker);
        xl_read_lua_clock(L, tracker, lua_gettop(L));
        lua_pop(L, 1); /* tracker */
    }
}

xt_tracker *xl_read_clock_of_self(lua_State *L, xl_tracker *handle) {
    xl_read_clock_of(L, 1, handle);
    return xl_open_tracker(L, handle);
}

/* The clock that the core reads. */
static uint64_t last_reading(void *context) {
    const xl_tracker *handle = context;
    return handle->clock_us;
}

xt_clock xl_last_reading_of(xl_tracker *handle) {
    return (xt_clock){last_reading, handle};
}
