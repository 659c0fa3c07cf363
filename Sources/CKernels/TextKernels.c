// Loops over 16-byte text views: length, then 12 bytes of text or 4 bytes and an address.
#include "CKernels.h"

#if defined(__x86_64__) && defined(__linux__)
#define SK_MULTI __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define SK_MULTI
#endif

typedef struct {
    uint32_t length;
    uint8_t text[12];
} sk_view;

static inline const uint8_t *sk_text_of(const sk_view *view) {
    if (view->length <= 12) return view->text;
    const uint8_t *address;
    memcpy(&address, (const uint8_t *)view + 8, sizeof address);
    return address;
}

// 64 bytes at `from`, of which `wanted` matter. Reading past them is safe inside one page; a
// read that would touch another page is copied.
// Vectors go through memory: passing them would depend on the CPU level.
static inline void sk_load(const uint8_t *from, size_t wanted, sk_u8x64 *bytes) {
    if (wanted < 64 && (((uintptr_t)from & 4095) > 4096 - 64)) {
        uint8_t copy[64] = {0};
        memcpy(copy, from, wanted);
        memcpy(bytes, copy, 64);
    } else {
        memcpy(bytes, from, 64);
    }
}

// Where `needle` first occurs in text[from..length), or `length`. Two rare bytes of the needle
// are looked for at 64 places at once; what has both is compared.
static inline size_t sk_search(
    const uint8_t *text, size_t from, size_t length, const sk_needle *needle
) {
    size_t n = needle->length;
    if (n == 0) return from;
    if (length < n) return length;
    size_t starts = length - n + 1;
    uint8_t first = needle->bytes[needle->rare_first];
    uint8_t second = needle->bytes[needle->rare_second];
    for (size_t block = from; block < starts; block += 64) {
        const uint8_t *a = text + block + needle->rare_first;
        const uint8_t *b = text + block + needle->rare_second;
        size_t left = starts - block;
        sk_u8x64 one, other;
        sk_load(a, left, &one);
        sk_load(b, left, &other);
        sk_u8x64 hits = (sk_u8x64)(one == first) & (sk_u8x64)(other == second);
        uint64_t bits = sk_bits(&hits);
        if (left < 64) bits &= ((uint64_t)1 << left) - 1;
        while (bits) {
            size_t at = block + (size_t)__builtin_ctzll(bits);
            if (memcmp(text + at, needle->bytes, n) == 0) return at;
            bits &= bits - 1;
        }
    }
    return length;
}

SK_MULTI void sk_contains(
    const void *views, size_t n, const sk_needle *needles, size_t needle_count, uint64_t *bits
) {
    const sk_view *view = views;
    size_t least = 0;
    for (size_t k = 0; k < needle_count; k++) least += needles[k].length;
    for (size_t w = 0; w < (n + 63) >> 6; w++) {
        uint64_t word = 0;
        size_t end = n - (w << 6) < 64 ? n - (w << 6) : 64;
        for (size_t i = 0; i < end; i++) {
            const sk_view *row = view + (w << 6) + i;
            size_t length = row->length;
            if (length < least) continue;
            const uint8_t *text = sk_text_of(row);
            size_t at = 0;
            size_t k = 0;
            for (; k < needle_count; k++) {
                size_t hit = sk_search(text, at, length, &needles[k]);
                if (hit == length) break;
                at = hit + needles[k].length;
            }
            word |= (uint64_t)(k == needle_count) << i;
        }
        bits[w] = word;
    }
}

SK_MULTI void sk_equal_views(
    const uint64_t *views, uint64_t head, uint64_t tail, size_t n, uint64_t *equal,
    uint64_t *longer
) {
    uint32_t length = (uint32_t)head;
    uint64_t prefix = length >= 4 ? 0xFFFFFFFF00000000u : 0;
    for (size_t w = 0; w < n >> 6; w++) {
        uint8_t same[64], more[64];
        const uint64_t *row = views + (w << 7);
        for (size_t i = 0; i < 64; i++) {
            uint64_t h = row[2 * i], t = row[2 * i + 1];
            same[i] = ((h ^ head) | (t ^ tail)) == 0 ? 0xFF : 0;
        }
        for (size_t i = 0; i < 64; i++) {
            uint64_t h = row[2 * i];
            uint64_t other = ((h ^ head) & prefix) | ((uint32_t)h <= length);
            more[i] = other == 0 ? 0xFF : 0;
        }
        equal[w] = sk_bits(same);
        longer[w] = sk_bits(more);
    }
    if (n & 63) {
        uint64_t same = 0, more = 0;
        for (size_t i = n & ~(size_t)63; i < n; i++) {
            uint64_t h = views[2 * i], t = views[2 * i + 1];
            same |= (uint64_t)((h == head) & (t == tail)) << (i & 63);
            more |= (uint64_t)(((uint32_t)h > length) & (((h ^ head) & prefix) == 0)) << (i & 63);
        }
        equal[n >> 6] = same;
        longer[n >> 6] = more;
    }
}
