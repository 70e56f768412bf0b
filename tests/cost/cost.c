/*
 * Searches for the inputs that cost most: for each kind (inputs.h) it tries numbers at random, and
 * then changes the best ones a little, again and again. Reports the processor seconds for each
 * megabyte that a client has to send; a started megabyte counts as a whole one, because every
 * request may cost a little. The database costs nothing here (fake_libpq.c).
 *
 *     cost [SECONDS]    of the processor for each kind; 0.5 by default. Prints TAP.
 *
 * The time is reported, and not judged. Judged is what can be counted: that each kind has inputs
 * with rows, and that the steps of work stay within what the bytes pay for.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/parameters.h"
#include "base/decoder.h"
#include "base/text_source.h"
#include "base/work.h"
#include "http/multipart.h"
#include "import/directory.h"
#include "import/import.h"
#include "inputs.h"

enum {
    MEGABYTE = 1000000,
    ROOM = 64 * MEGABYTE,
    REPEATS = 3 /* of the best one */
};

struct trial {
    long values[KNOBS_MAX];
    size_t bytes;   /* received */
    double seconds; /* of the processor, in all threads */
    uint64_t rows;  /* taken or skipped; and 1 for each import that succeeds */
    bool overspent;
};

static double cost_of(const struct trial *trial) {
    double megabytes = (double)trial->bytes / MEGABYTE;
    return trial->seconds / (megabytes < 1 ? 1 : megabytes);
}

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const char *what) {
    printf("Bail out! %s\n", what);
    exit(EXIT_FAILURE);
}

/* ---- an import ---------------------------------------------------------------------------- */

/* A reader that counts, as http/body does. */
struct counted {
    struct reader reader;
    struct text_source source;
    uint64_t received;
};

static ssize_t read_counted(void *self, char *into, size_t room, struct err *err) {
    struct counted *counted = self;
    if (room > 8192) room = 8192; /* a FastCGI record of nginx */
    ssize_t len = reader_read(&counted->source.reader, into, room, err);
    if (len > 0) counted->received += (uint64_t)len;
    return len;
}

static void open_counted(struct counted *counted, struct buf *input) {
    *counted = (struct counted){.reader = {.read = read_counted, .self = counted}};
    text_source_init(&counted->source, buf_text(input), input->len);
}

/* Dry, because a commit would have to be a real one. */
static void import(const struct reader *reader, struct directory *directory, enum input_way way,
                   struct work *work, struct trial *trial) {
    struct db db;
    struct err err;
    struct import_outcome outcome;
    struct import_target target = {
        .token = "cost",
        .dataset = "cost",
        .run = way == WAY_GROUND_TRUTH ? NULL : "cost",
        .conditions = {.dry_run = true, .match_name = way == WAY_MATCHED},
        .directory = directory,
        .work = work,
    };
    if (!db_connect(&db, "", &err)) die(err.message);
    import_outcome_init(&outcome);
    bool good = (way == WAY_GROUND_TRUTH ? import_ground_truth : import_run)(
        &db, &target, reader, &json_default_limits, &outcome, &err);
    trial->rows += outcome.rows + outcome.skipped + good;
    trial->overspent = work->spent > WORK_ALLOWANCE + WORK_PER_BYTE * *work->received;
    import_outcome_free(&outcome);
    db_close(&db);
}

static void import_file(struct buf *input, enum input_way way, struct trial *trial) {
    struct counted counted;
    struct decoder decoder;
    struct work work = {.received = &counted.received};
    open_counted(&counted, input);
    decoder_open(&decoder, &counted.reader, 0);
    import(&decoder.reader, NULL, way, &work, trial);
    decoder_close(&decoder);
}

static void import_form(struct buf *input, struct trial *trial) {
    static struct multipart multipart;
    struct counted counted;
    struct multipart_part part;
    struct err err;
    struct work work = {.received = &counted.received};
    bool more = true;
    open_counted(&counted, input);
    if (!multipart_open(&multipart, &counted.reader, "multipart/form-data; boundary=b", &err)) {
        die(err.message);
    }
    while (multipart_next_part(&multipart, &part, &more, &err) && more) {
        if (!part.filename[0]) continue;
        struct reader file = multipart_reader(&multipart);
        import(&file, NULL, WAY_RESULTS, &work, trial);
    }
}

/* ---- a directory -------------------------------------------------------------------------- */

static char folder[] = "/tmp/pgcoco-cost-XXXXXX";

/* Writes, or removes, the files of the input. */
static void for_each_file(struct buf *input, bool write_it) {
    const char *text = buf_text(input);
    for (size_t at = 0, n = 0; at < input->len; n++) {
        char path[64];
        size_t len = strlen(text + at);
        snprintf(path, sizeof path, "%s/%zu.json", folder, n);
        int fd = write_it ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
        if (write_it && (fd < 0 || write(fd, text + at, len) != (ssize_t)len)) die(path);
        if (fd >= 0) close(fd);
        if (!write_it) unlink(path);
        at += len + 1;
    }
}

static void import_directory(struct trial *trial) {
    struct directory directory;
    struct err err;
    struct work work = {.received = &directory.bytes};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) die(folder);
    if (!directory_open(&directory, fd, &json_default_limits, 0, &err)) die(err.message);
    import(NULL, &directory, WAY_DIRECTORY, &work, trial);
    directory_close(&directory);
}

/* ---- any input ---------------------------------------------------------------------------- */

static void read_query(struct buf *input, struct trial *trial) {
    static const enum parameter_id takes[] = {QUERY_RUN_NAME, QUERY_DRY_RUN, PARAMETER_NONE};
    static struct parameters parameters;
    struct err err;
    memset(&parameters, 0, sizeof parameters);
    (void)parameters_read_query(&parameters, takes, buf_text(input), &err);
    trial->rows = 1;
}

static void run(const struct input_kind *kind, struct buf *input, struct trial *trial) {
    if (kind->way == WAY_DIRECTORY) for_each_file(input, true);
    double start = processor_seconds();
    if (kind->way == WAY_DIRECTORY) {
        import_directory(trial);
    } else if (kind->way == WAY_FORM) {
        import_form(input, trial);
    } else if (kind->way == WAY_QUERY) {
        read_query(input, trial);
    } else {
        import_file(input, kind->way, trial);
    }
    trial->seconds = processor_seconds() - start;
    trial->bytes = input->len;
    if (kind->way == WAY_DIRECTORY) for_each_file(input, false);
}

/* ---- the search --------------------------------------------------------------------------- */

static double random_share(void) {
    return (double)random() / 2147483648.0;
}

/* Small numbers are as likely as large ones. */
static long random_value(const struct knob *knob) {
    double span = (double)(knob->max - knob->min + 1);
    return knob->min + (long)(pow(span, random_share()) - 1 + 1e-9);
}

static long near(const struct knob *knob, long value) {
    double factor = exp((random_share() - .5) * 2);
    long moved = (long)((double)value * factor) + (random() % 3 - 1);
    return moved < knob->min ? knob->min : moved > knob->max ? knob->max : moved;
}

/* Chooses all numbers anew, or changes some of the best ones. */
static void choose(const struct input_kind *kind, const struct trial *best, struct trial *trial) {
    bool anew = !best->bytes || random() % 3 == 0;
    for (size_t i = 0; kind->knobs[i].name; i++) {
        const struct knob *knob = &kind->knobs[i];
        long value = best->values[i];
        if (!anew && random() % 2) {
            trial->values[i] = value;
        } else {
            trial->values[i] = anew || random() % 3 == 0 ? random_value(knob) : near(knob, value);
        }
    }
}

static void try_values(const struct input_kind *kind, struct buf *input, struct trial *trial) {
    buf_reset(input);
    kind->make(trial->values, MEGABYTE, input);
    if (input->failed) die("an input is too large");
    run(kind, input, trial);
}

/* Measures the best one again, because other processes disturb. */
static void confirm(const struct input_kind *kind, struct buf *input, struct trial *best) {
    for (int i = 0; i < REPEATS; i++) {
        struct trial again = *best;
        try_values(kind, input, &again);
        if (again.seconds < best->seconds) *best = again;
    }
}

struct found {
    struct trial best;
    unsigned trials;
    uint64_t rows; /* in all trials */
    bool overspent;
};

static void search(const struct input_kind *kind, double seconds, struct buf *input,
                   struct found *found) {
    double end = processor_seconds() + seconds;
    while (processor_seconds() < end || found->trials < REPEATS) {
        struct trial trial = {.rows = 0};
        choose(kind, &found->best, &trial);
        try_values(kind, input, &trial);
        found->trials++;
        found->rows += trial.rows;
        found->overspent |= trial.overspent;
        if (!found->best.bytes || cost_of(&trial) > cost_of(&found->best)) found->best = trial;
    }
    confirm(kind, input, &found->best);
}

static bool report(const struct input_kind *kind, int number, const struct found *found) {
    const struct trial *best = &found->best;
    bool good = found->rows > 0 && !found->overspent;
    printf("%sok %d - %s: %.3f s/MB in %u trials (%zu bytes, %.3f s", good ? "" : "not ", number,
           kind->name, cost_of(best), found->trials, best->bytes, best->seconds);
    for (size_t i = 0; kind->knobs[i].name; i++) {
        printf(", %s %ld", kind->knobs[i].name, best->values[i]);
    }
    printf(")\n");
    if (found->rows == 0) printf("# none of the inputs had a row\n");
    if (found->overspent) printf("# more work was done than the bytes pay for\n");
    fflush(stdout);
    return good;
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? strtod(argv[1], NULL) : .5;
    struct buf input;
    bool good = true;
    int count = 0;
    if (!mkdtemp(folder)) die(folder);
    buf_init(&input, ROOM);
    while (input_kinds[count].name) count++;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        struct found found = {.trials = 0};
        search(&input_kinds[i], seconds, &input, &found);
        good &= report(&input_kinds[i], i + 1, &found);
    }
    buf_free(&input);
    rmdir(folder);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
