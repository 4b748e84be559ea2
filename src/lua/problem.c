#include "problem.h"

#include <errno.h>
#include <string.h>

#define NAMED(name)                                                                      \
    { name, #name }

/* What opening, reading, writing and renaming files gives, as POSIX names it. */
static const struct {
    int value;
    const char *name;
} errno_names[] = {
    NAMED(EACCES), NAMED(EBUSY),  NAMED(EDQUOT),       NAMED(EEXIST), NAMED(EFBIG),
    NAMED(EINVAL), NAMED(EIO),    NAMED(EISDIR),       NAMED(ELOOP),  NAMED(EMFILE),
    NAMED(EMLINK), NAMED(ENFILE), NAMED(ENAMETOOLONG), NAMED(ENODEV), NAMED(ENOENT),
    NAMED(ENOMEM), NAMED(ENOSPC), NAMED(ENOTDIR),      NAMED(ENXIO),  NAMED(EOVERFLOW),
    NAMED(EPERM),  NAMED(EROFS),  NAMED(ESTALE),       NAMED(EXDEV),  NAMED(ETXTBSY),
};

static const char *errno_name(lua_State *L, int value) {
    for (size_t i = 0; i < sizeof errno_names / sizeof errno_names[0]; i++) {
        if (errno_names[i].value == value) {
            return errno_names[i].name;
        }
    }
    return lua_pushfstring(L, "errno_%d", value);
}

static const char *code_of(lua_State *L, xt_error error, int errno_value) {
    switch (error) {
    case XT_ERROR_FILE:
        return errno_name(L, errno_value);
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
