#include "group_key.h"

/* How many values `key` has in `image`; 1 if it isn't part of the code. */
static uint64_t size_of(const xt_image *image, xt_key key) {
    switch (key) {
    case XT_BY_TOOL:
        return image->header->tool_names.count;
    case XT_BY_STATUS:
        return XT_STATUSES;
    case XT_BY_CACHED:
        return 2;
    case XT_BY_ERROR_TYPE:
        return (uint64_t)image->header->error_types.count + 1;
    case XT_BY_ARGS_HASH:
        return (uint64_t)UINT32_MAX + 1;
    case XT_BY_SESSION:
    case XT_BY_TIME:
        break;
    }
    return 1;
}

static bool are_keys(const xt_grouping *grouping) {
    unsigned seen = 0;
    if (grouping->key_count > XT_KEYS) {
        return false;
    }
    for (size_t i = 0; i < grouping->key_count; i++) {
        unsigned key = (unsigned)grouping->keys[i];
        if (key >= XT_KEYS || (seen >> key & 1) != 0 ||
            (key == XT_BY_TIME && grouping->every_us == 0)) {
            return false;
        }
        seen |= 1U << key;
    }
    return true;
}

bool xt_group_coding_make(xt_group_coding *coding, const xt_image *image,
                          const xt_grouping *grouping) {
    if (!are_keys(grouping)) {
        return false;
    }
    *coding = (xt_group_coding){.key_count = grouping->key_count, .code_count = 1};
    for (size_t i = grouping->key_count; i-- > 0;) {
        xt_key key = grouping->keys[i];
        coding->keys[i] = key;
        coding->sizes[key] = size_of(image, key);
        coding->weights[key] = coding->code_count;
        coding->code_count *= coding->sizes[key];
    }
    if (coding->weights[XT_BY_TIME] != 0) {
        coding->every_us = grouping->every_us;
        coding->undated_mask = XT_GROUP_UNDATED;
    }
    if (coding->weights[XT_BY_SESSION] != 0) {
        coding->session_mask = UINT32_MAX;
    }
    for (unsigned bits = 0; bits < 8; bits++) {
        coding->by_outcome[bits] = (bits & 3) * coding->weights[XT_BY_STATUS] +
                                   (bits >> 2) * coding->weights[XT_BY_CACHED];
    }
    return true;
}

/* The digit of `key` in `code`; 0 if it isn't grouped by. */
static uint32_t digit_of(const xt_group_coding *coding, xt_key key, uint64_t code) {
    uint64_t weight = coding->weights[key];
    return weight == 0 ? 0 : (uint32_t)(code / weight % coding->sizes[key]);
}

xt_group xt_group_with_key(const xt_group_coding *coding, xt_group_key key) {
    bool is_by_tool = coding->weights[XT_BY_TOOL] != 0;
    return (xt_group){
        .tool_id = is_by_tool ? digit_of(coding, XT_BY_TOOL, key.code) + 1 : 0,
        .status = (xt_status)digit_of(coding, XT_BY_STATUS, key.code),
        .was_cached = digit_of(coding, XT_BY_CACHED, key.code) != 0,
        .error_type_id = digit_of(coding, XT_BY_ERROR_TYPE, key.code),
        .args_hash = digit_of(coding, XT_BY_ARGS_HASH, key.code),
        .session = {.hash = (uint32_t)key.session},
        .time_us = key.time_us,
    };
}

xt_group_order xt_group_order_of(const xt_group_coding *coding, xt_group_key key) {
    xt_group_order order = {{0}};
    for (size_t i = 0; i < coding->key_count; i++) {
        xt_key by = coding->keys[i];
        order.values[i] = by == XT_BY_TIME      ? key.time_us
                          : by == XT_BY_SESSION ? key.session
                                                : digit_of(coding, by, key.code);
    }
    return order;
}
