// Child processes for `\!`, `\o |command` and backquotes, and the size of the terminal.

#define _GNU_SOURCE
#include "CLineEditor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int sh_terminal_columns(int descriptor) {
    struct winsize size;
    if (!isatty(descriptor) || ioctl(descriptor, TIOCGWINSZ, &size) < 0) return 0;
    return size.ws_col;
}

static void close_pair(int pair[2]) {
    if (pair[0] >= 0) close(pair[0]);
    if (pair[1] >= 0) close(pair[1]);
}

static bool make_pipe(int pair[2]) {
    if (pipe(pair) < 0) return false;
    fcntl(pair[0], F_SETFD, FD_CLOEXEC);
    fcntl(pair[1], F_SETFD, FD_CLOEXEC);
    return true;
}

int sh_child_start(const char *command, int *input, int *output) {
    int to_child[2] = {-1, -1};
    int from_child[2] = {-1, -1};
    if (input && !make_pipe(to_child)) return -1;
    if (output && !make_pipe(from_child)) {
        close_pair(to_child);
        return -1;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (input) posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
    if (output) posix_spawn_file_actions_adddup2(&actions, from_child[1], STDOUT_FILENO);

    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults, unblocked;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigemptyset(&unblocked);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &unblocked);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);

    char *arguments[] = {"sh", "-c", (char *)command, NULL};
    pid_t child = -1;
    int failure = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure) {
        close_pair(to_child);
        close_pair(from_child);
        errno = failure;
        return -1;
    }
    if (input) {
        close(to_child[0]);
        *input = to_child[1];
    }
    if (output) {
        close(from_child[1]);
        *output = from_child[0];
    }
    return child;
}

int sh_child_wait(int child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return 127;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
