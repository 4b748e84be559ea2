/*
 * The part of calling tools that is written in Lua: asking policies, passing on
 * callbacks, and, before Lua 5.4, calling the tools. So tools, policies and callbacks can
 * yield in every version, which they couldn't through C functions. The steps that the
 * chunk calls are C functions below.
 */
#include "arguments.h"
#include "call.h"
#include "call_ending.h"
#include "decision.h"
#include "tracker_wrap.h"
#include "visible.h"

#include <stdio.h>

/*
 * `protect` is `pcall`. But in Lua 5.1 no function can yield through that: there
 * `protect` runs the function in a coroutine of its own, and passes on what that yields.
 * In LuaJIT functions can, and it loads the same module: so this is tried when the chunk
 * is loaded.
 */
static const char chunk[] =
    "local start, ended, judge, complain, deny, is_callable, await, done, wait, "
    "again, yields_through, call_tool = ...\n"
    "local select, type, unpack = select, type, table and table.unpack or unpack\n"
    "local pcall, protect = pcall, pcall\n"
    "\n"
    "if coroutine and not yields_through(pcall) then\n"
    "  local create, resume, yield = coroutine.create, coroutine.resume, "
    "coroutine.yield\n"
    "  local running, status = coroutine.running, coroutine.status\n"
    "  local function go_on(inner, ok, ...)\n"
    "    if ok and status(inner) == 'suspended' then\n"
    "      return go_on(inner, resume(inner, yield(...)))\n"
    "    end\n"
    "    return ok, ...\n"
    "  end\n"
    "  function protect(fn, ...)\n"
    "    if not running() then return pcall(fn, ...) end\n"
    "    local inner = create(function(...) return fn(...) end)\n"
    "    return go_on(inner, resume(inner, ...))\n"
    "  end\n"
    "end\n"
    "\n"
    "call_tool = call_tool or function(call, fn, ...)\n"
    "  start(call, true)\n"
    "  return ended(call, protect(fn, ...))\n"
    "end\n"
    "\n"
    "local M = {}\n"
    "\n"
    "-- Makes a function that asks a policy, and again after each sleep. It returns a\n"
    "-- message and the decision for a denied call.\n"
    "function M.ask(policy, on_warn, on_policy_error, sleep)\n"
    "  return function(call, question)\n"
    "    local ok, decision, action, has_failed, problem, seconds\n"
    "    repeat\n"
    "      if seconds then\n"
    "        sleep(seconds)\n"
    "        question = again(call)\n"
    "      end\n"
    "      ok, decision = protect(policy, question)\n"
    "      action, has_failed, problem = judge(ok, decision)\n"
    "      if has_failed and on_policy_error then\n"
    "        decision = on_policy_error(problem, question)\n"
    "        action = judge('on_policy_error', decision)\n"
    "      elseif has_failed then\n"
    "        complain(call, problem)\n"
    "      end\n"
    "      seconds = sleep and action == 'deny' and wait(call, decision)\n"
    "    until not seconds\n"
    "    local message = action == 'deny' and deny(call, decision)\n"
    "    if message then return message, decision end\n"
    "    if action and on_warn then on_warn(decision, question) end\n"
    "  end\n"
    "end\n"
    "\n"
    "local function answer(call, callback)\n"
    "  await(call)\n"
    "  return function(...)\n"
    "    done(call, ...)\n"
    "    if callback then return callback(...) end\n"
    "  end\n"
    "end\n"
    "\n"
    "-- Returns the arguments, with a callback that ends the call, then calls theirs.\n"
    "local function with_callback(call, callback, ...)\n"
    "  local args = { n = select('#', ...), ... }\n"
    "  if type(callback) ~= 'number' then\n"
    "    callback(args, answer(call))\n"
    "    if #args > args.n then args.n = #args end\n"
    "  elseif is_callable(args[callback]) then\n"
    "    args[callback] = answer(call, args[callback])\n"
    "  end\n"
    "  return unpack(args, 1, args.n)\n"
    "end\n"
    "\n"
    "function M.run(run)\n"
    "  local function begun(call, self, tool, fn, ...)\n"
    "    if type(tool) == 'table' then return call(...) end\n"
    "    return call_tool(call, fn, ...)\n"
    "  end\n"
    "  return function(...) return begun(run(...), ...) end\n"
    "end\n"
    "\n"
    "function M.wrap(begin, fn)\n"
    "  return function(...) return ended(begin(...), protect(fn, ...)) end\n"
    "end\n"
    "\n"
    "function M.guard(begin, fn, ask, callback)\n"
    "  return function(...)\n"
    "    local call, question = begin(...)\n"
    "    if ask then\n"
    "      local message, decision = ask(call, question)\n"
    "      if message then return nil, message, decision end\n"
    "    end\n"
    "    if callback then return call_tool(call, fn, with_callback(call, callback, ...)) "
    "end\n"
    "    return call_tool(call, fn, ...)\n"
    "  end\n"
    "end\n"
    "\n"
    "function M.begin(begin)\n"
    "  return function(...)\n"
    "    local span, question, policy, on_warn, on_policy_error = begin(...)\n"
    "    if question then\n"
    "      local ask = M.ask(policy, on_warn, on_policy_error)\n"
    "      local message, decision = ask(span, question)\n"
    "      if message then return nil, message, decision end\n"
    "    end\n"
    "    start(span, false)\n"
    "    return span\n"
    "  end\n"
    "end\n"
    "\n"
    "return M\n";

/* start(call, is_running) */
static int step_start(lua_State *L) {
    xl_call_start(L, lua_touserdata(L, 1), lua_toboolean(L, 2));
    return 0;
}

/* ended(call, ok, ...): ends the call; returns the results of the tool, or raises its
 * error. */
static int step_ended(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1);
    if (!lua_toboolean(L, 2)) {
        lua_settop(L, 3);
        return xl_call_fail(L, call);
    }
    return xl_call_return(L, call, 3);
}

/*
 * judge(ok, decision): returns the action; nil if the call is allowed. If the policy
 * raised an error (not `ok`), or its decision is wrong, returns nil, true and the error.
 * If `ok` is a string, the name of the option that decided, raises an error for a wrong
 * decision.
 */
static int step_judge(lua_State *L) {
    static const char *const words[] = {[XL_WARN] = "warn", [XL_DENY] = "deny"};
    xl_action action = XL_ALLOW;
    const char *problem = NULL;
    lua_settop(L, 2);
    if (lua_toboolean(L, 1)) {
        problem = xl_read_decision(L, 2, &action);
        if (problem == NULL) {
            lua_pushstring(L, words[action]); /* or nil */
            return 1;
        }
        if (lua_type(L, 1) == LUA_TSTRING) {
            return xl_error(L, "%s: %s", lua_tostring(L, 1), problem);
        }
    }
    lua_pushnil(L);
    lua_pushboolean(L, true);
    lua_pushvalue(L, problem != NULL ? -3 : 2);
    return 3;
}

/* complain(call, problem): prints the error of a policy on standard error, but only the
 * first one of the same options. */
static int step_complain(lua_State *L) {
    enum { MOST_MESSAGE_BYTES = 400 };
    const xl_call *call = lua_touserdata(L, 1);
    char tool[XL_VISIBLE_BYTES(XT_NAME_BYTES)];
    char message[XL_VISIBLE_BYTES(MOST_MESSAGE_BYTES)];
    bool is_text = lua_type(L, 2) == LUA_TSTRING;
    if (!call->span.options->has_complained) {
        call->span.options->has_complained = true;
        xl_make_visible(tool, call->call.tool, XT_NAME_BYTES);
        xl_make_visible(message,
                        is_text ? xl_text_at(L, 2) : xt_text_of(luaL_typename(L, 2)),
                        MOST_MESSAGE_BYTES);
        fprintf(stderr,
                "exectrack: the policy of '%s' failed (printed once; calls are allowed): "
                "%s\n",
                tool, message);
    }
    return 0;
}

/* deny(call, decision): counts the denial, and returns its message; nothing if denied
 * calls are made nevertheless, as `enforce` is false. */
static int step_deny(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1);
    bool enforces = call->span.options->enforces;
    if (enforces) {
        xl_hand_out(L, 2); /* first, as it may raise an error */
    }
    xl_keep_denial(L, 2, call->span.parent, &call->call, call->start_us);
    if (!enforces) {
        return 0;
    }
    xl_keep_call(L, call);
    xl_push_message(L, 2);
    return 1;
}

static int step_is_callable(lua_State *L) {
    lua_pushboolean(L, lua_gettop(L) > 0 && xl_is_callable(L, 1));
    return 1;
}

/* await(call): makes the call end when `done` is called. */
static int step_await(lua_State *L) {
    ((xl_call *)lua_touserdata(L, 1))->awaits = true;
    return 0;
}

/* done(call, ...): ends the call, whose callback is called with these values. Only the
 * first time counts. */
static int step_done(lua_State *L) {
    xl_end_with_results(L, lua_touserdata(L, 1), 2, lua_gettop(L) - 1);
    return 0;
}

#if LUA_VERSION_NUM == 501
static int yield_nothing(lua_State *L) {
    return lua_yield(L, 0);
}
#endif

/* yields_through(fn): whether a function that `fn` calls can yield. Uses no function of
 * Lua's library: nginx replaces those for coroutines, and they raise errors while a
 * worker starts. */
static int step_yields_through(lua_State *L) {
#if LUA_VERSION_NUM == 501
    lua_State *probe = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_pushcfunction(
        L, yield_nothing); /* in `probe` its memory error would end the process */
    lua_xmove(L, probe, 2);
    int status = lua_resume(probe, 1);
    if (status > LUA_YIELD) {
        lua_xmove(probe, L, 1);
        return lua_error(L); /* not enough memory */
    }
    lua_pushboolean(L, status == LUA_YIELD);
#else
    lua_pushboolean(L, true);
#endif
    return 1;
}

/* The arguments of the chunk, in its order; `call_tool` is the last. */
static const lua_CFunction steps[] = {
    step_start,   step_ended,       step_judge,          step_complain,
    step_deny,    step_is_callable, step_await,          step_done,
    xl_step_wait, xl_step_again,    step_yields_through,
#if XL_HAS_TO_CLOSE
    xl_run_call,
#endif
};
enum { STEPS = sizeof steps / sizeof steps[0] };

/* Returns the functions of the chunk. A C function has room on the stack for the steps. */
static int load_chunk(lua_State *L) {
    if (luaL_loadbuffer(L, chunk, sizeof chunk - 1, XL_CHUNK_NAME) != LUA_OK) {
        lua_error(L); /* not enough memory */
    }
    for (int i = 0; i < STEPS; i++) {
        lua_pushcfunction(L, steps[i]);
    }
    lua_call(L, STEPS, 1);
    return 1;
}

/* Pushes the function `name` of the chunk, which is loaded if it isn't yet. [-0, +1] */
static void push_function(lua_State *L, const char *name) {
    static const char registry_key;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &registry_key) == LUA_TNIL) {
        lua_pop(L, 1); /* nil */
        lua_pushcfunction(L, load_chunk);
        lua_call(L, 0, 1);
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &registry_key);
    }
    lua_getfield(L, -1, name);
    lua_remove(L, -2); /* functions */
}

/* Sets the method `name` of `type` in the table on top. The function `name` of the chunk
 * makes it from `begin`, its first step. */
static void set_method(lua_State *L, const xl_type *type, const char *name,
                       lua_CFunction begin) {
    push_function(L, name);
    lua_pushlightuserdata(L, (void *)(uintptr_t)type);
    lua_pushcclosure(L, begin, 1);
    lua_call(L, 1, 1);
    lua_setfield(L, -2, name);
}

#if !XL_HAS_TO_CLOSE
/* Returns a call; or, for a table of options, a function that makes it. */
static int begin_run(lua_State *L) {
    if (lua_istable(L, 2)) {
        xl_push_run_function(L);
    } else {
        xl_begin_run(L);
    }
    return 1;
}
#endif

void xl_set_lua_methods(lua_State *L, const xl_type *type) {
    set_method(L, type, "begin", xl_begin_span);
#if !XL_HAS_TO_CLOSE
    set_method(L, type, "run", begin_run);
#endif
}

int xl_push_policy_question(lua_State *L, int tool, const xl_call *call) {
    int index = lua_gettop(L);
    if (!xl_has_option(call->span.options, XL_OPTION_POLICY)) {
        return 1;
    }
    xl_push_tracker_of(L, index, call->span.parent);
    xl_push_question(L, index + 1, tool, &call->call, call->start_us);
    lua_remove(L, index + 1); /* tracker */
    return 2;
}

/* The first step of a wrapped function that is a Lua function; its upvalue is the
 * userdata. Returns a call; and, if there is a policy, the question. */
static int begin_guarded(lua_State *L) {
    xl_call *call = xl_begin_wrapped(L, lua_touserdata(L, lua_upvalueindex(1)));
    lua_insert(L, 1);
    lua_settop(L, 1);
    lua_getiuservalue(L, lua_upvalueindex(1), XL_WRAPPED_TOOL);
    lua_insert(L, 1);
    return xl_push_policy_question(L, 1, call);
}

#if !XL_HAS_TO_CLOSE
/* The same without a policy and callback: returns a call that is started. */
static int begin_plain(lua_State *L) {
    xl_call *call = xl_begin_wrapped(L, lua_touserdata(L, lua_upvalueindex(1)));
    lua_insert(L, 1);
    lua_settop(L, 1);
    xl_call_start(L, call, true);
    return 1;
}
#endif

/* Replaces the userdata and the function on top by the wrapped function, which has
 * neither a policy nor a callback. [-2, +1] */
static void wrap_plain(lua_State *L) {
#if XL_HAS_TO_CLOSE
    lua_pushcclosure(L, xl_call_wrapped, 2);
#else
    push_function(L, "wrap");
    lua_pushvalue(L, -3); /* userdata */
    lua_pushcclosure(L, begin_plain, 1);
    lua_pushvalue(L, -3); /* function */
    lua_call(L, 2, 1);
    lua_replace(L, -3);
    lua_pop(L, 1); /* function */
#endif
}

/* Pushes a function that asks the policy of the options at `index`; nil if there is none.
 * [-0, +1] */
static void push_ask(lua_State *L, int index, const xl_options *options) {
    if (!xl_has_option(options, XL_OPTION_POLICY)) {
        lua_pushnil(L);
        return;
    }
    push_function(L, "ask");
    xl_push_option(L, index, options, XL_OPTION_POLICY);
    xl_push_option(L, index, options, XL_OPTION_ON_WARN);
    xl_push_option(L, index, options, XL_OPTION_ON_POLICY_ERROR);
    xl_push_option(L, index, options, XL_OPTION_SLEEP);
    lua_call(L, 4, 1);
}

void xl_wrap_function(lua_State *L) {
    int wrapped = lua_gettop(L) - 1;
    const xl_options *options = ((xl_wrapped *)lua_touserdata(L, wrapped))->options;
    if (!xl_is_guarded(options)) {
        wrap_plain(L);
        return;
    }
    lua_getiuservalue(L, wrapped, XL_WRAPPED_OPTIONS);
    push_ask(L, wrapped + 2, options);
    lua_remove(L, wrapped + 2); /* options */
#if XL_HAS_TO_CLOSE
    if (!xl_has_option(options, XL_OPTION_CALLBACK)) {
        lua_pushcclosure(L, xl_call_guarded, 3);
        return;
    }
#endif
    push_function(L, "guard");
    lua_pushvalue(L, wrapped);
    lua_pushcclosure(L, begin_guarded, 1);
    lua_pushvalue(L, wrapped + 1); /* function */
    lua_pushvalue(L, wrapped + 2); /* ask */
    lua_getiuservalue(L, wrapped, XL_WRAPPED_OPTIONS);
    xl_push_option(L, -1, options, XL_OPTION_CALLBACK);
    lua_remove(L, -2); /* options */
    lua_call(L, 4, 1);
    lua_replace(L, wrapped);
    lua_settop(L, wrapped);
}
