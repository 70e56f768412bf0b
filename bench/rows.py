"""Files of a stated shape, the same at every call: predictions image by image, 80 classes, boxes and scores as
json.dump writes doubles that a detector has computed (14 to 17 digits)."""

import functools
import json
import multiprocessing
import os
import random
import sys

CLASSES = 80
WIDTH, HEIGHT = 640, 480
BLOCK = 20_000  # rows written at a time


@functools.cache
def image_ids(images):
    """In order, with gaps, as COCO's."""
    return sorted(random.Random(images).sample(range(1, images * 100), images))


def category_ids():
    return range(1, CLASSES + 1)


def long_number(rng, limit):
    """By chance some doubles are shorter than 14 digits, or so small that they need an exponent."""
    while True:
        text = repr(rng.random() * limit)
        if len(text) >= 15 and "e" not in text:
            return text


def prediction(rng, image_id):
    x, w = long_number(rng, WIDTH / 2), long_number(rng, WIDTH / 2)
    y, h = long_number(rng, HEIGHT / 2), long_number(rng, HEIGHT / 2)
    return (f'{{"image_id": {image_id}, "category_id": {rng.randint(1, CLASSES)}, '
            f'"bbox": [{x}, {y}, {w}, {h}], "score": {long_number(rng, 1)}}}')


def block(first, count, images):
    """The predictions from number first on: up to BLOCK of count, spread evenly over the images, in their order."""
    rng = random.Random(first)
    ids = image_ids(images)
    return ", ".join(prediction(rng, ids[i * images // count]) for i in range(first, min(first + BLOCK, count)))


def write_once(path, write):
    """A file that is there is whole: it gets its name at the end."""
    if not path.exists():
        print(f"bench: writing {path.name}", file=sys.stderr, flush=True)
        unfinished = path.with_name(path.name + ".new")
        with open(unfinished, "w") as file:
            write(file)
        os.replace(unfinished, path)
    return path


def write_results(file, count, images):
    file.write("[")
    with multiprocessing.Pool() as pool:
        blocks = pool.imap(functools.partial(block, count=count, images=images), range(0, count, BLOCK))
        for i, text in enumerate(blocks):
            file.write((", " if i else "") + text)
    file.write("]")


def results_file(folder, count, images):
    return write_once(folder / f"results-{count}-{images}.json", lambda file: write_results(file, count, images))


def truth(images):
    return {
        "images": [{"id": id, "width": WIDTH, "height": HEIGHT, "file_name": f"{id:012}.jpg"} for id in image_ids(images)],
        "categories": [{"id": id, "name": f"class {id}"} for id in category_ids()],
        "annotations": [],
    }


def truth_file(folder, images):
    return write_once(folder / f"truth-{images}.json", lambda file: json.dump(truth(images), file))
