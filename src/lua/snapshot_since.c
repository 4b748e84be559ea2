/* What a run has that an earlier look at it didn't. */
#include "arguments.h"
#include "binding.h"
#include "instance_id.h"
#include "lua_memory.h"
#include "push.h"

#include <string.h>

/* How far a run was read. */
typedef struct position {
    uint8_t instance[XT_INSTANCE_BYTES];
    uint64_t recorded;
} position;

static const char *const field_names[] = {"instance_id", "recorded"};
enum { INSTANCE_ID, RECORDED, FIELDS };

static position position_of(const xt_image *image) {
    position at = {.recorded = xt_image_recorded(image)};
    xt_image_instance(image, at.instance);
    return at;
}

/* The position that argument 2, a table, is. */
static position position_argument(lua_State *L) {
    position at;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    xl_push_fields(L, 2, "field", FIELDS, field_names);
    const xl_argument id = {3 + INSTANCE_ID, 2, field_names[INSTANCE_ID]};
    const xl_argument recorded = {3 + RECORDED, 2, field_names[RECORDED]};
    if (!xl_parse_instance_id(xl_text_argument(L, id), at.instance)) {
        xl_argument_error(L, &id, "not a UUID");
    }
    at.recorded = (uint64_t)xl_integer_argument(L, recorded, 0, INT64_MAX);
    return at;
}

/* The number after which the executions of `image`, which is now at `now`, are new to who
 * was at `before`. */
static uint64_t seen(const position *before, const position *now) {
    bool is_same = memcmp(before->instance, now->instance, XT_INSTANCE_BYTES) == 0;
    return is_same && before->recorded <= now->recorded ? before->recorded : 0;
}

static void push_position(lua_State *L, const position *at) {
    lua_createtable(L, 0, FIELDS);
    xl_push_instance_id(L, at->instance);
    lua_setfield(L, -2, field_names[INSTANCE_ID]);
    xl_set_integer(L, field_names[RECORDED], at->recorded);
}

/* snapshot:since([position]) */
int xl_snapshot_since(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    const position now = position_of(image);
    xt_filter filter = xt_filter_all();
    xt_snapshot *snapshot;
    if (!lua_isnoneornil(L, 2)) {
        const position before = position_argument(L);
        filter.after = seen(&before, &now);
    }
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    xt_error error = xt_snapshot_filter(image, &filter, &allocator, &snapshot);
    xl_check_lua_memory(&memory, error, false);
    xt_snapshot_copy_writer(snapshot, xl_check_snapshot(L));
    xl_push_snapshot(L, snapshot);
    uint64_t count = xt_image_record_count(xt_snapshot_image(snapshot));
    push_position(L, &now);
    lua_pushinteger(L, (lua_Integer)(now.recorded - filter.after - count));
    return 3;
}
