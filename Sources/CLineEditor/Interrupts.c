// Ctrl-C as bytes in pipes: the handler does only what POSIX allows a handler to do.

#include "CLineEditor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int pipes[2][2] = {{-1, -1}, {-1, -1}};
static volatile sig_atomic_t current_target = SH_INTERRUPT_STATEMENT;
static volatile sig_atomic_t interrupt_count;

static void note_interrupt(int signal) {
    (void)signal;
    int saved_errno = errno;
    interrupt_count = interrupt_count + 1;
    // A full pipe already says what this byte would say.
    if (write(pipes[current_target][1], "!", 1) < 0) { }
    errno = saved_errno;
}

bool sh_interrupts_install(void) {
    for (int target = 0; target < 2; target++) {
        if (pipes[target][0] >= 0) continue;
        if (pipe(pipes[target]) < 0) return false;
        for (int end = 0; end < 2; end++) {
            fcntl(pipes[target][end], F_SETFD, FD_CLOEXEC);
            fcntl(pipes[target][end], F_SETFL, O_NONBLOCK);
        }
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_interrupt;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    // A shell started in the background inherits SIGINT ignored, and keeps it so.
    struct sigaction inherited;
    if (sigaction(SIGINT, NULL, &inherited) < 0) return false;
    if (inherited.sa_handler != SIG_IGN && sigaction(SIGINT, &action, NULL) < 0) return false;
    signal(SIGPIPE, SIG_IGN);
    return true;
}

void sh_interrupts_direct(enum sh_interrupt_target target) { current_target = target; }

int sh_interrupts_count(void) { return interrupt_count; }

int sh_interrupt_descriptor(enum sh_interrupt_target target) { return pipes[target][0]; }

void sh_interrupt_drain(enum sh_interrupt_target target) {
    char bytes[64];
    while (pipes[target][0] >= 0 && read(pipes[target][0], bytes, sizeof bytes) > 0) { }
}

void sh_interrupt_wait(void) {
    struct pollfd ready = {.fd = pipes[SH_INTERRUPT_STATEMENT][0], .events = POLLIN};
    while (poll(&ready, 1, -1) < 0 && errno == EINTR) { }
    sh_interrupt_drain(SH_INTERRUPT_STATEMENT);
}

void sh_raise_default(int number) {
    signal(number, SIG_DFL);
    raise(number);
}
