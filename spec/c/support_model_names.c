#include "support_model_names.h"

#include "support_snapshot.h"
#include "support_tracker.h"

static uint32_t find_name(const model_names *names, xt_text name) {
    for (uint32_t i = 0; i < names->count; i++) {
        if (same_text(names->names[i], name)) {
            return i + 1;
        }
    }
    return 0;
}

static size_t bytes_of(const model_names *names) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < names->count; i++) {
        bytes += names->names[i].length;
    }
    return bytes;
}

static xt_text cut_name(xt_text name) {
    return text_of(name.bytes, name.length < 255 ? name.length : 255);
}

uint32_t intern_name(model_names *names, xt_text name) {
    xt_text other = text_of(XT_OTHER, XT_OTHER_LENGTH);
    name = cut_name(name);
    uint32_t id = find_name(names, name);
    size_t others = find_name(names, other) != 0; /* (other) has room of its own */
    bool fits = names->count - others < names->limit &&
                bytes_of(names) - others * other.length + name.length <=
                    (size_t)names->limit * 64;
    if (id == 0 && !fits) {
        names->overflowed++;
        name = other;
        id = find_name(names, name);
    }
    if (id == 0) {
        names->names[names->count] = name;
        id = ++names->count;
    }
    return id;
}
