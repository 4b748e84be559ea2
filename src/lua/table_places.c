/* Places in the table form of a run. */
#include "table_form.h"

#include "arguments.h"
#include "number_text.h"

void xl_set_exact_place(lua_State *L, const xt_place *place) {
    char text[XT_PLACE_BYTES];
    if (place->file.length > 0) {
        lua_pushlstring(L, text, xt_place_write(place, text));
        lua_setfield(L, -2, "place");
    }
}

/* Reads the place of the record at `in`, which is on top. Pushes its text, in which its file
 * is. False, and nothing is pushed, if there is none. [-0, +1] */
static bool push_place(lua_State *L, const xl_place *in, xt_place *place) {
    const xl_place at = {in, "place", 0};
    if (!xl_has_field(L, "place")) {
        return false;
    }
    *place = xt_place_of(xl_push_text_at(L, &at, XT_PLACE_BYTES));
    if (place->file.length == 0 || place->file.length > XT_NAME_BYTES) {
        xl_refuse(L, &at,
                  lua_pushfstring(L, "a file of 1 to %d bytes expected, got %s",
                                  XT_NAME_BYTES,
                                  xl_digits((int64_t)place->file.length).bytes));
    }
    return true;
}

/* Pushes the file of `place`, and its identifier, which is nil if `files` doesn't have it.
 * [-0, +2] */
static void push_file(lua_State *L, int files, const xt_place *place) {
    lua_pushlstring(L, place->file.bytes, place->file.length);
    lua_pushvalue(L, -1);
    lua_rawget(L, files);
}

/* Adds the file of the record at `at`, which is on top, if it is new. */
static void measure_place(lua_State *L, const xl_place *at, int files, xt_room *room) {
    const uint32_t most_bytes = (uint32_t)XT_MAX_LOG_FILES * XT_BYTES_PER_NAME;
    xt_place place;
    if (!push_place(L, at, &place)) {
        return;
    }
    push_file(L, files, &place);
    if (lua_isnil(L, -1)) {
        if (room->log_files == XT_MAX_LOG_FILES ||
            place.file.length > most_bytes - room->log_file_bytes) {
            xl_refuse(L, at, "too many log files");
        }
        room->log_files++;
        room->log_file_bytes += (uint32_t)place.file.length;
        lua_pushvalue(L, -2);
        lua_rawseti(L, files, room->log_files);
        lua_pushvalue(L, -2);
        lua_pushinteger(L, room->log_files);
        lua_rawset(L, files);
    }
    lua_pop(L, 3); /* text, file, identifier */
}

void xl_measure_places(lua_State *L, xt_room *room) {
    const xl_place array = {NULL, "records", 0};
    lua_newtable(L);
    lua_insert(L, -2);
    int files = lua_gettop(L) - 1;
    room->log_files = 0;
    room->log_file_bytes = 0;
    xl_enter_table(L, &array);
    for (uint32_t i = 1; i <= room->records; i++) {
        const xl_place at = {&array, NULL, i};
        xl_enter_table(L, &at);
        measure_place(L, &at, files, room);
        lua_pop(L, 1); /* record */
    }
    lua_pop(L, 1); /* array */
}

void xl_add_log_files(lua_State *L, int files, xt_builder *builder, const xt_room *room) {
    for (uint32_t id = 1; id <= room->log_files; id++) {
        xt_text name;
        lua_rawgeti(L, files, id);
        name.bytes = lua_tolstring(L, -1, &name.length);
        xt_builder_add_log_file(builder, name);
        lua_pop(L, 1); /* name */
    }
}

xt_place xl_read_exact_place(lua_State *L, const xl_place *in, int files) {
    xt_place place = {0};
    if (push_place(L, in, &place)) {
        push_file(L, files, &place);
        if (lua_isnil(L, -1)) {
            xl_refuse(L, in, "changed while it was read");
        }
        place.file_id = (uint32_t)lua_tointeger(L, -1);
        lua_pop(L, 3); /* text, file, identifier */
    }
    return place;
}
