// A program built for a CPU level that this machine lacks would die of an illegal instruction
// somewhere inside a query. Before anything else runs, it says so instead.

#if defined(__x86_64__)
#include <string.h>
#include <unistd.h>

#if defined(__AVX512F__)
#define LEVEL "x86-64-v4"
#define IS_SUPPORTED __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
#elif defined(__AVX2__)
#define LEVEL "x86-64-v3"
#define IS_SUPPORTED __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")
#elif defined(__SSE4_2__)
#define LEVEL "x86-64-v2"
#define IS_SUPPORTED __builtin_cpu_supports("sse4.2")
#endif

#ifdef LEVEL
// Compiled for the baseline, or the check itself could need what it looks for.
__attribute__((constructor(101), target("no-avx"))) static void check_cpu_level(void) {
    __builtin_cpu_init();
    if (IS_SUPPORTED) return;
    static const char message[] =
        "slicehouse: this program was built for " LEVEL
        ", which this CPU does not support; build it here, or with make PORTABLE=1\n";
    if (write(STDERR_FILENO, message, sizeof message - 1) < 0) _exit(1);
    _exit(1);
}
#endif
#endif
