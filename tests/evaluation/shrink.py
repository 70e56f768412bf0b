"""Makes a pair that shows a difference smaller, as long as it shows one."""

import copy


def shrink(pair, differs):
    pair = copy.deepcopy(pair)
    while True:
        smaller = next((one for one in smaller_ones(pair) if differs(one)), None)
        if smaller is None:
            return pair
        pair = smaller


def smaller_ones(pair):
    """Pairs with less of something: half of it first, then a single row."""
    for path in (("results",), ("ground_truth", "annotations"), ("ground_truth", "images"),
                 ("ground_truth", "categories"), ("settings", "thresholds"),
                 ("settings", "max_dets"), ("settings", "areas")):
        rows = at(pair, path)
        size = (len(rows) + 1) // 2
        while size:
            for start in range(0, len(rows), size):
                kept = rows[:start] + rows[start + size:]
                if (kept or path in (("results",), ("ground_truth", "annotations"))) \
                        and kept != rows:
                    smaller = copy.deepcopy(pair)
                    at(smaller, path)[:] = kept
                    if is_whole(smaller):
                        yield smaller
            size //= 2
    for name, value in (("images", None), ("categories", None), ("exact", True)):
        if pair["settings"][name] != value:
            yield {**pair, "settings": {**pair["settings"], name: value}}


def at(pair, path):
    for name in path:
        pair = pair[name]
    return pair


def is_whole(pair):
    """Every row's image and category are there."""
    images = {image["id"] for image in pair["ground_truth"]["images"]}
    classes = {category["id"] for category in pair["ground_truth"]["categories"]}
    return all(row["image_id"] in images and row["category_id"] in classes
               for row in pair["results"] + pair["ground_truth"]["annotations"])
