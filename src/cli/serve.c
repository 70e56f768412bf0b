/* pgcoco serve: FastCGI on a socket, or one request as plain CGI. */
#include "serve/serve.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "import/server_path.h"
#include "serve/listener.h"
#include "serve/supervisor.h"

/* *directory becomes -1 without the option, whose value is `path`. */
static bool open_directory(const char *option, const char *path, int *directory) {
    struct err err;
    *directory = -1;
    if (!path) return true;
    *directory = server_directory_open(path, &err);
    if (*directory >= 0) return true;
    fprintf(stderr, "pgcoco: %s %s: %s: %s\n", option, path, err.message, err.detail);
    return false;
}

static bool open_directories(const struct options *options, struct directories *directories) {
    return open_directory("--import-dir", options->import_dir, &directories->import_dir) &&
           open_directory("--image-root", options->image_root, &directories->image_root);
}

static bool is_socket(int descriptor) {
    struct stat file;
    return fstat(descriptor, &file) == 0 && S_ISSOCK(file.st_mode);
}

static int run(const struct options *options, int count, char **operands) {
    (void)count;
    (void)operands;
    struct directories directories;
    int listener = -1;
    bool is_supervised = supervisor_has_started_this();
    /* Closes descriptors that were inherited; this process has opened none yet. */
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    signal(SIGPIPE, SIG_IGN);
    if (options->socket && !is_supervised) {
        struct err err;
        listener = listener_open(options->socket, options->backlog, &err);
        if (listener < 0) {
            fprintf(stderr, "pgcoco: %s\n", err.message);
            return STATUS_FAILED;
        }
    } else if (is_socket(STDIN_FILENO)) {
        listener = STDIN_FILENO;
    }
    if (listener >= 0 && options->respawn && !is_supervised) {
        return supervise(listener, options->arguments);
    }
    if (!open_directories(options, &directories)) return STATUS_FAILED;
    if (listener >= 0) return serve_fastcgi(options, listener, &directories);
    if (getenv("REQUEST_METHOD")) return serve_cgi(options, &directories);
    fputs("pgcoco: file descriptor 0 is not a listening socket and REQUEST_METHOD is not set;\n"
          "        give --socket PATH, or see pgcoco help\n",
          stderr);
    return STATUS_USAGE;
}

static const struct option_spec *const groups[] = {
    options_database, options_serve, options_evaluation, options_collect, options_body,
    options_json,     NULL};

const struct command command_serve = {
    .name = "serve",
    .operands = "",
    .summary = "answer HTTP requests behind a web server (the default)",
    .description =
        "Serves FastCGI on the unix socket --socket, or on the listening socket that is file "
        "descriptor 0 (systemd). Without either, answers one request as plain CGI when "
        "REQUEST_METHOD is set. The word serve may be left out.",
    .example = "pgcoco serve --db dbname=coco --socket /run/pgcoco/pgcoco.sock",
    .options = groups,
    .run = run,
};
