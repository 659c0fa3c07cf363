// PCRE2 behind a few calls on UTF-8 bytes: a pattern, compiled once and shared by threads, and a
// matcher, one per thread that uses it.
#ifndef SLICEHOUSE_CREGULAREXPRESSIONS_H
#define SLICEHOUSE_CREGULAREXPRESSIONS_H

#include <stddef.h>
#include <stdint.h>

typedef struct sr_pattern sr_pattern;
typedef struct sr_matcher sr_matcher;

// What a pattern is compiled with.
enum {
    SR_IGNORES_CASE = 1,
    // `.` matches line ends too and `$` only the very end, as POSIX has it; a search that
    // backtracks too much goes on without backtracking.
    SR_POSIX = 2,
};

// What a search wants to know.
enum {
    // Of the matches that begin leftmost the longest, which POSIX asks for; only with SR_POSIX.
    SR_LONGEST = 1,
    // Where the groups matched, too.
    SR_GROUPS = 2,
    // The text is known to be UTF-8.
    SR_CHECKED = 4,
};

// How a search ended.
enum {
    SR_FOUND = 1,
    SR_NONE = 0,
    SR_TOO_COMPLEX = -1,
    SR_NOT_UTF8 = -2,
    SR_NO_MEMORY = -3,
    SR_FAILED = -4,
};

#define SR_UNSET SIZE_MAX

// Compiles a pattern; NULL with a message of at most `capacity` bytes where it is none.
sr_pattern *sr_pattern_new(const uint8_t *text, size_t length, unsigned flags, char *message,
                           size_t capacity);
void sr_pattern_free(sr_pattern *pattern);
// How many groups the pattern has, without the match as a whole.
size_t sr_pattern_groups(const sr_pattern *pattern);
// Bytes that the compiled pattern takes.
size_t sr_pattern_bytes(const sr_pattern *pattern);

// A matcher of the pattern, which must outlive it; NULL when memory is short.
sr_matcher *sr_matcher_new(const sr_pattern *pattern);
void sr_matcher_free(sr_matcher *matcher);
// Searches `text` from byte `start` on. On SR_FOUND, sr_matcher_offsets gives a pair of byte
// offsets for the match and, with SR_GROUPS, for each group: SR_UNSET where it took no part.
int sr_matcher_search(sr_matcher *matcher, const uint8_t *text, size_t length, size_t start,
                      unsigned flags);
const size_t *sr_matcher_offsets(const sr_matcher *matcher);

#endif
