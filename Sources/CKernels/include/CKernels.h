// What Swift cannot express, or expresses slower: see shared notes beside each function.
// Inline functions are compiled at the importing module's own CPU level.
#ifndef SLICEHOUSE_CKERNELS_H
#define SLICEHOUSE_CKERNELS_H

#include <stdint.h>
#include <stddef.h>
#include <string.h>

// A bool as a byte: `cond ? 1 : 0` compiles to a branch in Swift (3 ns against 0.5 per row).
static inline uint8_t sk_bit(_Bool condition) { return condition; }

// Hints that the cache line of `address` will be read soon.
static inline void sk_prefetch(const void *address) { __builtin_prefetch(address); }

typedef uint8_t sk_u8x64 __attribute__((vector_size(64)));
typedef _Bool sk_b64 __attribute__((ext_vector_type(64)));

// 64 bytes, zero or not, as 64 bits; byte i becomes bit i.
static inline uint64_t sk_bits(const void *bytes) {
    sk_u8x64 values;
    memcpy(&values, bytes, 64);
    sk_b64 mask = __builtin_convertvector(values != 0, sk_b64);
    uint64_t result;
    memcpy(&result, &mask, 8);
    return result;
}

// XXH3 of `length` bytes, 64 bits.
uint64_t sk_xxh3(const void *bytes, size_t length, uint64_t seed);

// Pins the calling thread to `core`; returns 0 when it took.
int sk_pin_thread(int core);

// Tells malloc to keep freed memory: a first touch of fresh memory costs 0.4-0.7 ms per MiB.
void sk_keep_freed_memory(void);

// memmem with its prototype visible to Swift.
const void *sk_find(const void *text, size_t length, const void *needle, size_t needle_length);

// Loops over whole columns, compiled for several CPU levels and chosen at load time: Swift has no
// such dispatch, and 64-bit compares, widening and products run 2-5 times slower at plain SSE2.
// `bits` gets one bit per row, (n + 63) / 64 words, spare bits clear.

// Rows whose value, less `low` and wrapped, is at most `width`; and rows equal in two columns.
#define SK_DECLARE_COLUMN(NAME, T)                                                    \
    void sk_range_##NAME(const T *v, T low, T width, size_t n, uint64_t *bits);       \
    void sk_equal_##NAME(const T *a, const T *b, size_t n, uint64_t *bits);
SK_DECLARE_COLUMN(u8, uint8_t)
SK_DECLARE_COLUMN(u16, uint16_t)
SK_DECLARE_COLUMN(u32, uint32_t)
SK_DECLARE_COLUMN(u64, uint64_t)

void sk_less_u8(const uint8_t *a, const uint8_t *b, size_t n, uint64_t *bits);
void sk_less_u16(const uint16_t *a, const uint16_t *b, size_t n, uint64_t *bits);
void sk_less_u32(const uint32_t *a, const uint32_t *b, size_t n, uint64_t *bits);
void sk_less_i64(const int64_t *a, const int64_t *b, size_t n, uint64_t *bits);

// Floats, NaN equal to itself and above every number.
void sk_equal_f64(const double *a, const double *b, size_t n, uint64_t *bits);
void sk_less_f64(const double *a, const double *b, size_t n, uint64_t *bits);
void sk_equal_f64_constant(const double *a, double b, size_t n, uint64_t *bits);
void sk_less_f64_constant(const double *a, double b, size_t n, uint64_t *bits);
void sk_greater_f64_constant(const double *a, double b, size_t n, uint64_t *bits);

// Offsets plus a base as 64-bit integers; and the least and greatest of n > 0 values.
#define SK_DECLARE_WIDEN(NAME, T)                                               \
    void sk_widen_##NAME(const T *v, int64_t base, size_t n, int64_t *out);     \
    void sk_range_of_##NAME(const T *v, size_t n, T *least, T *greatest);
SK_DECLARE_WIDEN(u8, uint8_t)
SK_DECLARE_WIDEN(u16, uint16_t)
SK_DECLARE_WIDEN(u32, uint32_t)
void sk_range_of_i64(const int64_t *v, size_t n, int64_t *least, int64_t *greatest);

// Wrapping arithmetic: the caller has proved from bounds that nothing overflows, or checks.
#define SK_DECLARE_ARITHMETIC(NAME)                                                         \
    void sk_##NAME##_i64(const int64_t *a, const int64_t *b, size_t n, int64_t *out);       \
    void sk_##NAME##_i64_constant(const int64_t *a, int64_t b, size_t n, int64_t *out);
SK_DECLARE_ARITHMETIC(add)
SK_DECLARE_ARITHMETIC(subtract)
SK_DECLARE_ARITHMETIC(multiply)

#define SK_DECLARE_PRODUCT(LEFT, L, RIGHT, R)                                               \
    void sk_product_##LEFT##_##RIGHT(                                                       \
        const L *a, int64_t a_base, const R *b, int64_t b_base, size_t n, int64_t *out);
SK_DECLARE_PRODUCT(i64, int64_t, u8, uint8_t)
SK_DECLARE_PRODUCT(i64, int64_t, u16, uint16_t)
SK_DECLARE_PRODUCT(i64, int64_t, u32, uint32_t)
SK_DECLARE_PRODUCT(u32, uint32_t, u8, uint8_t)
SK_DECLARE_PRODUCT(u32, uint32_t, u16, uint16_t)
SK_DECLARE_PRODUCT(u32, uint32_t, u32, uint32_t)
SK_DECLARE_PRODUCT(u16, uint16_t, u8, uint8_t)
SK_DECLARE_PRODUCT(u16, uint16_t, u16, uint16_t)
SK_DECLARE_PRODUCT(u8, uint8_t, u8, uint8_t)

void sk_double_i64(const int64_t *v, size_t n, double *out);

// Rows whose code has a nonzero entry in `table`.
void sk_lookup_u8(const uint8_t *codes, const uint8_t *table, size_t n, uint64_t *bits);
void sk_lookup_u16(const uint16_t *codes, const uint8_t *table, size_t n, uint64_t *bits);
void sk_lookup_u32(const uint32_t *codes, const uint8_t *table, size_t n, uint64_t *bits);

// A text to search for, with the places of its two rarest bytes.
typedef struct {
    const uint8_t *bytes;
    size_t length;
    size_t rare_first;
    size_t rare_second;
} sk_needle;

// Rows of 16-byte views that hold all needles in order without overlap. Reads up to 64 bytes past
// a text within its page. memmem per row measured 36 ns on 50-byte comments, this 9.
void sk_contains(
    const void *views, size_t n, const sk_needle *needles, size_t needle_count, uint64_t *bits);

// Rows of 16-byte views whose both words equal; and rows that are longer with the same prefix,
// which may still be equal but for trailing blanks.
void sk_equal_views(
    const uint64_t *views, uint64_t head, uint64_t tail, size_t n, uint64_t *equal,
    uint64_t *longer);

#endif
