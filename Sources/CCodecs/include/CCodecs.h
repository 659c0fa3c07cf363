// zstd, lz4 and zlib behind a few calls on bytes; each returns a byte count, or -1 on failure.
#ifndef SLICEHOUSE_CCODECS_H
#define SLICEHOUSE_CCODECS_H

#include <stdint.h>
#include <stddef.h>

size_t sc_zstd_bound(size_t length);
long sc_zstd_compress(const void *from, size_t length, void *to, size_t capacity, int level);
long sc_zstd_decompress(const void *from, size_t length, void *to, size_t capacity);

size_t sc_lz4_bound(size_t length);
long sc_lz4_compress(const void *from, size_t length, void *to, size_t capacity);
long sc_lz4_decompress(const void *from, size_t length, void *to, size_t capacity);

// A stream that inflates gzip or zstd input piece by piece.
typedef struct sc_stream sc_stream;
// kind: 1 gzip, 2 zstd. NULL when memory is short.
sc_stream *sc_stream_open(int kind);
// Feeds `*consumed` of `length` bytes and makes `*produced` of at most `capacity` bytes.
// Returns 0 to go on, 1 at the end of a member or frame (more may follow), -1 on corrupt input.
int sc_stream_next(sc_stream *stream, const void *from, size_t length, size_t *consumed,
                   void *to, size_t capacity, size_t *produced);
void sc_stream_close(sc_stream *stream);

#endif
