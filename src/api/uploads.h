/* Routes that take a file: ground truth, and the predictions of a run. */
#ifndef PGCOCO_API_UPLOADS_H
#define PGCOCO_API_UPLOADS_H

#include "api/exchange.h"

/* PUT /datasets/{d}, POST /datasets: sql is not used. */
void upload_dataset(struct exchange *x, const char *sql);
void upload_new_dataset(struct exchange *x, const char *sql);

/* PUT /datasets/{d}/runs/{run}, POST /datasets/{d}/predictions, POST /predictions. */
void upload_run(struct exchange *x, const char *sql);
void upload_predictions(struct exchange *x, const char *sql);
void upload_predictions_form(struct exchange *x, const char *sql);

#endif
