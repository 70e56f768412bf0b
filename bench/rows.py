"""Makes files for the measurements, the same at every call.

Predictions come image by image and have 80 classes. Boxes and scores have 14 to 17 digits, as
json.dump writes doubles that a detector has computed.
"""

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


def prediction(rng, image_id, least_score):
    x, w = long_number(rng, WIDTH / 2), long_number(rng, WIDTH / 2)
    y, h = long_number(rng, HEIGHT / 2), long_number(rng, HEIGHT / 2)
    category, score = rng.randint(1, CLASSES), long_number(rng, 1)
    if least_score:
        score = repr(least_score + rng.random() * (1 - least_score))
    return (f'{{"image_id": {image_id}, "category_id": {category},'
            f' "bbox": [{x}, {y}, {w}, {h}], "score": {score}}}')


def block(first, count, images, least_score=0):
    """Up to BLOCK of count predictions, from number first on, spread evenly over the images."""
    rng = random.Random(first)
    ids = image_ids(images)
    return ", ".join(prediction(rng, ids[i * images // count], least_score)
                     for i in range(first, min(first + BLOCK, count)))


def write_once(path, write):
    """A file that is there is whole: it gets its name at the end."""
    if not path.exists():
        print(f"bench: writing {path.name}", file=sys.stderr, flush=True)
        unfinished = path.with_name(path.name + ".new")
        with open(unfinished, "w") as file:
            write(file)
        os.replace(unfinished, path)
    return path


def write_array(file, make, parts):
    """make(part) gives the text of some elements; it runs in other processes."""
    file.write("[")
    # The children have no work left, and terminating them can hang where SIGTERM is handled.
    pool = multiprocessing.Pool()
    for i, text in enumerate(pool.imap(make, parts)):
        file.write((", " if i else "") + text)
    pool.close()
    pool.join()
    file.write("]")


def write_results(file, count, images, least_score):
    make = functools.partial(block, count=count, images=images, least_score=least_score)
    write_array(file, make, range(0, count, BLOCK))


def results_file(folder, count, images, least_score=0):
    """Scores lie between least_score and 1: by them a run can be told from another."""
    mark = f"-{least_score}" if least_score else ""
    return write_once(folder / f"results{mark}-{count}-{images}.json",
                      lambda file: write_results(file, count, images, least_score))


def truth(images):
    return {
        "images": [{"id": id, "width": WIDTH, "height": HEIGHT, "file_name": f"{id:012}.jpg"}
                   for id in image_ids(images)],
        "categories": [{"id": id, "name": f"class {id}"} for id in category_ids()],
        "annotations": [],
    }


def truth_file(folder, images):
    return write_once(folder / f"truth-{images}.json", lambda file: json.dump(truth(images), file))
