/* Shows the page at /: see home.h. */
#include "api/home.h"

#include <string.h>

#include "api/documents.h"
#include "api/page.h"

/* The web page, where scripts run and the site has it (nginx/pgcoco-web.conf). */
static const char scripted[] =
    "<script src=\"/web/enter.js\"></script>\n"
    "<p>Browse images, compare runs and see how they did: <a href=\"/web/\">the web page</a>, "
    "which needs JavaScript. The forms here do not.</p>\n";

static const char forms[] =
    "<h2>Import predictions</h2>\n"
    "<form action=\"/predictions\" method=\"post\" enctype=\"multipart/form-data\">\n"
    "<label>Dataset <input name=\"dataset\" required></label>\n"
    "<label>Run <input name=\"run_name\"> <small>the file's name when left empty; a run of this "
    "name is replaced</small></label>\n"
    "<label>COCO results files <input type=\"file\" name=\"file\" multiple required> <small>a run "
    "each, if there are several</small></label>\n"
    "<button>Import predictions</button>\n</form>\n"
    "<h2>Add a dataset</h2>\n"
    "<form action=\"/datasets\" method=\"post\" enctype=\"multipart/form-data\">\n"
    "<label>Name <input name=\"name\" required></label>\n"
    "<label>Split <input name=\"split\"> <small>train, val … or nothing</small></label>\n"
    "<label>COCO ground-truth file <input type=\"file\" name=\"file\" required></label>\n"
    "<button>Add dataset</button>\n</form>\n"
    "<p>Programs do the same: see the <a href=\"/reference\">reference</a>.</p>\n"
    "<h2><a href=\"/datasets\">Datasets</a></h2>\n";

void home_get(struct exchange *x) {
    struct buf page;
    struct buf datasets;
    struct err err;
    buf_init(&page, ANSWER_MAX);
    buf_init(&datasets, ANSWER_MAX);
    page_begin("Import COCO files", &page);
    buf_put_text(&page, scripted);
    buf_put_text(&page, forms);
    if (document_read(x, &datasets, &err)) {
        page_json(buf_text(&datasets), datasets.len, &page);
    } else {
        log_failure(x, &err);
        page_text(err.message, strlen(err.message), &page);
    }
    page_end(&page);
    buf_free(&datasets); /* the client may read for long */
    answer_html(x, &page, true);
    buf_free(&page);
}
