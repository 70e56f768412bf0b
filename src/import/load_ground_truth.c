/* Loads a ground-truth file into a leaf and two stages: see load.h. */
#include <inttypes.h>
#include <string.h>

#include "coco/dataset.h"
#include "coco/misplaced.h"
#include "import/load.h"
#include "store/tuple.h"

enum {
    FACTS_MAX = 4 * 1024 * 1024,
    KEYS_MAX = 8 * 1024
};

void dataset_facts_init(struct dataset_facts *facts) {
    memset(facts, 0, sizeof *facts);
    buf_init(&facts->info, FACTS_MAX);
    buf_init(&facts->licenses, FACTS_MAX);
    buf_init(&facts->extra, FACTS_MAX);
    buf_init(&facts->not_kept, KEYS_MAX);
    buf_put_char(&facts->not_kept, '[');
}

void dataset_facts_free(struct dataset_facts *facts) {
    buf_free(&facts->info);
    buf_free(&facts->licenses);
    buf_free(&facts->extra);
    buf_free(&facts->not_kept);
}

/* The state of loading one file. */
struct ground_truth {
    struct load *load;
    struct dataset_scratch scratch;
    struct dataset_facts *facts;
    const char *leaf;
    const char *image_stage;
    const char *category_stage;
    bool seen[3]; /* by index in kinds[] */
    bool is_row;  /* the object has an image_id, as a row has */
};

/* Reads one element of an array and copies it. *taken tells whether it can be imported; if not,
 * *skip is filled. Returns false if the load has failed. */
typedef bool load_element(struct ground_truth *gt, const struct json_value *element, bool *taken,
                          struct skip *skip, struct err *err);

static bool load_image(struct ground_truth *gt, const struct json_value *element, bool *taken,
                       struct skip *skip, struct err *err) {
    struct image row;
    (void)err;
    gt->facts->images_offered++;
    gt->load->others++;
    *taken = dataset_read_image(element, &row, &gt->scratch, skip);
    if (!*taken) return true;
    gt->facts->images++;
    gt->facts->text_images += !row.has_number;
    tuple_put_image(&gt->load->copy, &row, gt->load->document.index, element->offset);
    return true;
}

static bool load_category(struct ground_truth *gt, const struct json_value *element, bool *taken,
                          struct skip *skip, struct err *err) {
    struct category row;
    (void)err;
    gt->load->others++;
    *taken = dataset_read_category(element, &row, &gt->scratch, skip);
    if (!*taken) return true;
    tuple_put_category(&gt->load->copy, &row, gt->load->document.index, element->offset);
    return true;
}

/* Adds the columns that finish_annotations needs. No copy may be open. */
static bool widen(struct ground_truth *gt, struct err *err) {
    /* So far either all rows had ids, or none. */
    const char *params[] = {gt->leaf, gt->facts->without_id > 0 ? "true" : "false"};
    gt->facts->unfinished = true;
    return db_execute(gt->load->db, "select coco.widen_leaf_to_finish($1, $2)", 2, params, err);
}

static bool widen_between_rows(struct ground_truth *gt, struct err *err) {
    struct copy *copy = &gt->load->copy;
    return copy_finish(copy, err) && widen(gt, err) &&
           copy_open(copy, gt->leaf, tuple_unfinished_columns, true, err);
}

static void count_annotation(struct ground_truth *gt, const struct dataset_annotation *annotation) {
    struct dataset_facts *facts = gt->facts;
    gt->load->taken++;
    facts->with_id += annotation->has_id;
    if (annotation->has_id && annotation->row.annotation_id > facts->greatest_id) {
        facts->greatest_id = annotation->row.annotation_id;
    }
    facts->without_id += !annotation->has_id && !gt->load->renumber;
    facts->without_area += annotation->row.area_derived;
    facts->without_box += annotation->row.bbox_derived;
    facts->needing_mask += annotation->needs_mask;
}

/* A row without an id gets its place in the file, from 1. Where other rows have ids, and may have
 * this one, finish_annotations gives it another. */
static bool put_annotation(struct ground_truth *gt, struct dataset_annotation *annotation,
                           struct err *err) {
    const struct dataset_facts *facts = gt->facts;
    uint64_t place = gt->load->document.index;
    bool numbered = !annotation->has_id && !gt->load->renumber;
    bool mixed = (numbered ? facts->with_id : facts->without_id) > 0;
    bool unfinished = mixed || annotation->image_text.data || annotation->needs_mask;
    if (!annotation->has_id) annotation->row.annotation_id = (int64_t)place + 1;
    if (unfinished && !facts->unfinished && !widen_between_rows(gt, err)) return false;
    if (facts->unfinished) {
        tuple_put_unfinished(&gt->load->copy, annotation, numbered, place);
    } else {
        tuple_put_annotation(&gt->load->copy, &annotation->row);
    }
    count_annotation(gt, annotation);
    return true;
}

static bool load_annotation(struct ground_truth *gt, const struct json_value *element, bool *taken,
                            struct skip *skip, struct err *err) {
    struct dataset_annotation annotation;
    gt->load->offered++;
    *taken = dataset_read_annotation(element, gt->load->renumber, &annotation, &gt->scratch, skip);
    return !*taken || put_annotation(gt, &annotation, err);
}

static const struct array_kind {
    const char *key;
    load_element *load_element;
    const char *columns;
    bool freeze;
} kinds[] = {
    {"images", load_image, tuple_image_columns, false},
    {"categories", load_category, tuple_category_columns, false},
    {"annotations", load_annotation, tuple_annotation_columns, true},
};

static const char *relation_of(const struct ground_truth *gt, size_t kind) {
    const char *const relations[] = {gt->image_stage, gt->category_stage, gt->leaf};
    return relations[kind];
}

static bool load_elements(struct ground_truth *gt, const struct array_kind *kind, struct err *err) {
    struct load *load = gt->load;
    bool more = true;
    while (more && !copy_failed(&load->copy)) {
        struct json_value element;
        struct skip skip;
        bool taken = true;
        if (!document_next_element(&load->document, &element, &more, err)) return false;
        if (more && !kind->load_element(gt, &element, &taken, &skip, err)) return false;
        if (!taken) load_skip(load, &skip, &element, load->document.index);
        if (dataset_scratch_failed(&gt->scratch)) {
            return err_set(err, ERR_BUSY, "out of memory for an element");
        }
    }
    return true;
}

static bool load_array(struct ground_truth *gt, size_t number, struct err *err) {
    const struct array_kind *kind = &kinds[number];
    struct load *load = gt->load;
    if (gt->seen[number]) return document_refuse_repeated(&load->document, kind->key, err);
    gt->seen[number] = true;
    return document_enter_array(&load->document, err) &&
           copy_open(&load->copy, relation_of(gt, number), kind->columns, kind->freeze, err) &&
           load_elements(gt, kind, err) && copy_finish(&load->copy, err);
}

static void put_key(struct buf *into, const struct slice *key) {
    buf_put(into, key->data, key->len);
}

/* Drops what did not fit. */
static void cut(struct buf *buf, size_t len) {
    buf->failed = false;
    buf->len = len;
}

/* Names a member that is not kept. Names that do not fit are dropped; one byte stays free for the
 * closing bracket. */
static void not_kept(struct dataset_facts *facts, const struct slice *key) {
    size_t before = facts->not_kept.len;
    if (before > 1) buf_put_text(&facts->not_kept, ", ");
    put_key(&facts->not_kept, key);
    if (facts->not_kept.failed || facts->not_kept.len == KEYS_MAX) cut(&facts->not_kept, before);
}

/* Keeps an unknown array, of any length, if it fits; reads it to its end in any case. */
static bool keep_array(struct load *load, struct buf *into, bool *kept, struct err *err) {
    bool more = true;
    size_t start = into->len;
    *kept = true;
    if (!document_enter_array(&load->document, err)) return false;
    buf_put_char(into, '[');
    for (size_t first = into->len; more;) {
        struct json_value element;
        if (!document_next_element(&load->document, &element, &more, err)) return false;
        if (!more || !*kept) continue;
        if (into->len > first) buf_put_char(into, ',');
        struct slice raw = json_raw(&element, 0);
        buf_put(into, raw.data, raw.len);
        *kept = !into->failed && !element.non_finite;
        if (!*kept) cut(into, start);
    }
    if (*kept) buf_put_char(into, ']');
    return true;
}

static bool keep_value(struct load *load, struct buf *into, bool *kept, struct err *err) {
    enum json_type type;
    struct json_value value;
    if (!document_peek(&load->document, &type, err)) return false;
    if (type == JSON_ARRAY) return keep_array(load, into, kept, err);
    if (!document_value(&load->document, &value, err)) return false;
    struct slice raw = json_raw(&value, 0);
    *kept = !value.non_finite;
    if (*kept) buf_put(into, raw.data, raw.len);
    return true;
}

/* Keeps a member other than the three arrays. Not if it holds NaN, which PostgreSQL's json
 * refuses. */
static bool keep_fact(struct ground_truth *gt, const char *name, const struct slice *key,
                      struct err *err) {
    struct dataset_facts *facts = gt->facts;
    struct buf *into = &facts->extra;
    if (strcmp(name, "info") == 0) into = &facts->info;
    if (strcmp(name, "licenses") == 0) into = &facts->licenses;
    bool named = into == &facts->extra;
    if (!named) buf_reset(into); /* the last one wins */
    size_t before = into->len;
    bool kept;
    if (named) {
        buf_put_char(into, before == 0 ? '{' : ',');
        put_key(into, key);
        buf_put_char(into, ':');
    }
    if (!keep_value(gt->load, into, &kept, err)) return false;
    /* One byte stays free for the closing brace. */
    if (!kept || into->failed || into->len == FACTS_MAX) {
        cut(into, before);
        not_kept(facts, key);
    }
    return true;
}

enum {
    KEY_MAX = 256
};

/* Refuses an array, or an object that is a row. */
static bool refuse_results(const struct document *document, uint64_t offset, struct err *err) {
    return document_refuse(document, offset, err,
                           "expected an object with images, categories and annotations, found "
                           "rows; %s",
                           misplaced_results);
}

static bool check_images(const struct ground_truth *gt, struct err *err) {
    if (gt->seen[0]) return true;
    return err_set(err, ERR_WRONG_SHAPE,
                   "the file has no array \"images\"; a ground truth needs one%s",
                   gt->seen[2] ? "; results go to /datasets/{dataset}/runs/{run}" : "");
}

static bool load_member(struct ground_truth *gt, const struct json_value *key, struct err *err) {
    static const char *const names[] = {"images", "categories", "annotations", "info", "licenses"};
    const char *name = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (json_equals(key, 0, names[i])) name = names[i];
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(name, kinds[i].key) == 0) return load_array(gt, i, err);
    }
    gt->is_row |= json_equals(key, 0, "image_id");
    /* Reading the value overwrites the text of the key. */
    struct slice raw = json_raw(key, 0);
    char copy[KEY_MAX];
    if (raw.len > sizeof copy) {
        return document_refuse(&gt->load->document, key->offset, err,
                               "a key is longer than %d bytes", KEY_MAX);
    }
    memcpy(copy, raw.data, raw.len);
    struct slice kept_key = {copy, raw.len};
    return keep_fact(gt, name, &kept_key, err);
}

static bool load_members(struct ground_truth *gt, struct err *err) {
    struct document *document = &gt->load->document;
    enum json_type type;
    bool more = true;
    if (!document_peek(document, &type, err)) return false;
    if (type == JSON_ARRAY) return refuse_results(document, document->window.cursor, err);
    if (!document_enter_object(document, err)) return false;
    while (more) {
        struct json_value key;
        if (!document_next_key(document, &key, &more, err)) return false;
        if (more && !load_member(gt, &key, err)) return false;
    }
    if (gt->is_row && !gt->seen[0]) return refuse_results(document, 0, err);
    if (!document_finish(document, err) || !check_images(gt, err)) return false;
    if (gt->facts->images_offered > 0 && gt->facts->images == 0) {
        return err_set(err, ERR_NOTHING_TAKEN,
                       "none of the %" PRIu64 " images in the file can be imported",
                       gt->facts->images_offered);
    }
    /* The annotations refer to images by numbers, and these images have none. */
    bool by_number = gt->facts->text_images > 0 && gt->load->taken > 0;
    return !by_number || gt->facts->unfinished || widen(gt, err);
}

bool load_ground_truth(struct load *load, const char *leaf, const char *image_stage,
                       const char *category_stage, struct dataset_facts *facts, struct err *err) {
    struct ground_truth gt = {
        .load = load,
        .facts = facts,
        .leaf = leaf,
        .image_stage = image_stage,
        .category_stage = category_stage,
    };
    dataset_scratch_init(&gt.scratch, load->limits.max_element);
    bool good = load_members(&gt, err);
    dataset_scratch_free(&gt.scratch);
    if (facts->extra.len > 0) buf_put_char(&facts->extra, '}');
    buf_put_char(&facts->not_kept, ']');
    return good;
}
