/*
 * Deadlines of calls, the option `timeout_ms`: the first operation of the tracker after
 * the deadline ends the call as timed out. A tracker has a list of its calls with
 * deadlines, in the order of their starts, and keeps these calls alive in the table that
 * is its user value XL_TRACKER_DEADLINES.
 */
#include "call.h"

#include "exectrack.h"

/* Makes the Tracker at `index` keep `call`, which is at index 1, alive; or no longer. */
static void set_anchor(lua_State *L, int index, const xl_call *call, bool is_kept) {
    if (lua_getiuservalue(L, index, XL_TRACKER_DEADLINES) == LUA_TNIL) {
        lua_pop(L, 1); /* nil */
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, index, XL_TRACKER_DEADLINES);
    }
    if (is_kept) {
        lua_pushvalue(L, 1);
    } else {
        lua_pushnil(L);
    }
    lua_rawsetp(L, -2, call);
    lua_pop(L, 1); /* table */
}

static void list(xl_tracker *tracker, xl_call *call) {
    call->later = NULL;
    call->earlier = tracker->latest_deadline;
    if (call->earlier != NULL) {
        call->earlier->later = call;
    }
    tracker->latest_deadline = call;
    if (call->deadline_us < tracker->next_deadline_us) {
        tracker->next_deadline_us = call->deadline_us;
    }
}

static void unlist(xl_tracker *tracker, const xl_call *call) {
    if (call->later != NULL) {
        call->later->earlier = call->earlier;
    } else {
        tracker->latest_deadline = call->earlier;
    }
    if (call->earlier != NULL) {
        call->earlier->later = call->later;
    }
}

void xl_set_deadline(lua_State *L, xl_call *call) {
    xl_tracker *tracker = call->span.parent;
    const xl_options *options = call->span.options;
    if (options == NULL || options->timeout_us == 0) {
        return;
    }
    luaL_checkstack(L, 4, "too many arguments");
    xl_push_tracker_of(L, 1, tracker);
    set_anchor(L, lua_gettop(L), call, true);
    lua_pop(L, 1); /* tracker */
    call->deadline_us = call->start_us + options->timeout_us;
    list(tracker, call);
}

void xl_clear_deadline(lua_State *L, xl_call *call) {
    xl_tracker *tracker = call->span.parent;
    if (call->deadline_us == 0) {
        return;
    }
    call->deadline_us = 0;
    unlist(tracker, call);
    if (xl_has_room(L, 4)) { /* else it stays alive as long as the Tracker */
        xl_push_tracker_of(L, 1, tracker);
        set_anchor(L, lua_gettop(L), call, false);
        lua_pop(L, 1); /* tracker */
    }
}

/* Ends `call` as timed out. Its token keeps the serial, but has no tool: so finishing its
 * span later raises that it has timed out, and not that it is finished twice. */
static void time_out(lua_State *L, int index, xl_tracker *tracker, xl_call *call) {
    xt_span *token = &call->span.token;
    const uint64_t serial = token->serial;
    const xt_outcome outcome = {.status = XT_TIMED_OUT};
    xt_tracker_finish(tracker->tracker, token, &outcome, NULL);
    *token = (xt_span){.serial = serial};
    call->deadline_us = 0;
    unlist(tracker, call);
    set_anchor(L, index, call, false);
}

/* Ends the calls whose deadlines are at most `now_us`, in the order of their starts, and
 * finds the next deadline. */
static void end_due(lua_State *L, int index, xl_tracker *tracker, uint64_t now_us) {
    xl_call *call = tracker->latest_deadline;
    while (call != NULL && call->earlier != NULL) {
        call = call->earlier;
    }
    tracker->next_deadline_us = UINT64_MAX;
    while (call != NULL) {
        xl_call *later = call->later;
        if (call->deadline_us <= now_us) {
            time_out(L, index, tracker, call);
        } else if (call->deadline_us < tracker->next_deadline_us) {
            tracker->next_deadline_us = call->deadline_us;
        }
        call = later;
    }
}

void xl_expire_now(lua_State *L, int index, xl_tracker *tracker) {
    uint64_t now_us = xt_tracker_now_us(tracker->tracker);
    if (now_us >= tracker->next_deadline_us && xl_has_room(L, 4)) {
        xl_push_tracker_of(L, index, tracker);
        end_due(L, lua_gettop(L), tracker, now_us);
        lua_pop(L, 1); /* tracker */
    }
}

void xl_expire(lua_State *L, int index, xl_tracker *tracker) {
    luaL_checkstack(L, 4, "too many arguments");
    xl_read_clock_of(L, index, tracker);
    xl_open_tracker(L, tracker);
    xl_expire_now(L, index, tracker);
}
