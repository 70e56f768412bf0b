/* Shows progress and handles signals: see watch.h. */
#include "cli/watch.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

enum {
    TERMINAL_TICK_MS = 100,
    LINE_TICK_MS = 1000,
    CANCEL_TICK_MS = 200,
    REPEAT_MS = 100, /* the first signal again, in this time, is the same one sent twice */
    COLUMNS = 80,    /* if the terminal does not tell */
    BAR = 16,
    LINE_MAX_BYTES = 8192, /* more than a file name */
    SIZE_ROOM = 32
};

/* ---- words ------------------------------------------------------------------------------- */

/* Writes a size such as "75.3 MB"; `into` has SIZE_ROOM bytes. */
static const char *size_in_words(double bytes, char *into) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    while (bytes >= 999.95 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    snprintf(into, SIZE_ROOM, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return into;
}

struct figures {
    uint64_t bytes;
    uint64_t rows;
    double seconds;
};

static struct figures read_figures(struct watch *watch) {
    int64_t ms = clock_ms() - watch->start_ms;
    return (struct figures){
        .bytes = atomic_load_explicit(&watch->progress.bytes, memory_order_relaxed),
        .rows = atomic_load_explicit(&watch->progress.rows, memory_order_relaxed),
        .seconds = ms > 0 ? (double)ms / 1000 : 0.001,
    };
}

/* Without a total there is no percentage and no bar. */
static void append_share(const struct watch *watch, uint64_t bytes, struct buf *line) {
    char read[SIZE_ROOM], total[SIZE_ROOM];
    size_in_words((double)bytes, read);
    if (watch->total == 0) {
        buf_printf(line, " %s", read);
        return;
    }
    double share = (double)bytes / (double)watch->total;
    if (share > 1) share = 1;
    if (watch->on_terminal) {
        int full = (int)(share * BAR);
        buf_printf(line, " [%.*s%*s]", full, "################", BAR - full, "");
    } else {
        buf_printf(line, " %s,", read);
    }
    buf_printf(line, " %d %% of %s", (int)(share * 100),
               size_in_words((double)watch->total, total));
}

/* Control characters in a file name could move the cursor of a terminal. */
static void put_label(const struct watch *watch, struct buf *line) {
    for (const char *p = watch->label; *p; p++) {
        bool control = (unsigned char)*p < 0x20 || *p == 0x7f;
        buf_put(line, control ? "?" : p, 1);
    }
}

/* Describes the current phase: the copy with figures, later phases with their duration. */
static void describe(struct watch *watch, struct buf *line) {
    struct figures now = read_figures(watch);
    char rate[SIZE_ROOM];
    put_label(watch, line);
    buf_printf(line, ": %s", watch->phase);
    if (strcmp(watch->phase, "copy") != 0) {
        if (strcmp(watch->phase, "read") == 0) {
            buf_printf(line, ", %" PRIu64 " %s", now.rows, watch->rows_are);
        }
        buf_printf(line, ", %.1f s", now.seconds);
        return;
    }
    append_share(watch, now.bytes, line);
    buf_printf(line, ", %s/s", size_in_words((double)now.bytes / now.seconds, rate));
    if (!watch->on_terminal) buf_printf(line, ", %" PRIu64 " %s", now.rows, watch->rows_are);
    buf_printf(line, ", %.0f %s/s", (double)now.rows / now.seconds, watch->rows_are);
}

static void describe_end(struct watch *watch, struct buf *line) {
    struct figures now = read_figures(watch);
    char size[SIZE_ROOM], rate[SIZE_ROOM];
    put_label(watch, line);
    buf_printf(line, ": done, %" PRIu64 " %s and %s in %.2f s, %.0f %s/s, %s/s", now.rows,
               watch->rows_are, size_in_words((double)now.bytes, size), now.seconds,
               (double)now.rows / now.seconds, watch->rows_are,
               size_in_words((double)now.bytes / now.seconds, rate));
}

/* ---- lines ------------------------------------------------------------------------------- */

static int columns(void) {
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col - 1 : COLUMNS - 1;
}

static void clear_line(struct watch *watch) {
    if (watch->line_is_open) fputs("\r\033[K", stderr);
    watch->line_is_open = false;
}

/* stays: the next line does not overwrite this one. */
static void show(struct watch *watch, void (*words)(struct watch *watch, struct buf *line),
                 bool stays) {
    struct buf line;
    watch->shown_ms = clock_ms();
    if (!watch->shows) return;
    buf_init(&line, LINE_MAX_BYTES);
    words(watch, &line);
    clear_line(watch);
    if (!watch->on_terminal) {
        fprintf(stderr, "%s\n", buf_text(&line));
    } else {
        fprintf(stderr, "%.*s%s", columns(), buf_text(&line), stays ? "\n" : "");
        watch->line_is_open = !stays;
    }
    fflush(stderr);
    buf_free(&line);
}

static void tick(struct watch *watch) {
    int every = watch->on_terminal ? TERMINAL_TICK_MS : LINE_TICK_MS;
    if (watch->label && clock_ms() - watch->shown_ms >= every) show(watch, describe, false);
}

static void enter_phase(void *self, enum progress_phase phase) {
    static const char *const words[] = {
        [PROGRESS_COPY] = "copy", [PROGRESS_INDEX] = "index",     [PROGRESS_PUBLISH] = "publish",
        [PROGRESS_READ] = "read", [PROGRESS_COMPUTE] = "compute", [PROGRESS_STORE] = "store"};
    struct watch *watch = self;
    pthread_mutex_lock(&watch->mutex);
    watch->phase = words[phase];
    if (watch->on_terminal) show(watch, describe, false);
    pthread_mutex_unlock(&watch->mutex);
}

/* ---- the thread -------------------------------------------------------------------------- */

static void end_process(struct watch *watch, int status) {
    clear_line(watch);
    fflush(stderr);
    _exit(status); /* the database rolls back open transactions */
}

/* This thread no longer blocks signals: the next one ends the process by its default action,
 * whatever the other threads do. */
static void unblock(struct watch *watch) {
    pthread_sigmask(SIG_SETMASK, &watch->old_signals, NULL);
    watch->is_unblocked = true;
}

/* coreutils' timeout sends its signal to its child and to the group of both. */
static bool is_repeated(const struct watch *watch, int number) {
    return number == watch->signal && clock_ms() - watch->signal_ms < REPEAT_MS;
}

/* Handles a signal: the first one, or one that comes soon after it. */
static void take_signal(struct watch *watch, int number) {
    if (watch->signal && is_repeated(watch, number)) return;
    if (watch->signal) {
        unblock(watch);
        raise(number);
        return;
    }
    if (watch->last_status >= 0) end_process(watch, watch->last_status);
    uint64_t one = 1;
    watch->signal = number;
    watch->signal_ms = clock_ms();
    atomic_store(&watch->progress.stop, true);
    if (write(watch->stop_fd, &one, sizeof one) < 0) end_process(watch, 128 + number);
}

/* Returns how many milliseconds to wait for a signal; -1: for ever. */
static int patience(const struct watch *watch) {
    if (watch->signal) return watch->is_unblocked ? CANCEL_TICK_MS : REPEAT_MS;
    if (!watch->shows) return -1;
    return TERMINAL_TICK_MS;
}

/* The work notices the signal itself wherever it reads or sends rows, and a cancelled statement
 * leaves an ERROR in the log of the database. So only what is still at work after a while is
 * cancelled. */
static bool must_cancel(const struct watch *watch) {
    return watch->signal && watch->cancel && clock_ms() - watch->signal_ms >= CANCEL_TICK_MS;
}

static void *run(void *self) {
    struct watch *watch = self;
    struct pollfd fds[] = {{.fd = watch->signal_fd, .events = POLLIN},
                           {.fd = watch->wake_fd, .events = POLLIN}};
    pthread_mutex_lock(&watch->mutex);
    for (;;) {
        int wait_ms = patience(watch);
        pthread_mutex_unlock(&watch->mutex);
        poll(fds, 2, wait_ms);
        pthread_mutex_lock(&watch->mutex);
        struct signalfd_siginfo info;
        if (fds[1].revents) break;
        while (!watch->is_unblocked && read(watch->signal_fd, &info, sizeof info) == sizeof info) {
            take_signal(watch, (int)info.ssi_signo);
        }
        if (watch->signal && clock_ms() - watch->signal_ms >= REPEAT_MS) unblock(watch);
        if (must_cancel(watch)) cancel_send(watch->cancel);
        tick(watch);
    }
    pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

/* Adds the signals that are not ignored: nohup, and shells without job control, ignore
 * some on purpose. */
static void add_signals(sigset_t *set) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    sigemptyset(set);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction action;
        bool ignored = sigaction(signals[i], NULL, &action) == 0 && action.sa_handler == SIG_IGN;
        if (!ignored) sigaddset(set, signals[i]);
    }
}

static void close_all(struct watch *watch) {
    if (watch->signal_fd >= 0) close(watch->signal_fd);
    if (watch->wake_fd >= 0) close(watch->wake_fd);
    if (watch->stop_fd >= 0) close(watch->stop_fd);
}

bool watch_start(struct watch *watch, bool quiet, struct err *err) {
    sigset_t signals;
    *watch = (struct watch){.shows = !quiet, .last_status = -1};
    watch->progress.enter = enter_phase;
    watch->progress.self = watch;
    watch->on_terminal = isatty(STDERR_FILENO) == 1;
    pthread_mutex_init(&watch->mutex, NULL);
    add_signals(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, &watch->old_signals); /* inherited by threads */
    watch->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    watch->wake_fd = eventfd(0, EFD_CLOEXEC);
    watch->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (watch->signal_fd >= 0 && watch->wake_fd >= 0 && watch->stop_fd >= 0 &&
        pthread_create(&watch->thread, NULL, run, watch) == 0) {
        return true;
    }
    close_all(watch);
    pthread_sigmask(SIG_SETMASK, &watch->old_signals, NULL);
    return err_set(err, ERR_BUSY, "cannot start a thread");
}

void watch_stop(struct watch *watch) {
    uint64_t one = 1;
    if (write(watch->wake_fd, &one, sizeof one) == sizeof one) {
        pthread_join(watch->thread, NULL);
        close_all(watch);
        pthread_mutex_destroy(&watch->mutex);
    }
    pthread_sigmask(SIG_SETMASK, &watch->old_signals, NULL);
}

/* ---- called by the working thread -------------------------------------------------------- */

void watch_begin(struct watch *watch, const char *label, uint64_t total, const char *rows_are) {
    const char *slash = strrchr(label, '/');
    pthread_mutex_lock(&watch->mutex);
    atomic_store(&watch->progress.bytes, 0);
    atomic_store(&watch->progress.rows, 0);
    watch->label = slash && slash[1] ? slash + 1 : label;
    watch->phase = "copy";
    watch->rows_are = rows_are;
    watch->total = total;
    watch->start_ms = watch->shown_ms = clock_ms();
    pthread_mutex_unlock(&watch->mutex);
}

void watch_end(struct watch *watch, bool done) {
    pthread_mutex_lock(&watch->mutex);
    clear_line(watch);
    if (done) show(watch, describe_end, true);
    watch->label = NULL;
    pthread_mutex_unlock(&watch->mutex);
}

/* cancel: NULL: none. */
static void set_cancel(struct watch *watch, const struct cancel *cancel) {
    pthread_mutex_lock(&watch->mutex);
    watch->cancel = cancel;
    pthread_mutex_unlock(&watch->mutex);
}

bool watch_work(struct watch *watch, const struct db *db, watched_work *work, void *self,
                struct err *err) {
    struct cancel cancel;
    if (!progress_go_on(&watch->progress, err) || !cancel_init(&cancel, db, err)) return false;
    set_cancel(watch, &cancel);
    bool good = work(self, err);
    set_cancel(watch, NULL);
    cancel_free(&cancel);
    /* The interruption may have shown as another error, such as a cancelled statement. */
    if (!good) (void)progress_go_on(&watch->progress, err);
    return good;
}

void watch_last(struct watch *watch, int status) {
    pthread_mutex_lock(&watch->mutex);
    watch->last_status = status;
    pthread_mutex_unlock(&watch->mutex);
}

int watch_signal(struct watch *watch) {
    pthread_mutex_lock(&watch->mutex);
    int number = watch->signal;
    pthread_mutex_unlock(&watch->mutex);
    return number;
}
