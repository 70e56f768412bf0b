"""Makes up small pairs of a ground truth and a results file, and settings, that are hard to
evaluate alike: ties, borders, crowds, empty images and masks, repeated objects."""

import math

import slow

SIDE = 40  # of most images, in pixels
BORDERS = [0.0, 1023.9999999999999, 1024.0, 1024.0000000000002, 9216.0, 1e10, 100.0]


def made_up(rng, iou_type=None):
    """{"ground_truth", "results", "settings"}"""
    iou_type = iou_type or rng.choice(["bbox", "bbox", "segm", "keypoints"])
    kind = KINDS[iou_type](rng)
    images = [{"id": number, "width": SIDE, "height": SIDE, "file_name": f"{number}.jpg"}
              for number in rng.sample(range(1, 30), rng.randint(1, 7))]
    categories = [{"id": number, "name": f"class {number}"}
                  for number in rng.sample(range(1, 95), class_count(rng))]
    settings = made_up_settings(rng, iou_type, images, categories)
    if iou_type == "keypoints":
        kind.points = len(settings["sigmas"])
    places = [(image["id"], category["id"]) for image in images for category in categories]
    truths = some_truths(rng, kind, rng.sample(places, rng.randint(0, len(places))))
    results = some_results(rng, kind, places, truths)
    return {"ground_truth": {"images": images, "categories": categories, "annotations": truths},
            "results": results, "settings": settings}


def class_count(rng):
    """Seldom so many that the numbers are too many for one of numpy's sums."""
    return rng.randint(40, 80) if rng.random() < 0.004 else rng.randint(1, 4)


# ---- settings


def made_up_settings(rng, iou_type, images, categories):
    settings = slow.default_settings(iou_type)
    if rng.random() < 0.5:
        return settings
    if rng.random() < 0.4:
        settings["thresholds"] = sorted(rng.sample([0.05, 0.1, 0.3, 0.5, 0.55, 0.6, 0.75, 0.9, 1.0],
                                                   rng.randint(1, 4)))
    if rng.random() < 0.4:
        settings["max_dets"] = sorted(rng.sample([1, 2, 3, 5, 20, 100, 150], rng.randint(1, 3)))
    if rng.random() < 0.3:
        settings["areas"] = [["all", 0.0, 1e10], ["tiny", 0.0, 100.0], ["rest", 100.0, 1e5]]
    if rng.random() < 0.3:
        settings["images"] = some_of(rng, images)
    if rng.random() < 0.3:
        settings["categories"] = some_of(rng, categories)
    if iou_type == "keypoints" and rng.random() < 0.5:
        settings["sigmas"] = [rng.choice([0.05, 0.1, 0.025]) for _ in range(rng.randint(1, 12))]
    settings["exact"] = rng.random() < 0.6
    settings["iou"] = rng.choice([0.5, 0.1, 0.75, 0.95, 1.0])
    settings["confidence"] = rng.choice([0.0, 0.25, 0.5, 0.9, 2.0])
    return settings


def some_of(rng, rows):
    return [row["id"] for row in rng.sample(rows, rng.randint(1, len(rows)))]


# ---- rows


def some_truths(rng, kind, places):
    count = rng.choice([0, 1, 3, 8, 15]) if places else 0
    if len(places) > 60:
        count = 100
    ids = rng.sample(range(rng.choice([0, 0, 1]), count + 1 if count else 1) if rng.random() < 0.5
                     else range(2 * count + 2), count)
    rows = []
    crowds = rng.choice([0, 0.1, 0.4])
    for number in ids:
        image, category = rng.choice(places)
        rows.append({"id": number, "image_id": image, "category_id": category,
                     "iscrowd": int(rng.random() < crowds), **kind.truth()})
        if rng.random() < 0.15:  # the same again, under another id
            rows.append({**rows[-1], "id": max(ids) + 1 + len(rows),
                         "category_id": rng.choice([category, rng.choice(places)[1]])})
    return rows


def some_results(rng, kind, places, truths):
    score = scores(rng)
    near = [(truth["image_id"], truth["category_id"], truth) for truth in truths]
    count = rng.choice([0, 1, 5, 20, 40]) if rng.random() < 0.97 else rng.randint(101, 250)
    if len(near) >= 100:
        count = 200
    elif count > 100:
        places = [rng.choice(places)]
        near = [row for row in near if row[:2] == places[0]]
    rows = []
    for _ in range(count):
        if near and rng.random() < 0.7:
            image, category, truth = rng.choice(near)
            if rng.random() < 0.2:
                category = rng.choice(places)[1]
            shape = kind.close_to(truth)
        else:
            image, category = rng.choice(places)
            shape = kind.detection()
        rows.append({"image_id": image, "category_id": category, "score": score(), **shape})
        if rng.random() < 0.1:
            rows.append(dict(rows[-1]))
    return rows


def scores(rng):
    """A function that returns the next score."""
    way = rng.random()
    if way < 0.1:
        return lambda: 0.5
    if way < 0.5:
        return lambda: rng.choice([0.1, 0.25, 0.3, 0.6, 0.9])
    if way < 0.6:
        return lambda: math.nextafter(rng.randint(0, 10) / 10, rng.choice([-1, 0.5, 2]))
    if way < 0.65:
        return lambda: rng.uniform(-1, 3)
    return rng.random


# ---- boxes


class Boxes:
    def __init__(self, rng):
        self.rng = rng
        self.reach = rng.choice([5, 20, 100])

    def box(self):
        rng = self.rng
        if rng.random() < 0.05:
            return [rng.randint(0, 9), rng.randint(0, 9), rng.choice([0, 5]), rng.choice([0, 5])]
        if rng.random() < 0.2:  # powers of two, so that products are exact
            return [0, 0, rng.choice([16, 32, 64, 96]), rng.choice([32, 64, 96])]
        if rng.random() < 0.5:
            return [rng.randint(0, self.reach), rng.randint(0, self.reach),
                    20 * rng.randint(1, 2), 10 * rng.randint(1, 2)]
        return [rng.uniform(-5, self.reach), rng.uniform(-5, self.reach), rng.uniform(0, 40),
                rng.uniform(0, 40)]

    def truth(self):
        box = self.box()
        area = self.rng.choice(BORDERS) if self.rng.random() < 0.35 else box[2] * box[3]
        return {"bbox": box, "area": area}

    def detection(self):
        return {"bbox": self.box()}

    def close_to(self, truth):
        """Moved a little, or cut so that the IoU is a threshold, more or less."""
        rng = self.rng
        x, y, w, h = truth["bbox"]
        way = rng.random()
        if way < 0.2:
            return {"bbox": [x, y, w, h]}
        if way < 0.6:
            share = rng.choice([0.1, 1 - 1e-11, *slow.THRESHOLDS])
            return {"bbox": [x, y, w * share, h] if rng.random() < 0.5 else [x, y, w, h * share]}
        if way < 0.8:
            return {"bbox": [x + rng.randint(-3, 3), y + rng.randint(-3, 3), w, h]}
        return {"bbox": [x + rng.gauss(0, 2), y + rng.gauss(0, 2), w * rng.uniform(0.7, 1.4),
                         h * rng.uniform(0.7, 1.4)]}


# ---- masks


class Masks:
    def __init__(self, rng):
        self.rng = rng
        self.with_boxes = rng.random() < 0.2

    def outline(self):
        rng = self.rng
        if rng.random() < 0.1:  # nothing, a line, or outside
            x, y = rng.choice([3, 3.5, 100, -20]), rng.choice([3, 4.5, -10])
            return [x, y] * 3 if rng.random() < 0.5 else [x, y, x, y + 9, x, y + 2, x, y]
        if rng.random() < 0.4:
            x, y = rng.randint(0, 30), rng.randint(0, 30)
            w, h = 2 * rng.randint(1, 10), rng.randint(1, 20)
            return [x, y, x, y + h, x + w, y + h, x + w, y]
        x, y, reach = rng.uniform(-5, 45), rng.uniform(-5, 45), rng.choice([2, 8, 20])
        return [round(middle + rng.uniform(-reach, reach), rng.choice([0, 1, 2, 15]))
                for _ in range(rng.randint(3, 9)) for middle in (x, y)]

    def runs(self, size):
        rng = self.rng
        if rng.random() < 0.2:
            return rng.choice([[size], [0, size], [5, 0, size - 5], [0, 3, 0, size - 3]])
        cuts = sorted(rng.sample(range(size + 1), rng.randint(1, 9)))
        return [b - a for a, b in zip([0] + cuts, cuts + [size])]

    def segmentation(self, may_be_polygon):
        rng = self.rng
        if may_be_polygon and rng.random() < 0.6:
            return [self.outline() for _ in range(rng.choice([1, 1, 2, 3]))]
        height, width = SIDE, SIDE
        if rng.random() < 0.02:
            height = rng.choice([20, 80])
            width = SIDE * SIDE // height
        runs = self.runs(height * width)
        return {"size": [height, width],
                "counts": runs if may_be_polygon and rng.random() < 0.3 else packed(runs)}

    def truth(self):
        area = self.rng.choice(BORDERS) if self.rng.random() < 0.2 else self.rng.uniform(0, 1600)
        return {"segmentation": self.segmentation(True), "bbox": [0, 0, 10, 10], "area": area}

    def detection(self):
        return self.with_box({"segmentation": self.segmentation(self.with_boxes)})

    def with_box(self, shape):
        if self.with_boxes:
            shape["bbox"] = [self.rng.randint(0, 9), 1.5, self.rng.randint(0, 60), 32]
        return shape

    def close_to(self, truth):
        """The same mask, or one that reaches over its end."""
        segmentation = truth["segmentation"]
        if isinstance(segmentation, list):
            if not self.with_boxes:
                return self.detection()
            return self.with_box({"segmentation": [
                [number + self.rng.choice([0, 0, 1]) for number in outline]
                for outline in segmentation]})
        runs = segmentation["counts"]
        if isinstance(runs, str):
            return self.with_box({"segmentation": dict(segmentation)})
        return self.with_box({"segmentation": {"size": segmentation["size"],
                                               "counts": packed(moved(self.rng, runs))}})


def moved(rng, runs):
    """The same runs with one of the borders elsewhere."""
    runs = list(runs)
    at = rng.randrange(len(runs))
    more = rng.randint(0, runs[at])
    if at + 1 < len(runs):
        runs[at] -= more
        runs[at + 1] += more
    return runs


def packed(runs):
    """cocoapi's text of runs: differences to the one two before, five bits a character."""
    text = ""
    for n, run in enumerate(runs):
        value = run - runs[n - 2] if n > 2 else run
        while True:
            bits, value = value & 31, value >> 5
            is_last = value == (-1 if bits & 16 else 0)
            text += chr(48 + (bits if is_last else bits | 32))
            if is_last:
                break
    return text


# ---- keypoints


class Points:
    points = 17

    def __init__(self, rng):
        self.rng = rng
        self.visible = rng.choice([0.2, 0.7, 1])

    def truth(self):
        rng = self.rng
        share = 0 if rng.random() < 0.15 else self.visible
        keypoints = []
        for _ in range(self.points):
            seen = rng.random() < share
            keypoints += [rng.randint(0, 40), rng.uniform(0, 40), rng.choice([1, 2])] if seen \
                else [0, 0, 0]
        area = rng.choice(BORDERS) if rng.random() < 0.3 else rng.uniform(1, 3000)
        return {"keypoints": keypoints, "area": area, "bbox": [5, 5, rng.randint(0, 30), 20.5],
                "num_keypoints": sum(v > 0 for v in keypoints[2::3])}

    def detection(self):
        return {"keypoints": [number for _ in range(self.points) for number in
                              (self.rng.uniform(0, 60), self.rng.randint(0, 60), 1)]}

    def close_to(self, truth):
        spread = self.rng.choice([0, 0.5, 2, 5])
        keypoints = list(truth["keypoints"])
        for n in range(self.points):
            keypoints[3 * n] += self.rng.gauss(0, spread) if spread else 0
            keypoints[3 * n + 1] += self.rng.gauss(0, spread) if spread else 0
            keypoints[3 * n + 2] = 1
        return {"keypoints": keypoints}


KINDS = {"bbox": Boxes, "segm": Masks, "keypoints": Points}
