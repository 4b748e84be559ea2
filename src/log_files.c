#include "log_files.h"

#include <string.h>

xt_log_files xt_log_files_begin(void *memory, size_t count) {
    if (count > 0) {
        memset(memory, 0, xt_log_files_bytes(count));
    }
    return (xt_log_files){.ids = memory, .sources = (uint32_t *)memory + count};
}

static bool fits(const xt_log_files *files, size_t length) {
    const size_t most_bytes = (size_t)XT_MAX_LOG_FILES * XT_BYTES_PER_NAME;
    return files->count < XT_MAX_LOG_FILES && length <= most_bytes - files->byte_count;
}

void xt_log_files_renumber(xt_log_files *files, xt_log_place *place, size_t length) {
    if (place->file == 0) {
        return;
    }
    uint32_t *id = &files->ids[place->file - 1];
    if (*id == 0 && length > 0 && fits(files, length)) {
        files->sources[files->count] = place->file;
        files->byte_count += (uint32_t)length;
        *id = ++files->count;
    }
    *place = (xt_log_place){*id, *id != 0 ? place->line : 0};
}
