/* Matches rows after the last of them was copied: see match_late.h. */
#include "import/match_late.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    ARRAY_MAX = 256 * 1024 * 1024 /* bytes; about 10 million ids */
};

/* Writes one side of the pairs as a PostgreSQL array. NULL if the file has no ids of its own. */
static const char *write_array(const struct own_ids *ids, bool own, struct buf *into) {
    if (!ids->complete) return NULL;
    buf_put_char(into, '{');
    for (size_t i = 0; i < ids->count; i++) {
        buf_printf(into, "%s%" PRId64, i ? "," : "", own ? ids->ids[i].own : ids->ids[i].id);
    }
    buf_put_char(into, '}');
    return buf_text(into);
}

bool match_late(struct load *load, const char *leaf, const char *dataset_id,
                const struct own_ids *images, const struct own_ids *categories, bool numbers,
                struct err *err) {
    struct buf arrays[4];
    for (int i = 0; i < 4; i++) buf_init(&arrays[i], ARRAY_MAX);
    char offset[16];
    snprintf(offset, sizeof offset, "%" PRId32, load->category_offset);
    const char *params[] = {leaf,
                            dataset_id,
                            write_array(images, true, &arrays[0]),
                            write_array(images, false, &arrays[1]),
                            write_array(categories, true, &arrays[2]),
                            write_array(categories, false, &arrays[3]),
                            offset,
                            numbers ? "true" : "false"};
    bool fits = true;
    for (int i = 0; i < 4; i++) fits = fits && !arrays[i].failed;
    bool good = fits || err_set(err, ERR_BUSY, "too many images to match by name");
    good = good &&
           load_check(load, LOAD_CHECK("coco.match_late($1, $2, $3, $4, $5, $6, $7, $8)"), 8,
                      params, err) &&
           load_check_taken(load, "rows", err) &&
           load_count_boxes(load, leaf, NULL, dataset_id, err) &&
           db_document(load->db, "select coco.count_run($1, $2)", 2, params, &load->counts, err);
    for (int i = 0; i < 4; i++) buf_free(&arrays[i]);
    return good;
}
