/* Keeps a process that serves alive: see supervisor.h. */
#include "serve/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    FIRST_DELAY_MS = 100,
    LAST_DELAY_MS = 30000,
    STEADY_MS = 10000,
    ARGUMENTS_MAX = 254
};

/* A variable and not an option, because the arguments are passed on as they are. */
static const char started_variable[] = "PGCOCO_SUPERVISED";

bool supervisor_has_started_this(void) {
    bool started = getenv(started_variable) != NULL;
    unsetenv(started_variable);
    return started;
}

/* In the new process. The same program is run from its start, so that addresses and canaries are
 * drawn anew: somebody may be trying them out, crash by crash. */
static void become_worker(int listener, char *const *arguments, const sigset_t *signals,
                          pid_t supervisor) {
    char *words[2 + ARGUMENTS_MAX + 1] = {program_invocation_name, "serve"};
    for (size_t i = 0; arguments[i]; i++) words[2 + i] = arguments[i];
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != supervisor) _exit(EXIT_FAILURE); /* it has died meanwhile */
    sigprocmask(SIG_SETMASK, signals, NULL);
    if (dup2(listener, STDIN_FILENO) >= 0 && setenv(started_variable, "1", 1) == 0) {
        execv("/proc/self/exe", words);
    }
    log_error("cannot run %s: %s", program_invocation_name, strerror(errno));
    _exit(EXIT_FAILURE);
}

static pid_t start_worker(int listener, char *const *arguments, const sigset_t *signals) {
    pid_t supervisor = getpid();
    pid_t worker = fork();
    if (worker == 0) become_worker(listener, arguments, signals, supervisor);
    if (worker < 0) log_error("cannot start a process: %s", strerror(errno));
    return worker;
}

/* Waits for the end of the worker; passes signals on to it. Returns true if one of them asked to
 * end. */
static bool await_end(pid_t worker, const sigset_t *waits, int *status) {
    bool is_asked = false;
    for (;;) {
        int number = sigwaitinfo(waits, NULL);
        if (number == SIGCHLD) {
            if (waitpid(worker, status, WNOHANG) == worker) return is_asked;
        } else if (number > 0) {
            is_asked = true;
            kill(worker, number);
        }
    }
}

/* Returns true if a signal asks to end meanwhile. */
static bool is_asked_within(unsigned ms, const sigset_t *waits) {
    int64_t deadline = clock_ms() + ms;
    for (int64_t left; (left = deadline - clock_ms()) > 0;) {
        struct timespec time = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        int number = sigtimedwait(waits, NULL, &time);
        if (number > 0 && number != SIGCHLD) return true;
    }
    return false;
}

static bool are_few(char *const *arguments) {
    size_t count = 0;
    while (arguments[count]) count++;
    if (count > ARGUMENTS_MAX) {
        log_error("cannot serve with --respawn and %zu arguments; give at most %d", count,
                  ARGUMENTS_MAX);
    }
    return count <= ARGUMENTS_MAX;
}

static void log_end(int status, unsigned delay_ms) {
    bool killed = WIFSIGNALED(status);
    log_warning("the process that serves has ended (%s %d); another one starts in %u ms",
                killed ? "signal" : "exit status", killed ? WTERMSIG(status) : WEXITSTATUS(status),
                delay_ms);
}

static void take_signals(sigset_t *waits, sigset_t *before) {
    sigemptyset(waits);
    sigaddset(waits, SIGTERM);
    sigaddset(waits, SIGINT);
    sigaddset(waits, SIGUSR1);
    sigaddset(waits, SIGCHLD);
    signal(SIGHUP, SIG_IGN);
    sigprocmask(SIG_BLOCK, waits, before);
}

int supervise(int listener, char *const *arguments) {
    sigset_t waits, before;
    unsigned delay_ms = 0;
    if (!are_few(arguments)) return EXIT_FAILURE;
    take_signals(&waits, &before);
    for (;;) {
        int status = 0;
        int64_t start = clock_ms();
        pid_t worker = start_worker(listener, arguments, &before);
        if (worker > 0 && await_end(worker, &waits, &status)) {
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        bool was_steady = clock_ms() - start >= STEADY_MS;
        delay_ms = was_steady || delay_ms == 0 ? FIRST_DELAY_MS : 2 * delay_ms;
        if (delay_ms > LAST_DELAY_MS) delay_ms = LAST_DELAY_MS;
        if (worker > 0) log_end(status, delay_ms);
        if (is_asked_within(delay_ms, &waits)) return EXIT_SUCCESS;
    }
}
