#include "json_execution.h"

#include "json.h"
#include "microseconds.h"
#include "status.h"

#include <math.h>
#include <string.h>

/* A number of seconds above this, the year 2200, is one of milliseconds or less, unless it
 * is known to be seconds. */
#define LATEST_SECONDS 7258118400.0

/* The reading of a line. */
typedef struct reading {
    xt_json json;
    xt_json_execution *to;
    uint32_t seen;    /* a bit for each field */
    xt_timing timing; /* if it was seen */
    bool is_late;     /* whether the time is after LATEST_SECONDS */
} reading;

/* Reads a field whose value is `value`. */
typedef bool read_field(reading *line, const xt_json_value *value);

static bool is_number(const xt_json_value *value, double *number) {
    if (value->kind == XT_JSON_INTEGER) {
        *number = (double)value->integer;
        return true;
    }
    *number = value->kind == XT_JSON_FLOAT ? value->number : -1;
    return value->kind == XT_JSON_FLOAT;
}

/* Stores the text of a string. */
static bool read_text(reading *line, const xt_json_value *value, xt_text *text) {
    xt_json_execution *to = line->to;
    if (value->kind != XT_JSON_STRING) {
        return false;
    }
    *text = value->text;
    if (!value->has_escapes) {
        return true;
    }
    if (text->length > sizeof to->bytes - to->used) {
        return false;
    }
    text->bytes = to->bytes + to->used;
    text->length = xt_json_unescape(value, to->bytes + to->used);
    to->used += text->length;
    return true;
}

/* Stores an integer up to `most`. */
static bool read_integer(const xt_json_value *value, int64_t most, uint32_t *integer) {
    if (value->kind != XT_JSON_INTEGER || value->integer < 0 || value->integer > most) {
        return false;
    }
    *integer = (uint32_t)value->integer;
    return true;
}

static bool read_tool(reading *line, const xt_json_value *value) {
    return read_text(line, value, &line->to->execution.tool);
}

static bool read_tool_id(reading *line, const xt_json_value *value) {
    (void)line;
    return value->kind == XT_JSON_INTEGER;
}

static bool read_status(reading *line, const xt_json_value *value) {
    return value->kind == XT_JSON_STRING && !value->has_escapes &&
           xt_status_of(value->text, &line->to->execution.outcome.status);
}

static bool read_duration(reading *line, const xt_json_value *value) {
    double duration_ms;
    return is_number(value, &duration_ms) &&
           xt_us_of_ms(duration_ms, &line->to->execution.duration_us);
}

static bool read_timing(reading *line, const xt_json_value *value) {
    return value->kind == XT_JSON_STRING && !value->has_escapes &&
           xt_timing_of(value->text, &line->timing);
}

static bool read_was_cached(reading *line, const xt_json_value *value) {
    line->to->execution.outcome.was_cached = value->kind == XT_JSON_TRUE;
    return value->kind == XT_JSON_TRUE || value->kind == XT_JSON_FALSE;
}

static bool read_error_type(reading *line, const xt_json_value *value) {
    return read_text(line, value, &line->to->execution.outcome.error_type);
}

static bool read_args_hash(reading *line, const xt_json_value *value) {
    return read_integer(value, UINT32_MAX, &line->to->execution.args_hash);
}

static bool read_result_hash(reading *line, const xt_json_value *value) {
    return read_integer(value, UINT32_MAX, &line->to->execution.outcome.result_hash);
}

static bool read_session(reading *line, const xt_json_value *value) {
    xt_text name;
    if (!read_text(line, value, &name)) {
        return false;
    }
    line->to->execution.session = xt_session_of(name);
    return true;
}

static bool read_depth(reading *line, const xt_json_value *value) {
    return read_integer(value, XT_MAX_DEPTH, &line->to->execution.depth);
}

static bool is_same(xt_text a, xt_text b) {
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

/* Whether `name` isn't that of a value that was read already. */
static bool is_new(const xt_json_execution *to, xt_text name) {
    for (size_t i = 0; i < to->value_count; i++) {
        if (is_same(to->values[i].name, name)) {
            return false;
        }
    }
    return true;
}

/* Reads the measure with this key. */
static bool read_measure(reading *line, const xt_json_value *key) {
    xt_json_execution *to = line->to;
    xt_json_value value;
    double number;
    if (key->has_escapes || to->value_count == XT_MAX_MEASURES ||
        !is_new(to, key->text) || !xt_json_read(&line->json, &value) ||
        !is_number(&value, &number) || !(number >= 0) || isinf(number)) {
        return false;
    }
    to->values[to->value_count++] = (xt_import_value){key->text, number};
    return true;
}

static bool read_measures(reading *line, const xt_json_value *value) {
    xt_json_value key;
    if (value->kind != XT_JSON_OBJECT) {
        return false;
    }
    bool more = xt_json_first_key(&line->json, &key);
    while (more) {
        if (!read_measure(line, &key)) {
            return false;
        }
        more = xt_json_next_key(&line->json, &key);
    }
    return line->json.problem == NULL;
}

static bool read_place(reading *line, const xt_json_value *value) {
    xt_text text;
    if (!read_text(line, value, &text)) {
        return false;
    }
    line->to->execution.place = xt_place_of(text);
    return true;
}

static bool read_timestamp(reading *line, const xt_json_value *value) {
    xt_execution *execution = &line->to->execution;
    double seconds;
    if (value->kind == XT_JSON_FALSE) {
        return true;
    }
    if (!is_number(value, &seconds) || !xt_us_of_seconds(seconds, &execution->end_us)) {
        return false;
    }
    line->is_late = seconds > LATEST_SECONDS;
    execution->is_undated = false;
    return true;
}

/* In the order in which they are written. */
enum field {
    TOOL,
    STATUS,
    DURATION,
    TIMING,
    WAS_CACHED,
    ERROR_TYPE,
    ARGS_HASH,
    RESULT_HASH,
    SESSION,
    DEPTH,
    MEASURES,
    PLACE,
    TIMESTAMP,
    TOOL_ID,
    NONE
};

_Static_assert((int)NONE == XT_JSON_FIELDS, "each field has a follower, and so has none");

/* The label is how a field is written behind another one. */
#define FIELD(name, read)                                                                \
    { {name, sizeof name - 1}, {",\"" name "\":", sizeof name + 3}, read }

static const struct {
    xt_text name;
    xt_text label;
    read_field *read;
} fields[] = {
    [TOOL] = FIELD("tool", read_tool),
    [STATUS] = FIELD("status", read_status),
    [DURATION] = FIELD("duration_ms", read_duration),
    [TIMING] = FIELD("timing", read_timing),
    [WAS_CACHED] = FIELD("was_cached", read_was_cached),
    [ERROR_TYPE] = FIELD("error_type", read_error_type),
    [ARGS_HASH] = FIELD("args_hash", read_args_hash),
    [RESULT_HASH] = FIELD("result_hash", read_result_hash),
    [SESSION] = FIELD("session", read_session),
    [DEPTH] = FIELD("depth", read_depth),
    [MEASURES] = FIELD("measures", read_measures),
    [PLACE] = FIELD("place", read_place),
    [TIMESTAMP] = FIELD("timestamp", read_timestamp),
    [TOOL_ID] = FIELD("tool_id", read_tool_id),
};

/* The field called `name`; NONE if there is none. */
static int find_field(xt_text name) {
    int field = TOOL;
    while (field < NONE && !is_same(name, fields[field].name)) {
        field++;
    }
    return field;
}

/* Whether the label of `field` follows; then the cursor moves over it. There is no comma
 * before the first field. */
static bool take_label(xt_json *json, int field, bool is_first) {
    const char *bytes = fields[field].label.bytes + is_first;
    size_t length = fields[field].label.length - is_first;
    bool follows = (size_t)(json->end - json->at) > length && *json->at == *bytes &&
                   memcmp(json->at, bytes, length) == 0;
    json->at += follows ? length : 0;
    return follows;
}

/* Reads the next key, which follows the field `previous`, or NONE at the beginning, and
 * stores its field. False at the end, and for another key. */
static bool next_field(reading *line, int previous, int *field) {
    uint8_t *guess = &line->to->followers[previous];
    xt_json_value key;
    if (take_label(&line->json, *guess, previous == NONE)) {
        *field = *guess;
        return true;
    }
    *field = NONE;
    if (previous == NONE ? !xt_json_first_key(&line->json, &key)
                         : !xt_json_next_key(&line->json, &key)) {
        return false;
    }
    *field = key.has_escapes ? NONE : find_field(key.text);
    if (*field == NONE) {
        line->json.problem = "an unknown key";
        return false;
    }
    *guess = (uint8_t)*field;
    return true;
}

static bool has(const reading *line, enum field field) {
    return (line->seen >> field & 1) != 0;
}

/* Reads all fields. */
static bool read_fields(reading *line) {
    xt_json_value value;
    int previous = NONE;
    int field;
    while (next_field(line, previous, &field)) {
        if (has(line, (enum field)field) || !xt_json_read(&line->json, &value) ||
            !fields[field].read(line, &value)) {
            return false;
        }
        line->seen |= UINT32_C(1) << field;
        previous = field;
    }
    return line->json.problem == NULL;
}

/* Sets what the duration means. False if that contradicts what was read. */
static bool set_timing(reading *line) {
    bool has_duration = has(line, DURATION);
    if (!has(line, TIMING)) {
        line->timing = has_duration ? XT_MEASURED : XT_UNTIMED;
    }
    line->to->execution.timing = line->timing;
    return has_duration == (line->timing != XT_UNTIMED);
}

bool xt_json_read_execution(xt_text line, xt_json_execution *read) {
    reading state = {.json = xt_json_open(line), .to = read};
    xt_json_value value;
    read->execution = (xt_execution){.is_undated = true};
    read->value_count = 0;
    read->used = 0;
    return line.length > 0 && line.bytes[0] == '{' && /* no byte order mark */
           xt_json_read(&state.json, &value) && value.kind == XT_JSON_OBJECT &&
           read_fields(&state) && xt_json_finish(&state.json) && has(&state, TOOL) &&
           has(&state, STATUS) && set_timing(&state) &&
           (has(&state, WAS_CACHED) || !state.is_late);
}
