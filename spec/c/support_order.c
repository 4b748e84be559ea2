#include "support_order.h"

#include "support_measures.h"
#include "support_tracker.h"

int order(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

int compare_names(xt_text a, xt_text b) {
    int none = order(a.bytes != NULL, b.bytes != NULL);
    int other = order(is_text(a, XT_OTHER), is_text(b, XT_OTHER));
    return none != 0 ? none : other != 0 ? other : xt_text_compare(a, b);
}

int compare_executions(const void *a, const void *b) {
    const xt_execution *left = a;
    const xt_execution *right = b;
    const int orders[] = {
        order(left->end_us, right->end_us),
        compare_names(left->tool, right->tool),
        order(left->depth, right->depth),
        order(left->is_undated, right->is_undated),
        order(left->timing, right->timing),
        order(left->outcome.was_cached, right->outcome.was_cached),
        order(left->outcome.status, right->outcome.status),
        order(left->duration_us, right->duration_us),
        order(left->args_hash, right->args_hash),
        compare_names(left->outcome.error_type, right->outcome.error_type),
        order(left->session.hash, right->session.hash),
        order(left->outcome.result_hash, right->outcome.result_hash),
        compare_by_name(left->outcome.measures, right->outcome.measures),
    };
    size_t i = 0;
    while (i < 12 && orders[i] == 0) {
        i++;
    }
    return orders[i];
}

int compare_running(const void *a, const void *b) {
    const xt_running *left = a;
    const xt_running *right = b;
    int by = order(left->start_us, right->start_us);
    by = by != 0 ? by : compare_names(left->tool, right->tool);
    return by != 0 ? by : order(left->args_hash, right->args_hash);
}

int compare_denied_calls(const void *a, const void *b) {
    const xt_denied_call *left = a;
    const xt_denied_call *right = b;
    int by = order(right->denied_us, left->denied_us);
    by = by != 0 ? by : compare_names(right->tool, left->tool);
    by = by != 0 ? by : compare_names(right->reason, left->reason);
    return by != 0 ? by : order(right->args_hash, left->args_hash);
}
