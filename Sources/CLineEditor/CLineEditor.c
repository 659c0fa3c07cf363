#include "CLineEditor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef SLICEHOUSE_LIBEDIT
#include <editline/readline.h>
#else
#include <readline/history.h>
#include <readline/readline.h>
#endif

int sh_interrupt_descriptor(enum sh_interrupt_target target);
void sh_interrupt_drain(enum sh_interrupt_target target);

// The line that the editor's callback delivered, until sh_editor_read takes it.
static char *finished_line;
static bool line_is_finished;

static void take_line(char *line) {
    finished_line = line;
    line_is_finished = true;
    // Removed at once, or the editor would show the prompt again.
    rl_callback_handler_remove();
}

void sh_editor_start(const char *name) {
    rl_readline_name = name;
    using_history();
#ifndef SLICEHOUSE_LIBEDIT
    // SIGINT is ours: the handler writes into a pipe and nothing jumps.
    rl_catch_signals = 0;
#endif
    // A tab inside a pasted statement is a tab.
    rl_bind_key('\t', rl_insert);
}

enum sh_editor_event sh_editor_read(const char *prompt, char **line) {
    line_is_finished = false;
    finished_line = NULL;
    *line = NULL;
    sh_interrupt_drain(SH_INTERRUPT_EDITOR);
    sh_interrupts_direct(SH_INTERRUPT_EDITOR);
    rl_callback_handler_install(prompt, take_line);

    struct pollfd ready[2] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = sh_interrupt_descriptor(SH_INTERRUPT_EDITOR), .events = POLLIN},
    };
    while (!line_is_finished) {
        ready[0].revents = ready[1].revents = 0;
        if (poll(ready, 2, -1) < 0) {
            if (errno == EINTR) continue;
            rl_callback_handler_remove();
            return SH_EDITOR_END;
        }
        if (ready[1].revents) {
            sh_interrupt_drain(SH_INTERRUPT_EDITOR);
#ifndef SLICEHOUSE_LIBEDIT
            rl_free_line_state();
            rl_callback_sigcleanup();
            rl_replace_line("", 0);
#endif
            rl_callback_handler_remove();
            fputs("^C\n", stdout);
            fflush(stdout);
            return SH_EDITOR_INTERRUPT;
        }
        if (ready[0].revents) rl_callback_read_char();
    }
    sh_interrupts_direct(SH_INTERRUPT_STATEMENT);
    if (finished_line == NULL) return SH_EDITOR_END;
    *line = finished_line;
    finished_line = NULL;
    return SH_EDITOR_LINE;
}

void sh_editor_remember(const char *entry, int limit) {
    stifle_history(limit);
    add_history(entry);
}
