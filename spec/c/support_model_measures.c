#include "support_model_measures.h"

#include "support_cmocka.h"
#include "support_measures.h"
#include "support_snapshot.h"

void assert_tool_measures(const xt_image *merge, uint32_t id, size_t run_count,
                          const random_run runs[]) {
    uint64_t by_name[XT_MAX_MEASURES];
    xt_measure_stats actual[XT_MAX_MEASURES];
    xt_measure_stats expected[XT_MAX_MEASURES] = {{0}};
    xt_measure_stats window[XT_MAX_MEASURES] = {{0}};
    xt_text name = xt_image_tool_name(merge, id);
    for (size_t i = 0; i < run_count; i++) {
        for (size_t j = 0; j < runs[i].count; j++) {
            if (same_text(runs[i].log[j].tool, name)) {
                values_by_name(runs[i].image, runs[i].log[j].outcome.measures, by_name);
                count_values(by_name, expected);
            }
        }
    }
    for (size_t age = 0; age < xt_image_record_count(merge); age++) {
        xt_execution execution = execution_of_age(merge, age);
        if (execution.tool_id == id) {
            values_by_name(merge, execution.outcome.measures, by_name);
            count_values(by_name, window);
        }
    }
    stats_by_name(merge, id, actual);
    for (size_t i = 0; i < XT_MAX_MEASURES; i++) {
        expected[i].window_sum = window[i].sum;
    }
    assert_memory_equal(actual, expected, sizeof actual);
}
