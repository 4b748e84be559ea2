/*
 * What every file of the binding needs: the userdata of the module, how methods get at
 * them, and which file has which method.
 *
 * Every userdata begins with its tag, the address of a variable of this module, and is
 * recognized by its size and its tag. That is exact, as no other userdata holds that
 * address, and much cheaper than `luaL_checkudata`, which looks a name up in the registry.
 * Metatables stand in the registry under these addresses too: so two copies of the module
 * in one state, a host's and an installed one, each keep to their own userdata.
 *
 * Functions of the binding are `xl_…`, those of the core `xt_…`. A comment such as
 * [-1, +2] says how many values a function pops from the stack and pushes on it.
 */
#ifndef XL_BINDING_H
#define XL_BINDING_H

#include "exectrack_lua.h"
#include "exectrack_snapshot.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

/* A type of userdata: its address is the tag. */
typedef struct xl_type {
    const char *name; /* the metatable's `__name` */
    size_t bytes;     /* at least */
} xl_type;

extern const xl_type xl_tracker_type;
extern const xl_type xl_session_type;
extern const xl_type xl_span_type;
extern const xl_type xl_snapshot_type;

typedef struct xl_call xl_call;       /* call.h */
typedef struct xl_options xl_options; /* call_options.h */
typedef struct xl_nesting xl_nesting; /* call_nesting.h */

/* The user values of a Tracker, nil for those that it hasn't. */
enum {
    XL_TRACKER_CLOCK = 1,                   /* a function */
    XL_TRACKER_IGNORED_ARGS,                /* a table, as in ignored_args.h */
    XL_TRACKER_REDACT,                      /* a function, or false */
    XL_TRACKER_OPTIONS = XL_TRACKER_REDACT, /* options up to here */
    XL_TRACKER_DEADLINES,                   /* a table, as in call_deadline.c */
    XL_TRACKER_USER_VALUES = XL_TRACKER_DEADLINES
};

/* Tracker. */
typedef struct xl_tracker {
    const xl_type *type;
    xt_tracker *tracker; /* null once it is closed */
    uint64_t clock_us;   /* the last reading of its clock, which the core then reads */
    bool has_clock;
    bool ignores_args;
    bool is_borrowed;    /* the host closes it */
    xl_nesting *nesting; /* of the calls in its Lua state */
    xl_call
        *latest_deadline; /* of the calls in flight that have one, the newest; or null */
    uint64_t next_deadline_us; /* not after any of theirs; UINT64_MAX for none */
} xl_tracker;

/* Session. Its user value 1 is the Tracker. */
typedef struct xl_session {
    const xl_type *type;
    xl_tracker *parent; /* kept alive by the user value */
    xt_session session; /* its name, if it has one, is `name` */
    size_t length;
    char name[]; /* what it was called */
} xl_session;

/*
 * Span: an execution in flight, and how a call begins (call.h). Its user value 1 is what
 * started it: the Tracker, or a Session of it. Never closed: it is finished or in flight.
 */
typedef struct xl_span {
    const xl_type *type;
    xl_tracker *parent;  /* kept alive by the user value */
    xt_span token;       /* its serial is 0 when it is finished */
    xl_options *options; /* of a call, its user value XL_SPAN_OPTIONS; or null */
} xl_span;

enum { XL_SPAN_OPTIONS = 2 };

/*
 * Snapshot. The core's stands behind it in the userdata, and never changes. Its user value
 * 1 is a table of its tools' identifiers by name, once it was needed.
 */
typedef struct xl_snapshot {
    const xl_type *type;
    const xt_snapshot *snapshot;
} xl_snapshot;

_Static_assert(sizeof(xl_snapshot) % 8 == 0, "a snapshot stands behind it");

/* Whether a value can be marked to be closed. Before Lua 5.4 it can't, and tools are called by
 * Lua functions around `pcall`. */
#define XL_HAS_TO_CLOSE (LUA_VERSION_NUM >= 504)

/* Lua code of the binding's own is a chunk of this name. Where an error is says the position of
 * the function that called it. */
#define XL_CHUNK_NAME "=[exectrack]"

/* As luaL_error, and as luaL_argerror, but so. A method of that chunk passes on its arguments
 * as they are. */
int xl_error(lua_State *L, const char *format, ...);
int xl_arg_error(lua_State *L, int number, const char *message);

/* Raises that argument `number` should have been an `expected`, likewise. */
int xl_type_error(lua_State *L, int number, const char *expected);

/* The userdata of `type` at `index`; null if that is something else. */
static inline void *xl_to_userdata(lua_State *L, int index, const xl_type *type) {
    void *userdata = lua_touserdata(L, index);
    return userdata != NULL && lua_rawlen(L, index) >= type->bytes &&
                   *(const xl_type *const *)userdata == type
               ? userdata
               : NULL;
}

/* The userdata of `type` at index 1. Raises a type error. */
static inline void *xl_check_userdata(lua_State *L, const xl_type *type) {
    void *self = xl_to_userdata(L, 1, type);
    if (self == NULL) {
        xl_type_error(L, 1, type->name);
    }
    return self;
}

/* call_deadline.c: ends the calls of `tracker`, which what is at `index` is or belongs to, whose
 * deadlines are over. Raises what its clock raises. */
void xl_expire(lua_State *L, int index, xl_tracker *tracker);

/* The same at the last reading of a clock that is a Lua function. Raises nothing. */
void xl_expire_now(lua_State *L, int index, xl_tracker *tracker);

/* The same at the end of a span; and at the beginning of each other operation. Both cost nothing
 * if no call has a deadline. */
static inline void xl_settle_now(lua_State *L, int index, xl_tracker *tracker) {
    if (tracker->next_deadline_us != UINT64_MAX && tracker->tracker != NULL) {
        xl_expire_now(L, index, tracker);
    }
}

static inline void xl_settle(lua_State *L, int index, xl_tracker *tracker) {
    if (tracker->next_deadline_us != UINT64_MAX && tracker->tracker != NULL) {
        xl_expire(L, index, tracker);
    }
}

/* The tracker of `handle`. Raises if it is closed. */
static inline xt_tracker *xl_open_tracker(lua_State *L, const xl_tracker *handle) {
    if (handle->tracker == NULL) {
        xl_error(L, "attempt to use a closed tracker");
    }
    return handle->tracker;
}

/* The self of the methods that record: a Tracker, or a Session, for which its Tracker then
 * records. */
typedef struct xl_self {
    xl_tracker *tracker;
    const xt_session
        *session; /* valid as long as the userdata; that of a Tracker is none */
} xl_self;

/* The self that `userdata` is: a Tracker, or a Session. */
static inline xl_self xl_self_of(void *userdata) {
    static const xt_session none;
    if (*(const xl_type *const *)userdata == &xl_tracker_type) {
        return (xl_self){userdata, &none};
    }
    const xl_session *session = userdata;
    return (xl_self){session->parent, &session->session};
}

/* The self at index 1 of a method. Raises a type error, and that the tracker is closed. */
static inline xl_self xl_check_self(lua_State *L) {
    void *userdata = xl_to_userdata(L, 1, &xl_tracker_type);
    if (userdata == NULL) {
        userdata = xl_to_userdata(L, 1, &xl_session_type);
    }
    if (userdata == NULL) {
        const xl_type *type = lua_touserdata(L, lua_upvalueindex(1));
        xl_type_error(L, 1, type->name);
    }
    xl_self self = xl_self_of(userdata);
    xl_settle(L, 1, self.tracker);
    xl_open_tracker(L, self.tracker);
    return self;
}

/*
 * Calls the clock of `handle`, whose userdata is at `index` and has one, so that the
 * core's next reading is this. Raises what the clock raises, or for a reading that isn't
 * a time. It runs a Lua function, so afterwards `handle` may be closed.
 */
void xl_read_lua_clock(lua_State *L, xl_tracker *handle, int index);

/* The user value of what belongs to a Tracker that is the Tracker; or, of a span or a call, a
 * Session, which belongs to it. */
enum { XL_PARENT = 1 };

/* Pushes the Tracker of `handle`, which the userdata at `index` is or belongs to. [-0, +1] */
void xl_push_tracker_of(lua_State *L, int index, const xl_tracker *handle);

/* Calls the clock of `tracker` likewise, if it has one: what is at `index` is it or belongs to
 * it. */
void xl_read_clock_of(lua_State *L, int index, xl_tracker *tracker);

/* A clock for the tracker of `handle` that says the `clock_us` there. */
xt_clock xl_last_reading_of(xl_tracker *handle);

/* The same, and then the open tracker of `handle`. */
xt_tracker *xl_read_clock_of_self(lua_State *L, xl_tracker *handle);

/* The methods that Tracker and Snapshot have in common, those that read an image; and those
 * of them that policies decide from. Each needs the address of its xl_type as upvalue 1, as
 * xl_push_metatable gives it. */
extern const luaL_Reg xl_read_methods[];
extern const luaL_Reg xl_policy_methods[]; /* read_policy.c */

/* The metamethod `__len` of both, likewise. */
int xl_len(lua_State *L);

/* In such a method, the image of self, which is an open tracker or a snapshot. */
const xt_image *xl_check_image(lua_State *L);

/* Whether `latest_us`, the latest time of `count` executions of `image`, is one: 0 may be
 * that of executions which all are undated. */
bool xl_has_time(const xt_image *image, uint64_t count, uint64_t latest_us);

/* The identifier of the tool that argument `number` names in that image, or 0. */
uint32_t xl_tool_argument(lua_State *L, int number);

/* `text`, a name, copied to `bytes`: for tables whose making may run a finalizer. */
xt_text xl_copy_text(char bytes[], xt_text text);

/* The session of fingerprint `hash`, its name copied likewise: another may take its place. */
xt_session xl_copy_session(char bytes[], const xt_image *image, uint32_t hash);

/* The Snapshot at index 1, and its image. Raise a type error. */
const xt_snapshot *xl_check_snapshot(lua_State *L);
const xt_image *xl_check_snapshot_image(lua_State *L);

/* The Snapshot at `index`; null if that is something else. */
const xt_snapshot *xl_to_snapshot(lua_State *L, int index);

/*
 * The identifier of the tool `name`, a Lua string, of the Snapshot at index 1; 0 if there
 * is none. O(1), but the first time O(tools).
 */
uint32_t xl_find_tool(lua_State *L, xt_text name);

/* Reads record `i`, counted from 0 for the oldest, which exists. */
void xl_get_execution(const xt_image *snapshot, size_t i, xt_execution *execution);

/* Pushes an array of what each record took itself. [-0, +n] */
void xl_push_self_durations(lua_State *L, const xt_image *image);

/*
 * Pushes the metatable of `type`. It is made, if it isn't yet, with these metamethods and
 * methods, and with xl_read_methods and xl_policy_methods if it `reads`. All are closures
 * over the address of `type`, and metamethods over the table of methods too, which is
 * `__index` unless one of them is. [-0, +1]
 */
void xl_push_metatable(lua_State *L, const xl_type *type, const luaL_Reg metamethods[],
                       const luaL_Reg methods[], bool reads);
void xl_push_session_metatable(lua_State *L);
void xl_push_span_metatable(lua_State *L);
void xl_push_snapshot_metatable(lua_State *L);

/* Pushes the Session called `name` of `tracker`, which the userdata at `index` is or belongs to.
 * O(length of the name). [-0, +1] */
void xl_push_new_session(lua_State *L, int index, xl_tracker *tracker, xt_text name);

/* Pushes a closed Tracker. [-0, +1] */
xl_tracker *xl_push_closed_tracker(lua_State *L);

/*
 * Makes the tracker of the closed `handle`, after a collection if there is no memory at
 * first. Raises that it can't. May run finalizers.
 */
void xl_open_new_tracker(lua_State *L, xl_tracker *handle, const xt_options *options);

/* Functions of the module, each in the file of its name. */
int xl_tracker_new(lua_State *L);
int xl_snapshot_load(lua_State *L);       /* snapshot_file.c */
int xl_snapshot_from_bytes(lua_State *L); /* snapshot_file.c */
int xl_snapshot_from_table(lua_State *L);
int xl_snapshot_merge(lua_State *L);

/* Methods of Tracker and Session. */
int xl_tracker_session(lua_State *L); /* session.c */
int xl_tracker_record(lua_State *L);
int xl_tracker_recorder(lua_State *L); /* tracker_record.c */
int xl_tracker_start(lua_State *L);    /* span.c */
int xl_tracker_run(lua_State *L);
int xl_tracker_wrap(lua_State *L);
int xl_tracker_instrument(lua_State *L);

/* Methods of Snapshot. */
int xl_snapshot_index(lua_State *L); /* the metamethod `__index`: snapshot_records.c */
int xl_snapshot_iter(lua_State *L);  /* snapshot_records.c */
int xl_snapshot_records(lua_State *L);
int xl_snapshot_column(lua_State *L);  /* snapshot_records.c */
int xl_snapshot_parents(lua_State *L); /* snapshot_records.c */
int xl_snapshot_filter(lua_State *L);
int xl_snapshot_without_texts(lua_State *L); /* snapshot_filter.c */
int xl_snapshot_group_by(lua_State *L);      /* snapshot_group.c */
int xl_snapshot_summary(lua_State *L);       /* snapshot_group.c */
int xl_snapshot_quantile(lua_State *L);      /* snapshot_group.c */
int xl_snapshot_decisions(lua_State *L);     /* snapshot_replay.c */
int xl_snapshot_save(lua_State *L);          /* snapshot_file.c */
int xl_snapshot_bytes(lua_State *L);         /* snapshot_file.c */
int xl_snapshot_to_table(lua_State *L);

#pragma GCC visibility pop

#endif
