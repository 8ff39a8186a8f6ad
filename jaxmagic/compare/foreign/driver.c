/* Obeys the commands of the process that started it: loads arguments, calls, times.
 *
 *     driver FOLDER LIMIT_S
 *
 * Compiled as C or as C++, apart from the code that it calls, which "glue.h" declares. There are
 * the slots (first the arguments, then the results), `call`, and how many slots of each there are.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct slot {
    size_t bytes;
    void *live;     /* what the call works on */
    void *pristine; /* an argument as it was given */
};

#include "glue.h"

#ifdef __APPLE__
#define CLOCK CLOCK_UPTIME_RAW /* CLOCK_MONOTONIC only counts microseconds there */
#else
#define CLOCK CLOCK_MONOTONIC
#endif

static const char *folder;
static int changes; /* the call changes its arguments */

static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static FILE *opened(const char *name, int number, const char *mode) {
    char path[4096];
    if (number < 0)
        snprintf(path, sizeof path, "%s/%s", folder, name);
    else
        snprintf(path, sizeof path, "%s/%s%d", folder, name, number);
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        fprintf(stderr, "cannot open %s\n", path);
        exit(1);
    }
    return file;
}

static void *memory(size_t bytes) {
    void *block = NULL;
    if (posix_memalign(&block, 64, bytes + 64) != 0) {
        fprintf(stderr, "no memory for %zu bytes\n", bytes);
        exit(1);
    }
    memset(block, 0, bytes + 64);
    return block;
}

static void restore(void) {
    for (int i = 0; i < ARGUMENTS; i++)
        memcpy(slots[i].live, slots[i].pristine, slots[i].bytes);
}

static int changed(void) {
    for (int i = 0; i < ARGUMENTS; i++)
        if (memcmp(slots[i].live, slots[i].pristine, slots[i].bytes) != 0)
            return 1;
    return 0;
}

static void load(void) {
    for (int i = 0; i < SLOTS; i++) {
        slots[i].live = memory(slots[i].bytes);
        if (i >= ARGUMENTS)
            continue;
        slots[i].pristine = memory(slots[i].bytes);
        FILE *file = opened("argument", i, "rb");
        if (fread(slots[i].pristine, 1, slots[i].bytes, file) != slots[i].bytes)
            exit(1);
        fclose(file);
    }
    restore();
}

static void call_once(FILE *answers) {
    if (changes)
        restore();
    long long start = now_ns();
    call();
    long long elapsed = now_ns() - start;
    changes = changes || changed();
    for (int i = 0; i < RESULTS; i++) {
        const struct slot *slot = &slots[results[i]];
        FILE *file = opened("result", i, "wb");
        if (fwrite(slot->live, 1, slot->bytes, file) != slot->bytes)
            exit(1);
        fclose(file);
    }
    fprintf(answers, "called %lld %d\n", elapsed, changes);
}

static void sample(FILE *answers, long long slice, long evals, long most) {
    double *samples = (double *)memory(sizeof(double) * (size_t)most);
    long long start, stop, end = now_ns() + slice;
    long count = 0;
    do {
        if (changes)
            restore();
        start = now_ns();
        for (long i = 0; i < evals; i++)
            call();
        stop = now_ns();
        samples[count++] = (double)(stop - start) / (double)evals;
    } while (stop < end && count < most);
    fprintf(answers, "samples");
    for (long i = 0; i < count; i++)
        fprintf(answers, " %.10g", samples[i]);
    fprintf(answers, "\n");
    free(samples);
}

int main(int count, char **given) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none); /* a crash is expected here, and leaves no file */
    folder = given[1];
    /* should the process that kills what takes too long be gone itself */
    unsigned limit_s = (unsigned)atoi(given[count - 1]);
    FILE *commands = opened("commands", -1, "r"), *answers = opened("answers", -1, "w");
    fprintf(answers, "ready\n");
    fflush(answers);
    char line[256];
    while (fgets(line, sizeof line, commands) != NULL) {
        long long slice;
        long evals, most;
        alarm(limit_s);
        if (strcmp(line, "load\n") == 0) {
            load();
            fprintf(answers, "loaded\n");
        } else if (strcmp(line, "call\n") == 0) {
            call_once(answers);
        } else if (sscanf(line, "time %lld %ld %ld", &slice, &evals, &most) == 3) {
            sample(answers, slice, evals, most);
        } else {
            fprintf(answers, "error the driver does not know the command %s", line);
        }
        alarm(0);
        fflush(answers);
    }
    return 0;
}
