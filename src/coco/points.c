/* Lists of points: see points.h. */
#include "coco/points.h"

#include <math.h>

#include "coco/numeral.h"

const struct point_extent point_extent_empty = {INFINITY, INFINITY, -INFINITY, -INFINITY};

void point_extent_add(struct point_extent *extent, double x, double y) {
    extent->left = fmin(extent->left, x);
    extent->top = fmin(extent->top, y);
    extent->right = fmax(extent->right, x);
    extent->bottom = fmax(extent->bottom, y);
}

struct bbox point_extent_box(const struct point_extent *extent) {
    return (struct bbox){extent->left, extent->top, extent->right - extent->left,
                         extent->bottom - extent->top};
}

bool points_read(const struct json_value *object, uint32_t list, unsigned size,
                 struct point_extent *extent) {
    double x = 0;
    unsigned part = 0;
    for (uint32_t node = list + 1; node < object->nodes[list].next;
         node = object->nodes[node].next) {
        double number;
        if (numeral_double(object, node, &number) != NUMBER_OK) return false;
        if (part == 0) x = number;
        if (part == 1) point_extent_add(extent, x, number);
        part = part + 1 < size ? part + 1 : 0;
    }
    return true;
}
