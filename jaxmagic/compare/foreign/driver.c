/* Obeys the commands of the process that started it: loads arguments, calls, times.
 *
 *     driver FOLDER LIMIT_S
 *
 * Compiled as C or as C++, apart from the code that it calls, which "glue.h" declares. There are
 * the slots (first the arguments, then the results), the call, and how many slots there are.
 * All names begin in a way that the user's do not.
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

struct jaxmagic_slot {
    size_t bytes;
    void *live;     /* what the call works on */
    void *pristine; /* an argument as it was given */
};

#include "glue.h"

#ifdef __APPLE__
#define JAXMAGIC_CLOCK CLOCK_UPTIME_RAW /* CLOCK_MONOTONIC only counts microseconds there */
#else
#define JAXMAGIC_CLOCK CLOCK_MONOTONIC
#endif

static const char *jaxmagic_folder;
static int jaxmagic_changes; /* the call changes its arguments */

static long long jaxmagic_now_ns(void) {
    struct timespec now;
    clock_gettime(JAXMAGIC_CLOCK, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static FILE *jaxmagic_opened(const char *name, int number, const char *mode) {
    char path[4096];
    if (number < 0)
        snprintf(path, sizeof path, "%s/%s", jaxmagic_folder, name);
    else
        snprintf(path, sizeof path, "%s/%s%d", jaxmagic_folder, name, number);
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        fprintf(stderr, "cannot open %s\n", path);
        exit(1);
    }
    return file;
}

static void *jaxmagic_memory(size_t bytes) {
    void *block = NULL;
    if (posix_memalign(&block, 64, bytes + 64) != 0) {
        fprintf(stderr, "no memory for %zu bytes\n", bytes);
        exit(1);
    }
    memset(block, 0, bytes + 64);
    return block;
}

static void jaxmagic_restore(void) {
    for (int i = 0; i < JAXMAGIC_ARGUMENTS; i++)
        memcpy(jaxmagic_slots[i].live, jaxmagic_slots[i].pristine, jaxmagic_slots[i].bytes);
}

static int jaxmagic_changed(void) {
    for (int i = 0; i < JAXMAGIC_ARGUMENTS; i++)
        if (memcmp(jaxmagic_slots[i].live, jaxmagic_slots[i].pristine, jaxmagic_slots[i].bytes))
            return 1;
    return 0;
}

static void jaxmagic_load(void) {
    for (int i = 0; i < JAXMAGIC_SLOTS; i++) {
        jaxmagic_slots[i].live = jaxmagic_memory(jaxmagic_slots[i].bytes);
        if (i >= JAXMAGIC_ARGUMENTS)
            continue;
        jaxmagic_slots[i].pristine = jaxmagic_memory(jaxmagic_slots[i].bytes);
        size_t bytes = jaxmagic_slots[i].bytes;
        FILE *file = jaxmagic_opened("argument", i, "rb");
        if (fread(jaxmagic_slots[i].pristine, 1, bytes, file) != bytes)
            exit(1);
        fclose(file);
    }
    jaxmagic_restore();
}

static void jaxmagic_call_once(FILE *answers) {
    if (jaxmagic_changes)
        jaxmagic_restore();
    long long start = jaxmagic_now_ns();
    jaxmagic_call();
    long long elapsed = jaxmagic_now_ns() - start;
    jaxmagic_changes = jaxmagic_changes || jaxmagic_changed();
    for (int i = 0; i < JAXMAGIC_RESULTS; i++) {
        const struct jaxmagic_slot *slot = &jaxmagic_slots[jaxmagic_results[i]];
        FILE *file = jaxmagic_opened("result", i, "wb");
        if (fwrite(slot->live, 1, slot->bytes, file) != slot->bytes)
            exit(1);
        fclose(file);
    }
    fprintf(answers, "called %lld %d\n", elapsed, jaxmagic_changes);
}

static void jaxmagic_sample(FILE *answers, long long slice, long evals, long most) {
    double *samples = (double *)jaxmagic_memory(sizeof(double) * (size_t)most);
    long long start, stop, end = jaxmagic_now_ns() + slice;
    long count = 0;
    do {
        if (jaxmagic_changes)
            jaxmagic_restore();
        start = jaxmagic_now_ns();
        for (long i = 0; i < evals; i++)
            jaxmagic_call();
        stop = jaxmagic_now_ns();
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
    jaxmagic_folder = given[1];
    /* should the process that kills what takes too long be gone itself */
    unsigned limit_s = (unsigned)atoi(given[count - 1]);
    FILE *commands = jaxmagic_opened("commands", -1, "r");
    FILE *answers = jaxmagic_opened("answers", -1, "w");
    fprintf(answers, "ready\n");
    fflush(answers);
    char line[256];
    while (fgets(line, sizeof line, commands) != NULL) {
        long long slice;
        long evals, most;
        alarm(limit_s);
        if (strcmp(line, "load\n") == 0) {
            jaxmagic_load();
            fprintf(answers, "loaded\n");
        } else if (strcmp(line, "call\n") == 0) {
            jaxmagic_call_once(answers);
        } else if (sscanf(line, "time %lld %ld %ld", &slice, &evals, &most) == 3) {
            jaxmagic_sample(answers, slice, evals, most);
        } else {
            fprintf(answers, "error the driver does not know the command %s", line);
        }
        alarm(0);
        fflush(answers);
    }
    return 0;
}
