"""The made-up pairs of files that bench/evaluate evaluates, the same at every call.

An image has some ground truths, and detections of which about half lie near one of them: well or
badly placed, mostly of its class. The others lie anywhere. The frequencies of classes, the sizes
and the lengths of polygons and masks are those of COCO, more or less. Each image has random numbers
of its own, so images can be made in any order.
"""

import functools
import json
import math
import random

import rows
from rows import CLASSES, HEIGHT, WIDTH

BLOCK = 100  # images written at a time
TRUTHS_MAX = 60
CLASS_WEIGHTS = [1 / (n + 1) ** 0.9 for n in range(CLASSES)]


def random_class(rng):
    return rng.choices(range(1, CLASSES + 1), CLASS_WEIGHTS)[0]


def random_box(rng):
    w, h = 4 + rng.random() ** 3 * 400, 4 + rng.random() ** 3 * 300
    return rng.random() * (WIDTH - w), rng.random() * (HEIGHT - h), w, h


def moved(rng, box, spread):
    """A box near another one: the larger spread (0 to 0.5), the worse."""
    x, y, w, h = box
    return (x + w * spread * (rng.random() - 0.5), y + h * spread * (rng.random() - 0.5),
            w * (1 + spread * (rng.random() - 0.5)), h * (1 + spread * (rng.random() - 0.5)))


def rounded(numbers):
    return [round(number, 2) for number in numbers]


class Boxes:
    """A thing is its box."""

    detections_per_image = 97
    truths_per_image = 7.2
    random_class = staticmethod(random_class)

    @staticmethod
    def categories():
        return [{"id": id, "name": f"class {id}"} for id in rows.category_ids()]

    @staticmethod
    def random_thing(rng):
        return random_box(rng)

    @staticmethod
    def near(rng, thing, spread):
        return moved(rng, thing, spread)

    @staticmethod
    def truth(rng, thing, is_crowd):
        _, _, w, h = thing
        return {"bbox": rounded(thing), "area": w * h * (0.5 + rng.random() * 0.4)}

    @staticmethod
    def detection(rng, thing):
        return {"bbox": thing}


class Blob:
    """A shape whose upper and lower edges are waves on an ellipse; some have a gap in the middle.

    Its pixels are told column by column.
    """

    def __init__(self, box, waves, gap):
        self.box, self.waves, self.gap = box, waves, gap

    @staticmethod
    def random(rng):
        waves = [[(rng.random() * 0.35 / n, n * math.pi, rng.random() * 6) for n in (1, 2, 3)]
                 for _ in range(2)]
        return Blob(random_box(rng), waves, 0.1 if rng.random() < 0.1 else 0.0)

    def edge(self, u, side):
        """The distance from the middle line, at -1 <= u <= 1; half of the height is 1."""
        return math.sqrt(max(1 - u * u, 0)) * (
            1 - sum(size * (0.5 + 0.5 * math.sin(u * speed + phase))
                    for size, speed, phase in self.waves[side]))

    def outline(self, start, end, corners):
        x, y, w, h = self.box
        steps = [start + (end - start) * i / (corners // 2) for i in range(corners // 2 + 1)]
        upper = [(u, y + h / 2 - h / 2 * self.edge(u, 0)) for u in steps]
        lower = [(u, y + h / 2 + h / 2 * self.edge(u, 1)) for u in reversed(steps)]
        return rounded(number for u, v in upper + lower for number in (x + w / 2 * (u + 1), v))

    def polygons(self, corners):
        if not self.gap:
            return [self.outline(-1, 1, corners)]
        return [self.outline(-1, -self.gap, corners // 2), self.outline(self.gap, 1, corners // 2)]

    def runs(self):
        """Alternating runs of 0 and 1 down the columns of the image."""
        x, y, w, h = self.box
        ends = []
        for column in range(max(math.ceil(x), 0), min(math.floor(x + w), WIDTH - 1) + 1):
            u = (column + 0.5 - x) / w * 2 - 1
            if abs(u) >= self.gap:
                top = max(math.ceil(y + h / 2 - h / 2 * self.edge(u, 0)), 0)
                foot = min(math.floor(y + h / 2 + h / 2 * self.edge(u, 1)), HEIGHT - 1)
                if top < foot:
                    ends += [column * HEIGHT + top, column * HEIGHT + foot]
        ends.append(WIDTH * HEIGHT)
        return [end - start for start, end in zip([0] + ends, ends)]


def pack(runs):
    """Runs as the text of COCO's compressed RLE."""
    text = []
    for i, run in enumerate(runs):
        value = run - runs[i - 2] if i > 2 else run
        more = True
        while more:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            text.append(chr(48 + bits + 32 * more))
    return "".join(text)


class Masks(Boxes):
    """Polygons of some 28 corners in the ground truth, which has its crowds as counts; compressed
    RLE in the results, without a box."""

    detections_per_image = 20

    @staticmethod
    def random_thing(rng):
        return Blob.random(rng)

    @staticmethod
    def near(rng, thing, spread):
        return Blob(moved(rng, thing.box, spread), thing.waves, thing.gap)

    @staticmethod
    def truth(rng, thing, is_crowd):
        runs = thing.runs()
        shape = {"size": [HEIGHT, WIDTH], "counts": runs}
        if not is_crowd:
            shape = thing.polygons(10 + int(rng.expovariate(1 / 18)))
        return {"bbox": rounded(thing.box), "area": sum(runs[1::2]), "segmentation": shape}

    @staticmethod
    def detection(rng, thing):
        return {"segmentation": {"size": [HEIGHT, WIDTH], "counts": pack(thing.runs())}}


# Where the points of a person are in its box: nose, eyes, ears, shoulders, elbows, wrists, hips,
# knees, ankles.
PERSON = [(.5, .08), (.47, .06), (.53, .06), (.43, .08), (.57, .08), (.35, .22), (.65, .22),
          (.25, .38), (.75, .38), (.2, .52), (.8, .52), (.4, .54), (.6, .54), (.38, .76),
          (.62, .76), (.37, .96), (.63, .96)]
HIDDEN, LABELLED, VISIBLE = range(3)


def place_points(rng, box, noise):
    x, y, w, h = box
    return [(x + w * (u + noise * rng.gauss(0, 1)), y + h * (v + noise * rng.gauss(0, 1)))
            for u, v in PERSON]


class Poses(Boxes):
    """A person: its box, and 17 points."""

    detections_per_image = 12
    truths_per_image = 2.2

    @staticmethod
    def random_class(rng):
        return 1

    @staticmethod
    def categories():
        return [{"id": 1, "name": "person"}]

    @staticmethod
    def random_thing(rng):
        box = random_box(rng)
        return box, place_points(rng, box, 0.04)

    @staticmethod
    def near(rng, thing, spread):
        box, points = thing
        return box, [(x + box[2] * spread * rng.gauss(0, 0.12),
                      y + box[3] * spread * rng.gauss(0, 0.12)) for x, y in points]

    @staticmethod
    def truth(rng, thing, is_crowd):
        box, points = thing
        is_labelled = rng.random() > 0.05
        seen = [rng.choices([HIDDEN, LABELLED, VISIBLE], [5, 3, 12])[0] if is_labelled else HIDDEN
                for _ in points]
        numbers = [number for (x, y), v in zip(points, seen)
                   for number in ((round(x), round(y), v) if v else (0, 0, 0))]
        return {"bbox": rounded(box), "area": box[2] * box[3] * (0.4 + rng.random() * 0.3),
                "keypoints": numbers, "num_keypoints": sum(v > HIDDEN for v in seen)}

    @staticmethod
    def detection(rng, thing):
        return {"keypoints": [number for x, y in thing[1] for number in (x, y, 1)]}


KINDS = {"bbox": Boxes, "segm": Masks, "keypoints": Poses}

# ---- images


def truths_of(kind, image):
    """[(class, thing, annotation)] of an image, by its number."""
    rng = random.Random(f"truths of {image}")
    count = min(round(rng.expovariate(1 / kind.truths_per_image)), TRUTHS_MAX)
    found = []
    for n in range(count):
        category, thing, is_crowd = kind.random_class(rng), kind.random_thing(rng), \
            rng.random() < 0.01
        found.append((category, thing, {"id": image * TRUTHS_MAX + n + 1, "category_id": category,
                                        "iscrowd": int(is_crowd),
                                        **kind.truth(rng, thing, is_crowd)}))
    return found


def near_score(rng, spread):
    score = (1 - spread) * rng.random() ** 0.5 if rng.random() < 0.4 else rng.random() ** 3 * 0.3
    return min(max(score, 0.001), 1.0)


def detection_of(kind, rng, truths):
    if truths and rng.random() < 0.55:
        category, thing, _ = rng.choice(truths)
        spread = rng.random() * 0.5
        score, thing = near_score(rng, spread), kind.near(rng, thing, spread)
        if rng.random() > 0.75:
            category = kind.random_class(rng)
    else:
        score, thing = rng.random() ** 4 * 0.4 + 0.001, kind.random_thing(rng)
        category = kind.random_class(rng)
    return {"category_id": category, **kind.detection(rng, thing), "score": score}


def block_of(images, first, make):
    """JSON of what make gives for up to BLOCK images: the elements, without brackets."""
    numbers = range(first, min(first + BLOCK, images))
    elements = [{"image_id": rows.image_ids(images)[image], **element}
                for image in numbers for element in make(image)]
    return json.dumps(elements)[1:-1]


def truth_block(first, name, images):
    return block_of(images, first,
                    lambda image: [annotation for *_, annotation in
                                   truths_of(KINDS[name], image)])


def results_block(first, name, images, per_image, run):
    kind = KINDS[name]

    def detections(image):
        rng, truths = random.Random(f"{run} of {image}"), truths_of(kind, image)
        return [detection_of(kind, rng, truths) for _ in range(per_image)]

    return block_of(images, first, detections)


# ---- files


def write_truth(file, name, images):
    head = {**rows.truth(images), "categories": KINDS[name].categories()}
    del head["annotations"]
    file.write(json.dumps(head)[:-1] + ', "annotations": ')
    rows.write_array(file, functools.partial(truth_block, name=name, images=images),
                     range(0, images, BLOCK))
    file.write("}")


def truth_file(folder, name, images):
    return rows.write_once(folder / f"{name}-truth-{images}.json",
                           lambda file: write_truth(file, name, images))


def results_file(folder, name, images, run, per_image=None):
    """run: 1, 2 ...: each has other detections."""
    per_image = per_image or KINDS[name].detections_per_image
    make = functools.partial(results_block, name=name, images=images, per_image=per_image, run=run)
    return rows.write_once(folder / f"{name}-results-{images}-{per_image}-{run}.json",
                           lambda file: rows.write_array(file, make, range(0, images, BLOCK)))
