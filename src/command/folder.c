#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* on 32 bits too */

#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define TYPE_NAME "exectrack.command.Folder"

/* A folder that is read. `stream` is NULL before it is opened, and once it is closed. */
typedef struct folder {
    DIR *stream;
} folder;

static int push_failure(lua_State *L, const char *path, int code) {
    luaL_pushfail(L);
    lua_pushfstring(L, "%s: %s", path, strerror(code));
    return 2;
}

/* Also called by the collector, if pushing a name raised an error. */
static int close_folder(lua_State *L) {
    folder *self = luaL_checkudata(L, 1, TYPE_NAME);
    if (self->stream != NULL) {
        closedir(self->stream);
        self->stream = NULL;
    }
    return 0;
}

void xc_register_folders(lua_State *L) {
    luaL_newmetatable(L, TYPE_NAME);
    lua_pushcfunction(L, close_folder);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

static bool is_self_or_parent(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Adds the names in `stream` to the array on top. Returns 0, or the number of an error. */
static int add_names(lua_State *L, DIR *stream) {
    lua_Integer count = 0;
    const struct dirent *entry;
    errno = 0;
    while ((entry = readdir(stream)) != NULL) {
        if (!is_self_or_parent(entry->d_name)) {
            lua_pushstring(L, entry->d_name);
            lua_rawseti(L, -2, ++count);
        }
        errno = 0;
    }
    return errno;
}

int xc_list_folder(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    lua_settop(L, 1);
    folder *self = lua_newuserdatauv(L, sizeof *self, 0);
    self->stream = NULL;
    luaL_setmetatable(L, TYPE_NAME);
    lua_newtable(L); /* path, folder, names */
    self->stream = opendir(path);
    if (self->stream == NULL) {
        return push_failure(L, path, errno);
    }
    int code = add_names(L, self->stream);
    closedir(self->stream);
    self->stream = NULL;
    return code == 0 ? 1 : push_failure(L, path, code);
}

int xc_status(lua_State *L) {
    const char *path = luaL_checkstring(L, 1);
    struct stat status;
    struct stat link;
    if (stat(path, &status) != 0 || lstat(path, &link) != 0) {
        return push_failure(L, path, errno);
    }
    lua_pushstring(L, S_ISREG(status.st_mode)   ? "file"
                      : S_ISDIR(status.st_mode) ? "folder"
                                                : "other");
    lua_pushnumber(L, (lua_Number)status.st_size);
    lua_pushnumber(L, (lua_Number)status.st_mtime);
    lua_pushboolean(L, S_ISLNK(link.st_mode));
    return 4;
}
