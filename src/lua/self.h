/*
 * The self of the methods that record: a Tracker, or a Session, for which its Tracker then
 * records.
 */
#ifndef XL_SELF_H
#define XL_SELF_H

#include "handle.h"

#pragma GCC visibility push(hidden)

typedef struct xl_self {
    xt_tracker_handle *tracker;
    const xt_session
        *session; /* valid as long as the userdata; that of a Tracker is none */
} xl_self;

/* The self that `userdata` is: a Tracker, or a Session. */
static inline xl_self xl_self_of(void *userdata) {
    static const xt_session none;
    if (*(const xt_type *const *)userdata == &xt_tracker_type) {
        return (xl_self){userdata, &none};
    }
    const xl_session_handle *session = userdata;
    return (xl_self){session->parent, &session->session};
}

/* The self at index 1 of a method. Raises a type error, and that the tracker is closed. */
static inline xl_self xl_check_self(lua_State *L) {
    void *userdata = xt_to_userdata(L, 1, &xt_tracker_type);
    if (userdata == NULL) {
        userdata = xt_to_userdata(L, 1, &xl_session_type);
    }
    if (userdata == NULL) {
        const xt_type *type = lua_touserdata(L, lua_upvalueindex(1));
        luaL_typeerror(L, 1, type->name);
    }
    xl_self self = xl_self_of(userdata);
    xt_open_tracker(L, self.tracker);
    return self;
}

#pragma GCC visibility pop

#endif
