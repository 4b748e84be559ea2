/*
 * What every file of the binding needs: the module's types of userdata, how methods get
 * them, and which file has which method.
 *
 * Every userdata begins with its tag, the address of a constant of this module, and is
 * recognized by its size and its tag. That is exact, as no other userdata contains that
 * address, and much cheaper than `luaL_checkudata`, which looks up a name in the
 * registry. The tags are also the registry's keys of the metatables. So two copies of the
 * module in one Lua state, such as a host's and an installed one, never accept each
 * other's userdata.
 *
 * Functions of the binding are `xl_…`, those of the core `xt_…`. A comment such as
 * [-1, +2] says how many values a function pops from the stack and then pushes.
 */
#ifndef XL_BINDING_H
#define XL_BINDING_H

#include "exectrack_lua.h"
#include "exectrack_snapshot.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

/* A type of userdata. Its address is the tag. */
typedef struct xl_type {
    const char *name; /* the metatable's `__name` */
    size_t bytes;     /* the least size of such a userdata */
} xl_type;

extern const xl_type xl_tracker_type;
extern const xl_type xl_session_type;
extern const xl_type xl_span_type;
extern const xl_type xl_snapshot_type;

typedef struct xl_call xl_call;       /* call.h */
typedef struct xl_options xl_options; /* call_options.h */
typedef struct xl_nesting xl_nesting; /* call_nesting.h */

/* The user values of a Tracker; nil for an option that isn't set. */
enum {
    XL_TRACKER_CLOCK = 1,                   /* a function */
    XL_TRACKER_IGNORED_ARGS,                /* a table, as in ignored_args.h */
    XL_TRACKER_REDACT,                      /* a function, or false */
    XL_TRACKER_OPTIONS = XL_TRACKER_REDACT, /* those up to here are options */
    XL_TRACKER_DEADLINES,                   /* a table, as in call_deadline.c */
    XL_TRACKER_USER_VALUES = XL_TRACKER_DEADLINES
};

/* Tracker. */
typedef struct xl_tracker {
    const xl_type *type;
    xt_tracker *tracker; /* null once it is closed */
    uint64_t clock_us;   /* what its Lua clock last returned; the core reads this */
    bool has_clock;      /* whether it has a Lua clock */
    bool ignores_args;
    bool is_borrowed;    /* the host closes it */
    bool is_recorder;    /* its image is a file */
    xl_nesting *nesting; /* of the calls in its Lua state */
    /* The newest of the calls in flight that have a deadline; null for none. */
    xl_call *latest_deadline;
    /* At most the earliest of their deadlines; UINT64_MAX for none. */
    uint64_t next_deadline_us;
} xl_tracker;

/* Session. Its user value 1 is the Tracker. */
typedef struct xl_session {
    const xl_type *type;
    xl_tracker *parent; /* kept alive by the user value */
    xt_session session; /* its name is `name`, or empty if that is too long to be kept */
    size_t length;      /* of `name` */
    char name[];
} xl_session;

/*
 * Span: an execution in flight, also that of a call (call.h), until it is finished. Its
 * user value 1 is the Tracker or Session that started it.
 */
typedef struct xl_span {
    const xl_type *type;
    xl_tracker *parent;  /* kept alive by the user value */
    xt_span token;       /* its serial is 0 when it is finished */
    xl_options *options; /* of a call, in user value XL_SPAN_OPTIONS; else null */
} xl_span;

enum { XL_SPAN_OPTIONS = 2 };

/*
 * Snapshot. The core's snapshot follows it in the userdata, and never changes. Its user
 * value 1 is a table of the tools' identifiers by name, made when it is first needed.
 */
typedef struct xl_snapshot {
    const xl_type *type;
    const xt_snapshot *snapshot;
} xl_snapshot;

_Static_assert(sizeof(xl_snapshot) % 8 == 0, "the snapshot that follows is aligned");

/* Whether Lua has to-be-closed variables. Before 5.4 it doesn't: there tools are called
 * by Lua functions that use `pcall`. */
#define XL_HAS_TO_CLOSE (LUA_VERSION_NUM >= 504)

/* The name of the chunk of the binding's own Lua code. */
#define XL_CHUNK_NAME "=[exectrack]"

/* The same as luaL_error and luaL_argerror, but the position in the message is where the
 * binding was called, even if that was through its own Lua code. Methods of that code
 * call C functions with the arguments that they got. */
int xl_error(lua_State *L, const char *format, ...);
int xl_arg_error(lua_State *L, int number, const char *message);

/* Raises a type error in the same way: argument `number` isn't an `expected`. */
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

/* call_deadline.c: ends the calls of `tracker` whose deadlines have passed. Here and
 * below, the userdata at `index` is the Tracker or belongs to it. Raises what the clock
 * raises. */
void xl_expire(lua_State *L, int index, xl_tracker *tracker);

/* The same by what a Lua clock last returned, without calling it. Raises nothing. */
void xl_expire_now(lua_State *L, int index, xl_tracker *tracker);

/* Calls xl_expire_now, at the end of a span. Here and below, it costs almost nothing if
 * no call has a deadline. */
static inline void xl_settle_now(lua_State *L, int index, xl_tracker *tracker) {
    if (tracker->next_deadline_us != UINT64_MAX && tracker->tracker != NULL) {
        xl_expire_now(L, index, tracker);
    }
}

/* Calls xl_expire, at the beginning of every other operation. */
static inline void xl_settle(lua_State *L, int index, xl_tracker *tracker) {
    if (tracker->next_deadline_us != UINT64_MAX && tracker->tracker != NULL) {
        xl_expire(L, index, tracker);
    }
}

/* Raises an error if `handle` is closed; or if it is a recorder and this process was forked
 * from the one that it belongs to. */
void xl_check_usable(lua_State *L, const xl_tracker *handle); /* tracker.c */

/* The tracker of `handle`. Raises an error if it can't be used. */
static inline xt_tracker *xl_open_tracker(lua_State *L, const xl_tracker *handle) {
    if (handle->tracker == NULL || handle->is_recorder) {
        xl_check_usable(L, handle);
    }
    return handle->tracker;
}

/* The self of a method that records: a Tracker, or a Session, whose Tracker then
 * records. */
typedef struct xl_self {
    xl_tracker *tracker;
    const xt_session *session; /* valid as long as the userdata; none for a Tracker */
} xl_self;

/* The self for `userdata`, a Tracker or a Session. */
static inline xl_self xl_self_of(void *userdata) {
    static const xt_session none;
    if (*(const xl_type *const *)userdata == &xl_tracker_type) {
        return (xl_self){userdata, &none};
    }
    const xl_session *session = userdata;
    return (xl_self){session->parent, &session->session};
}

/* The self at index 1 of a method. Raises an error for another type, or if the tracker is
 * closed. */
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
 * Calls the Lua clock of `handle`, whose userdata is at `index`, and stores what it
 * returns: the core reads this next. Raises what the clock raises, or an error if it
 * doesn't return a time. The clock is a function of the user's, so afterwards `handle`
 * may be closed.
 */
void xl_read_lua_clock(lua_State *L, xl_tracker *handle, int index);

/* The user value of a Session, a span or a call that is its parent: the Tracker, or a
 * Session of it. */
enum { XL_PARENT = 1 };

/* Pushes the Tracker of `handle`: the userdata at `index`, or one of its parents.
 * [-0, +1] */
void xl_push_tracker_of(lua_State *L, int index, const xl_tracker *handle);

/* If `tracker` has a Lua clock, calls it as xl_read_lua_clock does. */
void xl_read_clock_of(lua_State *L, int index, xl_tracker *tracker);

/* A clock for the core that returns the `clock_us` of `handle`. */
xt_clock xl_last_reading_of(xl_tracker *handle);

/* The same as xl_read_clock_of for the self at index 1. Returns the tracker of `handle`;
 * raises an error if it is closed. */
xt_tracker *xl_read_clock_of_self(lua_State *L, xl_tracker *handle);

/* The methods of Tracker and Snapshot that read an image; and, of these, those with which
 * policies decide. Upvalue 1 of each is the address of self's xl_type. */
extern const luaL_Reg xl_read_methods[];
extern const luaL_Reg xl_policy_methods[]; /* read_policy.c */

/* One of these: run:circuit(tool, settings). */
int xl_read_circuit(lua_State *L);

/* Their metamethod `__len`, with the same upvalue. */
int xl_len(lua_State *L);

/* In such a method, the image of self. Raises an error for another type, or if the
 * tracker is closed. */
const xt_image *xl_check_image(lua_State *L);

/* Whether `latest_us`, the latest time of `count` executions of `image`, is known. 0 may
 * mean that all of them are undated. */
bool xl_has_time(const xt_image *image, uint64_t count, uint64_t latest_us);

/* In such a method, the identifier of the tool that argument `number` names; 0 for
 * none. */
uint32_t xl_tool_argument(lua_State *L, int number);

/* The fingerprint of the session that argument `number` names; 0 for nil. */
uint32_t xl_optional_session_argument(lua_State *L, int number);

/* Copies `text`, a name, to `bytes`, and returns the copy: for pushing, which may run
 * finalizers. */
xt_text xl_copy_text(char bytes[], xt_text text);

/* The session with the fingerprint `hash`, and a copy of its name, which may be
 * overwritten. */
xt_session xl_copy_session(char bytes[], const xt_image *image, uint32_t hash);

/* The Snapshot at index 1, and its image. Raise a type error for anything else. */
const xt_snapshot *xl_check_snapshot(lua_State *L);
const xt_image *xl_check_snapshot_image(lua_State *L);

/* The Snapshot at `index`; null if that is something else. */
const xt_snapshot *xl_to_snapshot(lua_State *L, int index);

/*
 * The identifier of the tool `name` of the Snapshot at index 1; 0 if there is none.
 * `name` must be a Lua string on the stack. O(1), but O(tools) the first time.
 */
uint32_t xl_find_tool(lua_State *L, xt_text name);

/* Reads record `i`, which must exist; 0 is the oldest. */
void xl_get_execution(const xt_image *snapshot, size_t i, xt_execution *execution);

/*
 * Pushes the metatable of `type`. The first time, it is made with these metamethods and
 * methods, and, if it `reads`, with xl_read_methods and xl_policy_methods. Upvalue 1 of
 * all these functions is the address of `type`; upvalue 2 of metamethods is the table of
 * methods. That table is `__index`, unless one of the metamethods is. [-0, +1]
 */
void xl_push_metatable(lua_State *L, const xl_type *type, const luaL_Reg metamethods[],
                       const luaL_Reg methods[], bool reads);
void xl_push_session_metatable(lua_State *L);
void xl_push_span_metatable(lua_State *L);
void xl_push_snapshot_metatable(lua_State *L);

/* Pushes a new Session called `name` of `tracker`. O(length of the name). [-0, +1] */
void xl_push_new_session(lua_State *L, int index, xl_tracker *tracker, xt_text name);

/* Pushes a new Tracker that is closed, and can be opened. [-0, +1] */
xl_tracker *xl_push_closed_tracker(lua_State *L);

/*
 * Makes the core's tracker for the closed `handle`. If there isn't enough memory,
 * collects garbage and tries again; raises an error if that fails, too. May run
 * finalizers.
 */
void xl_open_new_tracker(lua_State *L, xl_tracker *handle, const xt_options *options);

/* Functions of the module. Here and below, each is in the file of its name, or in the one
 * noted. */
int xl_tracker_new(lua_State *L);
int xl_tracker_open(lua_State *L);
int xl_snapshot_load(lua_State *L);       /* snapshot_file.c */
int xl_snapshot_from_bytes(lua_State *L); /* snapshot_file.c */
int xl_snapshot_from_table(lua_State *L);
int xl_snapshot_merge(lua_State *L);
int xl_importer_new(lua_State *L); /* importer.c */

/* Pushes the table of the functions for JSON. [-0, +1] */
void xl_push_json_functions(lua_State *L); /* json.c */

/* Methods of Tracker and Session. */
int xl_tracker_session(lua_State *L); /* session.c */
int xl_tracker_record(lua_State *L);
int xl_tracker_recorder(lua_State *L); /* tracker_record.c */
int xl_tracker_start(lua_State *L);    /* span.c */
int xl_tracker_run(lua_State *L);
int xl_tracker_wrap(lua_State *L);
int xl_tracker_instrument(lua_State *L); /* tracker_wrap.c */

/* Methods of Snapshot. */
int xl_snapshot_index(lua_State *L); /* the metamethod `__index`: snapshot_records.c */
int xl_snapshot_iter(lua_State *L);  /* snapshot_records.c */
int xl_snapshot_records(lua_State *L);
int xl_snapshot_column(lua_State *L);  /* snapshot_records.c */
int xl_snapshot_parents(lua_State *L); /* snapshot_records.c */
int xl_snapshot_filter(lua_State *L);
int xl_snapshot_without_texts(lua_State *L); /* snapshot_filter.c */
int xl_snapshot_since(lua_State *L);
int xl_snapshot_group_by(lua_State *L);  /* snapshot_group.c */
int xl_snapshot_summary(lua_State *L);   /* snapshot_group.c */
int xl_snapshot_quantile(lua_State *L);  /* snapshot_group.c */
int xl_snapshot_decisions(lua_State *L); /* snapshot_replay.c */
int xl_snapshot_export(lua_State *L);    /* snapshot_export.c */
int xl_snapshot_save(lua_State *L);      /* snapshot_file.c */
int xl_snapshot_bytes(lua_State *L);     /* snapshot_file.c */
int xl_snapshot_to_table(lua_State *L);

#pragma GCC visibility pop

#endif
