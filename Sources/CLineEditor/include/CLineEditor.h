// The terminal as the shell sees it: a line editor, interrupts, and child processes.
//
// GNU readline by default, libedit with SLICEHOUSE_LIBEDIT. Their globals cannot be imported
// into Swift 6, and their own signal handling would jump over Swift frames, so everything about
// them stays behind this header. Nothing here is called from two threads at once, but for
// sh_interrupt_wait, which has a thread of its own.

#ifndef SLICEHOUSE_LINE_EDITOR_H
#define SLICEHOUSE_LINE_EDITOR_H

#include <stdbool.h>

// What a Ctrl-C is for.
enum sh_interrupt_target {
    SH_INTERRUPT_EDITOR = 0,     // clears the line being typed
    SH_INTERRUPT_STATEMENT = 1,  // cancels the statement that runs
};

// Installs the handler for SIGINT, which writes one byte into the pipe of the current target,
// and ignores SIGPIPE. Returns false with errno where the pipes cannot be made.
bool sh_interrupts_install(void);

// Says what the next Ctrl-C is for.
void sh_interrupts_direct(enum sh_interrupt_target target);

// How often Ctrl-C was pressed since the handler was installed.
int sh_interrupts_count(void);

// Blocks until Ctrl-C is pressed while the target is the statement.
void sh_interrupt_wait(void);

// Ends the process by `signal`, as if it had never been handled.
void sh_raise_default(int signal);

// What sh_editor_read found.
enum sh_editor_event {
    SH_EDITOR_LINE = 0,       // a line, in *line; the caller frees it
    SH_EDITOR_END = 1,        // the end of input: Ctrl-D on an empty line
    SH_EDITOR_INTERRUPT = 2,  // Ctrl-C; what was typed is gone
};

// Prepares the editor; `name` selects the user's settings for this program in inputrc.
void sh_editor_start(const char *name);

// Reads one line with the editor under `prompt`.
enum sh_editor_event sh_editor_read(const char *prompt, char **line);

// Adds an entry to the history, oldest first; at most `limit` entries are kept.
void sh_editor_remember(const char *entry, int limit);

// The columns of the terminal on `descriptor`; 0 where it is none.
int sh_terminal_columns(int descriptor);

// Runs `command` with the system's shell, SIGPIPE and SIGINT as by default. Where `input` is
// not null, *input becomes the writing end of a pipe to its standard input. Where `output` is
// not null, *output becomes the reading end of a pipe from its standard output. Returns the
// process, or -1 with errno.
int sh_child_start(const char *command, int *input, int *output);

// Waits for a child; its exit status, or 128 plus the signal that ended it.
int sh_child_wait(int child);

#endif
