/*
 * Waiting: a call that is denied for a known time sleeps, and its policy is asked again.
 * The sleeping is done by call_lua.c, as it may yield.
 */
#include "call.h"
#include "microseconds.h"
#include "tracker_wrap.h"

/* What a sleep counts at least, so that there is an end of very short ones, even if they
 * return at once and the clock doesn't move. */
#define LEAST_SLEEP_US UINT64_C(1000)

/* Stores the field `retry_after_ms` of the decision at `index` in microseconds. False if it
 * isn't a finite number from 0. */
static bool get_retry_us(lua_State *L, int index, uint64_t *retry_us) {
    lua_pushliteral(L, "retry_after_ms");
    bool is_time =
        lua_rawget(L, index) == LUA_TNUMBER && xt_us_of_ms(lua_tonumber(L, -1), retry_us);
    lua_pop(L, 1); /* retry_after_ms */
    return is_time;
}

/* What a call that was asked again has waited: by the tracker's clock, which never goes
 * back, or by what it was told to sleep, if that is more. */
static uint64_t waited_us(const xl_call *call) {
    uint64_t passed_us = call->start_us - call->asked_us;
    return passed_us > call->slept_us ? passed_us : call->slept_us;
}

int xl_step_wait(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1);
    const xl_options *options = call->span.options;
    uint64_t before_us = waited_us(call), retry_us;
    if (!options->enforces || before_us >= options->max_wait_us ||
        !get_retry_us(L, 2, &retry_us) || retry_us > options->max_wait_us - before_us) {
        return 0;
    }
    call->slept_us += retry_us > LEAST_SLEEP_US ? retry_us : LEAST_SLEEP_US;
    lua_pushnumber(L, (double)retry_us / 1e6);
    return 1;
}

int xl_step_again(lua_State *L) {
    enum { CALL = 1, WRAPPED, TOOL };
    xl_call *call = lua_touserdata(L, CALL);
    lua_settop(L, CALL);
    lua_getiuservalue(L, CALL, XL_PARENT);
    lua_getiuservalue(L, WRAPPED, XL_WRAPPED_TOOL);
    lua_pushvalue(L, CALL);
    xl_settle(L, CALL, call->span.parent); /* what has timed out makes room */
    xl_call_read_clock(L, call);
    xl_push_policy_question(L, TOOL, call);
    return 1;
}
