/* Snapshots as files and as strings: saving and loading. */
#include "arguments.h"
#include "binding.h"
#include "lua_memory.h"
#include "push.h"

#include <errno.h>
#include <stdio.h>

/* snapshot:save(path) */
int xl_snapshot_save(lua_State *L) {
    const xt_snapshot *snapshot = xl_check_snapshot(L);
    const char *path = xl_path_argument(L, xl_argument_at(2));
    xt_error error = xt_snapshot_save(snapshot, path);
    if (error != XT_OK) {
        return xl_push_problem(L, path, error, xt_error_message(error), errno);
    }
    lua_pushboolean(L, true);
    return 1;
}

/* snapshot:bytes() */
int xl_snapshot_bytes(lua_State *L) {
    const xt_snapshot *snapshot = xl_check_snapshot(L);
    size_t count = xt_image_bytes(xt_snapshot_image(snapshot));
    /* Not a luaL_Buffer: if memory runs out in its first use, Lua 5.4's is broken for
     * good. */
    void *bytes = lua_newuserdatauv(L, count, 0);
    xt_snapshot_encode(snapshot, bytes);
    lua_pushlstring(L, bytes, count);
    return 1;
}

/* The `read` of an xt_source. `context` is the userdata of a file of Lua's. */
static ptrdiff_t read_stream(void *context, void *bytes, size_t count) {
    FILE *file = xl_file_of(context);
    if (file == NULL) { /* a finalizer has closed it, during an allocation */
        errno = EBADF;
        return -1;
    }
    size_t got = fread(bytes, 1, count, file);
    return got > 0 || !ferror(file) ? (ptrdiff_t)got : -1;
}

/* Argument 1, if it is a file of Lua's; else null. Raises an error for a closed file. */
static void *to_stream(lua_State *L) {
    void *stream = luaL_testudata(L, 1, LUA_FILEHANDLE);
    if (stream != NULL) {
        luaL_argcheck(L, xl_file_of(stream) != NULL, 1, "closed file");
        clearerr(xl_file_of(stream));
    }
    return stream;
}

/* exectrack.load(path or file) */
int xl_snapshot_load(lua_State *L) {
    void *stream = to_stream(L);
    const char *path = stream == NULL ? xl_path_argument(L, xl_argument_at(1)) : NULL;
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    const xt_source source = {read_stream, stream};
    xt_snapshot *snapshot;
    const char *problem = NULL;
    xt_error error = stream != NULL
                         ? xt_snapshot_read(&source, &allocator, &snapshot, &problem)
                         : xt_snapshot_load(path, &allocator, &snapshot, &problem);
    if (error != XT_OK) {
        int reason = errno;
        xl_check_lua_memory(&memory, error, true);
        return xl_push_problem(L, path, error, problem, reason);
    }
    xl_push_snapshot(L, snapshot);
    /* So that a loop that loads runs frees the previous ones in time. */
    xl_account_for(L, xt_image_bytes(xt_snapshot_image(snapshot)));
    return 1;
}

/* exectrack.from_bytes(bytes) */
int xl_snapshot_from_bytes(lua_State *L) {
    xt_text bytes = xl_text_argument(L, xl_argument_at(1));
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    xt_snapshot *snapshot;
    const char *problem = NULL;
    xt_error error =
        xt_snapshot_decode(bytes.bytes, bytes.length, &allocator, &snapshot, &problem);
    if (error != XT_OK) {
        xl_check_lua_memory(&memory, error, true);
        return xl_push_problem(L, NULL, error, problem, 0);
    }
    xl_push_snapshot(L, snapshot);
    return 1;
}
