/*
 * The C core without Lua: a tracker that records executions of a number of tools, and
 * empty trackers whose memory is measured.
 */
#define _POSIX_C_SOURCE 200809L

#include "exectrack_recorder.h"
#include "timer.h"

#include <lauxlib.h>
#include <stdio.h>

int luaopen_native(lua_State *L);

#define RECORDING "bench.Recording"
#define KEEPER "bench.Keeper"

enum { MAX_TOOLS = 4096, ORDER = 1 << 16, NAME_BYTES = 24 };

typedef struct call {
    uint16_t tool;
    uint32_t duration_us;
} call;

typedef struct recording {
    xt_tracker *tracker;
    char names[MAX_TOOLS][NAME_BYTES];
    size_t lengths[MAX_TOOLS];
    call order[ORDER];
} recording;

/* Marsaglia's xorshift64: the same calls in every run. */
static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Tools in random order. A tool's durations differ by at most a factor of two. */
static void shuffle(recording *self, uint64_t tools) {
    uint64_t random = 88172645463325252;
    for (size_t i = 0; i < ORDER; i++) {
        uint64_t tool = next_random(&random) % tools;
        uint64_t least_us = (uint64_t)100 << tool % 12;
        self->order[i] = (call){(uint16_t)tool,
                                (uint32_t)(least_us + next_random(&random) % least_us)};
    }
}

/* A tracker in private memory, or in a new file if `path` isn't null. */
static xt_tracker *open_tracker(lua_State *L, const char *path) {
    xt_tracker *tracker;
    const char *problem = "not enough memory";
    xt_recorder_options options = xt_recorder_options_default();
    options.run.max_tools = MAX_TOOLS;
    xt_error error = path != NULL ? xt_recorder_open(path, &options, &tracker, &problem)
                                  : xt_tracker_create(&options.run, &tracker);
    if (error != XT_OK) {
        luaL_error(L, "%s", problem);
    }
    return tracker;
}

/* native.recording(tools [, path]): this number of known tools, with names of usual length,
 * recorded in private memory, or in a file. */
static int recording_new(lua_State *L) {
    lua_Integer tools = luaL_checkinteger(L, 1);
    const char *path = luaL_optstring(L, 2, NULL);
    luaL_argcheck(L, tools >= 1 && tools <= MAX_TOOLS, 1, "too many tools");
    recording *self = lua_newuserdatauv(L, sizeof *self, 0);
    self->tracker = NULL;
    luaL_setmetatable(L, RECORDING);
    self->tracker = open_tracker(L, path);
    for (int i = 0; i < (int)tools; i++) {
        self->lengths[i] = (size_t)snprintf(self->names[i], NAME_BYTES, "tool_%04d", i);
    }
    shuffle(self, (uint64_t)tools);
    return 1;
}

static int recording_time(lua_State *L) {
    const recording *self = luaL_checkudata(L, 1, RECORDING);
    lua_Integer count = luaL_checkinteger(L, 2);
    int64_t start_ns = bench_now_ns();
    for (lua_Integer i = 0; i < count; i++) {
        call now = self->order[i % ORDER];
        xt_execution execution = {
            .tool = {self->names[now.tool], self->lengths[now.tool]},
            .duration_us = now.duration_us};
        xt_tracker_record(self->tracker, &execution);
    }
    lua_pushinteger(L, bench_now_ns() - start_ns);
    return 1;
}

static int recording_close(lua_State *L) {
    recording *self = luaL_checkudata(L, 1, RECORDING);
    xt_tracker_close(self->tracker);
    self->tracker = NULL;
    return 0;
}

typedef struct keeper {
    size_t count;
    xt_tracker *trackers[];
} keeper;

/* native.keep(count): this number of empty trackers with the default options. */
static int keeper_new(lua_State *L) {
    size_t count = (size_t)luaL_checkinteger(L, 1);
    keeper *self =
        lua_newuserdatauv(L, sizeof *self + count * sizeof self->trackers[0], 0);
    self->count = 0;
    luaL_setmetatable(L, KEEPER);
    while (self->count < count) {
        if (xt_tracker_create(NULL, &self->trackers[self->count]) != XT_OK) {
            return luaL_error(L, "not enough memory");
        }
        self->count++;
    }
    return 1;
}

static int keeper_close(lua_State *L) {
    keeper *self = luaL_checkudata(L, 1, KEEPER);
    while (self->count > 0) {
        xt_tracker_close(self->trackers[--self->count]);
    }
    return 0;
}

static const luaL_Reg recording_methods[] = {
    {"time", recording_time}, {"__gc", recording_close}, {NULL, NULL}};
static const luaL_Reg keeper_methods[] = {{"__gc", keeper_close}, {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"recording", recording_new}, {"keep", keeper_new}, {NULL, NULL}};

static void make_type(lua_State *L, const char *name, const luaL_Reg methods[]) {
    luaL_newmetatable(L, name);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1); /* metatable */
}

int luaopen_native(lua_State *L) {
    make_type(L, RECORDING, recording_methods);
    make_type(L, KEEPER, keeper_methods);
    luaL_newlib(L, functions);
    lua_pushliteral(L, BENCH_COMPILER);
    lua_setfield(L, -2, "compiler");
    return 1;
}
