/*
 * What it takes to load a recorder beside its writer, and what that costs the writer.
 *
 *     build/bench/bench/read_beside
 *
 * Needs two processors. The writer is another process, which records at a given rate or
 * without a pause; all times are medians.
 */
#define _GNU_SOURCE

#include "exectrack_recorder.h"
#include "exectrack_snapshot.h"
#include "file_system.h"
#include "recorder_read.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_TOOLS = 500, HISTORY = 1000, MOST_LOADS = 100000, SLICES = 40 };

/* What the two processes share. */
typedef struct shared {
    _Atomic uint64_t recorded;
    _Atomic uint64_t busy_ns; /* of a writer that pauses: how long it recorded */
    _Atomic bool is_ready;
} shared;

typedef struct scene {
    const char *what;
    uint32_t tools;
    uint32_t rate;     /* executions a second; 0 for no pause */
    uint32_t every_us; /* how often to load; 0 for no pause */
    double seconds;
} scene;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void sleep_until(int64_t ns) {
    const struct timespec time = {ns / 1000000000, ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {
    }
}

static char tool_names[MOST_TOOLS][16];

static void record_one(xt_tracker *tracker, uint32_t tools, uint64_t *random) {
    *random = *random * UINT64_C(6364136223846793005) + 1;
    const xt_execution execution = {
        .tool = xt_text_of(tool_names[(*random >> 33) % tools]),
        .outcome = {.status = (*random >> 20) % 16 == 0 ? XT_FAILED : XT_SUCCESS},
        .duration_us = 100 + (*random >> 40) % 10000,
        .args_hash = (uint32_t)(*random >> 30),
    };
    xt_tracker_record(tracker, &execution);
}

/* The writer, until it is killed. */
static void write_for_ever(const char *path, const scene *played, shared *with) {
    xt_recorder_options options = xt_recorder_options_default();
    xt_tracker *tracker;
    const char *problem = NULL;
    uint64_t random = 1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1UL);
    options.run.max_history = HISTORY;
    if (xt_recorder_open(path, &options, &tracker, &problem) != XT_OK) {
        fprintf(stderr, "%s: %s\n", path, problem);
        _exit(1);
    }
    for (uint32_t i = 0; i < HISTORY + 20 * played->tools; i++) {
        record_one(tracker, played->tools, &random);
    }
    with->is_ready = true;
    int64_t start = now_ns();
    for (uint64_t recorded = 0;; recorded++) {
        int64_t before = played->rate > 0 ? now_ns() : 0;
        record_one(tracker, played->tools, &random);
        atomic_store_explicit(&with->recorded, recorded, memory_order_relaxed);
        if (played->rate > 0) {
            with->busy_ns += (uint64_t)(now_ns() - before);
            sleep_until(start + (int64_t)(recorded * 1000000000 / played->rate));
        }
    }
}

/* A file, and how often its writer was read: twice a try, and once to begin with. */
typedef struct counted_file {
    int file;
    uint64_t writer_at;
    uint64_t looks;
} counted_file;

static xt_error read_counted(void *context, uint64_t offset, void *bytes, size_t count) {
    counted_file *from = context;
    from->looks += offset == from->writer_at;
    ptrdiff_t got = xt_file_read_at(from->file, offset, bytes, count);
    return got == (ptrdiff_t)count ? XT_OK : XT_ERROR_SIZE;
}

static int compare(const void *a, const void *b) {
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

static double quantile(double values[], size_t count, double q) {
    qsort(values, count, sizeof values[0], compare);
    return count > 0 ? values[(size_t)(q * (double)(count - 1))] : 0;
}

static pid_t start_writer(const char *path, const scene *played, shared *with) {
    unlink(path);
    memset(with, 0, sizeof *with);
    pid_t writer = fork();
    if (writer == 0) {
        write_for_ever(path, played, with);
    }
    while (!with->is_ready) {
        sleep_until(now_ns() + 1000000);
    }
    return writer;
}

static void stop_writer(pid_t writer) {
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
}

/* Loads again and again; prints how often that succeeded, and what it took. */
static void play(const char *path, const scene *played, shared *with) {
    static double times_us[MOST_LOADS];
    counted_file from = {.file = -1};
    size_t loads = 0;
    size_t failures = 0;
    uint64_t records = 0;
    pid_t writer = start_writer(path, played, with);
    xt_header header;
    xt_image image;
    from.file = xt_file_open(path);
    if (xt_file_read_at(from.file, 0, &header, sizeof header) != sizeof header) {
        exit(EXIT_FAILURE);
    }
    xt_image_view(&image, &header);
    from.writer_at = (uint64_t)((char *)image.writer - (char *)&header);
    int64_t start = now_ns();
    int64_t next = start;
    uint64_t first = with->recorded;
    while ((double)(now_ns() - start) < played->seconds * 1e9 && loads < MOST_LOADS) {
        xt_snapshot *snapshot = NULL;
        const char *wrong = NULL;
        int64_t began = now_ns();
        xt_error error = xt_recorder_read(&(xt_recorder_source){read_counted, &from},
                                          from.file, &header, NULL, &snapshot, &wrong);
        if (error == XT_OK) {
            times_us[loads++] = (double)(now_ns() - began) / 1e3;
            records += xt_image_record_count(xt_snapshot_image(snapshot));
        } else if (error == XT_ERROR_CHANGING) {
            failures++;
        } else {
            fprintf(stderr, "%s\n", wrong != NULL ? wrong : xt_error_message(error));
            exit(EXIT_FAILURE);
        }
        xt_snapshot_close(snapshot);
        if (played->every_us > 0) {
            next += (int64_t)played->every_us * 1000;
            sleep_until(next);
        }
    }
    double rate = (double)(with->recorded - first) * 1e9 / (double)(now_ns() - start);
    stop_writer(writer);
    close(from.file);
    size_t all = loads + failures;
    double median = quantile(times_us, loads, 0.5);
    double most = quantile(times_us, loads, 0.99);
    printf("%-34s %9.0f %7zu %8.2f%% %6.2f %8.0f %8.0f %8.1f\n", played->what, rate, all,
           100 * (double)loads / (double)all, ((double)from.looks / (double)all - 1) / 2,
           median, most, HISTORY - (loads > 0 ? (double)records / (double)loads : 0));
}

/* Loads every 10 ms, or waits as long, for a fifth of a second. */
static void pass_slice(const char *path, bool has_loads) {
    int64_t start = now_ns();
    for (int i = 1; i <= 20; i++) {
        xt_snapshot *snapshot = NULL;
        if (has_loads) {
            xt_snapshot_load(path, NULL, &snapshot, NULL);
            xt_snapshot_close(snapshot);
        }
        sleep_until(start + i * INT64_C(10000000));
    }
}

/* What an execution costs the writer, without loads and with one every 10 ms, in turn. */
static void weigh(const char *path, const scene *played, shared *with) {
    double without[SLICES];
    double beside[SLICES];
    double ratios[SLICES];
    pid_t writer = start_writer(path, played, with);
    for (int i = 0; i < SLICES; i++) {
        for (int loads = 0; loads < 2; loads++) {
            int64_t start = now_ns();
            uint64_t first = with->recorded;
            uint64_t busy_ns = with->busy_ns;
            pass_slice(path, loads == 1);
            double ns = played->rate > 0 ? (double)(with->busy_ns - busy_ns)
                                         : (double)(now_ns() - start);
            (loads == 1 ? beside : without)[i] = ns / (double)(with->recorded - first);
        }
        ratios[i] = beside[i] / without[i];
    }
    stop_writer(writer);
    printf("%-34s %9.1f ns %9.1f ns %9.3f\n", played->what,
           quantile(without, SLICES, 0.5), quantile(beside, SLICES, 0.5),
           quantile(ratios, SLICES, 0.5));
}

int main(void) {
    static const scene scenes[] = {
        {"20 tools, 10,000 a second", 20, 10000, 10000, 10},
        {"the same, loads without a pause", 20, 10000, 0, 5},
        {"500 tools, 10,000 a second", 500, 10000, 10000, 10},
        {"20 tools, a writer without a pause", 20, 0, 10000, 5},
        {"500 tools, a writer without a pause", 500, 0, 10000, 5},
    };
    char path[] = "/tmp/exectrack-bench-XXXXXX";
    shared *with = mmap(NULL, sizeof *with, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int file = mkstemp(path);
    if (file < 0 || with == MAP_FAILED) {
        return EXIT_FAILURE;
    }
    close(file);
    for (uint32_t i = 0; i < MOST_TOOLS; i++) {
        snprintf(tool_names[i], sizeof tool_names[i], "tool_%" PRIu32, i);
    }
    puts(
        "                                   recorded   loads  succeeded  tries     "
        "load   99th %  records\n"
        "                                   a second                       each    "
        "    us       us left out");
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        play(path, &scenes[i], with);
        fflush(stdout);
    }
    puts("\nan execution costs the writer    without loads  one every 10 ms  ratio");
    weigh(path, &scenes[0], with);
    weigh(path, &scenes[3], with);
    unlink(path);
    return EXIT_SUCCESS;
}
