/* The first step of `tracker:begin(tool [, options])`, whose other steps are in
 * call_lua.c. */
#include "arguments.h"
#include "call.h"
#include "call_nesting.h"
#include "fingerprint.h"
#include "tracker_texts.h"

/* Stack indices. */
enum { TOOL = 2, OPTIONS = 4, ARGS, SESSION };

/* If the field `session` is set, replaces self, at index 1, by this Session. Raises an
 * error if self is another one. */
static xl_self enter_session(lua_State *L, xl_self self) {
    const xl_argument argument = {SESSION, 3, "session"};
    if (lua_isnil(L, SESSION)) {
        return self;
    }
    xl_push_new_session(L, 1, self.tracker, xl_text_argument(L, argument));
    xl_self named = xl_self_of(lua_touserdata(L, -1));
    if (self.session->hash != 0 && self.session->hash != named.session->hash) {
        xl_argument_error(L, &argument, "isn't the session that it is recorded for");
    }
    lua_replace(L, 1);
    return named;
}

/* The fingerprint of the field `args`; 0 for nil. Stores in `text` its text, if it is
 * needed. */
static uint32_t take_args(lua_State *L, const xl_options *options,
                          const xl_tracker *tracker, xl_description *text) {
    text->length = 0;
    if (lua_isnil(L, ARGS)) {
        return 0;
    }
    if (!xl_has_option(options, XL_OPTION_IGNORE_ARGS)) {
        return xl_take_args(L, 1, tracker, ARGS, 1, text);
    }
    lua_getiuservalue(L, OPTIONS, XL_OPTION_IGNORE_ARGS);
    int ignored = lua_gettop(L);
    uint32_t args_hash = xl_fingerprint_args(L, ARGS, 1, ignored);
    if (xl_wants_args_text(tracker, args_hash)) {
        xl_make_args_text(L, 1, tracker, ARGS, 1, ignored, text);
    }
    lua_pop(L, 1); /* ignored */
    return args_hash;
}

/* Pushes a Span for a call of the tool at index TOOL. Its name is cut as recording would,
 * as a policy gets it. [-0, +1] */
static xl_call *push_call(lua_State *L, const xl_self *self, uint32_t args_hash,
                          xt_text args_text) {
    xl_call *call = xl_push_call(L, 1, self, &xl_span_type);
    xt_text tool = xl_text_at(L, TOOL);
    lua_pushlstring(L, tool.bytes,
                    tool.length < XT_NAME_BYTES ? tool.length : XT_NAME_BYTES);
    call->call.tool = xl_text_at(L, -1);
    lua_setiuservalue(L, -2, XL_CALL_TOOL);
    call->call.depth = xl_depth(L, self->tracker);
    call->span.options = lua_touserdata(L, OPTIONS);
    lua_pushvalue(L, OPTIONS);
    lua_setiuservalue(L, -2, XL_SPAN_OPTIONS);
    xl_call_set_args(L, call, args_hash, args_text);
    return call;
}

int xl_begin_span(lua_State *L) {
    xl_self self = xl_check_self(L);
    xl_description text;
    xl_text_argument(L, xl_argument_at(TOOL));
    lua_settop(L, 3);
    xl_push_begin_options(L, 3);
    self = enter_session(L, self);
    uint32_t args_hash = take_args(L, lua_touserdata(L, OPTIONS), self.tracker, &text);
    xl_call *call = push_call(L, &self, args_hash, xl_text_of(&text));
    xl_call_read_clock(L, call);
    int span = lua_gettop(L) + 1;
    lua_getiuservalue(L, -1, XL_CALL_TOOL);
    lua_insert(L, -2);
    if (xl_push_policy_question(L, span - 1, call) == 1) {
        return 1;
    }
    xl_push_option(L, OPTIONS, call->span.options, XL_OPTION_POLICY);
    xl_push_option(L, OPTIONS, call->span.options, XL_OPTION_ON_WARN);
    xl_push_option(L, OPTIONS, call->span.options, XL_OPTION_ON_POLICY_ERROR);
    return 5;
}
