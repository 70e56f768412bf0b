/* Routes that take files: ground truths, and predictions of runs. */
#ifndef PGCOCO_API_UPLOADS_H
#define PGCOCO_API_UPLOADS_H

#include "api/exchange.h"

/* PUT /datasets/{dataset}, POST /datasets */
void upload_dataset(struct exchange *x);
void upload_new_dataset(struct exchange *x);

/* POST /datasets/{dataset}/annotations */
void upload_addition(struct exchange *x);

/* PUT /datasets/{dataset}/runs/{run}, POST /datasets/{dataset}/predictions, POST /predictions */
void upload_run(struct exchange *x);
void upload_predictions(struct exchange *x);
void upload_predictions_form(struct exchange *x);

#endif
