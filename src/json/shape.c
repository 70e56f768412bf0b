/* A fast path past the tokenizer: see shape.h. */
#include "json/shape.h"

#include <stdlib.h>
#include <string.h>

#include "json/lexical.h"

enum {
    SHAPES = 4,        /* files with optional fields have several */
    SHAPE_NODES = 128, /* room for 17 keypoints */
    SHAPE_TEXT = 4096  /* bytes of the largest object that is learned */
};

/* An object consists of fixed pieces with slots between them. A slot is a number or the inside of a
 * string. */
struct piece {
    uint16_t start; /* in the text of the shape */
    uint16_t len;
    uint16_t slot; /* the node after this piece; 0 after the last piece */
};

/* A node that is not a slot: it lies in a piece, or spans several, and moves with them. */
struct place {
    uint16_t node;
    uint16_t start;
    uint16_t end;
    uint16_t start_piece;
    uint16_t end_piece;
};

struct shape {
    uint16_t piece_count; /* 0 if nothing has been learned */
    uint16_t place_count;
    uint32_t node_count;
    struct piece pieces[SHAPE_NODES];
    struct place places[SHAPE_NODES];
    struct json_node nodes[SHAPE_NODES]; /* of the last object that matched */
    struct decimal decimals[SHAPE_NODES];
    char text[SHAPE_TEXT];
};

struct shapes {
    unsigned last;   /* the last one that matched */
    unsigned oldest; /* the next one to replace */
    struct shape shapes[SHAPES];
};

struct shapes *shapes_new(void) {
    return calloc(1, sizeof(struct shapes));
}

void shapes_free(struct shapes *shapes) {
    free(shapes);
}

/* ---- learning ---------------------------------------------------------------------------- */

static void mark_keys(const struct json_value *value, bool is_key[SHAPE_NODES]) {
    for (uint32_t i = 0; i < value->count; i++) {
        if (value->nodes[i].type != JSON_OBJECT) continue;
        uint32_t end = value->nodes[i].next;
        for (uint32_t key = i + 1; key < end; key = value->nodes[key + 1].next) is_key[key] = true;
    }
}

static void end_piece(struct shape *shape, uint32_t at, uint32_t slot) {
    shape->pieces[shape->piece_count].len =
        (uint16_t)(at - shape->pieces[shape->piece_count].start);
    shape->pieces[shape->piece_count++].slot = (uint16_t)slot;
}

/* Cuts the object at its numbers and strings. */
static void cut_pieces(struct shape *shape, const struct json_value *value,
                       const bool is_key[SHAPE_NODES]) {
    shape->piece_count = 0;
    shape->place_count = 0;
    shape->pieces[0].start = 0;
    for (uint32_t i = 0; i < value->count; i++) {
        const struct json_node *node = &value->nodes[i];
        if (node->type == JSON_NUMBER || (node->type == JSON_STRING && !is_key[i])) {
            end_piece(shape, node->start, i);
            shape->nodes[i].escaped = false; /* a string with escapes never matches */
            shape->pieces[shape->piece_count].start = (uint16_t)node->end;
        } else {
            shape->places[shape->place_count++] =
                (struct place){(uint16_t)i, (uint16_t)node->start, (uint16_t)node->end,
                               shape->piece_count, shape->piece_count};
        }
    }
    end_piece(shape, value->nodes[0].end, 0);
}

/* Finds the piece in which a container ends; with slots inside, that is a later one. */
static void find_ends(struct shape *shape) {
    for (struct place *place = shape->places; place < shape->places + shape->place_count; place++) {
        while (place->end >
               shape->pieces[place->end_piece].start + shape->pieces[place->end_piece].len) {
            place->end_piece++;
        }
    }
}

void shapes_learn(struct shapes *shapes, const struct json_value *value) {
    bool is_key[SHAPE_NODES] = {false};
    const struct json_node *root = &value->nodes[0];
    if (root->type != JSON_OBJECT || value->non_finite || value->count >= SHAPE_NODES ||
        root->end > SHAPE_TEXT) {
        return;
    }
    struct shape *shape = &shapes->shapes[shapes->oldest];
    shapes->oldest = (shapes->oldest + 1) % SHAPES;
    shape->node_count = value->count;
    memcpy(shape->nodes, value->nodes, value->count * sizeof *value->nodes);
    memcpy(shape->text, value->text, root->end);
    mark_keys(value, is_key);
    cut_pieces(shape, value, is_key);
    find_ends(shape);
}

/* ---- fitting ----------------------------------------------------------------------------- */

enum fit {
    FITS,
    DIFFERS,
    CUT /* matches up to the end of the window */
};

static enum fit fit_piece(const char **p, const char *end, const char *piece, size_t len) {
    size_t there = (size_t)(end - *p);
    if (memcmp(*p, piece, len < there ? len : there) != 0) return DIFFERS;
    *p += len;
    return len <= there ? FITS : CUT;
}

/* The next piece checks that the number ends where it should. */
static enum fit fit_number(const char **p, const char *end, struct decimal *decimal) {
    return decimal_take(p, end, decimal) ? FITS : *p == end ? CUT : DIFFERS;
}

/* Matches the inside of a string without escapes. */
static enum fit fit_text(const char **p, const char *end) {
    const char *quote = memchr(*p, '"', (size_t)(end - *p));
    size_t len = (size_t)((quote ? quote : end) - *p);
    bool escaped;
    if (lexical_string(*p, len, &escaped) < len || escaped) return DIFFERS;
    *p += len;
    return quote ? FITS : CUT;
}

static enum fit fit_slot(struct shape *shape, uint32_t slot, const char *text, const char **p,
                         const char *end) {
    struct json_node *node = &shape->nodes[slot];
    node->start = (uint32_t)(*p - text);
    enum fit fit =
        node->type == JSON_NUMBER ? fit_number(p, end, &shape->decimals[slot]) : fit_text(p, end);
    node->end = (uint32_t)(*p - text);
    return fit;
}

/* Moves the nodes that are not slots to their places in the object that matched. */
static void move_places(struct shape *shape, const uint32_t starts[SHAPE_NODES]) {
    for (const struct place *place = shape->places; place < shape->places + shape->place_count;
         place++) {
        struct json_node *node = &shape->nodes[place->node];
        node->start =
            starts[place->start_piece] + place->start - shape->pieces[place->start_piece].start;
        node->end = starts[place->end_piece] + place->end - shape->pieces[place->end_piece].start;
    }
}

/* Matches the object at text, which is in memory up to end, and fills the shape's nodes. */
static enum fit fit_object(struct shape *shape, const char *text, const char *end) {
    uint32_t starts[SHAPE_NODES]; /* of the pieces in text */
    const char *p = text;
    for (uint32_t i = 0; i < shape->piece_count; i++) {
        const struct piece *piece = &shape->pieces[i];
        starts[i] = (uint32_t)(p - text);
        enum fit fit = fit_piece(&p, end, shape->text + piece->start, piece->len);
        if (fit == FITS && piece->slot) fit = fit_slot(shape, piece->slot, text, &p, end);
        if (fit != FITS) return fit;
    }
    move_places(shape, starts);
    return FITS;
}

/* Finds the shape of the object at the cursor, trying the last match first. */
static struct shape *find_shape(struct shapes *shapes, const struct window *window, bool *cut) {
    const char *text = window_at(window, window->cursor);
    const char *end = window_at(window, window_end(window));
    *cut = false;
    for (unsigned i = 0; i < SHAPES; i++) {
        unsigned n = (shapes->last + i) % SHAPES;
        struct shape *shape = &shapes->shapes[n];
        if (shape->piece_count == 0) continue;
        enum fit fit = fit_object(shape, text, end);
        if (fit == CUT) *cut = true;
        if (fit != FITS) continue;
        shapes->last = n;
        return shape;
    }
    return NULL;
}

bool shapes_next(struct shapes *shapes, struct window *window, struct json_value *value) {
    bool cut;
    struct shape *shape;
    while ((shape = find_shape(shapes, window, &cut)) == NULL) {
        struct err ignored; /* tokens reports it again, after any error before it */
        uint64_t there = window_end(window) - window->cursor;
        if (!cut || window->ended || !window_fill(window, there ? there : 1, &ignored)) {
            return false;
        }
    }
    *value = (struct json_value){
        .text = window_at(window, window->cursor),
        .nodes = shape->nodes,
        .decimals = shape->decimals,
        .count = shape->node_count,
        .offset = window->cursor,
    };
    window->cursor += shape->nodes[0].end;
    return true;
}
