/*
 * A C host that makes a tracker, runs a Lua script that records into it, and prints the
 * statistics from C. With any version of Lua:
 *
 *     cc embed.c $(pkg-config --cflags --libs exectrack-lua lua5.4) -lm -o embed
 */
#include <exectrack_lua.h>
#include <exectrack_read.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

static const char script[] =
    "local tracker = ...\n"
    "for i = 1, 3 do\n"
    "  local span = tracker:start('read_file', { path = 'notes.txt' })\n"
    "  span:finish('success', i > 1)\n"
    "end\n"
    "for i = 1, 2 do tracker:record('web_search', 'timed_out', 30000) end\n"
    "print(tracker)\n";

/* Runs the script with the tracker as its argument. It is called in protected mode, as
 * pushing the tracker may raise an error. */
static int run_agent(lua_State *L) {
    xt_tracker *tracker = lua_touserdata(L, 1);
    luaL_openlibs(L);
    if (luaL_loadstring(L, script) != 0) { /* which is LUA_OK, since Lua 5.2 */
        return lua_error(L);
    }
    xt_push_tracker(L, tracker); /* borrowed: it must outlive the state */
    lua_call(L, 1, 0);
    return 0;
}

static void print_tool(const xt_image *image, uint32_t id) {
    xt_tool_stats stats;
    xt_text name = xt_image_tool_name(image, id);
    if (xt_image_tool_stats(image, id, &stats)) {
        printf("%.*s: %llu executions, %llu from the cache, %llu timed out\n",
               (int)name.length, name.bytes,
               (unsigned long long)stats.lifetime.executions,
               (unsigned long long)stats.lifetime.cached_hits,
               (unsigned long long)stats.lifetime.timed_out);
    }
}

int main(void) {
    xt_tracker *tracker;
    xt_error error = xt_tracker_create(NULL, &tracker);
    if (error != XT_OK) {
        fprintf(stderr, "embed: %s\n", xt_error_message(error));
        return 1;
    }
    lua_State *L = luaL_newstate();
    if (L == NULL) {
        xt_tracker_close(tracker);
        return 1;
    }
    lua_pushcfunction(L, run_agent);
    lua_pushlightuserdata(L, tracker);
    int status = lua_pcall(L, 1, 0, 0);
    if (status != 0) {
        fprintf(stderr, "embed: %s\n", lua_tostring(L, -1));
    }
    lua_close(L);

    const xt_image *image = xt_tracker_image(tracker);
    for (uint32_t id = 1; id <= xt_image_tool_count(image); id++) {
        print_tool(image, id);
    }
    xt_tracker_close(tracker);
    return status == 0 ? 0 : 1;
}
