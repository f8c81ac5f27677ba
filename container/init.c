// SPDX-License-Identifier: MIT
// The first process of the image with HAProxy and slotd: starts both, and neither goes down with the other.
//
//   slotd-init HAPROXY ARGUMENT... -- SLOTD ARGUMENT...   runs both
//   slotd-init COMMAND ARGUMENT...                        becomes COMMAND: `slotd plan`, `haproxy -c -f FILE`
//
// A HAProxy that crashes and a slotd that ends are started again: at once, then after 1, 2, 4 to 30 s. HAProxy ending
// by itself (it can't read its configuration) ends the container with its code, and so does a slotd that at its first
// start refuses its own (2).
// SIGTERM, SIGINT, SIGQUIT end both, exit code 0. SIGUSR1 lets HAProxy finish its connections first.
// SIGHUP makes HAProxy reload and slotd read its configuration again, SIGUSR2 reloads HAProxy alone.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    longest_pause = 30,      // s between an end and the next start
    steady_after = 60,       // s; a program that ran for so long starts at once again
    patience = 5,            // s for slotd to end after HAProxy
    configuration_error = 2,  // exit code of slotd
    no_such_program = 127,
    by_signal = 128,  // and the signal's number: the exit code of what a signal ended, HAProxy's for its worker's
};

struct program {
    const char *name;
    char **argv;
    pid_t pid;        // 0 while it does not run
    time_t started;   // s on the monotonic clock, as the next
    time_t due;       // to start again
    time_t pause;     // before the next start but one
    bool first;       // it has been started once
};

static struct program proxy = {.name = "HAProxy"};
static struct program slotd = {.name = "slotd"};
static bool ending;     // nothing is started again
static bool finishing;  // HAProxy has been asked to end when its connections have
static int exit_code;
static time_t deadline;  // for slotd, once HAProxy has ended
static sigset_t handled;

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static void start(struct program *program) {
    program->first = program->started == 0;
    program->started = now();
    program->pid = fork();
    if (program->pid == 0) {
        // A group of its own: Ctrl-C on a terminal comes to the init alone, and what a crash leaves can be found.
        setpgid(0, 0);
        sigprocmask(SIG_UNBLOCK, &handled, NULL);
        execvp(program->argv[0], program->argv);
        dprintf(STDERR_FILENO, "slotd-init: %s: %s\n", program->argv[0], strerror(errno));
        _exit(no_such_program);
    }
    if (program->pid < 0) {
        dprintf(STDERR_FILENO, "slotd-init: no process for %s: %s\n", program->name, strerror(errno));
        program->pid = 0;
        program->due = now() + 1;
    }
}

static void send(const struct program *program, int number) {
    if (program->pid > 0)
        kill(program->pid, number);
}

static void start_later(struct program *program, int code) {
    if (now() - program->started >= steady_after)
        program->pause = 0;
    dprintf(STDERR_FILENO, "slotd-init: %s ended with code %d; it starts again in %ld s\n", program->name, code,
            (long)program->pause);
    program->due = now() + program->pause;
    program->pause = program->pause == 0 ? 1 : 2 * program->pause;
    if (program->pause > longest_pause)
        program->pause = longest_pause;
}

static void end(int code) {
    ending = true;
    exit_code = code;
    send(&proxy, SIGTERM);
    send(&slotd, SIGTERM);
}

static void proxy_ended(int code) {
    deadline = now() + patience;
    if (ending) {
        if (code != 0 && code != by_signal + SIGTERM)
            exit_code = code;
    } else if (code < by_signal || finishing) {
        if (code != 0)
            dprintf(STDERR_FILENO, "slotd-init: HAProxy ended with code %d, and so does the container\n", code);
        end(code);
    } else {
        start_later(&proxy, code);
    }
}

static void slotd_ended(int code) {
    if (ending)
        return;
    if (slotd.first && (code == configuration_error || code == no_such_program)) {
        dprintf(STDERR_FILENO, "slotd-init: slotd can't start (code %d), and so the container ends\n", code);
        end(code);
    } else {
        start_later(&slotd, code);
    }
}

static void reap(void) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        const int code = WIFSIGNALED(status) ? by_signal + WTERMSIG(status) : WEXITSTATUS(status);
        struct program *ended = pid == proxy.pid ? &proxy : pid == slotd.pid ? &slotd : NULL;
        if (ended == NULL)
            continue;
        ended->pid = 0;
        // HAProxy's workers end when their master has, but not at once: they would have the addresses still.
        kill(-pid, SIGKILL);
        if (ended == &proxy)
            proxy_ended(code);
        else
            slotd_ended(code);
    }
}

static void handle(int number) {
    switch (number) {
        case SIGCHLD:
            reap();
            break;
        case SIGHUP:
            send(&proxy, SIGUSR2);
            send(&slotd, SIGHUP);
            break;
        case SIGUSR2:
            send(&proxy, SIGUSR2);
            break;
        case SIGUSR1:
            finishing = true;
            send(&proxy, SIGUSR1);
            break;
        default:
            end(0);
    }
}

/// Waits for a signal, or until a program is due or has had its time to end.
static int next_signal(void) {
    const struct program *both[] = {&proxy, &slotd};
    time_t until = now() + longest_pause;
    if (ending && proxy.pid == 0 && deadline < until)
        until = deadline;
    for (int i = 0; i < 2; ++i)
        if (!ending && both[i]->pid == 0 && both[i]->due < until)
            until = both[i]->due;
    const time_t left = until - now();
    const struct timespec wait = {.tv_sec = left > 0 ? left : 0};
    return sigtimedwait(&handled, NULL, &wait);
}

static int run(void) {
    const int signals[] = {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
    sigemptyset(&handled);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; ++i) sigaddset(&handled, signals[i]);
    sigprocmask(SIG_BLOCK, &handled, NULL);
    start(&proxy);
    start(&slotd);
    for (;;) {
        const int number = next_signal();
        if (number > 0)
            handle(number);
        if (!ending && proxy.pid == 0 && proxy.due <= now())
            start(&proxy);
        if (!ending && slotd.pid == 0 && slotd.due <= now())
            start(&slotd);
        if (ending && proxy.pid == 0 && (slotd.pid == 0 || deadline <= now()))
            break;
    }
    if (slotd.pid > 0)
        kill(-slotd.pid, SIGKILL);
    return exit_code;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; ++i) {
        if (strcmp(argv[i], "--") == 0 && i > 1 && i + 1 < argc) {
            argv[i] = NULL;
            proxy.argv = argv + 1;
            slotd.argv = argv + i + 1;
            return run();
        }
    }
    if (argc < 2) {
        dprintf(STDERR_FILENO, "usage: slotd-init HAPROXY ARGUMENT... -- SLOTD ARGUMENT...\n"
                               "       slotd-init COMMAND ARGUMENT...\n");
        return configuration_error;
    }
    execvp(argv[1], argv + 1);
    dprintf(STDERR_FILENO, "slotd-init: %s: %s\n", argv[1], strerror(errno));
    return no_such_program;
}
