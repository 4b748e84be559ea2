/*
 * The userdata of the module, and how methods get at them.
 *
 * Every userdata begins with its tag, the address of a variable of this module, and is
 * told by its size and its tag. That is exact, as no other userdata holds that address,
 * and much cheaper than `luaL_checkudata`, which looks a name up in the registry.
 * Metatables stand in the registry under these addresses too: so two copies of the module
 * in one state, a host's and an installed one, each keep to their own userdata.
 */
#ifndef XT_HANDLE_H
#define XT_HANDLE_H

#include "exectrack_lua.h"
#include "exectrack_snapshot.h"

#include <lauxlib.h>

#pragma GCC visibility push(hidden)

/* A type of userdata: its address is the tag. */
typedef struct xt_type {
    const char *name; /* the metatable's `__name` */
    size_t bytes;     /* at least */
} xt_type;

extern const xt_type xt_tracker_type;
extern const xt_type xl_session_type;
extern const xt_type xt_span_type;
extern const xt_type xt_snapshot_type;

typedef struct xl_call xl_call;       /* call.h */
typedef struct xl_nesting xl_nesting; /* nesting.h */

/* The user values of a Tracker, nil for those that it hasn't. */
enum {
    XL_TRACKER_CLOCK = 1,    /* a function */
    XL_TRACKER_IGNORED_ARGS, /* a table, as in ignored_args.h */
    XL_TRACKER_REDACT,       /* a function, or false */
    XL_TRACKER_USER_VALUES = XL_TRACKER_REDACT
};

/* Tracker. */
typedef struct xt_tracker_handle {
    const xt_type *type;
    xt_tracker *tracker; /* null once it is closed */
    uint64_t clock_us;   /* the last reading of its clock, which the core then reads */
    bool has_clock;
    bool ignores_args;
    bool is_borrowed;    /* the host closes it */
    xl_nesting *nesting; /* of the calls in its Lua state */
} xt_tracker_handle;

/* Session. Its user value 1 is the Tracker. */
typedef struct xl_session_handle {
    const xt_type *type;
    xt_tracker_handle *parent; /* kept alive by the user value */
    xt_session session;        /* its name, if it has one, is `name` */
    size_t length;
    char name[]; /* what it was called */
} xl_session_handle;

/* Span. Its user value 1 is what started it: the Tracker, or a Session of it. Never closed:
 * it is finished or in flight. */
typedef struct xt_span_handle {
    const xt_type *type;
    xt_tracker_handle *parent; /* kept alive by the user value */
    xt_span span;              /* its serial is 0 when it is finished */
} xt_span_handle;

/*
 * Snapshot. The core's stands behind it in the userdata, and never changes. Its user value
 * 1 is a table of its tools' identifiers by name, once it was needed.
 */
typedef struct xt_snapshot_handle {
    const xt_type *type;
    const xt_snapshot *snapshot;
} xt_snapshot_handle;

_Static_assert(sizeof(xt_snapshot_handle) % 8 == 0, "a snapshot stands behind it");

/* The userdata of `type` at `index`; null if that is something else. */
static inline void *xt_to_userdata(lua_State *L, int index, const xt_type *type) {
    void *userdata = lua_touserdata(L, index);
    return userdata != NULL && lua_rawlen(L, index) >= type->bytes &&
                   *(const xt_type *const *)userdata == type
               ? userdata
               : NULL;
}

/* The userdata of `type` at index 1. Raises a type error. */
static inline void *xt_check_self(lua_State *L, const xt_type *type) {
    void *self = xt_to_userdata(L, 1, type);
    if (self == NULL) {
        luaL_typeerror(L, 1, type->name);
    }
    return self;
}

/* The tracker of `handle`. Raises if it is closed. */
static inline xt_tracker *xt_open_tracker(lua_State *L, const xt_tracker_handle *handle) {
    if (handle->tracker == NULL) {
        luaL_error(L, "attempt to use a closed tracker");
    }
    return handle->tracker;
}

/*
 * Calls the clock of `handle`, whose userdata is at `index` and has one, so that the
 * core's next reading is this. Raises what the clock raises, or for a reading that isn't
 * a time. It runs a Lua function, so afterwards `handle` may be closed.
 */
void xt_read_lua_clock(lua_State *L, xt_tracker_handle *handle, int index);

/* The user value of what belongs to a Tracker that is the Tracker; or, of a span or a call, a
 * Session, which belongs to it. */
enum { XT_PARENT = 1 };

/* Pushes the Tracker of `handle`, which the userdata at `index` is or belongs to. [-0, +1] */
void xl_push_tracker_of(lua_State *L, int index, const xt_tracker_handle *handle);

/*
 * The same with the clock of `parent`, which the userdata at index 1 is or belongs to, if it
 * has one.
 */
void xt_read_clock_of_parent(lua_State *L, xt_tracker_handle *parent);

/* A clock for the tracker of `handle` that says the `clock_us` there. */
xt_clock xt_last_reading_of(xt_tracker_handle *handle);

/* The same, and then the open tracker of `handle`. */
xt_tracker *xt_read_clock_of_self(lua_State *L, xt_tracker_handle *handle);

/*
 * Pushes the metatable of `type`, made with these metamethods and methods if it isn't
 * yet, and with those of read_methods.h if it `reads`. All are closures over the address
 * of `type`, and metamethods over the table of methods too, which is `__index` unless one
 * of them is. [-0, +1]
 */
void xt_push_metatable(lua_State *L, const xt_type *type, const luaL_Reg metamethods[],
                       const luaL_Reg methods[], bool reads);
void xl_push_session_metatable(lua_State *L);
void xt_push_span_metatable(lua_State *L);
void xt_push_snapshot_metatable(lua_State *L);

/* Pushes a closed Tracker. [-0, +1] */
xt_tracker_handle *xt_push_closed_tracker(lua_State *L);

/*
 * Makes the tracker of the closed `handle`, after a collection if there is no memory at
 * first. Raises that it can't. May run finalizers.
 */
void xt_open_new_tracker(lua_State *L, xt_tracker_handle *handle,
                         const xt_options *options);

/* The function exectrack.new, and the methods `session`, `record` and `start`. */
int xt_lua_new(lua_State *L);
int xl_lua_session(lua_State *L);
int xl_lua_record(lua_State *L);
int xt_lua_start(lua_State *L);

#pragma GCC visibility pop

#endif
