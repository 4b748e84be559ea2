/***
@submodule Snapshot
*/
#include "arguments.h"
#include "decision.h"
#include "events.h"
#include "exectrack_policy.h"
#include "push.h"
#include "snapshot_handle.h"
#include "tracker.h"

#include <string.h>

/* Where these stand on the stack. */
enum { SNAPSHOT = 1, POLICY, ENFORCE, EVENTS, SPANS, TRACKER, DECISIONS };

typedef struct replay {
    const xt_image *image;
    bool enforces;
    size_t count; /* of records */
    xt_event *events;
    xt_span *spans; /* by record; those that aren't in flight have serial 0 */
    xt_tracker_handle *tracker;
    lua_Integer decisions; /* taken so far */
} replay;

static bool enforce_option(lua_State *L) {
    static const char *const name = "enforce";
    if (lua_isnoneornil(L, ENFORCE)) {
        return true;
    }
    luaL_checktype(L, ENFORCE, LUA_TTABLE);
    xt_push_fields(L, ENFORCE, "option", 1, &name);
    bool enforces = lua_isnil(L, -1) ||
                    xt_boolean_argument(L, (xt_argument){lua_gettop(L), ENFORCE, name});
    lua_pop(L, 1); /* enforce */
    return enforces;
}

/* Pushes an empty tracker with the limits of the run, at the time of the first event. */
static void push_tracker(lua_State *L, replay *run) {
    const xt_header *header = run->image->header;
    xt_options options = {
        .max_history = header->max_history,
        .max_tools = header->max_tools,
        .max_in_flight = header->max_in_flight,
        .label = xt_image_label(run->image),
    };
    run->tracker = xt_push_closed_tracker(L);
    run->tracker->clock_us =
        run->count > 0 ? run->events[0].time_us : xt_image_created_us(run->image);
    options.clock = xt_last_reading_of(run->tracker);
    xt_open_new_tracker(L, run->tracker, &options);
}

/* Appends the decision on top about `execution`, which is at `index`. [-1, +0] */
static void append_decision(lua_State *L, replay *run, size_t index,
                            const xt_execution *execution) {
    lua_createtable(L, 0, 3);
    lua_insert(L, -2);
    lua_setfield(L, -2, "decision");
    xt_set_integer(L, "index", index + 1);
    xt_push_execution(L, execution);
    lua_setfield(L, -2, "record");
    lua_rawseti(L, DECISIONS, ++run->decisions);
}

/* Asks the policy whether `execution` may start, and keeps what it decides. */
static xt_action ask(lua_State *L, replay *run, size_t index,
                     const xt_execution *execution, uint64_t now_us) {
    xt_action action;
    xt_push_text(L, execution->tool);
    int tool = lua_gettop(L);
    lua_pushvalue(L, POLICY);
    xt_push_question(L, TRACKER, tool, execution->args_hash, now_us);
    lua_call(L, 1, 1);
    const char *problem = xt_read_decision(L, tool + 1, &action);
    if (problem != NULL) {
        luaL_error(L, "%s", problem);
    }
    if (action == XT_DENY) {
        xt_count_denial(L, tool + 1, run->tracker, execution->tool, now_us);
    }
    if (action != XT_ALLOW) {
        append_decision(L, run, index, execution);
    }
    lua_settop(L, DECISIONS);
    return action;
}

static void start(lua_State *L, replay *run, size_t index,
                  const xt_execution *execution) {
    uint64_t now_us = xt_tracker_now_us(xt_open_tracker(L, run->tracker));
    if (ask(L, run, index, execution, now_us) != XT_DENY || !run->enforces) {
        run->spans[index] =
            xt_tracker_start_at(xt_open_tracker(L, run->tracker), execution->tool,
                                execution->args_hash, now_us);
    }
}

static void finish(lua_State *L, replay *run, size_t index,
                   const xt_execution *execution) {
    if (run->spans[index].serial != 0) {
        xt_tracker *tracker = xt_open_tracker(L, run->tracker);
        xt_tracker_now_us(tracker); /* which policies see as the latest reading */
        xt_tracker_finish_as(tracker, &run->spans[index], execution);
    }
}

static void replay_event(lua_State *L, replay *run, const xt_event *event) {
    xt_execution execution;
    size_t index = xt_event_index(event);
    xt_get_execution(run->image, index, &execution);
    run->tracker->clock_us = event->time_us;
    if (xt_event_is_end(event)) {
        finish(L, run, index, &execution);
    } else {
        start(L, run, index, &execution);
    }
}

/***
What a policy would have decided about the executions of this run. They are replayed,
start and end, in the order of time, into a new tracker with the run's limits, and the
policy is asked before each start, with the time of the start as `now`. At equal times
ends come first, and both in the order of the records. The same run and policy give the
same result. What the policy raises is raised. O(n * log n) and n times the policy.
@function decisions
@tparam function policy as for `wrap`; it can't yield
@tparam[opt] table options `enforce`: whether an execution that is denied doesn't take
  place (default true)
@treturn {table,...} in the order of time, for each execution to which the policy
  objected, a table with its `index` in the snapshot, its `record` and the `decision`
*/
int xt_snapshot_lua_decisions(lua_State *L) {
    replay run = {.image = xt_check_snapshot_image(L)};
    xt_check_callable(L, xt_argument_at(POLICY));
    lua_settop(L, ENFORCE);
    run.enforces = enforce_option(L);
    run.count = xt_image_record_count(run.image);
    run.events = lua_newuserdatauv(L, 2 * run.count * sizeof *run.events, 0);
    xt_events_of(run.image, run.events);
    run.spans = lua_newuserdatauv(L, run.count * sizeof *run.spans, 0);
    memset(run.spans, 0, run.count * sizeof *run.spans);
    push_tracker(L, &run);
    lua_newtable(L); /* decisions */
    for (size_t i = 0; i < 2 * run.count; i++) {
        replay_event(L, &run, &run.events[i]);
    }
    return 1;
}
