/*
 * Snapshots as files and as strings.
 */
#include "arguments.h"
#include "lua_memory.h"
#include "problem.h"
#include "snapshot_handle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Argument `number` as the path of a file. */
static const char *path_argument(lua_State *L, int number) {
    xt_text path = xt_text_argument(L, xt_argument_at(number));
    if (strlen(path.bytes) != path.length) {
        luaL_argerror(L, number, "a path has no zero byte");
    }
    return path.bytes;
}

/***
@submodule Snapshot
*/

/***
Saves the run in a file, which it replaces at once: a new file is written beside it, flushed
to the disk and renamed. `exectrack.load` gives the same snapshot again. The new file keeps
the permissions of the old one, on Linux with its POSIX access control list, and, where
that is permitted, its owner and group. O(size).
@function save
@tparam string path
@treturn[1] boolean true
@treturn[2] nil
@treturn[2] string message, which names the path
@treturn[2] string code, such as `ENOSPC`. What was at `path` is unchanged.
*/
int xt_snapshot_lua_save(lua_State *L) {
    const xt_snapshot *snapshot = xt_check_snapshot(L);
    const char *path = path_argument(L, 2);
    xt_error error = xt_snapshot_save(snapshot, path);
    if (error != XT_OK) {
        return xt_push_problem(L, path, error, xt_error_message(error), errno);
    }
    lua_pushboolean(L, true);
    return 1;
}

/***
What `save` would write, as a string: for a queue, a socket, a column of a database.
O(size).
@function bytes
@treturn string
*/
int xt_snapshot_lua_bytes(lua_State *L) {
    const xt_snapshot *snapshot = xt_check_snapshot(L);
    size_t count = xt_image_bytes(xt_snapshot_image(snapshot));
    /* No luaL_Buffer: that of Lua 5.4 is broken for good once memory ran out in its first
       use. */
    void *bytes = lua_newuserdatauv(L, count, 0);
    xt_snapshot_encode(snapshot, bytes);
    lua_pushlstring(L, bytes, count);
    return 1;
}

/* As `read` of a source, whose context is a file of Lua's. */
static ptrdiff_t read_stream(void *context, void *bytes, size_t count) {
    const luaL_Stream *stream = context;
    if (stream->closef == NULL) { /* by a finalizer, when there was memory to be found */
        errno = EBADF;
        return -1;
    }
    size_t got = fread(bytes, 1, count, stream->f);
    return got > 0 || !ferror(stream->f) ? (ptrdiff_t)got : -1;
}

/* Argument 1 as a file that Lua has opened; null if it is something else. */
static luaL_Stream *to_stream(lua_State *L) {
    luaL_Stream *stream = luaL_testudata(L, 1, LUA_FILEHANDLE);
    if (stream != NULL) {
        luaL_argcheck(L, stream->closef != NULL, 1, "closed file");
        clearerr(stream->f);
    }
    return stream;
}

int xt_lua_load(lua_State *L) {
    luaL_Stream *stream = to_stream(L);
    const char *path = stream == NULL ? path_argument(L, 1) : NULL;
    xt_lua_memory memory = xt_lua_memory_of(L);
    xt_allocator allocator = xt_lua_allocator(&memory);
    const xt_source source = {read_stream, stream};
    xt_snapshot *snapshot;
    const char *problem = NULL;
    xt_error error = stream != NULL
                         ? xt_snapshot_read(&source, &allocator, &snapshot, &problem)
                         : xt_snapshot_load(path, &allocator, &snapshot, &problem);
    if (error != XT_OK) {
        int reason = errno;
        xt_check_lua_memory(&memory, error, true);
        return xt_push_problem(L, path, error, problem, reason);
    }
    xt_push_snapshot(L, snapshot);
    /* A loop uses the same memory again. */
    xt_account_for(L, xt_image_bytes(xt_snapshot_image(snapshot)));
    return 1;
}

int xt_lua_from_bytes(lua_State *L) {
    xt_text bytes = xt_text_argument(L, xt_argument_at(1));
    xt_lua_memory memory = xt_lua_memory_of(L);
    xt_allocator allocator = xt_lua_allocator(&memory);
    xt_snapshot *snapshot;
    const char *problem = NULL;
    xt_error error =
        xt_snapshot_decode(bytes.bytes, bytes.length, &allocator, &snapshot, &problem);
    if (error != XT_OK) {
        xt_check_lua_memory(&memory, error, true);
        return xt_push_problem(L, NULL, error, problem, 0);
    }
    xt_push_snapshot(L, snapshot);
    return 1;
}
