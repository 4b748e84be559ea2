/* The method of Tracker and Snapshot that says whether the circuit of a tool is open. */
#include "arguments.h"
#include "binding.h"
#include "exectrack_policy.h"
#include "measures.h"
#include "push.h"
#include "record_fields.h"

/* Stack indices of the arguments, and of the fields of the last one. */
enum { TOOL = 2, SETTINGS, FIELDS };

static const char *const field_names[] = {
    "failures",     "min_calls", "cooldown_ms", "max_cooldown_ms",
    "failure_rate", "ignore",    "only"};
enum { FAILURES, MIN_CALLS, COOLDOWN, MAX_COOLDOWN, FAILURE_RATE, IGNORE, ONLY, NAMES };

static xl_argument field_argument(int field) {
    return (xl_argument){FIELDS + field, SETTINGS, field_names[field]};
}

static bool is_off(lua_State *L, int field) {
    return !lua_toboolean(L, FIELDS + field);
}

static uint32_t count_field(lua_State *L, int field) {
    return (uint32_t)xl_integer_argument(L, field_argument(field), 1,
                                         XT_RECENT_EXECUTIONS);
}

/* A number from 0 to 1; above 1 for none. */
static double rate_field(lua_State *L) {
    xl_argument argument = field_argument(FAILURE_RATE);
    if (is_off(L, FAILURE_RATE)) {
        return 2;
    }
    if (lua_type(L, argument.index) != LUA_TNUMBER) {
        xl_argument_type_error(L, &argument, "number");
    }
    double rate = lua_tonumber(L, argument.index);
    if (!(rate >= 0 && rate <= 1)) {
        xl_argument_error(L, &argument, "a number from 0 to 1 expected");
    }
    return rate;
}

/* Reads all fields but `ignore` and `only`; all are pushed. [-0, +NAMES] */
static xt_circuit_settings push_settings(lua_State *L) {
    luaL_checktype(L, SETTINGS, LUA_TTABLE);
    lua_settop(L, SETTINGS);
    xl_push_fields(L, SETTINGS, "setting", NAMES, field_names);
    return (xt_circuit_settings){
        .failures = count_field(L, FAILURES),
        .min_calls = count_field(L, MIN_CALLS),
        .cooldown_us = xl_duration_argument(L, field_argument(COOLDOWN)),
        .max_cooldown_us = xl_duration_argument(L, field_argument(MAX_COOLDOWN)),
        .failure_rate = rate_field(L),
    };
}

/* Returns the error types in the array of a field and stores how many; null for false or
 * none. The strings are pushed, too, as what runs later may remove them from the array.
 * [-0, +any] */
static const xt_text *push_types(lua_State *L, int field, size_t *count) {
    xl_argument element = field_argument(field);
    if (is_off(L, field)) {
        return NULL;
    }
    *count = xl_array_argument(L, element);
    luaL_checkstack(L, (int)*count + 1, "too many error types");
    xt_text *types = lua_newuserdatauv(L, *count * sizeof *types, 0);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, FIELDS + field, (int64_t)i + 1);
        element.index = lua_gettop(L);
        types[i] = xl_text_argument(L, element);
    }
    return types;
}

/* The failures that the function `ignore` was asked about, oldest first. */
typedef struct asked_failures {
    size_t count;
    uint64_t numbers[XT_RECENT_EXECUTIONS];
    bool are_ignored[XT_RECENT_EXECUTIONS];
} asked_failures;

/* The `ignores` that finds out which failures there are. */
static bool take_failure(void *context, uint64_t number) {
    asked_failures *asked = context;
    asked->numbers[asked->count++] = number;
    return true;
}

/* The `ignores` that says what the function said. */
static bool is_ignored(void *context, uint64_t number) {
    const asked_failures *asked = context;
    for (size_t i = 0; i < asked->count; i++) {
        if (asked->numbers[i] == number) {
            return asked->are_ignored[i];
        }
    }
    return false; /* the function has recorded it */
}

/* Calls the function `ignore` with the record of each failure. It may do anything to the
 * tracker. */
static void ask_function(lua_State *L, asked_failures *asked) {
    xl_measures measures;
    xl_copy_measures(xl_check_image(L), &measures);
    for (size_t i = 0; i < asked->count; i++) {
        lua_pushvalue(L, FIELDS + IGNORE);
        asked->are_ignored[i] = xl_push_execution_at(L, &measures, asked->numbers[i]);
        if (asked->are_ignored[i]) {
            lua_call(L, 1, 1);
            asked->are_ignored[i] = lua_toboolean(L, -1);
        }
        lua_pop(L, 1); /* what it returned, or the function */
    }
}

static void ask_about_failures(lua_State *L, uint32_t tool_id,
                               xt_circuit_settings *settings, asked_failures *asked) {
    xt_circuit unused;
    xl_check_callable(L, field_argument(IGNORE));
    asked->count = 0;
    settings->ignores = take_failure;
    settings->context = asked;
    xt_image_circuit(xl_check_image(L), tool_id, settings, &unused);
    ask_function(L, asked);
    settings->ignores = is_ignored;
}

static void push_circuit(lua_State *L, const xt_circuit *circuit) {
    lua_createtable(L, 0, 6);
    lua_pushstring(L, circuit->keeps_failing ? "streak" : "rate");
    lua_setfield(L, -2, "cause");
    xl_set_integer(L, "streak", circuit->streak);
    xl_set_integer(L, "failures", circuit->failures);
    xl_set_integer(L, "calls", circuit->calls);
    xl_set_time(L, "open_until", circuit->open_until_us);
    xl_set_time(L, "half_open_until", circuit->half_open_until_us);
}

int xl_read_circuit(lua_State *L) {
    xl_check_image(L);
    uint32_t tool_id = xl_tool_argument(L, TOOL);
    xt_circuit_settings settings = push_settings(L);
    asked_failures asked;
    xt_circuit circuit;
    settings.only = push_types(L, ONLY, &settings.only_count);
    if (lua_istable(L, FIELDS + IGNORE) && !xl_is_callable(L, FIELDS + IGNORE)) {
        settings.ignored = push_types(L, IGNORE, &settings.ignored_count);
    } else if (!is_off(L, IGNORE)) {
        ask_about_failures(L, tool_id, &settings, &asked);
    }
    if (xt_image_circuit(xl_check_image(L), tool_id, &settings, &circuit)) {
        push_circuit(L, &circuit);
    } else {
        lua_pushnil(L);
    }
    return 1;
}
