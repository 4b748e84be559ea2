/* Replaying a run: what another policy would have decided. */
#include "arguments.h"
#include "binding.h"
#include "decision.h"
#include "exectrack_policy.h"
#include "lua_memory.h"
#include "number_text.h"
#include "push.h"

/* Stack indices of the arguments. */
enum { POLICY = 2, OPTIONS };

typedef struct replay {
    xt_replay *replay;
    const xt_image *image;
    xl_tracker *tracker;
    int tracker_at;    /* its stack index */
    int entry_meta_at; /* that of the metatable of entries */
    int decisions_at;  /* that of the list of decisions */
    int64_t decisions; /* how many are in it */
} replay;

static bool enforce_option(lua_State *L) {
    static const char *const name = "enforce";
    if (lua_isnoneornil(L, OPTIONS)) {
        return true;
    }
    luaL_checktype(L, OPTIONS, LUA_TTABLE);
    xl_push_fields(L, OPTIONS, "option", 1, &name);
    bool enforces = lua_isnil(L, -1) ||
                    xl_boolean_argument(L, (xl_argument){lua_gettop(L), OPTIONS, name});
    lua_pop(L, 1); /* enforce */
    return enforces;
}

/*
 * The metamethod `__index` of entries; upvalue 1 is the snapshot. The field `record` is
 * made when it is read: most never are, and to make all would take as long as all else.
 * It isn't kept, so that an entry has the same keys whether it was read or not.
 */
static int entry_index(lua_State *L) {
    if (lua_type(L, 2) != LUA_TSTRING ||
        !xl_text_equals(xl_text_at(L, 2), xt_text_of("record"))) {
        return 0;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushliteral(L, "index");
    lua_rawget(L, 1);
    lua_gettable(L, -2); /* snapshot[index] */
    return 1;
}

/* Pushes the metatable of entries. [-0, +1] */
static void push_entry_meta(lua_State *L) {
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, 1); /* snapshot */
    lua_pushcclosure(L, entry_index, 1);
    lua_setfield(L, -2, "__index");
}

/* Pushes the replay of the snapshot at index 1, its tracker, and a list for decisions. */
static void push_replay(lua_State *L, replay *run) {
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    run->image = xl_check_snapshot_image(L);
    xt_error error = xt_replay_create(run->image, &allocator, &run->replay);
    xl_check_lua_memory(&memory, error, false);
    run->tracker = xl_push_closed_tracker(L);
    run->tracker_at = lua_gettop(L);
    xt_options options = xt_replay_options(run->replay);
    xl_open_new_tracker(L, run->tracker, &options);
    push_entry_meta(L);
    run->entry_meta_at = lua_gettop(L);
    lua_newtable(L);
    run->decisions_at = lua_gettop(L);
}

/* Appends the decision on top, which is about `call` of the tool whose name is at index
 * `tool`, to the list. [-1, +0] */
static void append_decision(lua_State *L, replay *run, const xt_replayed *call,
                            int tool) {
    enum { MOST_FIELDS = 7 };
    const xt_execution *execution = &call->execution;
    xt_text args_text = xt_image_args_text(run->image, execution->args_hash);
    lua_createtable(L, 0, MOST_FIELDS);
    lua_insert(L, -2);
    lua_setfield(L, -2, "decision");
    xl_set_integer(L, "index", call->index + 1);
    lua_pushvalue(L, tool);
    lua_setfield(L, -2, "tool");
    xl_set_integer(L, "args_hash", execution->args_hash);
    xl_set_session(L, execution->session);
    if (!execution->is_undated) {
        xl_set_time(L, "started", call->now_us);
    }
    if (args_text.length > 0) {
        xl_push_text(L, args_text);
        lua_setfield(L, -2, "args_text");
    }
    lua_pushvalue(L, run->entry_meta_at);
    lua_setmetatable(L, -2);
    lua_rawseti(L, run->decisions_at, ++run->decisions);
}

/* The metamethod `__index` of a question without the field `now`. If that is read, sets
 * it to upvalue 1: then it can be seen that it was read. */
static int ask_for_now(lua_State *L) {
    if (lua_type(L, 2) != LUA_TSTRING ||
        !xl_text_equals(xl_text_at(L, 2), xt_text_of("now"))) {
        return 0;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_rawset(L, 1);
    return 1;
}

/* Removes `now` from the question on top, to find out whether the policy reads it. */
static void hide_now(lua_State *L) {
    lua_createtable(L, 0, 1);
    lua_getfield(L, -2, "now");
    lua_pushcclosure(L, ask_for_now, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pushnil(L);
    lua_setfield(L, -2, "now");
}

/* Whether `now` of the question at `index`, which was hidden, was read. */
static bool was_now_read(lua_State *L, int index) {
    lua_pushliteral(L, "now");
    bool was_read = lua_rawget(L, index) != LUA_TNIL;
    lua_pop(L, 1); /* now */
    return was_read;
}

/* Asks the policy about `asked`, and pushes its decision. False if the policy has read
 * the time of an undated call. [-0, +3] */
static bool push_decision(lua_State *L, const replay *run, const xt_replayed *call,
                          const xt_call *asked) {
    bool is_undated = call->execution.is_undated;
    xl_push_text(L, asked->tool);
    int question = lua_gettop(L) + 1;
    xl_push_question(L, run->tracker_at, question - 1, asked, call->now_us);
    if (is_undated) {
        hide_now(L);
    }
    lua_pushvalue(L, POLICY);
    lua_pushvalue(L, question);
    lua_call(L, 1, 1);
    return !is_undated || !was_now_read(L, question);
}

/* Asks the policy whether `call` may start, and keeps its decision. False if the policy
 * has read the time of an undated call. */
static bool ask(lua_State *L, replay *run, const xt_replayed *call, xl_action *action) {
    const xt_execution *execution = &call->execution;
    const xt_call asked = {.tool = execution->tool,
                           .args_hash = execution->args_hash,
                           .session = execution->session,
                           .depth = execution->depth};
    if (!push_decision(L, run, call, &asked)) {
        return false;
    }
    int decision = lua_gettop(L);
    const char *problem = xl_read_decision(L, decision, action);
    if (problem != NULL) {
        luaL_error(L, "%s", problem);
    }
    if (*action == XL_DENY) {
        xl_keep_denial(L, decision, run->tracker, &asked, call->now_us);
    }
    if (*action != XL_ALLOW) {
        append_decision(L, run, call, run->decisions_at + 1);
    }
    lua_settop(L, run->decisions_at);
    return true;
}

/* Returns nil, a message and a code: the policy has read the time of `call`, which is
 * undated. */
static int refuse_undated(lua_State *L, const xt_replayed *call) {
    lua_pushnil(L);
    lua_pushfstring(L,
                    "the policy needs the time, and execution %s is undated: its time "
                    "isn't known",
                    xl_digits((int64_t)call->index + 1).bytes);
    lua_pushliteral(L, "undated");
    return 3;
}

/* snapshot:decisions(policy [, options]) */
int xl_snapshot_decisions(lua_State *L) {
    replay run = {0};
    xt_replayed call;
    xl_check_snapshot(L);
    xl_check_callable(L, xl_argument_at(POLICY));
    lua_settop(L, OPTIONS);
    bool enforces = enforce_option(L);
    push_replay(L, &run);
    while (xt_replay_next(run.replay, xl_open_tracker(L, run.tracker), &call)) {
        xl_action action;
        if (!ask(L, &run, &call, &action)) {
            return refuse_undated(L, &call);
        }
        if (action == XL_DENY && enforces) {
            xt_replay_skip(run.replay);
        }
    }
    return 1;
}
