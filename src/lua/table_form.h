/*
 * The table form of a run, which snapshot_to_table.c writes and snapshot_from_table.c
 * reads.
 *
 * A place such as `tools[2].name` says where a value is. The functions that read get the
 * value at a place from the table on top of the stack, without metamethods. For a wrong
 * value they raise a message that names the place.
 *
 * Integers are written so that JSON keeps them exactly, and a time as two integers.
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

/* Raises `message` about the table, in a form that xl_is_refusal recognizes. */
int xl_refuse_table(lua_State *L, const char *message);

/* Whether the error on top was raised by xl_refuse_table or xl_refuse. If so, replaces it
 * by its message. */
bool xl_is_refusal(lua_State *L);

/* Raises `message` about the value at `at`, in the same form. */
int xl_refuse(lua_State *L, const xl_place *at, const char *message);

/* Pushes the table at `at`. [-0, +1] */
void xl_enter_table(lua_State *L, const xl_place *at);

/* Pushes the array at `at`, of at most `most` elements, and returns how many it has.
 * [-0, +1] */
size_t xl_enter_array(lua_State *L, const xl_place *at, size_t most);

/* Pushes the string at `at`, of at most `most` bytes, and returns it. [-0, +1] */
xt_text xl_push_text_at(lua_State *L, const xl_place *at, size_t most);

/*
 * Pushes a name, and returns it: the element itself if `field` is null, else this field
 * of the element, which is then a table. [-0, +1]
 */
xt_text xl_push_name(lua_State *L, const xl_place *element, const char *field);

/* The integer at `at`, from `low` to `high`: a number, or a string of digits. */
int64_t xl_read_integer_at(lua_State *L, const xl_place *at, int64_t low, int64_t high);

/* The same for field `field` of the table at `in`, which is on top. */
uint64_t xl_read_integer(lua_State *L, const xl_place *in, const char *field,
                         uint64_t low, uint64_t high);

/* The boolean in field `field` of the table at `in`, which is on top. */
bool xl_read_boolean(lua_State *L, const xl_place *in, const char *field);

/* Whether the table on top has field `field`. A null light userdata, which is JSON's null
 * in many libraries, counts as absent. */
bool xl_has_field(lua_State *L, const char *field);

#define XL_TABLE_FORMAT "exectrack"
#define XL_TABLE_VERSION 1

/* The names of the fields with the texts of each kind. */
extern const char *const xl_texts_fields[XT_TEXTS_KINDS];

/* Pushes an integer: as a number if it has at most 14 digits, which all writers of JSON
 * keep, else as a string of digits. [-0, +1] */
void xl_push_exact(lua_State *L, uint64_t value);

/* Sets a field of the table on top to such an integer. */
void xl_set_exact(lua_State *L, const char *field, uint64_t value);

/* Sets the two fields of a time: whole seconds, and the microseconds that remain. */
void xl_set_exact_time(lua_State *L, const char *seconds, const char *microseconds,
                       uint64_t time_us);

/* Sets the field `depth`, unless it is 0. */
void xl_set_exact_depth(lua_State *L, uint32_t depth);

/*
 * Read fields of the table at `in`, which is on top: a session, a depth, a time of two
 * fields, a count, an integer of 32 bits, and an identifier from 1 to `count`.
 */
xt_session xl_read_exact_session(lua_State *L, const xl_place *in);
uint32_t xl_read_exact_depth(lua_State *L, const xl_place *in);
uint64_t xl_read_exact_time(lua_State *L, const xl_place *in, const char *seconds,
                            const char *microseconds);
uint64_t xl_read_count(lua_State *L, const xl_place *in, const char *field);
uint32_t xl_read_uint32(lua_State *L, const xl_place *in, const char *field);
uint32_t xl_read_id(lua_State *L, const xl_place *in, const char *field, uint32_t count);

/* table_record.c: pushes the table of a record, with exact integers and identifiers in
 * place of names. [-0, +1] */
void xl_push_exact_record(lua_State *L, const xt_execution *execution);

/* Reads the record at `at`, which is on top, of a run with so many tools and error
 * types. */
xt_execution xl_read_exact_record(lua_State *L, const xl_place *at, uint32_t tools,
                                  uint32_t error_types);

/*
 * table_measures.c: the fields `measures` of the run, of tools and of records, each an
 * array in the order of the measures. A run without measures has none of these fields.
 *
 * These two set the field of the run, and of tool `tool_id`, whose table is on top.
 */
void xl_set_exact_measures(lua_State *L, const xt_image *image);
void xl_set_exact_tool_measures(lua_State *L, const xt_image *image, uint32_t tool_id);

/* Sets the field of the record on top: an array of `count` integers, with false where the
 * record has no value. Sets nothing for null. */
void xl_set_exact_values(lua_State *L, uint32_t count, const uint64_t *values);

/*
 * These read the fields: of the run, of the tool that was added to the builder last, and
 * of a record, whose missing values become XT_NO_MEASURE.
 */
void xl_read_exact_measures(lua_State *L, xt_facts *facts);
void xl_read_exact_tool_measures(lua_State *L, const xl_place *tool, xt_builder *builder);
void xl_read_exact_values(lua_State *L, const xl_place *record, uint32_t count,
                          uint64_t values[XT_MAX_MEASURES]);

/*
 * table_places.c: the field `place` of records, a text. A record without a place doesn't have
 * it. This sets it in the table on top.
 */
void xl_set_exact_place(lua_State *L, const xt_place *place);

/*
 * Finds the log files of the first `room->records` records of the run that is on top, and
 * stores how many they are. Pushes below the run a table with their names by identifiers, and
 * their identifiers by names. [-0, +1]
 */
void xl_measure_places(lua_State *L, xt_room *room);

/* Adds the log files, which are in the table at index `files`. */
void xl_add_log_files(lua_State *L, int files, xt_builder *builder, const xt_room *room);

/* Reads the place of the record at `in`, which is on top: its line, and the identifier of its
 * file. */
xt_place xl_read_exact_place(lua_State *L, const xl_place *in, int files);

#pragma GCC visibility pop

#endif
