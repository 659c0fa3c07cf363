// Plain loops over columns, compiled once per CPU level and chosen when the program is loaded.
#include "CKernels.h"

#if defined(__x86_64__) && defined(__linux__)
#define SK_MULTI __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define SK_MULTI
#endif

// Sets bit i of `bits` where CONDITION holds for row i; spare bits of the last word are clear.
#define SK_FILL_BITS(CONDITION)                                             \
    size_t words = n >> 6;                                                  \
    for (size_t w = 0; w < words; w++) {                                    \
        uint8_t mask[64];                                                   \
        for (size_t k = 0; k < 64; k++) {                                   \
            size_t i = (w << 6) + k;                                        \
            mask[k] = (CONDITION) ? 0xFF : 0;                               \
        }                                                                   \
        bits[w] = sk_bits(mask);                                            \
    }                                                                       \
    if (n & 63) {                                                           \
        uint64_t word = 0;                                                  \
        for (size_t i = words << 6; i < n; i++)                             \
            word |= (uint64_t)((CONDITION) ? 1 : 0) << (i & 63);            \
        bits[words] = word;                                                 \
    }

#define SK_COLUMN_KERNELS(NAME, T)                                                          \
    SK_MULTI void sk_range_##NAME(const T *v, T low, T width, size_t n, uint64_t *bits) {   \
        SK_FILL_BITS((T)(v[i] - low) <= width)                                              \
    }                                                                                       \
    SK_MULTI void sk_equal_##NAME(const T *a, const T *b, size_t n, uint64_t *bits) {       \
        SK_FILL_BITS(a[i] == b[i])                                                          \
    }

SK_COLUMN_KERNELS(u8, uint8_t)
SK_COLUMN_KERNELS(u16, uint16_t)
SK_COLUMN_KERNELS(u32, uint32_t)
SK_COLUMN_KERNELS(u64, uint64_t)

#define SK_LESS(NAME, T)                                                              \
    SK_MULTI void sk_less_##NAME(const T *a, const T *b, size_t n, uint64_t *bits) {  \
        SK_FILL_BITS(a[i] < b[i])                                                     \
    }

SK_LESS(u8, uint8_t)
SK_LESS(u16, uint16_t)
SK_LESS(u32, uint32_t)
SK_LESS(i64, int64_t)

SK_MULTI void sk_equal_f64(const double *a, const double *b, size_t n, uint64_t *bits) {
    SK_FILL_BITS((a[i] == b[i]) | ((a[i] != a[i]) & (b[i] != b[i])))
}

SK_MULTI void sk_less_f64(const double *a, const double *b, size_t n, uint64_t *bits) {
    SK_FILL_BITS((a[i] < b[i]) | ((a[i] == a[i]) & (b[i] != b[i])))
}

SK_MULTI void sk_equal_f64_constant(const double *a, double b, size_t n, uint64_t *bits) {
    if (b != b) {
        SK_FILL_BITS(a[i] != a[i])
    } else {
        SK_FILL_BITS(a[i] == b)
    }
}

SK_MULTI void sk_less_f64_constant(const double *a, double b, size_t n, uint64_t *bits) {
    if (b != b) {
        SK_FILL_BITS(a[i] == a[i])
    } else {
        SK_FILL_BITS(a[i] < b)
    }
}

SK_MULTI void sk_greater_f64_constant(const double *a, double b, size_t n, uint64_t *bits) {
    if (b != b) {
        for (size_t w = 0; w < (n + 63) >> 6; w++) bits[w] = 0;
    } else {
        SK_FILL_BITS((a[i] > b) | (a[i] != a[i]))
    }
}

#define SK_WIDEN(NAME, T)                                                               \
    SK_MULTI void sk_widen_##NAME(const T *v, int64_t base, size_t n, int64_t *out) {   \
        for (size_t i = 0; i < n; i++)                                                  \
            out[i] = (int64_t)((uint64_t)base + (uint64_t)v[i]);                        \
    }                                                                                   \
    SK_MULTI void sk_range_of_##NAME(const T *v, size_t n, T *least, T *greatest) {     \
        T low = v[0], high = v[0];                                                      \
        for (size_t i = 1; i < n; i++) {                                                \
            low = v[i] < low ? v[i] : low;                                              \
            high = v[i] > high ? v[i] : high;                                           \
        }                                                                               \
        *least = low;                                                                   \
        *greatest = high;                                                               \
    }

SK_WIDEN(u8, uint8_t)
SK_WIDEN(u16, uint16_t)
SK_WIDEN(u32, uint32_t)

SK_MULTI void sk_range_of_i64(const int64_t *v, size_t n, int64_t *least, int64_t *greatest) {
    int64_t low = v[0], high = v[0];
    for (size_t i = 1; i < n; i++) {
        low = v[i] < low ? v[i] : low;
        high = v[i] > high ? v[i] : high;
    }
    *least = low;
    *greatest = high;
}

#define SK_ARITHMETIC(NAME, OPERATOR)                                                          \
    SK_MULTI void sk_##NAME##_i64(const int64_t *a, const int64_t *b, size_t n, int64_t *out) { \
        for (size_t i = 0; i < n; i++)                                                         \
            out[i] = (int64_t)((uint64_t)a[i] OPERATOR (uint64_t)b[i]);                        \
    }                                                                                          \
    SK_MULTI void sk_##NAME##_i64_constant(                                                    \
        const int64_t *a, int64_t b, size_t n, int64_t *out                                    \
    ) {                                                                                        \
        for (size_t i = 0; i < n; i++)                                                         \
            out[i] = (int64_t)((uint64_t)a[i] OPERATOR (uint64_t)b);                           \
    }

SK_ARITHMETIC(add, +)
SK_ARITHMETIC(subtract, -)
SK_ARITHMETIC(multiply, *)

// Products of two columns whose bases and offsets are widened on the way.
#define SK_PRODUCT(LEFT, L, RIGHT, R)                                                        \
    SK_MULTI void sk_product_##LEFT##_##RIGHT(                                               \
        const L *a, int64_t a_base, const R *b, int64_t b_base, size_t n, int64_t *out       \
    ) {                                                                                      \
        for (size_t i = 0; i < n; i++)                                                       \
            out[i] = (int64_t)(((uint64_t)a_base + (uint64_t)a[i])                           \
                               * ((uint64_t)b_base + (uint64_t)b[i]));                       \
    }

SK_PRODUCT(i64, int64_t, u8, uint8_t)
SK_PRODUCT(i64, int64_t, u16, uint16_t)
SK_PRODUCT(i64, int64_t, u32, uint32_t)
SK_PRODUCT(u32, uint32_t, u8, uint8_t)
SK_PRODUCT(u32, uint32_t, u16, uint16_t)
SK_PRODUCT(u32, uint32_t, u32, uint32_t)
SK_PRODUCT(u16, uint16_t, u8, uint8_t)
SK_PRODUCT(u16, uint16_t, u16, uint16_t)
SK_PRODUCT(u8, uint8_t, u8, uint8_t)

SK_MULTI void sk_double_i64(const int64_t *v, size_t n, double *out) {
    for (size_t i = 0; i < n; i++) out[i] = (double)v[i];
}

#define SK_LOOKUP(NAME, T)                                                              \
    SK_MULTI void sk_lookup_##NAME(                                                     \
        const T *codes, const uint8_t *table, size_t n, uint64_t *bits                  \
    ) {                                                                                 \
        SK_FILL_BITS(table[codes[i]])                                                   \
    }

SK_LOOKUP(u8, uint8_t)
SK_LOOKUP(u16, uint16_t)
SK_LOOKUP(u32, uint32_t)
