/* Making a tracker in a file, a recorder, or going on with one. */
#include "arguments.h"
#include "exectrack_recorder.h"
#include "lua_memory.h"
#include "push.h"
#include "tracker_options.h"

#include <errno.h>

static const char *const option_names[] = {XL_COMMON_OPTION_NAMES, "on_mismatch",
                                           "any_file_system", "directory", "keep"};

enum {
    ON_MISMATCH = XL_COMMON_OPTIONS,
    ANY_FILE_SYSTEM,
    DIRECTORY,
    KEEP,
    OPTIONS,
    MOST_KEPT = 1000000
};

_Static_assert(sizeof option_names / sizeof option_names[0] == (size_t)OPTIONS,
               "the names are in the order of their places");

/* What to open: a path; or a directory, with the number of files to keep there or 0. */
typedef struct place {
    const char *path;
    const char *directory;
    size_t keep;
} place;

static xt_on_mismatch mismatch_option(lua_State *L, xl_argument option) {
    static const char *const words[] = {"rotate", "error"};
    if (lua_isnil(L, option.index)) {
        return XT_MISMATCH_ROTATE;
    }
    size_t word = xl_find_word(xl_text_argument(L, option), 2, words);
    if (word == 2) {
        xl_argument_error(L, &option,
                          lua_pushfstring(L, "'rotate' or 'error' expected, got %s",
                                          xl_show(L, option.index)));
    }
    return word == 0 ? XT_MISMATCH_ROTATE : XT_MISMATCH_ERROR;
}

/* Raises an error if `option`, which is for files in a directory, is set. */
static void refuse_with_path(lua_State *L, xl_argument option) {
    if (!lua_isnil(L, option.index)) {
        xl_argument_error(L, &option, "not allowed together with a path");
    }
}

/* Reads the options that only `open` has, whose values are from index `first` on. */
static void read_own_options(lua_State *L, int number, int first, place *at,
                             xt_recorder_options *options) {
    xl_argument fields[OPTIONS];
    for (int i = XL_COMMON_OPTIONS; i < OPTIONS; i++) {
        fields[i] = (xl_argument){first + i, number, option_names[i]};
    }
    options->on_mismatch = mismatch_option(L, fields[ON_MISMATCH]);
    options->any_file_system = xl_boolean_argument(L, fields[ANY_FILE_SYSTEM]);
    if (at->path != NULL) {
        refuse_with_path(L, fields[DIRECTORY]);
        refuse_with_path(L, fields[KEEP]);
        return;
    }
    at->directory = xl_path_argument(L, fields[DIRECTORY]);
    if (!lua_isnil(L, fields[KEEP].index)) {
        at->keep = (size_t)xl_integer_argument(L, fields[KEEP], 1, MOST_KEPT);
    }
}

/* Reads the arguments of `open`. Pushes the user values of the Tracker last. */
static void read_arguments(lua_State *L, place *at, xt_recorder_options *options) {
    int number = lua_istable(L, 1) ? 1 : 2;
    if (number == 2) {
        if (lua_type(L, 1) != LUA_TSTRING) {
            xl_type_error(L, 1, "string or table");
        }
        at->path = xl_path_argument(L, xl_argument_at(1));
    } else if (!lua_isnoneornil(L, 2)) {
        xl_arg_error(L, 2, "not allowed after a table of options");
    }
    lua_settop(L, number);
    options->run = xl_read_tracker_options(L, number, OPTIONS, option_names);
    read_own_options(L, number, number + 1, at, options);
}

static xt_error open_at(const place *at, const xt_recorder_options *options,
                        xl_tracker *handle, const char **problem) {
    return at->path != NULL
               ? xt_recorder_open(at->path, options, &handle->tracker, problem)
               : xt_recorder_open_in(at->directory, at->keep, options, &handle->tracker,
                                     problem);
}

/* exectrack.open(path [, options]), exectrack.open(options) */
int xl_tracker_open(lua_State *L) {
    place at = {0};
    xt_recorder_options options = {0};
    const char *problem = NULL;
    read_arguments(L, &at, &options);
    xl_tracker *handle = xl_push_tracker_with(L, &options.run);
    handle->is_recorder = true;
    xt_error error = open_at(&at, &options, handle, &problem);
    if (error == XT_ERROR_MEMORY) {
        lua_gc(L, LUA_GCCOLLECT, 0);
        error = open_at(&at, &options, handle, &problem);
    }
    if (error != XT_OK) {
        return xl_push_problem(L, at.path != NULL ? at.path : at.directory, error,
                               problem, errno);
    }
    /* So that a loop that opens recorders closes the previous ones in time. */
    xl_account_for(L, xt_image_bytes(xt_tracker_image(handle->tracker)));
    return 1;
}
