/*
 * pgcoco loads COCO files into PostgreSQL, over HTTP and from a shell, and evaluates them. This
 * file holds the table of subcommands, their help, and the setup of the process that all of them
 * need.
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/command.h"
#include "config.h"
#include "options.h"

static const struct command *const commands[] = {
    &command_serve,          &command_migrate,
    &command_import_dataset, &command_import_run,
    &command_evaluate,       &command_export,
    &command_compare,        &command_gc,
    &command_openapi,        NULL, /* the end */
};

static const char exit_statuses[] =
    "exit status:\n"
    "  0    done\n"
    "  1    refused or failed; the reason is on standard error\n"
    "  2    the command line is wrong\n"
    "  130  interrupted (Ctrl-C); 143: terminated; serve ends with 0 then\n";

/* ---- help -------------------------------------------------------------------------------- */

static void print_command(const struct command *command) {
    printf("usage: pgcoco %s [OPTIONS]%s%s\n\n", command->name, command->operands[0] ? " " : "",
           command->operands);
    options_print_wrapped(command->description, 0, 0, stdout);
    fputs("\noptions:\n", stdout);
    options_print(command->options, stdout);
    printf("\nexample:\n  %s\n\n%s", command->example, exit_statuses);
}

static void print_overview(void) {
    puts("pgcoco loads COCO files into PostgreSQL: ground truth and results of detectors.\n\n"
         "usage: pgcoco COMMAND [OPTIONS] ...\n");
    for (const struct command *const *command = commands; *command; command++) {
        printf("  %-16s %s\n", (*command)->name, (*command)->summary);
    }
    printf("  %-16s %s\n  %-16s %s\n\n", "help [COMMAND]", "show the options of a command",
           "version", "print the version");
    puts("Without a command pgcoco serves.\n");
    fputs(exit_statuses, stdout);
}

/* ---- finding the subcommand -------------------------------------------------------------- */

/* True if argv begins with the words of this command; *words is their number. */
static bool is_named(const struct command *command, int argc, char **argv, int *words) {
    const char *name = command->name;
    for (*words = 0; *words < argc; ++*words) {
        size_t len = strcspn(name, " ");
        const char *word = argv[*words];
        if (strncmp(word, name, len) != 0 || word[len] != '\0') return false;
        name += len;
        if (*name++ == '\0') {
            ++*words;
            return true;
        }
    }
    return false;
}

static const struct command *find_command(int argc, char **argv, int *words) {
    for (const struct command *const *command = commands; *command; command++) {
        if (is_named(*command, argc, argv, words)) return *command;
    }
    return NULL;
}

/* True if the word starts two-word commands; lists them. */
static bool is_family(const char *word, FILE *out) {
    bool found = false;
    size_t len = strlen(word);
    for (const struct command *const *command = commands; *command; command++) {
        const char *name = (*command)->name;
        if (strncmp(name, word, len) != 0 || name[len] != ' ') continue;
        fprintf(out, "%s pgcoco %s [OPTIONS] %s\n", found ? "      " : "usage:", name,
                (*command)->operands);
        found = true;
    }
    if (found) fprintf(out, "\npgcoco help %s ... shows the options of each.\n", word);
    return found;
}

static bool is_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* word: not a subcommand; next: the word after it, or "". */
static int usage_error(const char *word, const char *next) {
    if (is_help(next) && is_family(word, stdout)) return STATUS_DONE;
    if (is_family(word, stderr)) return STATUS_USAGE;
    fprintf(stderr, "pgcoco: unknown command %s; see pgcoco help\n", word);
    return STATUS_USAGE;
}

static int help(int argc, char **argv) {
    int words;
    if (argc == 0) {
        print_overview();
        return STATUS_DONE;
    }
    const struct command *command = find_command(argc, argv, &words);
    if (command && words == argc) {
        print_command(command);
        return STATUS_DONE;
    }
    if (argc == 1 && is_family(argv[0], stdout)) return STATUS_DONE;
    return usage_error(argv[0], "");
}

/* ---- running it -------------------------------------------------------------------------- */

/* Opens /dev/null for each standard descriptor that is closed. Otherwise the next file that is
 * opened gets its number, and is read as standard input or overwritten as standard output. Standard
 * input is then empty. Standard output cannot be written, so that a lost result is an error. */
static bool open_standard_descriptors(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) continue;
        int flags = fd == STDERR_FILENO ? O_WRONLY : O_RDONLY;
        if (open("/dev/null", flags) != fd) {
            perror("pgcoco: /dev/null");
            return false;
        }
    }
    return true;
}

/* The process reads files from outside, so it must not gain privileges. */
static bool prepare_process(void) {
    /* Few arenas in spite of many threads; the memory of large elements is returned at once. */
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) return true;
    perror("pgcoco: PR_SET_NO_NEW_PRIVS");
    return false;
}

static bool check_operands(const struct command *command, int count, char **operands) {
    if (count < command->min_operands) {
        fprintf(stderr, "usage: pgcoco %s [OPTIONS] %s\n", command->name, command->operands);
        return false;
    }
    if (count > command->max_operands) {
        fprintf(stderr, "pgcoco %s: unexpected argument \"%s\"; see pgcoco help %s\n",
                command->name, operands[command->max_operands], command->name);
        return false;
    }
    return true;
}

/* Returns STATUS_FAILED instead of STATUS_DONE if standard output could not be written. */
static int check_output(int status) {
    if (fflush(stdout) != 0) {
        perror("pgcoco: standard output cannot be written");
    } else if (ferror(stdout)) {
        fputs("pgcoco: standard output cannot be written\n", stderr); /* errno is another call's */
    } else {
        return status;
    }
    return status == STATUS_DONE ? STATUS_FAILED : status;
}

/* argv: the last word of the subcommand, then options and operands. */
static int run_command(const struct command *command, int argc, char **argv) {
    struct options options;
    int first;
    options_init(&options);
    options.arguments = argv + 1;
    if (!options_parse(&options, command->options, command->name, argc, argv, &first)) {
        return STATUS_USAGE;
    }
    if (options.help) {
        print_command(command);
        return STATUS_DONE;
    }
    if (!check_operands(command, argc - first, argv + first)) return STATUS_USAGE;
    if (!prepare_process()) return STATUS_FAILED;
    return command->run(&options, argc - first, argv + first);
}

static int run_words(int argc, char **argv) {
    const char *word = argc > 1 ? argv[1] : "";
    int words;
    if (is_help(word) || strcmp(word, "help") == 0) return help(argc - 2, argv + 2);
    if (strcmp(word, "version") == 0 || strcmp(word, "--version") == 0) {
        puts(PACKAGE_STRING);
        return STATUS_DONE;
    }
    if (word[0] == '\0' || word[0] == '-') return run_command(&command_serve, argc, argv);
    const struct command *command = find_command(argc - 1, argv + 1, &words);
    if (!command) return usage_error(argv[1], argc > 2 ? argv[2] : "");
    return run_command(command, argc - words, argv + words);
}

int main(int argc, char **argv) {
    if (!open_standard_descriptors()) return STATUS_FAILED;
    return check_output(run_words(argc, argv));
}
