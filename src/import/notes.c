/* Says what was made up for a ground truth: see notes.h. */
#include "import/notes.h"

#include <inttypes.h>
#include <stdio.h>

#include "json/writer.h"

/* Appends a sentence that begins with a number, unless that is 0. */
static void put_note(struct buf *into, uint64_t count, const char *one, const char *several,
                     const char *rest) {
    char text[256];
    if (count == 0) return;
    snprintf(text, sizeof text, "%" PRIu64 " %s%s", count, count == 1 ? one : several, rest);
    if (into->len > 1) buf_put_text(into, ", ");
    json_write_text(into, text);
}

void notes_write(const struct load *load, const struct dataset_facts *facts, struct buf *into) {
    uint64_t renumbered = load->renumber ? load->taken : 0;
    buf_put_char(into, '[');
    put_note(into, facts->text_images,
             "image has a text as its id: it was numbered in the order of the file; rows of runs "
             "name it by the text",
             "images have texts as ids: they were numbered in the order of the file; rows of runs "
             "name them by the texts",
             "");
    put_note(into, renumbered, "annotation has a new id: its place in the file, from 1",
             "annotations have new ids: their places in the file, from 1", "");
    put_note(into, facts->without_id, "annotation has no id", "annotations have no id",
             " and got a number");
    put_note(into, facts->without_box, "annotation has a mask and no box:",
             "annotations have masks and no boxes:", " the box is that of the mask");
    put_note(into, facts->without_area, "annotation has no area:", "annotations have no area:",
             " it is that of the mask, or of the box where there is no mask");
    put_note(into, load->unmeasured, "annotation without an area has a mask that was not measured:",
             "annotations without areas have masks that were not measured:",
             " the area is that of the box");
    put_note(into, load->repeated, "annotation repeats an id and was skipped;",
             "annotations repeat ids and were skipped;", " renumber=1 keeps them with new ids");
    buf_put_char(into, ']');
}
