#include "convention.h"

#include "arguments.h"
#include "decision.h"
#include "failure.h"
#include "number_text.h"
#include "push.h"
#include "status.h"

#include <string.h>

bool xl_has_failed(lua_State *L, int first) {
    return !lua_toboolean(L, first) && lua_gettop(L) > first &&
           lua_toboolean(L, first + 1);
}

void xl_set_error_type(xl_verdict *verdict, xt_text type) {
    size_t length = type.length < XT_NAME_BYTES ? type.length : XT_NAME_BYTES;
    if (length > 0) {
        memcpy(verdict->error_type, type.bytes, length);
    }
    verdict->error_type_bytes = length;
}

/* If the value at `index` is a decision that denied another call, judges that this call
 * passes it on. */
static bool judge_denial(lua_State *L, int index, xl_verdict *verdict) {
    if (!xl_push_denial(L, index)) {
        return false;
    }
    verdict->status = XT_CANCELLED;
    xl_set_error_type(verdict, xl_text_at(L, -1));
    lua_pop(L, 1); /* reason */
    return true;
}

static void judge_failure(lua_State *L, int error, xl_verdict *verdict) {
    char buffer[XL_ERROR_TYPE_BYTES];
    if (!judge_denial(L, error, verdict)) {
        xl_failure failure = xl_failure_of(L, error, buffer);
        verdict->status = failure.status;
        xl_set_error_type(verdict, failure.error_type);
    }
}

/* Whether the value on top, a field `error`, says that there is one. */
static bool is_error(lua_State *L) {
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        return lua_rawlen(L, -1) > 0;
    case LUA_TNUMBER:
        return lua_tonumber(L, -1) != 0;
    case LUA_TTABLE:
        lua_pushnil(L);
        if (lua_next(L, -2) == 0) {
            return false; /* as JSON's null is in some libraries */
        }
        lua_pop(L, 2); /* key, value */
        return true;
    default:
        return lua_isboolean(L, -1) && lua_toboolean(L, -1);
    }
}

/* The fields of a table that say that a call failed, and where the registry has their names,
 * so that pushing one allocates nothing. */
static const char *const fields[][2] = {{"isError", "exectrack.isError"},
                                        {"is_error", "exectrack.is_error"},
                                        {"error", "exectrack.error"}};
enum { IS_ERROR, IS_ERROR_IN_SNAKE_CASE, ERROR, FIELD_COUNT };

void xl_set_up_convention(lua_State *L) {
    for (int i = 0; i < FIELD_COUNT; i++) {
        lua_pushstring(L, fields[i][0]);
        lua_setfield(L, LUA_REGISTRYINDEX, fields[i][1]);
    }
}

/* Pushes the field of the table at `index`. [-0, +1] */
static void push_field(lua_State *L, int index, int field) {
    lua_getfield(L, LUA_REGISTRYINDEX, fields[field][1]);
    lua_rawget(L, index);
}

/* Whether the field of the table at `index` is true itself. */
static bool is_true(lua_State *L, int index, int field) {
    push_field(L, index, field);
    bool result = lua_isboolean(L, -1) && lua_toboolean(L, -1);
    lua_pop(L, 1); /* field */
    return result;
}

/* Whether the table at `index`, the only result, says that the call failed. Allocates
 * nothing. */
static bool says_failed(lua_State *L, int index) {
    if (is_true(L, index, IS_ERROR) || is_true(L, index, IS_ERROR_IN_SNAKE_CASE)) {
        return true;
    }
    push_field(L, index, ERROR);
    bool has_failed = is_error(L);
    lua_pop(L, 1); /* error */
    return has_failed;
}

/* If the values at `what` and the next index are those that `os.execute` and the `close` of
 * a pipe return after nil, such as "exit" and 2, replaces the first by "exit 2". */
static void join_exit(lua_State *L, int what) {
    int is_integer = 0;
    int64_t code = lua_type(L, what + 1) == LUA_TNUMBER
                       ? lua_tointegerx(L, what + 1, &is_integer)
                       : 0;
    if (is_integer && lua_type(L, what) == LUA_TSTRING &&
        (strcmp(lua_tostring(L, what), "exit") == 0 ||
         strcmp(lua_tostring(L, what), "signal") == 0)) {
        lua_pushfstring(L, "%s %s", lua_tostring(L, what), xl_digits(code).bytes);
        lua_replace(L, what);
    }
}

/* The verdict is at index 1, and above it are the error and the result after that. */
static int judge_results(lua_State *L) {
    enum { VERDICT = 1, FAILURE, NEXT };
    xl_verdict *verdict = xl_to_address(L, VERDICT);
    lua_settop(L, NEXT);
    if (!judge_denial(L, NEXT, verdict)) {
        join_exit(L, FAILURE);
        judge_failure(L, FAILURE, verdict);
    }
    return 0;
}

void xl_judge_results(lua_State *L, int first, xl_verdict *verdict) {
    bool has_failed = xl_has_failed(L, first);
    bool is_table = lua_gettop(L) == first && lua_istable(L, first);
    *verdict = (xl_verdict){.status = XT_SUCCESS};
    if (!has_failed && !(is_table && says_failed(L, first))) {
        return;
    }
    verdict->status = XT_FAILED;
    verdict->error = is_table ? 1 : 2;
    int error = first + verdict->error - 1;
    int count = lua_gettop(L) > error ? 2 : 1; /* with the result after it */
    xl_push_address(L, verdict);
    for (int i = 0; i < count; i++) {
        lua_pushvalue(L, error + i);
    }
    if (xl_pcall(L, judge_results, 1 + count, 0) != LUA_OK) {
        lua_pop(L, 1); /* the memory error */
    }
}

/* The verdict is at index 1 and the error at index 2. */
static int judge_error(lua_State *L) {
    judge_failure(L, 2, xl_to_address(L, 1));
    return 0;
}

void xl_judge_error(lua_State *L, int error, xl_verdict *verdict) {
    *verdict = (xl_verdict){.status = XT_FAILED, .error = 1};
    xl_push_address(L, verdict);
    lua_pushvalue(L, error);
    if (xl_pcall(L, judge_error, 2, 0) != LUA_OK) {
        lua_pop(L, 1); /* the memory error */
    }
}

int xl_convention(lua_State *L) {
    xl_verdict verdict;
    luaL_checkany(L, 1);
    luaL_checkstack(L, 8, "too many results");
    if (lua_toboolean(L, 1)) {
        xl_judge_results(L, 2, &verdict);
    } else {
        lua_settop(L, 2);
        xl_judge_error(L, 2, &verdict);
    }
    lua_pushstring(L, xt_status_word(verdict.status));
    lua_pushnil(L);
    if (verdict.error_type_bytes > 0) {
        xl_push_text(L, xl_error_type_in(&verdict));
    } else {
        lua_pushnil(L);
    }
    return 3;
}
