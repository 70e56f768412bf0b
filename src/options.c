/* The options of the command line: see options.h. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evaluation/bootstrap.h"

enum {
    OPTIONS_MAX = 64,  /* of one subcommand */
    FIRST_ID = 256,    /* getopt's value for the first option; letters are smaller */
    HELP_COLUMN = 29,  /* where the text of an option begins */
    HELP_COLUMNS = 80, /* width of the help */
    TEXT_ROOM = 64
};

#define ELEMENT_MAX ((uint64_t)512 << 20) /* jsmn's offsets are int */
#define OFFSET_MAX 1000000
#define FIELD(field) offsetof(struct options, field)

const struct option_spec options_database[] = {
    {"db", 0, "CONNINFO", OPTION_TEXT, FIELD(conninfo), 0, 0,
     "libpq connection string or URI; without it PGHOST, PGSERVICE and so on are used"},
    {0},
};

const struct option_spec options_json[] = {
    {"max-element", 0, "BYTES", OPTION_SIZE, FIELD(json.max_element), 1, ELEMENT_MAX,
     "largest element of an array in a file"},
    {"max-tokens", 0, "N", OPTION_UNSIGNED, FIELD(json.max_tokens), 1, 100000000,
     "most JSON tokens in one element"},
    {"max-depth", 0, "N", OPTION_UNSIGNED, FIELD(json.max_depth), 1, 1000,
     "deepest nesting of one element"},
    {"window", 0, "BYTES", OPTION_SIZE, FIELD(json.window), 1, ELEMENT_MAX,
     "initial size of the window over a file"},
    {0},
};

const struct option_spec options_body[] = {
    {"max-body", 0, "BYTES", OPTION_BYTES, FIELD(body.max_bytes), 0, UINT64_MAX / 2,
     "largest body or file, before and after decompression; 0: no limit"},
    {"body-timeout", 0, "SECONDS", OPTION_UNSIGNED, FIELD(body.silence_s), 1, 86400,
     "ends a request whose client sends or reads nothing for this long; a shorter "
     "client_body_timeout of nginx comes first"},
    {"min-rate", 0, "BYTES", OPTION_UNSIGNED, FIELD(body.min_rate), 0, 1u << 30,
     "ends a request whose client sends or reads fewer bytes per second; 0: no limit"},
    {"max-duration", 0, "SECONDS", OPTION_UNSIGNED, FIELD(max_duration_s), 0, 31536000,
     "ends an upload or an evaluation that takes longer, with all that it waits for; 0: no limit"},
    {0},
};

const struct option_spec options_serve[] = {
    {"socket", 0, "PATH", OPTION_TEXT, FIELD(socket), 0, 0,
     "unix socket to listen on; a socket left by a former process is replaced"},
    {"backlog", 0, "N", OPTION_UNSIGNED, FIELD(backlog), 1, 65535,
     "connections that may wait to be accepted"},
    {"threads", 0, "N", OPTION_UNSIGNED, FIELD(threads), 1, 4096,
     "requests answered at the same time; a quarter of them are left to requests other than "
     "imports and exports"},
    {"waiting", 0, "N", OPTION_UNSIGNED, FIELD(waiting), 1, 65535,
     "connections whose requests may be on their way at the same time; if more come, the one that "
     "has waited longest gets a 503"},
    {"long-connections", 0, "N", OPTION_UNSIGNED, FIELD(long_connections), 1, 256,
     "imports and exports that use the database at the same time"},
    {"short-connections", 0, "N", OPTION_UNSIGNED, FIELD(short_connections), 1, 256,
     "reads that use the database at the same time"},
    {"evaluation-connections", 0, "N", OPTION_UNSIGNED, FIELD(evaluation_connections), 1, 256,
     "evaluations that run at the same time, each with a thread of its own, and a second "
     "connection to read faster; others wait"},
    {"evaluation-cache", 0, "BYTES", OPTION_SIZE, FIELD(evaluation_cache), 0, (uint64_t)1 << 40,
     "memory for rows of former evaluations, so that another threshold, class or slice reads "
     "none; 0: none"},
    {"respawn", 0, NULL, OPTION_FLAG, FIELD(respawn), 0, 0,
     "serve in another process, and start it again when it has died; requests wait meanwhile"},
    {"import-dir", 0, "DIR", OPTION_TEXT, FIELD(import_dir), 0, 0,
     "lets requests name files below DIR to import"},
    {"image-root", 0, "DIR", OPTION_TEXT, FIELD(image_root), 0, 0,
     "lets datasets name a directory below DIR for their pictures, which the web server serves"},
    {"drain", 0, "SECONDS", OPTION_UNSIGNED, FIELD(drain_s), 0, 86400,
     "how long running requests may take to end after SIGTERM"},
    {0},
};

const struct option_spec options_evaluation[] = {
    {"evaluation-threads", 0, "N", OPTION_UNSIGNED, FIELD(evaluation_threads), 1, 64,
     "threads that compute one evaluation"},
    {"evaluation-rows", 0, "N", OPTION_SIZE, FIELD(evaluation_rows), 0, INT32_MAX,
     "rows of a run and its ground truth that are evaluated at once; more are evaluated in parts; "
     "takes up to 180 bytes of memory for each; 0: any number at once"},
    {0},
};

const struct option_spec options_collect[] = {
    {"grace", 0, "SECONDS", OPTION_UNSIGNED, FIELD(maintenance.grace_s), 0, 86400,
     "how long an import that seems abandoned is left alone"},
    {"keep", 0, "SECONDS", OPTION_UNSIGNED, FIELD(maintenance.keep_s), 0, 604800,
     "how long the rows of a replaced import are kept, detached"},
    {"history-days", 0, "DAYS", OPTION_UNSIGNED, FIELD(maintenance.history_days), 0, 100000,
     "how long ended imports stay in the history"},
    {"history-rows", 0, "N", OPTION_UNSIGNED, FIELD(maintenance.history_rows), 0, 1000000000,
     "how many ended imports stay in the history"},
    {0},
};

const struct option_spec options_gc[] = {
    {"wait", 0, "SECONDS", OPTION_UNSIGNED, FIELD(wait_s), 0, 86400,
     "how long to wait while another process collects"},
    {0},
};

const struct option_spec options_openapi[] = {
    {"markdown", 0, NULL, OPTION_FLAG, FIELD(markdown), 0, 0,
     "print the tables of routes, parameters and errors in doc/api.md instead"},
    {0},
};

const struct option_spec options_migrate[] = {
    {"dry-run", 0, NULL, OPTION_FLAG, FIELD(dry_run), 0, 0,
     "print the SQL that would be applied, and change nothing"},
    {"lock-timeout", 0, "MILLISECONDS", OPTION_UNSIGNED, FIELD(lock_timeout_ms), 1, 3600000,
     "how long a statement may wait for a lock, with readers queued behind it"},
    {"lock-wait", 0, "SECONDS", OPTION_UNSIGNED, FIELD(lock_wait_s), 0, 86400,
     "how long to retry if a lock was not free"},
    {0},
};

const struct option_spec options_import[] = {
    {"dry-run", 'n', NULL, OPTION_FLAG, FIELD(dry_run), 0, 0,
     "do everything but commit, and print what the outcome would have been"},
    {"max-skipped", 0, "N|P%", OPTION_TEXT, FIELD(max_skipped), 0, 0,
     "refuse the file if more than N rows, or P percent, cannot be imported"},
    {"json", 0, NULL, OPTION_FLAG, FIELD(as_json), 0, 0,
     "print the outcome of each file, or its problem, as the JSON document of the HTTP answer, "
     "one per line"},
    {"token", 0, "TOKEN", OPTION_TEXT, FIELD(token), 0, 0,
     "name of this import in the history (GET /imports/TOKEN)"},
    {"no-gc", 0, NULL, OPTION_FLAG, FIELD(no_gc), 0, 0,
     "leave analyzing the new leaf and dropping the replaced one to a server or to pgcoco gc"},
    {0},
};

const struct option_spec options_progress[] = {
    {"quiet", 'q', NULL, OPTION_FLAG, FIELD(quiet), 0, 0, "show no progress"},
    {0},
};

const struct option_spec options_export[] = {
    {"output", 'o', "FILE", OPTION_TEXT, FIELD(output), 0, 0,
     "write FILE instead of standard output; - is standard output"},
    {"gzip", 0, NULL, OPTION_FLAG, FIELD(gzip), 0, 0, "compress the file"},
    {"format", 0, "FORMAT", OPTION_TEXT, FIELD(format), 0, 0,
     "coco (default); csv or jsonl, with the names of images and classes; or yolo, a tar of "
     "labels"},
    {"split", 0, "SPLIT", OPTION_TEXT, FIELD(split), 0, 0, "only images of this split"},
    {"slice", 0, "SLICE", OPTION_TEXT, FIELD(slice), 0, 0, "only images of this slice"},
    {0},
};

const struct option_spec options_compare[] = {
    {"iou-type", 0, "TYPE", OPTION_TEXT, FIELD(iou_type), 0, 0,
     "bbox (default), segm or keypoints"},
    {"slice", 0, "SLICE", OPTION_TEXT, FIELD(slice), 0, 0,
     "compare on the images of this slice only"},
    {"resamples", 0, "N", OPTION_UNSIGNED, FIELD(resamples), 0, BOOTSTRAP_RESAMPLES_MAX,
     "resamples of the images for the bootstrap; 0: none"},
    {"seed", 0, "N", OPTION_UNSIGNED, FIELD(seed), 0, UINT32_MAX,
     "seed of the resamples: the same seed gives the same intervals"},
    {"fail-if-worse", 0, "METRIC", OPTION_TEXT, FIELD(fail_if_worse), 0, 0,
     "exit with status 1 if RUN_B is worse in METRIC (AP, AP50 or AP75)"},
    {"json", 0, NULL, OPTION_FLAG, FIELD(as_json), 0, 0,
     "print the JSON document of the HTTP answer"},
    {0},
};

const struct option_spec options_dataset[] = {
    {"split", 0, "SPLIT", OPTION_TEXT, FIELD(split), 0, 0, "label of the images, such as val"},
    {"create", 0, NULL, OPTION_FLAG, FIELD(create), 0, 0, "refuse a dataset that exists"},
    {"renumber", 0, NULL, OPTION_FLAG, FIELD(renumber), 0, 0,
     "give the annotations new ids, their places in the file; keeps those that repeat an id"},
    {"add", 0, NULL, OPTION_FLAG, FIELD(add), 0, 0,
     "add the file to a dataset that exists; with --renumber its ids follow those that are there"},
    {"force", 0, NULL, OPTION_FLAG, FIELD(force), 0, 0,
     "drop the rows of runs whose images or classes are not in the file any more"},
    {"if-missing", 0, NULL, OPTION_FLAG, FIELD(if_missing), 0, 0,
     "succeed without a change if the dataset exists"},
    {0},
};

const struct option_spec options_run[] = {
    {"name", 0, "RUN", OPTION_TEXT, FIELD(name), 0, 0, "name of the run of a single FILE"},
    {"format", 0, "FORMAT", OPTION_TEXT, FIELD(format), 0, 0,
     "coco (default), or detection_annotation: each FILE is a directory of such files"},
    {"match", 0, "id|name", OPTION_TEXT, FIELD(match), 0, 0,
     "match images and categories by their names; or by their ids, even where names beside them "
     "say otherwise (without the option, such a file is refused)"},
    {"category-offset", 0, "N", OPTION_SIGNED, FIELD(category_offset), 0, OFFSET_MAX,
     "is added to every category_id, for a detector that counts from 0"},
    {0},
};

const struct option_spec options_evaluate[] = {
    {"ground-truth", 0, "FILE", OPTION_TEXT, FIELD(ground_truth), 0, 0,
     "evaluate the file RESULTS on this ground truth, and keep neither"},
    {"iou-type", 0, "TYPE", OPTION_TEXT, FIELD(iou_type), 0, 0,
     "bbox (default), segm or keypoints"},
    {"fail-under", 0, "NAME=N", OPTION_TEXTS, FIELD(fail_under), 0, 0,
     "exit with 1 if this number is lower, such as AP=0.40; may be given several times"},
    {"json", 0, NULL, OPTION_FLAG, FIELD(as_json), 0, 0,
     "print the JSON document of the HTTP answer"},
    {"csv", 0, NULL, OPTION_FLAG, FIELD(csv), 0, 0,
     "print a line for all classes together and one for each, with all digits"},
    {"errors", 0, NULL, OPTION_FLAG, FIELD(errors), 0, 0,
     "print what went wrong, by kind, and keep what became of each detection in coco.matches"},
    {"interval", 0, NULL, OPTION_FLAG, FIELD(interval), 0, 0,
     "print how sure AP is: a 95 % interval of 1,000 resamples of the images"},
    {"iou-thresholds", 0, "LIST", OPTION_TEXT, FIELD(iou_thresholds), 0, 0,
     "thresholds of AP: 0.5,0.75 or FIRST:LAST:STEP (default 0.5:0.95:0.05)"},
    {"max-dets", 0, "LIST", OPTION_TEXT, FIELD(max_dets), 0, 0,
     "most detections of an image and class, the largest for AP (default 1,10,100; keypoints: 20)"},
    {"areas", 0, "LIST", OPTION_TEXT, FIELD(areas), 0, 0,
     "ranges of areas in square pixels, the first for AP: all:0-1e10,tiny:0-256 (default: COCO's)"},
    {"categories", 0, "IDS", OPTION_TEXT, FIELD(categories), 0, 0,
     "only these classes: category ids with commas between them"},
    {"split", 0, "SPLIT", OPTION_TEXT, FIELD(split), 0, 0, "only images of this split"},
    {"slice", 0, "SLICE", OPTION_TEXT, FIELD(slice), 0, 0, "only images of this slice"},
    {"iou", 0, "N", OPTION_TEXT, FIELD(iou), 0, 0,
     "least overlap of a match at the operating point (default 0.5)"},
    {"confidence", 0, "N", OPTION_TEXT, FIELD(confidence), 0, 0,
     "least score at the operating point (default 0.25)"},
    {"sigmas", 0, "LIST", OPTION_TEXT, FIELD(sigmas), 0, 0,
     "keypoints: the sigma of each point (default: COCO's 17)"},
    {"no-exact", 0, NULL, OPTION_FLAG, FIELD(no_exact), 0, 0,
     "let a ground truth with annotation id 0 be matched, which pycocotools does not"},
    {0},
};

static const struct option_spec options_common[] = {
    {"help", 'h', NULL, OPTION_FLAG, FIELD(help), 0, 0, "print this help"},
    {0},
};

/* Two threads halve most of an evaluation; more of them leave little to other requests. */
static unsigned default_evaluation_threads(void) {
    return sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1;
}

void options_init(struct options *options) {
    *options = (struct options){
        .backlog = 1024,
        .threads = 64,
        .waiting = 1024,
        .long_connections = 8,
        .short_connections = 8,
        .evaluation_connections = 2,
        .evaluation_cache = (size_t)256 << 20,
        .evaluation_threads = default_evaluation_threads(),
        .evaluation_rows = 5500000,
        .drain_s = 30,
        .maintenance = {.grace_s = 10, .keep_s = 120, .history_days = 30, .history_rows = 100000},
        .wait_s = 30,
        .lock_timeout_ms = 500,
        .lock_wait_s = 60,
        .max_duration_s = 12 * 3600,
        .body = {.max_bytes = 0, .silence_s = 30, .min_rate = 1024},
        .json = json_default_limits,
        .resamples = BOOTSTRAP_RESAMPLES,
    };
}

/* ---- values ------------------------------------------------------------------------------ */

static bool takes_units(const struct option_spec *spec) {
    return spec->kind == OPTION_SIZE || spec->kind == OPTION_BYTES;
}

/* Reads a whole number; sizes may end with K, M or G. */
static bool read_number(const char *text, bool units, uint64_t *value) {
    static const char letters[] = "KMG";
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    if (errno != 0 || text[0] < '0' || text[0] > '9') return false;
    const char *letter = units && *end ? strchr(letters, *end) : NULL;
    if (!letter) return *end == '\0';
    unsigned shift = 10 * (unsigned)(letter - letters + 1);
    if (end[1] != '\0' || *value > UINT64_MAX >> shift) return false;
    *value <<= shift;
    return true;
}

static void write_number(const struct option_spec *spec, uint64_t value, char *into) {
    static const char letters[] = " KMG";
    int unit = 0;
    while (takes_units(spec) && unit < 3 && value >= 1024 && value % 1024 == 0) {
        value /= 1024;
        unit++;
    }
    int len = snprintf(into, TEXT_ROOM, "%" PRIu64, value);
    if (unit > 0) snprintf(into + len, TEXT_ROOM - (size_t)len, "%c", letters[unit]);
}

static bool set_number(void *at, const struct option_spec *spec, const char *text,
                       const char *command) {
    uint64_t value;
    if (read_number(text, takes_units(spec), &value) && value >= spec->min && value <= spec->max) {
        if (spec->kind == OPTION_UNSIGNED) {
            *(unsigned *)at = (unsigned)value;
        } else if (spec->kind == OPTION_SIZE) {
            *(size_t *)at = (size_t)value;
        } else {
            *(uint64_t *)at = value;
        }
        return true;
    }
    char min[TEXT_ROOM], max[TEXT_ROOM];
    write_number(spec, spec->min, min);
    write_number(spec, spec->max, max);
    fprintf(stderr, "pgcoco %s: --%s takes a number from %s to %s, not \"%s\"\n", command,
            spec->name, min, max, text);
    return false;
}

static bool set_signed(int32_t *at, const struct option_spec *spec, const char *text,
                       const char *command) {
    uint64_t value;
    bool negative = text[0] == '-';
    if (read_number(text + negative, false, &value) && value <= spec->max) {
        *at = negative ? -(int32_t)value : (int32_t)value;
        return true;
    }
    fprintf(stderr, "pgcoco %s: --%s takes a number from -%" PRIu64 " to %" PRIu64 ", not \"%s\"\n",
            command, spec->name, spec->max, spec->max, text);
    return false;
}

static bool add_text(struct option_texts *texts, const struct option_spec *spec, const char *text,
                     const char *command) {
    if (texts->count < OPTION_TEXTS_MAX) {
        texts->texts[texts->count++] = text;
        return true;
    }
    fprintf(stderr, "pgcoco %s: --%s may be given %d times\n", command, spec->name,
            OPTION_TEXTS_MAX);
    return false;
}

static bool set_option(struct options *options, const struct option_spec *spec, const char *text,
                       const char *command) {
    void *at = (char *)options + spec->at;
    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return true;
    case OPTION_TEXT:
        *(const char **)at = text;
        return true;
    case OPTION_TEXTS:
        return add_text(at, spec, text, command);
    case OPTION_SIGNED:
        return set_signed(at, spec, text, command);
    default:
        return set_number(at, spec, text, command);
    }
}

/* ---- the command line -------------------------------------------------------------------- */

/* The options of a subcommand in the form of getopt_long. */
struct known {
    const struct option_spec *specs[OPTIONS_MAX];
    struct option longs[OPTIONS_MAX + 1];
    char letters[2 * OPTIONS_MAX + 2];
};

static void know_group(struct known *known, size_t *count, const struct option_spec *group) {
    for (; group->name && *count < OPTIONS_MAX; group++, ++*count) {
        size_t len = strlen(known->letters);
        known->specs[*count] = group;
        known->longs[*count] =
            (struct option){.name = group->name,
                            .has_arg = group->argument ? required_argument : no_argument,
                            .val = FIRST_ID + (int)*count};
        if (group->letter) {
            snprintf(known->letters + len, sizeof known->letters - len, "%c%s", group->letter,
                     group->argument ? ":" : "");
        }
    }
}

static void know(struct known *known, const struct option_spec *const *groups) {
    size_t count = 0;
    memset(known, 0, sizeof *known);
    known->letters[0] = ':'; /* distinguishes a missing value from an unknown option */
    for (; *groups; groups++) know_group(known, &count, *groups);
    know_group(known, &count, options_common);
}

static const struct option_spec *find_option(const struct known *known, int id) {
    if (id >= FIRST_ID) return known->specs[id - FIRST_ID];
    for (size_t i = 0; i < OPTIONS_MAX && known->specs[i]; i++) {
        if (known->specs[i]->letter && known->specs[i]->letter == id) return known->specs[i];
    }
    return NULL;
}

/* Reports what getopt_long has refused. */
static void complain(const struct known *known, int id, const char *command, char **argv) {
    const struct option_spec *spec = optopt ? find_option(known, optopt) : NULL;
    if (id == ':' && spec) {
        fprintf(stderr, "pgcoco %s: --%s needs a value: %s\n", command, spec->name, spec->argument);
    } else if (spec) {
        fprintf(stderr, "pgcoco %s: --%s takes no value\n", command, spec->name);
    } else if (optopt) {
        fprintf(stderr, "pgcoco %s: unknown option -%c; see pgcoco help %s\n", command, optopt,
                command);
    } else {
        fprintf(stderr, "pgcoco %s: unknown option %s; see pgcoco help %s\n", command,
                argv[optind - 1], command);
    }
}

bool options_parse(struct options *options, const struct option_spec *const *groups,
                   const char *command, int argc, char **argv, int *operands) {
    struct known known;
    int id;
    know(&known, groups);
    opterr = 0;
    while ((id = getopt_long(argc, argv, known.letters, known.longs, NULL)) != -1) {
        const struct option_spec *spec = find_option(&known, id);
        if (!spec) {
            complain(&known, id, command, argv);
            return false;
        }
        if (!set_option(options, spec, optarg, command)) return false;
    }
    *operands = optind;
    if (options->json.window > options->json.max_element) {
        options->json.window = options->json.max_element;
    }
    return true;
}

/* ---- help -------------------------------------------------------------------------------- */

void options_print_wrapped(const char *words, unsigned at, unsigned indent, FILE *out) {
    bool first = true; /* word of a line */
    while (*words) {
        unsigned len = (unsigned)strcspn(words, " ");
        if (!first && at + 1 + len > HELP_COLUMNS) {
            fputc('\n', out);
            at = 0;
            first = true;
        }
        if (at < indent) fprintf(out, "%*s", (int)(indent - at), "");
        if (at < indent) at = indent;
        fprintf(out, "%s%.*s", first ? "" : " ", (int)len, words);
        at += len + (first ? 0 : 1);
        first = false;
        words += len + strspn(words + len, " ");
    }
    fputc('\n', out);
}

static bool has_number(const struct option_spec *spec) {
    return spec->kind == OPTION_UNSIGNED || takes_units(spec);
}

static uint64_t get_number(const struct options *options, const struct option_spec *spec) {
    const void *at = (const char *)options + spec->at;
    if (spec->kind == OPTION_UNSIGNED) return *(const unsigned *)at;
    if (spec->kind == OPTION_SIZE) return *(const size_t *)at;
    return *(const uint64_t *)at;
}

static void print_option(const struct options *defaults, const struct option_spec *spec,
                         FILE *out) {
    char words[512], number[TEXT_ROOM];
    int at = spec->letter ? fprintf(out, "  -%c, --%s", spec->letter, spec->name)
                          : fprintf(out, "  --%s", spec->name);
    if (spec->argument) at += fprintf(out, " %s", spec->argument);
    if (at > HELP_COLUMN - 2) {
        fputc('\n', out);
        at = 0;
    }
    snprintf(words, sizeof words, "%s", spec->help);
    if (has_number(spec)) {
        write_number(spec, get_number(defaults, spec), number);
        snprintf(words, sizeof words, "%s (default %s)", spec->help, number);
    }
    options_print_wrapped(words, (unsigned)at, HELP_COLUMN, out);
}

static void print_group(const struct options *defaults, const struct option_spec *group,
                        FILE *out) {
    for (; group->name; group++) print_option(defaults, group, out);
}

void options_print(const struct option_spec *const *groups, FILE *out) {
    struct options defaults;
    options_init(&defaults);
    for (; *groups; groups++) print_group(&defaults, *groups, out);
    print_group(&defaults, options_common, out);
}
