#define _GNU_SOURCE
#include "CKernels.h"

#include <malloc.h>
#include <sched.h>
#include <pthread.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t sk_xxh3(const void *bytes, size_t length, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, length, seed);
}

int sk_pin_thread(int core) {
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
#else
    (void)core;
    return -1;
#endif
}

void sk_keep_freed_memory(void) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 16 << 20);
#endif
}

const void *sk_find(const void *text, size_t length, const void *needle, size_t needle_length) {
    return memmem(text, length, needle, needle_length);
}
