/*
 * What is in folders.
 */

#ifndef XC_FOLDER_H
#define XC_FOLDER_H

#include "lua/compat.h"

#pragma GCC visibility push(hidden)

/* Makes the metatable of folders that are read, when the module is loaded. */
void xc_register_folders(lua_State *L);

/*
 * list(path): an array of the names of what is in the folder `path`, in no order, without
 * `.` and `..`; or nil and a message that names the path.
 */
int xc_list_folder(lua_State *L);

/*
 * status(path): what `path` leads to, "file", "folder" or "other"; its size in bytes; when
 * it was last modified, in Unix seconds; and whether `path` is a symbolic link. Or nil and
 * a message that names the path.
 */
int xc_status(lua_State *L);

#pragma GCC visibility pop

#endif
