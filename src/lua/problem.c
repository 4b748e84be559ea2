#include "problem.h"

#include "errno_name.h"

#include <string.h>

static const char *errno_code(lua_State *L, int value) {
    const char *name = xt_errno_name(value);
    return name != NULL ? name : lua_pushfstring(L, "errno_%d", value);
}

static const char *code_of(lua_State *L, xt_error error, int errno_value) {
    switch (error) {
    case XT_ERROR_FILE:
        return errno_code(L, errno_value);
    case XT_ERROR_MEMORY:
        return "ENOMEM";
    case XT_ERROR_KIND:
        return "kind";
    case XT_ERROR_BYTE_ORDER:
        return "byte_order";
    case XT_ERROR_VERSION:
        return "version";
    case XT_ERROR_SIZE:
        return "size";
    case XT_ERROR_CHECKSUM:
        return "checksum";
    default:
        return "invalid";
    }
}

int xt_push_problem(lua_State *L, const char *subject, xt_error error,
                    const char *problem, int errno_value) {
    const char *message = error == XT_ERROR_FILE ? strerror(errno_value) : problem;
    const char *code = code_of(L, error, errno_value);
    lua_pushnil(L);
    if (subject != NULL) {
        lua_pushfstring(L, "%s: %s", subject, message);
    } else {
        lua_pushstring(L, message);
    }
    lua_pushstring(L, code);
    return 3;
}
