#include "decision.h"

#include "arguments.h"
#include "exectrack_policy.h"
#include "push.h"

void xl_push_question(lua_State *L, int tracker, int tool, const xt_call *call,
                      uint64_t now_us) {
    lua_createtable(L, 0, call->session.hash != 0 ? 5 : 4);
    lua_pushvalue(L, tracker);
    lua_setfield(L, -2, "tracker");
    lua_pushvalue(L, tool);
    lua_setfield(L, -2, "tool");
    xl_set_integer(L, "args_hash", call->args_hash);
    xl_set_session(L, call->session);
    xl_set_time(L, "now", now_us);
}

/* Pushes a field of the decision at `index`, and returns its type. [-0, +1] */
static int get_field(lua_State *L, int index, const char *name) {
    lua_pushstring(L, name);
    return lua_rawget(L, index);
}

static bool is_action(lua_State *L, xl_action *action) {
    static const char *const words[] = {"warn", "deny"};
    static const xl_action actions[] = {XL_WARN, XL_DENY};
    if (lua_type(L, -1) != LUA_TSTRING) {
        return false;
    }
    size_t i = xl_find_word(xl_text_at(L, -1), 2, words);
    *action = i < 2 ? actions[i] : XL_ALLOW;
    return i < 2;
}

/* Whether each optional field is nil or of its type: returns null; else pushes and returns
 * the message. A number may be any: one that is no time to wait is no reason to allow the
 * call. */
static const char *check_fields(lua_State *L, int index) {
    static const struct {
        const char *name;
        int type;
    } fields[] = {{"reason", LUA_TSTRING},
                  {"message", LUA_TSTRING},
                  {"retry_after_ms", LUA_TNUMBER}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        int type = get_field(L, index, fields[i].name);
        lua_pop(L, 1); /* field */
        if (type != LUA_TNIL && type != fields[i].type) {
            return lua_pushfstring(L, "a decision's %s must be a %s, got %s",
                                   fields[i].name, lua_typename(L, fields[i].type),
                                   lua_typename(L, type));
        }
    }
    return NULL;
}

const char *xl_read_decision(lua_State *L, int index, xl_action *action) {
    *action = XL_ALLOW;
    if (!lua_toboolean(L, index)) {
        return NULL;
    }
    if (!lua_istable(L, index)) {
        return lua_pushfstring(L, "a decision must be nil or a table, got %s",
                               luaL_typename(L, index));
    }
    get_field(L, index, "action");
    if (!is_action(L, action)) {
        return lua_pushfstring(L, "a decision's action must be 'warn' or 'deny', got %s",
                               xl_show(L, -1));
    }
    lua_pop(L, 1); /* action */
    return check_fields(L, index);
}

void xl_keep_denial(lua_State *L, int index, const xl_tracker *tracker,
                    const xt_call *call, uint64_t denied_us) {
    xl_push_reason(L, index);
    xt_tracker_deny(xl_open_tracker(L, tracker), call, xl_text_at(L, -1), denied_us);
    lua_pop(L, 1); /* reason */
}

/* Pushes a field of the decision at `index`, or `otherwise` if it is nil. [-0, +1] */
static void push_text(lua_State *L, int index, const char *name, const char *otherwise) {
    if (get_field(L, index, name) == LUA_TNIL) {
        lua_pop(L, 1); /* nil */
        lua_pushstring(L, otherwise);
    }
}

void xl_push_reason(lua_State *L, int index) {
    push_text(L, index, "reason", "denied");
}

void xl_push_message(lua_State *L, int index) {
    push_text(L, index, "message", "a policy denied this call");
}

/* The registry's key of a table whose keys, which are weak, are the decisions that callers
 * got. A string, as another copy of this module uses the same table. */
static const char handed_out[] = "exectrack.decisions";

/* Pushes that table. [-0, +1] */
static void push_handed_out(lua_State *L) {
    if (lua_getfield(L, LUA_REGISTRYINDEX, handed_out) == LUA_TTABLE) {
        return;
    }
    lua_pop(L, 1); /* nil */
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, LUA_REGISTRYINDEX, handed_out);
}

void xl_hand_out(lua_State *L, int index) {
    push_handed_out(L);
    lua_pushvalue(L, index);
    lua_pushboolean(L, true);
    lua_rawset(L, -3);
    lua_pop(L, 1); /* table */
}

static bool is_handed_out(lua_State *L, int index) {
    if (!lua_istable(L, index)) {
        return false;
    }
    push_handed_out(L);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
    bool is_there = lua_toboolean(L, -1);
    lua_pop(L, 2); /* boolean, table */
    return is_there;
}

bool xl_push_denial(lua_State *L, int index) {
    xl_action action;
    int top = lua_gettop(L);
    if (is_handed_out(L, index) && xl_read_decision(L, index, &action) == NULL &&
        action == XL_DENY) {
        xl_push_reason(L, index);
        return true;
    }
    lua_settop(L, top);
    return false;
}
