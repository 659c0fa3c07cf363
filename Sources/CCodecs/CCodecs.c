#include "CCodecs.h"

#include <lz4.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

size_t sc_zstd_bound(size_t length) { return ZSTD_compressBound(length); }

long sc_zstd_compress(const void *from, size_t length, void *to, size_t capacity, int level) {
    size_t written = ZSTD_compress(to, capacity, from, length, level);
    return ZSTD_isError(written) ? -1 : (long)written;
}

long sc_zstd_decompress(const void *from, size_t length, void *to, size_t capacity) {
    size_t written = ZSTD_decompress(to, capacity, from, length);
    return ZSTD_isError(written) ? -1 : (long)written;
}

size_t sc_lz4_bound(size_t length) { return (size_t)LZ4_compressBound((int)length); }

long sc_lz4_compress(const void *from, size_t length, void *to, size_t capacity) {
    int written = LZ4_compress_default(from, to, (int)length, (int)capacity);
    return written <= 0 ? -1 : written;
}

long sc_lz4_decompress(const void *from, size_t length, void *to, size_t capacity) {
    int written = LZ4_decompress_safe(from, to, (int)length, (int)capacity);
    return written < 0 ? -1 : written;
}

struct sc_stream {
    int kind;
    z_stream gzip;
    ZSTD_DStream *zstd;
};

sc_stream *sc_stream_open(int kind) {
    sc_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) return NULL;
    stream->kind = kind;
    if (kind == 1) {
        if (inflateInit2(&stream->gzip, 15 + 16) != Z_OK) {
            free(stream);
            return NULL;
        }
    } else {
        stream->zstd = ZSTD_createDStream();
        if (stream->zstd == NULL) {
            free(stream);
            return NULL;
        }
        ZSTD_initDStream(stream->zstd);
    }
    return stream;
}

int sc_stream_next(sc_stream *stream, const void *from, size_t length, size_t *consumed,
                   void *to, size_t capacity, size_t *produced) {
    if (stream->kind == 1) {
        stream->gzip.next_in = (Bytef *)from;
        stream->gzip.avail_in = (uInt)length;
        stream->gzip.next_out = to;
        stream->gzip.avail_out = (uInt)capacity;
        int status = inflate(&stream->gzip, Z_NO_FLUSH);
        *consumed = length - stream->gzip.avail_in;
        *produced = capacity - stream->gzip.avail_out;
        if (status == Z_STREAM_END) {
            // Another member may follow.
            inflateReset(&stream->gzip);
            return 1;
        }
        return status == Z_OK || status == Z_BUF_ERROR ? 0 : -1;
    }
    ZSTD_inBuffer input = {from, length, 0};
    ZSTD_outBuffer output = {to, capacity, 0};
    size_t status = ZSTD_decompressStream(stream->zstd, &output, &input);
    *consumed = input.pos;
    *produced = output.pos;
    if (ZSTD_isError(status)) return -1;
    return status == 0 ? 1 : 0;
}

void sc_stream_close(sc_stream *stream) {
    if (stream == NULL) return;
    if (stream->kind == 1) inflateEnd(&stream->gzip);
    if (stream->zstd != NULL) ZSTD_freeDStream(stream->zstd);
    free(stream);
}
