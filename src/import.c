#include "import_state.h"

#include "kept_texts.h"
#include "place.h"
#include "seed.h"
#include "siphash.h"

#include <string.h>

enum { NO_VALUE_BYTE = 0xff };

_Static_assert(XT_NO_MEASURE == UINT64_MAX, "its bytes are NO_VALUE_BYTE");

/* The sizes of the entries and of the bytes of a table of texts with this head. */
static size_t entries_bytes(const xt_texts_head *head) {
    return head->slots * sizeof(xt_texts_entry);
}

static size_t texts_bytes(const xt_texts *texts) {
    return entries_bytes(texts->head) + (size_t)texts->head->slots * texts->width;
}

/* Makes the tables of texts, of which an empty one has no memory. */
static bool make_texts(xt_importer *importer) {
    static const uint32_t widths[] = {
        [XT_SESSION_NAMES] = XT_SESSION_NAME_BYTES, [XT_ARGS_TEXTS] = XT_TEXT_BYTES};
    const xt_allocator *from = &importer->allocator;
    for (int kind = 0; kind < XT_ERROR_TEXTS; kind++) {
        xt_texts_head *head = &importer->texts_heads[kind];
        xt_texts *texts = &importer->texts[kind];
        head->most = importer->facts.max_texts[kind];
        head->slots = head->most;
        *texts = (xt_texts){.head = head, .width = widths[kind]};
        if (head->slots > 0) {
            texts->entries = from->allocate(from->context, texts_bytes(texts));
            if (texts->entries == NULL) {
                return false;
            }
            texts->bytes = (char *)texts->entries + entries_bytes(head);
        }
    }
    return true;
}

/* Takes over the options of `like`. */
static void take_options(xt_importer *importer, const xt_image *like) {
    xt_facts *facts = &importer->facts;
    *facts = xt_facts_of(like);
    if (facts->label.length > 0) {
        memcpy(importer->label, facts->label.bytes, facts->label.length);
    }
    facts->label.bytes = importer->label;
    importer->measure_count = facts->measure_count;
    for (uint32_t i = 0; i < facts->measure_count; i++) {
        importer->measures[i] =
            (xt_import_measure){.entry = facts->measures[i], .is_described = true};
    }
}

xt_error xt_importer_create(const xt_image *like, size_t max_history,
                            const xt_allocator *allocator, xt_importer **result) {
    xt_allocator from = xt_allocator_or_system(allocator);
    *result = NULL;
    if (max_history > XT_MAX_HISTORY && max_history != XT_KEEP_ALL) {
        return XT_ERROR_MAX_HISTORY;
    }
    xt_importer *importer = from.allocate(from.context, sizeof *importer);
    if (importer == NULL) {
        return XT_ERROR_MEMORY;
    }
    *importer = (xt_importer){.allocator = from,
                              .max_history = max_history,
                              .counts = {.first_end_us = UINT64_MAX},
                              .first_start_us = UINT64_MAX,
                              .is_in_order = true};
    importer->tools.seed = xt_seed_or_random(0);
    importer->error_types.seed = importer->tools.seed;
    importer->log_files.seed = importer->tools.seed;
    take_options(importer, like);
    if (!make_texts(importer)) {
        xt_importer_close(importer);
        return XT_ERROR_MEMORY;
    }
    *result = importer;
    return XT_OK;
}

void xt_import_clear(xt_importer *importer) {
    const xt_allocator *from = &importer->allocator;
    xt_column_close(&importer->records, sizeof(xt_record), from);
    xt_column_close(&importer->places, sizeof(xt_log_place), from);
    xt_name_set_close(&importer->log_files, from);
    for (size_t i = 0; i < XT_MAX_MEASURES; i++) {
        xt_column_close(&importer->measures[i].values, sizeof(uint64_t), from);
    }
    xt_name_set_close(&importer->tools, from);
    xt_name_set_close(&importer->error_types, from);
    xt_growing_close(&importer->pairs, from);
    xt_hash_slots_close(&importer->pair_slots, from);
    xt_growing_close(&importer->error_texts, from);
    xt_hash_slots_close(&importer->sessions, from);
    for (int kind = 0; kind < XT_ERROR_TEXTS; kind++) {
        xt_texts *texts = &importer->texts[kind];
        if (texts->entries != NULL) {
            from->release(from->context, texts->entries, texts_bytes(texts));
        }
        texts->entries = NULL;
        importer->texts_heads[kind] = (xt_texts_head){0};
    }
}

void xt_importer_close(xt_importer *importer) {
    if (importer != NULL) {
        xt_allocator from = importer->allocator;
        xt_import_clear(importer);
        from.release(from.context, importer, sizeof *importer);
    }
}

xt_import_counts xt_importer_counts(const xt_importer *importer) {
    return importer->counts;
}

/* The measures of an execution's values. */
typedef struct columns {
    size_t count;         /* of the values that have one */
    size_t measure_count; /* of the run, with those that are new */
    size_t indices[XT_MAX_MEASURES];
    xt_text added[XT_MAX_MEASURES]; /* the names of new ones, by index */
} columns;

/* The name of the measure at `index`. */
static xt_text measure_name(const xt_importer *importer, const columns *found,
                            size_t index) {
    return index < importer->measure_count
               ? xt_measure_of(&importer->measures[index].entry).name
               : found->added[index];
}

/* Adds the measure called `name`, if it is new and there may be another one. Stores its
 * index. */
static bool find_column(const xt_importer *importer, xt_text name, columns *found,
                        size_t *index) {
    const xt_measure measure = {.name = name, .scale = 1};
    *index = 0;
    while (*index < found->measure_count &&
           xt_text_compare(measure_name(importer, found, *index), name) != 0) {
        ++*index;
    }
    if (*index < found->measure_count) {
        return true;
    }
    if (*index == XT_MAX_MEASURES || !xt_measures_are_valid(1, &measure)) {
        return false;
    }
    found->added[*index] = name;
    found->measure_count++;
    return true;
}

/* Finds the measures of the values, up to one that can't have one. */
static columns find_columns(const xt_importer *importer, size_t count,
                            const xt_import_value values[]) {
    columns found; /* not cleared: most executions have no values */
    found.count = 0;
    found.measure_count = importer->measure_count;
    while (found.count < count && found.count < XT_MAX_MEASURES &&
           find_column(importer, values[found.count].name, &found,
                       &found.indices[found.count])) {
        found.count++;
    }
    return found;
}

size_t xt_importer_fitting_values(const xt_importer *importer, size_t count,
                                  const xt_import_value values[]) {
    return find_columns(importer, count, values).count;
}

/* Makes room for a record and its values at `place`. */
static bool reserve_row(xt_importer *importer, size_t place, const columns *found) {
    const xt_allocator *from = &importer->allocator;
    bool has_room =
        xt_column_reserve(&importer->records, sizeof(xt_record), place, 0, from);
    for (size_t i = 0; has_room && i < found->count; i++) {
        has_room = xt_column_reserve(&importer->measures[found->indices[i]].values,
                                     sizeof(uint64_t), place, NO_VALUE_BYTE, from);
    }
    return has_room;
}

/* Finds the number of the file's name, 0 for none, and makes room for the place of the
 * execution at `at`. Adjacent executions mostly have the same file. */
static bool find_file(xt_importer *importer, size_t at, const xt_place *given,
                      uint32_t *number) {
    char cut[XT_NAME_BYTES];
    const xt_allocator *from = &importer->allocator;
    *number = 0;
    if (given->file.length == 0) {
        return true;
    }
    xt_text name = xt_place_cut(given->file, cut);
    *number = at > 0 ? xt_import_log_place(importer, at - 1).file : 0;
    bool is_same =
        *number != 0 &&
        xt_text_compare(xt_name_set_get(&importer->log_files, *number), name) == 0;
    return xt_column_reserve(&importer->places, sizeof(xt_log_place), at, 0, from) &&
           (is_same || xt_name_set_intern(&importer->log_files, name, from, number));
}

static uint32_t pair_hash(const xt_importer *importer, uint32_t tool,
                          uint32_t error_type) {
    uint64_t key = (uint64_t)tool << 32 | error_type;
    uint64_t product = (key ^ importer->tools.seed) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(product >> 32);
}

/* Stores the number, from 0, of a pair, which is added if it is new. */
static bool intern_pair(xt_importer *importer, uint32_t tool, uint32_t error_type,
                        uint32_t *number) {
    xt_growing *pairs = &importer->pairs;
    if (!xt_hash_slots_reserve(&importer->pair_slots, &importer->allocator) ||
        !xt_growing_reserve(pairs, sizeof(xt_import_pair), &importer->allocator)) {
        return false;
    }
    xt_import_pair *items = pairs->items;
    uint32_t hash = pair_hash(importer, tool, error_type);
    xt_hash_slot *slot = xt_hash_slots_first(&importer->pair_slots, hash);
    while (slot->number != 0) {
        const xt_import_pair *pair = &items[slot->number - 1];
        if (pair->tool == tool && pair->error_type == error_type) {
            *number = slot->number - 1;
            return true;
        }
        slot = xt_hash_slots_next(&importer->pair_slots, slot);
    }
    items[pairs->count] = (xt_import_pair){.tool = tool, .error_type = error_type};
    *number = (uint32_t)pairs->count++;
    *slot = (xt_hash_slot){hash, *number + 1};
    importer->pair_slots.count++;
    return true;
}

static bool keeps_error_text(const xt_importer *importer, const xt_execution *execution) {
    return execution->outcome.error_text.length > 0 &&
           importer->facts.max_texts[XT_ERROR_TEXTS] > 0;
}

/* Stores the number of the execution's tool and error type, and makes room for a text. */
static bool find_pair(xt_importer *importer, const xt_execution *execution,
                      uint32_t *number) {
    const xt_allocator *from = &importer->allocator;
    xt_text error_type = execution->outcome.error_type;
    uint32_t tool;
    uint32_t error = 0;
    return xt_name_set_intern(&importer->tools, execution->tool, from, &tool) &&
           (error_type.length == 0 ||
            xt_name_set_intern(&importer->error_types, error_type, from, &error)) &&
           intern_pair(importer, tool, error, number) &&
           (!keeps_error_text(importer, execution) ||
            xt_growing_reserve(&importer->error_texts, sizeof(xt_import_text), from));
}

/* Counts `session`, unless it was counted before. There is room for it. */
static void count_session(xt_importer *importer, uint32_t session) {
    uint64_t seed = importer->tools.seed;
    uint32_t hash = (uint32_t)xt_siphash(&session, sizeof session, seed, seed);
    xt_hash_slot *slot = xt_hash_slots_first(&importer->sessions, hash);
    while (slot->number != 0 && slot->number != session) {
        slot = xt_hash_slots_next(&importer->sessions, slot);
    }
    if (slot->number == 0) {
        *slot = (xt_hash_slot){hash, session};
        importer->sessions.count++;
        importer->counts.sessions++;
    }
}

/* A session whose name is kept was counted when its name was. */
static void keep_session(xt_importer *importer, const xt_session *session,
                         uint64_t used_us) {
    xt_texts *names = &importer->texts[XT_SESSION_NAMES];
    if (session->hash == 0 || xt_texts_use(names, session->hash, used_us, NULL)) {
        return;
    }
    count_session(importer, session->hash);
    if (xt_session_name_is_kept(session)) {
        xt_texts_offer(names, session->hash, session->name, used_us);
    }
}

static void keep_args_text(xt_importer *importer, const xt_execution *execution,
                           uint64_t used_us) {
    xt_texts *texts = &importer->texts[XT_ARGS_TEXTS];
    if (execution->args_hash == 0) {
        return;
    }
    if (execution->args_text.length > 0) {
        xt_texts_offer(texts, execution->args_hash, execution->args_text, used_us);
    } else {
        xt_texts_use(texts, execution->args_hash, used_us, NULL);
    }
}

/* Keeps `text`, of the record at `place`, unless its pair has a later one. There is room
 * for it. */
static void keep_error_text(xt_importer *importer, uint32_t place, xt_text text) {
    const xt_record *record = xt_import_record(importer, place);
    xt_import_pair *pair = xt_import_pair_of(importer, record);
    xt_import_text *texts = importer->error_texts.items;
    if (pair->text == 0) {
        pair->text = (uint32_t)++importer->error_texts.count;
        texts[pair->text - 1].record = place;
    }
    xt_import_text *kept = &texts[pair->text - 1];
    if (xt_import_key(record) >=
        xt_import_key(xt_import_record(importer, kept->record))) {
        text = xt_text_cut(text, XT_TEXT_BYTES);
        kept->record = place;
        kept->length = (uint32_t)text.length;
        memcpy(kept->bytes, text.bytes, text.length);
    }
}

/* Counts `record`, which isn't stored yet. */
static void count(xt_importer *importer, const xt_record *record) {
    xt_import_counts *counts = &importer->counts;
    size_t last = counts->executions++;
    counts->tools = importer->tools.names.count;
    counts->untimed += xt_record_timing(record) == XT_UNTIMED;
    if (last > 0 &&
        xt_import_key(record) < xt_import_key(xt_import_record(importer, last - 1))) {
        importer->is_in_order = false;
    }
    if (xt_record_is_undated(record)) {
        counts->undated++;
        return;
    }
    uint64_t start_us = xt_record_start_us(record);
    if (start_us < importer->first_start_us) {
        importer->first_start_us = start_us;
    }
    if (record->end_us < counts->first_end_us) {
        counts->first_end_us = record->end_us;
    }
    if (record->end_us > counts->last_end_us) {
        counts->last_end_us = record->end_us;
    }
}

/* The value that is stored for `number`. */
static uint64_t stored(const xt_import_measure *measure, double number) {
    uint64_t value;
    if (measure->is_described) {
        return xt_measure_value(number, measure->entry.scale);
    }
    memcpy(&value, &number, sizeof value);
    return value;
}

/* Adds the measures that are new to the run, and stores the values at `place`. */
static void store_values(xt_importer *importer, size_t place,
                         const xt_import_value values[], const columns *found) {
    while (importer->measure_count < found->measure_count) {
        size_t index = importer->measure_count++;
        const xt_measure measure = {.name = found->added[index], .scale = 1};
        importer->measures[index].entry = xt_measure_entry_of(&measure);
    }
    for (size_t i = 0; i < found->count; i++) {
        const xt_import_measure *measure = &importer->measures[found->indices[i]];
        uint64_t *value = xt_column_at(&measure->values, sizeof *value, place);
        *value = stored(measure, values[i].number);
    }
}

/* XT_OK if `execution` is valid, and there may be another one. */
static xt_error check(const xt_importer *importer, const xt_execution *execution) {
    if ((unsigned)execution->outcome.status > XT_CANCELLED) {
        return XT_ERROR_STATUS;
    }
    if ((unsigned)execution->timing > XT_UNTIMED) {
        return XT_ERROR_TIMING;
    }
    return importer->counts.executions < XT_MAX_HISTORY ? XT_OK : XT_ERROR_MAX_HISTORY;
}

/* Stores the place of the execution at `at`, for which there is room unless `file` is 0. */
static void store_place(xt_importer *importer, size_t at, uint32_t file, uint32_t line) {
    if (file != 0) {
        xt_log_place *place = xt_column_at(&importer->places, sizeof *place, at);
        *place = (xt_log_place){file, line};
    }
}

/* Stores the record of `execution`, for which there is room, and its texts. */
static void store(xt_importer *importer, const xt_execution *execution, uint32_t pair) {
    size_t place = importer->counts.executions;
    xt_record record = xt_record_of(execution, 1, 0);
    if (execution->is_undated) {
        record.end_us = importer->counts.undated + 1;
    } else if (record.end_us > XT_MAX_COUNT) {
        record.end_us = XT_MAX_COUNT;
    }
    xt_import_set_pair(&record, pair);
    count(importer, &record);
    *xt_import_record(importer, place) = record;
    keep_session(importer, &execution->session, record.end_us);
    keep_args_text(importer, execution, record.end_us);
    if (keeps_error_text(importer, execution)) {
        keep_error_text(importer, (uint32_t)place, execution->outcome.error_text);
    }
}

xt_error xt_importer_add(xt_importer *importer, const xt_execution *execution,
                         size_t value_count, const xt_import_value values[]) {
    size_t place = importer->counts.executions;
    uint32_t pair;
    uint32_t file;
    xt_error error = check(importer, execution);
    if (error != XT_OK) {
        return error;
    }
    const columns found = find_columns(importer, value_count, values);
    if (found.count < value_count) {
        return XT_ERROR_MEASURES;
    }
    if (!reserve_row(importer, place, &found) ||
        !xt_hash_slots_reserve(&importer->sessions, &importer->allocator) ||
        !find_pair(importer, execution, &pair) ||
        !find_file(importer, place, &execution->place, &file)) {
        return XT_ERROR_MEMORY;
    }
    store(importer, execution, pair);
    store_values(importer, place, values, &found);
    store_place(importer, place, file, execution->place.line);
    return XT_OK;
}
