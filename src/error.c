#include "exectrack.h"

#include <string.h>

const char *xt_error_message(xt_error error) {
    switch (error) {
    case XT_OK:
        return "no error";
    case XT_ERROR_MEMORY:
        return "not enough memory";
    case XT_ERROR_MAX_HISTORY:
        return "max_history must be from 0 to 268435456";
    case XT_ERROR_MAX_TOOLS:
        return "max_tools must be from 1 to 65535";
    case XT_ERROR_MAX_IN_FLIGHT:
        return "max_in_flight must be from 0 to 65535";
    case XT_ERROR_LABEL:
        return "the label is longer than 64 bytes";
    case XT_ERROR_SESSION_NAMES:
        return "session_names must be from 0 to 65536";
    case XT_ERROR_ARGS_TEXTS:
        return "args_texts must be from 0 to 65536";
    case XT_ERROR_ERROR_TEXTS:
        return "error_texts must be from 0 to 65536";
    case XT_ERROR_MEASURES:
        return "there may be at most 4 measures, with distinct names of 1 to 32 bytes, "
               "units of at most 32 bytes and scales that are finite and above 0";
    case XT_ERROR_STATUS:
        return "unknown status";
    case XT_ERROR_TIMING:
        return "unknown timing";
    case XT_ERROR_SPAN:
        return "the span is already finished or belongs to another tracker";
    case XT_ERROR_GROUPING:
        return "a key, an interval or a quantile is out of its range";
    case XT_ERROR_MERGE:
        return "the runs have more than 4 measures, or differ in the unit or scale of "
               "one";
    case XT_ERROR_FILE:
        return "a file operation failed";
    case XT_ERROR_KIND:
        return "it isn't a saved run";
    case XT_ERROR_BYTE_ORDER:
        return "it was saved on a machine of another byte order";
    case XT_ERROR_VERSION:
        return "it is in another version of the format";
    case XT_ERROR_SIZE:
        return "it is shorter or longer than its header says";
    case XT_ERROR_CHECKSUM:
        return "its checksum is wrong: it isn't what was saved";
    case XT_ERROR_INVALID:
        return "its contents are inconsistent";
    case XT_ERROR_BUSY:
        return "another recorder has it open";
    case XT_ERROR_MISMATCH:
        return "it was made with other options";
    case XT_ERROR_FILE_SYSTEM:
        return "it is on a file system that recorders aren't for";
    case XT_ERROR_CHANGING:
        return "its writer is too busy: it changes too fast to be read";
    }
    return "unknown error";
}

xt_text xt_text_of(const char *string) {
    return (xt_text){string, string != NULL ? strlen(string) : 0};
}
