#include "tool.h"

#include <string.h>

uint64_t xt_lifetime_executions(const xt_lifetime *lifetime) {
    uint64_t executions = 0;
    for (int status = 0; status < XT_STATUSES; status++) {
        executions = xt_count_sum(executions, lifetime->by_status[status]);
    }
    return executions;
}

static uint64_t without(uint64_t all, uint64_t some, uint64_t others) {
    uint64_t unmeasured = xt_count_sum(some, others); /* `all` may have stopped */
    return all > unmeasured ? all - unmeasured : 0;
}

uint64_t xt_lifetime_measured(const xt_lifetime *lifetime) {
    return without(xt_lifetime_executions(lifetime), lifetime->untimed,
                   lifetime->elapsed);
}

uint64_t xt_counts_measured(const xt_counts *counts) {
    return without(counts->executions, counts->untimed, counts->elapsed);
}

void xt_lifetime_add_unmeasured(xt_lifetime *lifetime, uint64_t packed) {
    const xt_record record = {.packed = packed};
    if (xt_record_timing(&record) == XT_UNTIMED) {
        lifetime->untimed = xt_count_sum(lifetime->untimed, 1);
    } else {
        lifetime->elapsed = xt_count_sum(lifetime->elapsed, 1);
        lifetime->elapsed_us =
            xt_count_sum(lifetime->elapsed_us, xt_record_duration_us(&record));
    }
}

void xt_window_count_unmeasured(xt_window *window, uint64_t packed, int sign) {
    const xt_record record = {.packed = packed};
    if (xt_record_timing(&record) == XT_UNTIMED) {
        window->untimed += (uint32_t)sign;
    } else {
        window->elapsed += (uint32_t)sign;
        window->elapsed_us += (uint64_t)sign * xt_record_duration_us(&record);
    }
}

void xt_lifetime_merge(xt_lifetime *lifetime, const xt_lifetime *other) {
    for (int status = 0; status < XT_STATUSES; status++) {
        lifetime->by_status[status] =
            xt_count_sum(lifetime->by_status[status], other->by_status[status]);
    }
    lifetime->cached_hits = xt_count_sum(lifetime->cached_hits, other->cached_hits);
    lifetime->total_us = xt_count_sum(lifetime->total_us, other->total_us);
    lifetime->untimed = xt_count_sum(lifetime->untimed, other->untimed);
    lifetime->elapsed = xt_count_sum(lifetime->elapsed, other->elapsed);
    lifetime->elapsed_us = xt_count_sum(lifetime->elapsed_us, other->elapsed_us);
}

void xt_window_merge(xt_window *window, const xt_window *other) {
    for (int status = 0; status < XT_STATUSES; status++) {
        window->by_status[status] += other->by_status[status];
    }
    window->cached_hits += other->cached_hits;
    window->total_us += other->total_us;
    window->untimed += other->untimed;
    window->elapsed += other->elapsed;
    window->elapsed_us += other->elapsed_us;
}

static uint32_t next(uint32_t count) {
    return count < UINT32_MAX ? count + 1 : count;
}

void xt_tool_add_failure(xt_tool *tool, uint64_t start_us, uint64_t end_us) {
    if (tool->failure_streak == 0 || start_us >= tool->last_failure_us) {
        tool->failure_rounds = next(tool->failure_rounds);
    }
    tool->failure_streak = next(tool->failure_streak);
    if (end_us > tool->last_failure_us) {
        tool->last_failure_us = end_us;
    }
}

static uint64_t smaller(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* Whether merging keeps the streak of `a` rather than that of `b`. */
static bool streak_is_later(const xt_tool *a, const xt_tool *b) {
    if (a->last_end_us != b->last_end_us) {
        return a->last_end_us > b->last_end_us;
    }
    return a->failure_streak != b->failure_streak ? a->failure_streak > b->failure_streak
                                                  : a->failure_rounds > b->failure_rounds;
}

void xt_tool_merge(xt_tool *tool, const xt_tool *other) {
    if (streak_is_later(other, tool)) {
        tool->failure_streak = other->failure_streak;
        tool->failure_rounds = other->failure_rounds;
    }
    if (xt_tool_is_measured(other)) {
        tool->min_us = xt_tool_is_measured(tool) ? smaller(tool->min_us, other->min_us)
                                                 : other->min_us;
    }
    tool->max_us = larger(tool->max_us, other->max_us);
    tool->other_us = xt_count_sum(tool->other_us, other->other_us);
    tool->last_end_us = larger(tool->last_end_us, other->last_end_us);
    tool->last_failure_us = larger(tool->last_failure_us, other->last_failure_us);
    xt_lifetime_merge(&tool->lifetime, &other->lifetime);
    tool->in_flight =
        (uint32_t)smaller((uint64_t)tool->in_flight + other->in_flight, UINT32_MAX);
}

void xt_tool_clear(xt_tool *tool) {
    memset(tool, 0, offsetof(xt_tool, in_flight));
}

bool xt_is_sum(uint64_t total_us, uint64_t count, uint64_t min_us, uint64_t max_us) {
    if (count == 0) {
        return total_us == 0;
    }
    uint64_t floor_us = total_us / count;
    uint64_t ceiling_us = floor_us + (total_us % count != 0);
    return min_us <= floor_us && ceiling_us <= max_us;
}

/* Whether the counts of untimed and elapsed executions are at most `executions`, and the
 * sum of elapsed durations is possible. */
static bool are_within(const xt_lifetime *lifetime, uint64_t executions) {
    return lifetime->untimed <= XT_MAX_COUNT && lifetime->elapsed <= XT_MAX_COUNT &&
           xt_count_sum(lifetime->untimed, lifetime->elapsed) <= executions &&
           lifetime->elapsed_us <= XT_MAX_COUNT &&
           (lifetime->elapsed_us + XT_MAX_DURATION_US - 1) / XT_MAX_DURATION_US <=
               lifetime->elapsed;
}

const char *xt_tool_check(const xt_tool *tool) {
    const xt_lifetime *lifetime = &tool->lifetime;
    for (int status = 0; status < XT_STATUSES; status++) {
        if (lifetime->by_status[status] > XT_MAX_COUNT) {
            return "a tool's count is out of range";
        }
    }
    uint64_t executions = xt_lifetime_executions(lifetime);
    uint64_t measured = xt_lifetime_measured(lifetime);
    bool is_full = executions == XT_MAX_COUNT || lifetime->total_us == XT_MAX_COUNT;
    uint64_t failures =
        xt_count_sum(lifetime->by_status[XT_FAILED], lifetime->by_status[XT_TIMED_OUT]);
    if (lifetime->cached_hits > executions || lifetime->total_us > XT_MAX_COUNT) {
        return "a tool's cached hits or total are out of range";
    }
    if (!are_within(lifetime, executions)) {
        return "a tool's untimed or elapsed executions are out of range";
    }
    if (tool->min_us > tool->max_us || tool->max_us > XT_MAX_DURATION_US) {
        return "a tool's shortest or longest duration is out of range";
    }
    if (!is_full &&
        (!xt_is_sum(lifetime->total_us, measured, tool->min_us, tool->max_us) ||
         (measured == 0 && tool->max_us != 0))) {
        return "a tool's total doesn't match its shortest and longest durations";
    }
    if (tool->other_us > lifetime->total_us) {
        return "a tool's total of all but successes is above its total";
    }
    if (tool->failure_streak > failures || tool->failure_rounds > tool->failure_streak ||
        (tool->failure_streak > 0) != (tool->failure_rounds > 0)) {
        return "a tool's failure streak is longer than its failures";
    }
    if (tool->last_failure_us > tool->last_end_us || tool->last_end_us > XT_MAX_COUNT ||
        (executions == 0 && tool->last_end_us != 0) ||
        (failures == 0 && tool->last_failure_us != 0)) {
        return "a tool's last times don't match its counts";
    }
    if (tool->window.reserved != 0) {
        return "a tool's reserved bytes aren't 0";
    }
    return NULL;
}
