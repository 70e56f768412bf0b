/* Keeps detections in few bytes: see records.h. */
#include "evaluation/records.h"
#include "evaluation/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* What a record is, beside its code. */
enum {
    IS_RANKED = 1,
    COUNTS = 2,
    IS_HIT = 4,
    HAS_EVENT = 8, /* its verdicts are written out; otherwise it is a miss, or outside of an area */
    RANK_BYTES = 2,
    MASK_BYTES_MAX = 4,
    EVENT_MAX = RANK_BYTES + AREAS_MAX * 2 * MASK_BYTES_MAX
};

struct mark {
    uint8_t code;
    uint8_t kind;
    uint8_t outside; /* a bit for each area; without an event */
};

/* The records of a part, by class and in the order of its list (repair_lists_walk). */
struct block {
    uint32_t *starts;     /* classes + 1, of classes from records->first on */
    size_t *event_starts; /* classes + 1, in bytes */
    double *scores;
    struct mark *marks;
    uint8_t *events;
};

struct records {
    const struct settings *settings;
    size_t max_bytes;
    size_t bytes;
    size_t areas;
    size_t mask_bytes; /* of a set of thresholds */
    uint32_t all;      /* thresholds */
    uint32_t first;    /* class */
    uint32_t end;
    struct block *blocks;
    size_t count;
    size_t cap;
    /* The part that is being added. */
    size_t added;
    size_t room;
    double *scores;
    struct mark *marks;
    struct buf events;
};

static void block_free(struct block *block) {
    free(block->starts);
    free(block->event_starts);
    free(block->scores);
    free(block->marks);
    free(block->events);
}

struct records *records_new(const struct settings *settings, size_t max_bytes, struct err *err) {
    struct records *records = calloc(1, sizeof *records);
    if (!records) {
        memory_is_out(err);
        return NULL;
    }
    records->settings = settings;
    records->max_bytes = max_bytes;
    records->areas = settings->area_count;
    records->mask_bytes = settings->threshold_count <= 8    ? 1
                          : settings->threshold_count <= 16 ? 2
                                                            : MASK_BYTES_MAX;
    records->all = (uint32_t)((UINT64_C(1) << settings->threshold_count) - 1);
    buf_init(&records->events, SIZE_MAX / 2);
    return records;
}

void records_begin(struct records *records, uint32_t first) {
    for (size_t i = 0; i < records->count; i++) block_free(&records->blocks[i]);
    records->count = 0;
    records->bytes = 0;
    records->first = first;
    records->end = UINT32_MAX;
}

void records_free(struct records *records) {
    if (!records) return;
    records_begin(records, 0);
    free(records->blocks);
    free(records->scores);
    free(records->marks);
    buf_free(&records->events);
    free(records);
}

uint32_t records_end(const struct records *records) {
    return records->end;
}

/* ---- writing ----------------------------------------------------------------------------- */

static uint8_t *put_number(uint8_t *at, uint32_t number, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) *at++ = (uint8_t)(number >> 8 * i);
    return at;
}

static void put_event(struct records *records, uint32_t rank, const struct verdict *verdicts) {
    uint8_t event[EVENT_MAX];
    uint8_t *at = put_number(event, rank, RANK_BYTES);
    for (size_t a = 0; a < records->areas; a++) {
        at = put_number(at, verdicts[a].matched, records->mask_bytes);
        at = put_number(at, verdicts[a].ignored, records->mask_bytes);
    }
    buf_put(&records->events, event, (size_t)(at - event));
}

/* Whether the verdicts say no more than in which areas the detection does not count. */
static bool is_miss(const struct records *records, const struct verdict *verdicts,
                    uint8_t *outside) {
    *outside = 0;
    for (size_t a = 0; a < records->areas; a++) {
        uint32_t ignored = verdicts[a].ignored;
        if (verdicts[a].matched != 0 || (ignored != 0 && ignored != records->all)) return false;
        if (ignored) *outside |= (uint8_t)(1u << a);
    }
    return true;
}

struct adding {
    struct records *records;
    const struct judged *judged;
};

static void add_verdicts(const struct adding *adding, uint32_t index, struct mark *mark) {
    struct records *records = adding->records;
    const struct verdict *verdicts = adding->judged->verdicts + index * records->areas;
    struct verdict point = adding->judged->points[index];
    mark->kind = IS_RANKED;
    if (!(point.ignored & 1)) mark->kind |= point.matched & 1 ? COUNTS | IS_HIT : COUNTS;
    if (is_miss(records, verdicts, &mark->outside)) return;
    mark->kind |= HAS_EVENT;
    put_event(records, adding->judged->objects->detections[index].rank, verdicts);
}

static void add_one(void *self, uint32_t index, uint8_t code) {
    const struct adding *adding = self;
    struct records *records = adding->records;
    const struct detection *detection = &adding->judged->objects->detections[index];
    struct mark *mark = &records->marks[records->added];
    *mark = (struct mark){.code = code};
    if (!repair_moves_in(code) && detection->rank < settings_depth(records->settings)) {
        add_verdicts(adding, index, mark);
    } else if (!repair_is_looked_at(code)) {
        return;
    }
    records->scores[records->added++] = detection->score;
}

/* ---- blocks ------------------------------------------------------------------------------ */

/* Room for all detections of a part; each may also move to one other class. */
static bool reserve(struct records *records, const struct objects *objects) {
    size_t room = 2 * objects->detection_count;
    if (room > records->room) {
        if (!memory_resize(&records->scores, room + 1, sizeof *records->scores) ||
            !memory_resize(&records->marks, room + 1, sizeof *records->marks)) {
            return false;
        }
        records->room = room;
    }
    if (records->count < records->cap) return true;
    size_t cap = 2 * records->cap + 16;
    if (!memory_resize(&records->blocks, cap + 1, sizeof *records->blocks)) return false;
    records->cap = cap;
    return true;
}

static size_t block_size(const struct block *block, uint32_t classes) {
    return block->starts[classes] * (sizeof *block->scores + sizeof *block->marks) +
           block->event_starts[classes] +
           (classes + 1) * (sizeof *block->starts + sizeof *block->event_starts);
}

/* Lists the records of the classes. */
static void list_classes(struct adding *adding, struct block *block) {
    struct records *records = adding->records;
    records->added = 0;
    buf_reset(&records->events);
    for (uint32_t k = records->first; k < records->end; k++) {
        if (selection_has_category(adding->judged->selection, k)) {
            repair_lists_walk(adding->judged->lists, k, add_one, adding);
        }
        block->starts[k + 1 - records->first] = (uint32_t)records->added;
        block->event_starts[k + 1 - records->first] = records->events.len;
    }
}

static bool keep_lists(const struct records *records, struct block *block) {
    size_t count = records->added;
    if (!memory_resize(&block->scores, count + 1, sizeof *block->scores) ||
        !memory_resize(&block->marks, count + 1, sizeof *block->marks) ||
        !memory_resize(&block->events, records->events.len + 1, 1) || records->events.failed) {
        return false;
    }
    memcpy(block->scores, records->scores, count * sizeof *block->scores);
    memcpy(block->marks, records->marks, count * sizeof *block->marks);
    if (records->events.len) memcpy(block->events, records->events.data, records->events.len);
    return true;
}

/* Gives back the memory of the last class. Arrays that shrink stay where they are. */
static void drop_last_class(struct records *records) {
    uint32_t classes = --records->end - records->first;
    records->bytes = 0;
    for (size_t i = 0; i < records->count; i++) {
        struct block *block = &records->blocks[i];
        (void)memory_resize(&block->scores, block->starts[classes] + 1, sizeof *block->scores);
        (void)memory_resize(&block->marks, block->starts[classes] + 1, sizeof *block->marks);
        (void)memory_resize(&block->events, block->event_starts[classes] + 1, 1);
        records->bytes += block_size(block, classes);
    }
}

bool records_add(struct records *records, const struct judged *judged, struct err *err) {
    struct adding adding = {records, judged};
    uint32_t end = (uint32_t)judged->objects->category_count;
    if (records->end > end) records->end = end;
    size_t classes = records->end - records->first;
    if (!reserve(records, judged->objects)) return memory_is_out(err);
    struct block *block = &records->blocks[records->count++];
    *block = (struct block){.starts = calloc(classes + 1, sizeof *block->starts),
                            .event_starts = calloc(classes + 1, sizeof *block->event_starts)};
    if (!block->starts || !block->event_starts) return memory_is_out(err);
    list_classes(&adding, block);
    if (!keep_lists(records, block)) return memory_is_out(err);
    records->bytes += block_size(block, (uint32_t)classes);
    while (records->bytes > records->max_bytes && records->end - records->first > 1) {
        drop_last_class(records);
    }
    return true;
}

/* ---- reading ----------------------------------------------------------------------------- */

struct cursor {
    const struct block *block;
    const uint8_t *event; /* the next one */
    uint32_t at;
    uint32_t end;
};

/* The next record of a part. */
struct source {
    double score;
    uint32_t part;
};

/* Parts have ascending images, so of equal scores the first part's comes first. */
static bool is_before(struct source one, struct source other) {
    if (one.score != other.score) return one.score > other.score;
    return one.part < other.part;
}

/* Moves the source at the top to its place. */
static void sink(struct records_walk *walk) {
    struct source *heap = walk->heap;
    struct source moved = heap[0];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= walk->count) break;
        if (child + 1 < walk->count && is_before(heap[child + 1], heap[child])) child++;
        if (!is_before(heap[child], moved)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static void rise(struct source *heap, size_t at) {
    struct source moved = heap[at];
    for (; at > 0 && is_before(moved, heap[(at - 1) / 2]); at = (at - 1) / 2) {
        heap[at] = heap[(at - 1) / 2];
    }
    heap[at] = moved;
}

bool records_open(struct records_walk *walk, const struct records *records, uint32_t k,
                  struct err *err) {
    *walk = (struct records_walk){.records = records};
    walk->heap = reallocarray(NULL, records->count + 1, sizeof *walk->heap);
    walk->cursors = reallocarray(NULL, records->count + 1, sizeof *walk->cursors);
    if (!walk->heap || !walk->cursors) return memory_is_out(err);
    for (uint32_t i = 0; i < records->count; i++) {
        const struct block *block = &records->blocks[i];
        const uint32_t *starts = block->starts + (k - records->first);
        walk->cursors[i] = (struct cursor){
            block, block->events + block->event_starts[k - records->first], starts[0], starts[1]};
        if (starts[0] == starts[1]) continue;
        walk->heap[walk->count] = (struct source){block->scores[starts[0]], i};
        rise(walk->heap, walk->count++);
    }
    return true;
}

void records_close(struct records_walk *walk) {
    free(walk->heap);
    free(walk->cursors);
}

static uint32_t take_number(const uint8_t **at, size_t bytes) {
    uint32_t number = 0;
    for (size_t i = 0; i < bytes; i++) number |= (uint32_t) * (*at)++ << 8 * i;
    return number;
}

static void read_verdicts(const struct records *records, struct cursor *cursor,
                          struct record *record) {
    struct mark mark = cursor->block->marks[cursor->at];
    bool has_event = mark.kind & HAS_EVENT;
    record->rank = has_event ? take_number(&cursor->event, RANK_BYTES) : 0;
    for (size_t a = 0; a < records->areas; a++) {
        struct verdict *verdict = &record->verdicts[a];
        verdict->matched = has_event ? take_number(&cursor->event, records->mask_bytes) : 0;
        verdict->ignored = has_event ? take_number(&cursor->event, records->mask_bytes)
                           : mark.outside >> a & 1 ? records->all
                                                   : 0;
    }
}

bool records_next(struct records_walk *walk, struct record *record) {
    if (walk->count == 0) return false;
    struct cursor *cursor = &walk->cursors[walk->heap[0].part];
    struct mark mark = cursor->block->marks[cursor->at];
    record->score = walk->heap[0].score;
    record->code = mark.code;
    record->is_ranked = mark.kind & IS_RANKED;
    record->counts = mark.kind & COUNTS;
    record->hit = mark.kind & IS_HIT;
    read_verdicts(walk->records, cursor, record);
    if (++cursor->at < cursor->end) {
        walk->heap[0].score = cursor->block->scores[cursor->at];
    } else {
        walk->heap[0] = walk->heap[--walk->count];
    }
    if (walk->count > 0) sink(walk);
    return true;
}
