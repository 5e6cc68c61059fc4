#include "unit.h"

#include "model/job.h"
#include "model/metric.h"
#include "model/signature.h"

static void a_job_is_decided_by_its_two_halves(void **state)
{
    (void)state;
    static const struct {
        enum half_status files, metadata;
        enum result result;
    } cases[] = {
        {HALF_OK, HALF_OK, RESULT_BOTH_TABLES},
        {HALF_OK, HALF_FAILED, RESULT_CODE_FILES_ONLY},
        {HALF_OK, HALF_OFF, RESULT_CODE_FILES_ONLY},
        {HALF_BREAKER_OPEN, HALF_OK, RESULT_CODEBASE_METADATA_ONLY},
        {HALF_FAILED, HALF_BREAKER_OPEN, RESULT_BOTH_FAILED},
        {HALF_OFF, HALF_FAILED, RESULT_BOTH_FAILED},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct job job = {.magic = JOB_MAGIC};
        job.half[SINK_FILES].status = cases[i].files;
        job.half[SINK_METADATA].status = cases[i].metadata;
        job_decide(&job);
        assert_int_equal(job.result, cases[i].result);
    }
}

static void only_the_last_half_owns_the_job(void **state)
{
    (void)state;
    struct job job = {.magic = JOB_MAGIC, .sinks_left = 2};
    assert_false(job_half_done(&job, SINK_METADATA));
    assert_true(job_half_done(&job, SINK_FILES));
}

static void each_metric_column_has_a_name_and_a_meaning(void **state)
{
    (void)state;
    for (int i = 0; i < METRICS; i++) {
        assert_int_equal(metric_by_column(metric_infos[i].column), i);
        assert_true(strlen(metric_infos[i].definition) > 10);
        assert_true(strlen(metric_infos[i].valid) > 0);
    }
    assert_int_equal(metric_by_column("no_such_column"), METRICS);
}

static void each_part_of_the_signature_counts(void **state)
{
    (void)state;
    struct stat st = {.st_dev = 1, .st_ino = 2, .st_size = 3};
    struct stat other = st;
    assert_int_equal(stat_signature(&st), stat_signature(&other));
    other.st_ctim.tv_nsec = 1;
    assert_int_not_equal(stat_signature(&st), stat_signature(&other));
    other = st;
    other.st_size = 4;
    assert_int_not_equal(stat_signature(&st), stat_signature(&other));
}

static void a_file_touched_just_now_is_racy(void **state)
{
    (void)state;
    struct stat st = {.st_mtim = {.tv_sec = 100}, .st_ctim = {.tv_sec = 100}};
    assert_true(stat_is_racy(&st, 100 * (int64_t)1000000000 + 5000000));
    assert_false(stat_is_racy(&st, 101 * (int64_t)1000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_is_decided_by_its_two_halves),
        cmocka_unit_test(only_the_last_half_owns_the_job),
        cmocka_unit_test(each_metric_column_has_a_name_and_a_meaning),
        cmocka_unit_test(each_part_of_the_signature_counts),
        cmocka_unit_test(a_file_touched_just_now_is_racy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
