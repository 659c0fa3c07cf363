#include "CRegularExpressions.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

struct sr_pattern {
    pcre2_code *code;
    size_t groups;
    int posix;
};

struct sr_matcher {
    const sr_pattern *pattern;
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    int *workspace;
    size_t workspace_count;
};

// Steps of backtracking in one search before it is given up, or goes on without backtracking:
// about 50 ms of either.
static const uint32_t backtracks_max_posix = 1000000;
static const uint32_t backtracks_max = 10000000;
// Characters times places to begin at, of a search without backtracking: some seconds.
static const size_t steps_max = (size_t)1 << 26;
static const size_t workspace_count_max = (size_t)1 << 22;

sr_pattern *sr_pattern_new(const uint8_t *text, size_t length, unsigned flags, char *message,
                           size_t capacity) {
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    if (flags & SR_IGNORES_CASE) options |= PCRE2_CASELESS;
    if (flags & SR_POSIX) options |= PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY;
    int error;
    size_t offset;
    pcre2_code *code = pcre2_compile(text, length, options, &error, &offset, NULL);
    if (!code) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *)message, capacity);
        return NULL;
    }
    sr_pattern *pattern = malloc(sizeof *pattern);
    if (!pattern) {
        pcre2_code_free(code);
        pcre2_get_error_message(PCRE2_ERROR_NOMEMORY, (PCRE2_UCHAR *)message, capacity);
        return NULL;
    }
    // Without machine code the interpreter does the same, only slower.
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    uint32_t groups = 0;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
    pattern->code = code;
    pattern->groups = groups;
    pattern->posix = (flags & SR_POSIX) != 0;
    return pattern;
}

void sr_pattern_free(sr_pattern *pattern) {
    pcre2_code_free(pattern->code);
    free(pattern);
}

size_t sr_pattern_groups(const sr_pattern *pattern) { return pattern->groups; }

size_t sr_pattern_bytes(const sr_pattern *pattern) {
    size_t size = 0, machine = 0;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_SIZE, &size);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_JITSIZE, &machine);
    return size + machine;
}

sr_matcher *sr_matcher_new(const sr_pattern *pattern) {
    sr_matcher *matcher = calloc(1, sizeof *matcher);
    if (!matcher) return NULL;
    matcher->pattern = pattern;
    matcher->data = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    matcher->context = pcre2_match_context_create(NULL);
    if (!matcher->data || !matcher->context) {
        sr_matcher_free(matcher);
        return NULL;
    }
    pcre2_set_match_limit(matcher->context,
                          pattern->posix ? backtracks_max_posix : backtracks_max);
    return matcher;
}

void sr_matcher_free(sr_matcher *matcher) {
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    pcre2_jit_stack_free(matcher->stack);
    free(matcher->workspace);
    free(matcher);
}

const size_t *sr_matcher_offsets(const sr_matcher *matcher) {
    return pcre2_get_ovector_pointer(matcher->data);
}

static int outcome(int status) {
    if (status >= 0) return SR_FOUND;
    if (status <= PCRE2_ERROR_UTF8_ERR1 && status >= PCRE2_ERROR_UTF8_ERR21) return SR_NOT_UTF8;
    switch (status) {
    case PCRE2_ERROR_NOMATCH: return SR_NONE;
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
    case PCRE2_ERROR_JIT_STACKLIMIT:
    case PCRE2_ERROR_DFA_WSSIZE:
    case PCRE2_ERROR_DFA_RECURSE: return SR_TOO_COMPLEX;
    case PCRE2_ERROR_NOMEMORY: return SR_NO_MEMORY;
    default: return SR_FAILED;
    }
}

// The match that backtracking finds first; its stack grows when machine code asks for more.
static int first_match(sr_matcher *matcher, const uint8_t *text, size_t length, size_t start,
                       uint32_t options) {
    int status = pcre2_match(matcher->pattern->code, text, length, start, options, matcher->data,
                             matcher->context);
    if (status != PCRE2_ERROR_JIT_STACKLIMIT || matcher->stack) return status;
    matcher->stack = pcre2_jit_stack_create(64 << 10, 4 << 20, NULL);
    if (!matcher->stack) return PCRE2_ERROR_NOMEMORY;
    pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
    return pcre2_match(matcher->pattern->code, text, length, start, options, matcher->data,
                       matcher->context);
}

// The longest match that begins at `start`, by following all ways at once.
static int longest_match(sr_matcher *matcher, const uint8_t *text, size_t length, size_t start) {
    for (;;) {
        if (!matcher->workspace) {
            if (!matcher->workspace_count) matcher->workspace_count = 1024;
            matcher->workspace = malloc(matcher->workspace_count * sizeof(int));
            if (!matcher->workspace) return PCRE2_ERROR_NOMEMORY;
        }
        int status = pcre2_dfa_match(matcher->pattern->code, text, length, start,
                                     PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK, matcher->data,
                                     matcher->context, matcher->workspace,
                                     matcher->workspace_count);
        if (status != PCRE2_ERROR_DFA_WSSIZE || matcher->workspace_count >= workspace_count_max)
            return status;
        free(matcher->workspace);
        matcher->workspace = NULL;
        matcher->workspace_count *= 4;
    }
}

// The longest of the leftmost matches at or after `start`, without backtracking.
static int search_without_backtracking(sr_matcher *matcher, const uint8_t *text, size_t length,
                                       size_t start) {
    size_t steps = 0;
    for (size_t at = start; at <= length; at++) {
        if (at < length && (text[at] & 0xC0) == 0x80) continue;
        int status = longest_match(matcher, text, length, at);
        if (status != PCRE2_ERROR_NOMATCH) return status;
        steps += length - at;
        if (steps > steps_max) return PCRE2_ERROR_MATCHLIMIT;
    }
    return PCRE2_ERROR_NOMATCH;
}

// Where the groups are in the match that was found: the first way to match just its text. What
// looks past the match's end may fail now; then no group has a place.
static int find_groups(sr_matcher *matcher, const uint8_t *text, size_t length) {
    size_t *offsets = pcre2_get_ovector_pointer(matcher->data);
    size_t start = offsets[0], end = offsets[1];
    uint32_t options = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_UTF_CHECK;
    if (end < length) options |= PCRE2_NOTEOL;
    int status = first_match(matcher, text, end, start, options);
    if (status != PCRE2_ERROR_NOMATCH) return status;
    for (size_t group = 0; group <= matcher->pattern->groups; group++)
        offsets[2 * group] = offsets[2 * group + 1] = SR_UNSET;
    offsets[0] = start;
    offsets[1] = end;
    return 1;
}

int sr_matcher_search(sr_matcher *matcher, const uint8_t *text, size_t length, size_t start,
                      unsigned flags) {
    // An empty text has no address.
    if (!text) text = (const uint8_t *)"";
    uint32_t options = flags & SR_CHECKED ? PCRE2_NO_UTF_CHECK : 0;
    int status = first_match(matcher, text, length, start, options);
    int is_longest = 0;
    if (status < 0 && matcher->pattern->posix && outcome(status) == SR_TOO_COMPLEX) {
        status = search_without_backtracking(matcher, text, length, start);
        is_longest = 1;
    } else if (status >= 0 && (flags & SR_LONGEST)) {
        // Both kinds of match begin at the same place.
        size_t first = pcre2_get_ovector_pointer(matcher->data)[0];
        status = longest_match(matcher, text, length, first);
        is_longest = 1;
    }
    if (status >= 0 && is_longest && (flags & SR_GROUPS) && matcher->pattern->groups)
        status = find_groups(matcher, text, length);
    return outcome(status);
}
