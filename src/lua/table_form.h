/*
 * The table form of a run, which snapshot_to_table.c makes and snapshot_from_table.c reads.
 *
 * Reading: what is wrong is named by its place, such as `tools[2].name`. The functions read
 * what stands at a place in the table that is on top of the stack, without metamethods, and
 * raise a message for what isn't as it should be.
 *
 * Values: integers that JSON keeps, and times as two of them.
 */
#ifndef XL_TABLE_FORM_H
#define XL_TABLE_FORM_H

#include "arguments.h"
#include "builder.h"

#pragma GCC visibility push(hidden)

/* Field `field`, or element `element` if that is null, of the table at the place `in`. */
typedef struct xl_place {
    const struct xl_place *in; /* null for the outermost table */
    const char *field;
    size_t element;
} xl_place;

/* Raises that the table is wrong, so that it is told from all other errors. */
int xl_refuse_table(lua_State *L, const char *message);

/* If the error on top was raised so, replaces it by its message; else false. */
bool xl_is_refusal(lua_State *L);

/* Raises `message` about what stands at `at`, likewise. */
int xl_refuse(lua_State *L, const xl_place *at, const char *message);

/* Pushes a table. [-0, +1] */
void xl_enter_table(lua_State *L, const xl_place *at);

/* Pushes an array of at most `most` elements, and returns how many it has. [-0, +1] */
size_t xl_enter_array(lua_State *L, const xl_place *at, size_t most);

/* Pushes a string of at most `most` bytes, and returns it. [-0, +1] */
xt_text xl_push_text_at(lua_State *L, const xl_place *at, size_t most);

/*
 * Pushes the name that is an element, or that is field `field` of the element, which is
 * then a table, if `field` isn't null. [-0, +1]
 */
xt_text xl_push_name(lua_State *L, const xl_place *element, const char *field);

/* An integer from `low` to `high`: a number, or if it isn't negative its digits. */
int64_t xl_read_integer_at(lua_State *L, const xl_place *at, int64_t low, int64_t high);

/* The same for field `field` of the table at `in`, which is on top. */
uint64_t xl_read_integer(lua_State *L, const xl_place *in, const char *field,
                         uint64_t low, uint64_t high);

/* The boolean in that field. */
bool xl_read_boolean(lua_State *L, const xl_place *in, const char *field);

/* Whether the table on top has field `field`; one that is JSON's null, as lua-cjson and
 * others say it with a light userdata, isn't there. */
bool xl_has_field(lua_State *L, const char *field);

#define XL_TABLE_FORMAT "exectrack"
#define XL_TABLE_VERSION 1

/* The fields with the texts of each kind. */
extern const char *const xl_texts_fields[XT_TEXTS_KINDS];

/* Pushes an integer: as a number if JSON printed with 14 digits keeps it, else as a string of
 * its digits. [-0, +1] */
void xl_push_exact(lua_State *L, uint64_t value);

/* Sets a field of the table on top to it. */
void xl_set_exact(lua_State *L, const char *field, uint64_t value);

/* The same for a time, in two fields. */
void xl_set_exact_time(lua_State *L, const char *seconds, const char *microseconds,
                       uint64_t time_us);

/* Sets the field `depth`, unless it is 0. */
void xl_set_exact_depth(lua_State *L, uint32_t depth);

/* Read them. */
xt_session xl_read_exact_session(lua_State *L, const xl_place *in);
uint32_t xl_read_exact_depth(lua_State *L, const xl_place *in);

/*
 * Read fields of the table on top, which stands at `in`: a time of two fields, a count, an
 * integer of 32 bits, and one of `count` identifiers from 1. They raise what is wrong, as
 * those for places do.
 */
uint64_t xl_read_exact_time(lua_State *L, const xl_place *in, const char *seconds,
                            const char *microseconds);
uint64_t xl_read_count(lua_State *L, const xl_place *in, const char *field);
uint32_t xl_read_uint32(lua_State *L, const xl_place *in, const char *field);
uint32_t xl_read_id(lua_State *L, const xl_place *in, const char *field, uint32_t count);

/* table_record.c: the record as the table form has it, exactly and by identifiers. [-0, +1] */
void xl_push_exact_record(lua_State *L, const xt_execution *execution);

/* Reads one, which is on top and stands at `at`, of a run with so many tools and error types;
 * raises what is wrong. */
xt_execution xl_read_exact_record(lua_State *L, const xl_place *at, uint32_t tools,
                                  uint32_t error_types);

/*
 * table_measures.c: what measures are, what tools add up to and what records have, each an
 * array in their order. The fields are absent without measures.
 *
 * These set the field `measures` of the run and of tool `tool_id`, whose table is on top.
 */
void xl_set_exact_measures(lua_State *L, const xt_image *image);
void xl_set_exact_tool_measures(lua_State *L, const xt_image *image, uint32_t tool_id);

/* Sets the field `measures` of a record on top: an array of `count` integers, or false for
 * what has no value. Sets nothing for null. */
void xl_set_exact_values(lua_State *L, uint32_t count, const uint64_t *values);

/*
 * They read these fields, of the tool the one that was added to the builder last, and raise
 * what is wrong as those for places do. Values that a record doesn't have are
 * XT_NO_MEASURE.
 */
void xl_read_exact_measures(lua_State *L, xt_facts *facts);
void xl_read_exact_tool_measures(lua_State *L, const xl_place *tool, xt_builder *builder);
void xl_read_exact_values(lua_State *L, const xl_place *record, uint32_t count,
                          uint64_t values[XT_MAX_MEASURES]);

#pragma GCC visibility pop

#endif
