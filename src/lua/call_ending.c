#include "call_ending.h"

#include "arguments.h"
#include "call.h"
#include "convention.h"
#include "fingerprint.h"
#include "measures.h"
#include "status.h"
#include "tracker_texts.h"

#include <string.h>

/* An outcome, with room for its texts and its values of measures. Don't copy it: the
 * outcome points into it. */
typedef struct ending {
    xt_outcome outcome;
    xl_verdict verdict;
    xl_description error_text;
    uint64_t values[XT_MAX_MEASURES];
} ending;

/* Sets the outcome for the span at index 1 from the verdict. Its error is at `error`. */
static void take_verdict(lua_State *L, const xl_span *span, int error, ending *end) {
    end->outcome = (xt_outcome){.status = end->verdict.status,
                                .error_type = xl_error_type_in(&end->verdict)};
    if (end->verdict.error != 0) {
        xl_make_error_text(L, 1, span->parent, error, &end->error_text);
        end->outcome.error_text = xl_text_of(&end->error_text);
    }
}

/* Sets the outcome for the span at index 1, which raised the error at `error`. */
static void end_by_error(lua_State *L, const xl_span *span, int error, ending *end) {
    xl_judge_error(L, error, &end->verdict);
    take_verdict(L, span, error, end);
}

/* Sets the outcome that the results from `first` to the top have by convention. */
static void end_by_results(lua_State *L, const xl_span *span, int first, ending *end) {
    xl_judge_results(L, first, &end->verdict);
    take_verdict(L, span, first + end->verdict.error - 1, end);
}

static void refuse(lua_State *L, const char *what, const char *expected, int index) {
    luaL_error(L, "classify must return %s as its %s result, got %s", expected, what,
               xl_show(L, index));
}

/* The indices of the results of `classify`. */
enum { STATUS = 2, WAS_CACHED, ERROR_TYPE };

static bool is_status(lua_State *L, int index) {
    xt_status status;
    return lua_type(L, index) == LUA_TSTRING &&
           xt_status_of(xl_text_at(L, index), &status);
}

static void check_results(lua_State *L) {
    if (!lua_isnil(L, STATUS) && !is_status(L, STATUS)) {
        refuse(L, "first", "a status or nil", STATUS);
    }
    if (!lua_isnil(L, WAS_CACHED) && !lua_isboolean(L, WAS_CACHED)) {
        refuse(L, "second", "a boolean or nil", WAS_CACHED);
    }
    if (!lua_isnil(L, ERROR_TYPE) && lua_type(L, ERROR_TYPE) != LUA_TSTRING) {
        refuse(L, "third", "a string or nil", ERROR_TYPE);
    }
}

/* Changes the outcome to what `classify` returned, the three values on top. [-3, +0] */
static void take_classified(lua_State *L, ending *end) {
    xt_outcome *outcome = &end->outcome;
    if (!lua_isnil(L, -3)) {
        xt_status_of(xl_text_at(L, -3), &outcome->status);
        if (outcome->status == XT_SUCCESS) {
            outcome->error_type = (xt_text){NULL, 0};
        }
    }
    outcome->was_cached = lua_toboolean(L, -2);
    if (!lua_isnil(L, -1)) {
        xl_set_error_type(&end->verdict, xl_text_at(L, -1));
        outcome->error_type = xl_error_type_in(&end->verdict);
    }
    lua_pop(L, 3);
}

/* Calls `classify`, at index 2, with the values above it, for the ending at index 1. */
static int call_classify(lua_State *L) {
    ending *end = xl_to_address(L, 1);
    lua_call(L, lua_gettop(L) - 2, 3);
    check_results(L);
    take_classified(L, end);
    return 0;
}

/* Where the values that `measure` returns are stored. */
typedef struct measuring {
    const xl_tracker *parent;
    ending *end;
} measuring;

/* Calls `measure`, at index 2, with the values above it, and reads the table that it
 * returns. */
static int call_measure(lua_State *L) {
    const measuring *into = xl_to_address(L, 1);
    xl_measures measures;
    uint64_t values[XT_MAX_MEASURES];
    lua_call(L, lua_gettop(L) - 2, 1);
    if (lua_isnil(L, 2) || into->parent->tracker == NULL) {
        return 0;
    }
    if (!lua_istable(L, 2)) {
        luaL_error(L, "measure must return a table or nil, got %s", xl_show(L, 2));
    }
    xl_copy_measures(xt_tracker_image(into->parent->tracker), &measures);
    const char *problem = xl_read_measures(L, 2, &measures, values);
    if (problem != NULL) {
        luaL_error(L, "%s, which measure returned", problem);
    }
    memcpy(into->end->values, values, sizeof values);
    into->end->outcome.measures = into->end->values;
    return 0;
}

/* An option that can change an ending, and the C function that calls it. */
typedef struct question {
    int option;
    const char *name;
    lua_CFunction ask;
} question;

/*
 * Calls the option `asked`, whose function is on top, with `ok` and the values from
 * `first` to below it, which the tool returned, or raised if not `ok`. Returns Lua's
 * status; an error is pushed. [-1, +0 or 1]
 */
static int ask(lua_State *L, const question *asked, void *context, bool ok, int first) {
    int function = lua_gettop(L);
    int count = function - first;
    if (!xl_has_room(L, count + 4)) {
        lua_pop(L, 1); /* function */
        lua_pushfstring(L, "too many results for %s", asked->name);
        return LUA_ERRRUN;
    }
    xl_push_address(L, context);
    lua_insert(L, function);
    lua_pushboolean(L, ok);
    for (int i = first; i < first + count; i++) {
        lua_pushvalue(L, i);
    }
    return xl_pcall(L, asked->ask, count + 3, 0);
}

/*
 * Calls the options `classify` and `measure`, if they are set. Inserts their errors below
 * the values from `first` to the top. Returns the index of the last error; 0 for none.
 */
static int ask_both(lua_State *L, const xl_span *span, bool ok, int first, ending *end) {
    static const question questions[] = {
        {XL_OPTION_CLASSIFY, "classify", call_classify},
        {XL_OPTION_MEASURE, "measure", call_measure},
    };
    measuring into = {span->parent, end};
    void *const contexts[] = {end, &into};
    int problem = 0;
    for (int i = 0; i < 2; i++) {
        if (xl_push_option_of(L, 1, span, questions[i].option) &&
            ask(L, &questions[i], contexts[i], ok, first) != LUA_OK) {
            lua_insert(L, first);
            problem = first++;
        }
    }
    return problem;
}

/* Calls `results`, at index 1, with the values above it. Returns the fingerprint of what
 * that returns. */
static int fingerprint_chosen(lua_State *L) {
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    int chosen = lua_gettop(L);
    lua_pushinteger(L, chosen > 0 ? xl_fingerprint_results(L, 1, chosen) : 0);
    return 1;
}

/* Calls the option `results`, which is on top, with the `count` values from `first` on,
 * and takes the fingerprint of what it returns. Returns Lua's status; an error is pushed.
 * [-1, +0 or 1] */
static int take_chosen(lua_State *L, int first, int count, ending *end) {
    if (!xl_has_room(L, count + 2)) {
        lua_pop(L, 1); /* results */
        lua_pushliteral(L, "too many results to choose from");
        return LUA_ERRRUN;
    }
    for (int i = first; i < first + count; i++) {
        lua_pushvalue(L, i);
    }
    int status = xl_pcall(L, fingerprint_chosen, count + 1, 1);
    if (status == LUA_OK) {
        end->outcome.result_hash = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 1); /* fingerprint */
    }
    return status;
}

/*
 * Takes the fingerprint of the `count` results from `first` on, if the call succeeded:
 * other calls have an error type instead. Returns Lua's status; an error is pushed.
 * [-0, +0 or 1]
 */
static int take_results(lua_State *L, const xl_span *span, int first, int count,
                        ending *end) {
    if (end->outcome.status != XT_SUCCESS) {
        return LUA_OK;
    }
    if (!xl_push_option_of(L, 1, span, XL_OPTION_RESULTS)) {
        end->outcome.result_hash = xl_fingerprint_results(L, first, count);
        return LUA_OK;
    }
    if (lua_isboolean(L, -1)) {
        lua_pop(L, 1); /* false: results have no fingerprint */
        return LUA_OK;
    }
    return take_chosen(L, first, count, end);
}

static int protected_clock(lua_State *L) {
    const xl_span *span = lua_touserdata(L, 1);
    xl_read_clock_of(L, 1, span->parent);
    return 0;
}

/* Calls the clock, if it is a Lua clock. Returns Lua's status; an error is pushed.
 * [-0, +0 or 1] */
static int try_clock(lua_State *L, const xl_span *span) {
    if (!span->parent->has_clock) {
        return LUA_OK;
    }
    lua_pushvalue(L, 1);
    return xl_pcall(L, protected_clock, 1, 0);
}

bool xl_end_as(lua_State *L, xl_span *span, const xt_outcome *outcome,
               uint64_t *duration_us) {
    if (span->parent->tracker == NULL) {
        return false;
    }
    xl_settle_now(L, 1, span->parent);
    bool was_in_flight =
        xl_is_in_flight(span) && xt_tracker_finish(span->parent->tracker, &span->token,
                                                   outcome, duration_us) == XT_OK;
    span->token.serial = 0; /* also if it had timed out or was abandoned */
    if (span->options != NULL && span->options->timeout_us != 0) {
        xl_clear_deadline(L, (xl_call *)span);
    }
    return was_in_flight;
}

/* Records `span` with the outcome in `end`, unless a function of the user's ended it
 * meanwhile. */
static void record(lua_State *L, xl_span *span, ending *end) {
    if (end->outcome.status == XT_SUCCESS) {
        end->outcome.error_text.length = 0; /* `classify` may have made it a success */
    }
    xl_end_as(L, span, &end->outcome, NULL);
}

void xl_end_with_results(lua_State *L, xl_span *span, int first, int count) {
    /* Every C function has 20 free slots: with so few results, 8 of them are left. */
    enum { ROOM = 8, RESULTS_WITH_ROOM = 10 };
    ending end;
    if (!xl_is_in_flight(span)) {
        return;
    }
    if (count > RESULTS_WITH_ROOM) {
        luaL_checkstack(L, ROOM, "too many results");
    }
    end_by_results(L, span, first, &end);
    int problem = 0;
    if (span->options != NULL) {
        problem = ask_both(L, span, true, first, &end);
        first = lua_gettop(L) - count + 1;
    }
    if (take_results(L, span, first, count, &end) != LUA_OK) {
        problem = lua_gettop(L);
    }
    if (try_clock(L, span) != LUA_OK) {
        problem = lua_gettop(L);
    }
    record(L, span, &end);
    if (problem != 0) {
        lua_pushvalue(L, problem);
        lua_error(L);
    }
}

void xl_end_with_error(lua_State *L, int error) {
    xl_span *span = lua_touserdata(L, 1);
    ending end;
    if (!xl_is_in_flight(span)) {
        return;
    }
    end_by_error(L, span, error, &end);
    lua_pushvalue(L, error);
    ask_both(L, span, false, lua_gettop(L), &end);
    try_clock(L, span);
    record(L, span, &end);
}

void xl_end_as_closed(lua_State *L) {
    xl_span *span = lua_touserdata(L, 1);
    const xt_outcome outcome = {.status = XT_CANCELLED};
    try_clock(L, span);
    xl_end_as(L, span, &outcome, NULL);
}

void xl_end_with_last_error(lua_State *L, int error) {
    xl_span *span = lua_touserdata(L, 1);
    ending end;
    end_by_error(L, span, error, &end);
    record(L, span, &end);
}
