/* Answers from coco.matches: see errors.h. */
#include "api/errors.h"

#include "api/documents.h"
#include "api/evaluation.h"
#include "api/routes.h"
#include "evaluation/kept_matches.h"

static bool read_document(const struct exchange *x, struct db *db, struct buf *document,
                          struct err *err) {
    const char *params[ROUTE_PARAMETERS];
    int count = document_parameters(x, params) - 1; /* the last one, sigmas, is not for SQL */
    return db_document(db, x->route->sql, count, params, document, err);
}

static bool look_up(const struct exchange *x, struct db *db,
                    const struct evaluation_request *request, struct buf *document, bool *found,
                    struct err *err) {
    return matches_are_kept(db, request, found, err) &&
           (!*found || read_document(x, db, document, err));
}

static bool make(const struct exchange *x, const struct evaluator *evaluator,
                 const struct evaluation_request *request, struct buf *document, struct err *err) {
    bool good = matches_keep(evaluator, request, err);
    /* There is a new leaf to analyze; or one to drop, after a failure. */
    x->service->wake_maintenance(x->service->maintenance);
    return good && read_document(x, evaluator->db, document, err);
}

void errors_get(struct exchange *x) {
    static const struct evaluation_kind errors = {look_up, make};
    evaluation_answer(x, &errors);
}
