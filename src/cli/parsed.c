/* Parses documents of the database: see parsed.h. */
#include "cli/parsed.h"

#include "json/number.h"

bool parsed_open(struct parsed *parsed, struct buf *text) {
    struct err ignored; /* a document that cannot be read is not printed */
    struct json_limits limits = json_default_limits;
    limits.max_element = text->len + 1;
    if (limits.window > limits.max_element) limits.window = limits.max_element;
    text_source_init(&parsed->source, buf_text(text), text->len);
    return document_open(&parsed->document, &parsed->source.reader, &limits, &ignored) &&
           document_value(&parsed->document, &parsed->value, &ignored);
}

void parsed_close(struct parsed *parsed) {
    document_close(&parsed->document);
}

double parsed_number(const struct json_value *value, uint32_t node) {
    double number;
    bool is_number = node != 0 && value->nodes[node].type == JSON_NUMBER &&
                     number_double(value, node, &number) == NUMBER_OK;
    return is_number ? number : -1;
}
