"""A plain, slow evaluator: COCO's rules written down one after the other, without any shortcut.

What the engine in src/evaluation computes is compared with what this computes. The rules are those
of pycocotools' cocoeval.py; where it sums with numpy, this sums in numpy's order.
"""

from math import exp

import shapes

RECALL_POINTS = [n * (1.0 / 100) for n in range(100)] + [1.0]
THRESHOLDS = [0.5 + n * ((0.95 - 0.5) / 9) for n in range(9)] + [0.95]
SIGMAS = [tenths / 10.0 for tenths in (.26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07,
                                       1.07, .87, .87, .89, .89)]
AREAS = [["all", 0.0, 1e10], ["small", 0.0, 1024.0], ["medium", 1024.0, 9216.0],
         ["large", 9216.0, 1e10]]
EPSILON = 2.0 ** -52  # numpy.spacing(1)


def default_settings(iou_type):
    is_keypoints = iou_type == "keypoints"
    return {"iou_type": iou_type, "exact": True, "thresholds": THRESHOLDS,
            "max_dets": [20] if is_keypoints else [1, 10, 100],
            "areas": [AREAS[0]] + AREAS[2:] if is_keypoints else AREAS,
            "sigmas": SIGMAS if is_keypoints else [], "iou": 0.5, "confidence": 0.25,
            "images": None, "categories": None}


# ---- sums


def pairwise_sum(values):
    """numpy's sum of doubles that lie side by side. It takes 8192 of them at a time."""
    total = 0.0
    for start in range(0, len(values), 8192):
        total += sum_of_piece(values[start:start + 8192])
    return total


def sum_of_piece(values):
    count = len(values)
    if count < 8:
        return in_a_row(0.0, values)
    if count <= 128:
        eight = list(values[:8])
        whole = count - count % 8
        for n in range(8, whole):
            eight[n % 8] += values[n]
        total = (((eight[0] + eight[1]) + (eight[2] + eight[3]))
                 + ((eight[4] + eight[5]) + (eight[6] + eight[7])))
        return in_a_row(total, values[whole:])
    half = count // 2
    half -= half % 8
    return sum_of_piece(values[:half]) + sum_of_piece(values[half:])


def in_a_row(total, values):
    for value in values:
        total += value
    return total


def mean(values):
    return pairwise_sum(values) / len(values) if values else -1.0


# ---- overlaps


def box_iou(found, truth, is_crowd):
    x, y, w, h = found
    u, v, a, b = truth
    wide = min(x + w, u + a) - max(x, u)
    if wide <= 0:
        return 0.0
    high = min(y + h, v + b) - max(y, v)
    if high <= 0:
        return 0.0
    both = wide * high
    return both / (w * h if is_crowd else w * h + a * b - both)


def mask_iou(found, truth, is_crowd):
    """Of two masks: (height, width, set of pixels, gaps). pycocotools stops at a gap of both."""
    if found[:2] != truth[:2]:
        return -1.0
    end = min((found[3] & truth[3]) | {truth[0] * truth[1]})
    both = sum(pixel < end for pixel in found[2] & truth[2])
    if not both:
        return 0.0
    return both / (len(found[2]) if is_crowd
                   else sum(pixel < end for pixel in found[2] | truth[2]))


def oks(found, truth, area, box, sigmas):
    """Of two lists of x, y, visibility."""
    closeness = []
    x, y, w, h = box
    is_seen = any(visible > 0 for visible in truth[2::3])
    for n, sigma in enumerate(sigmas):
        u, v = found[3 * n], found[3 * n + 1]
        if is_seen:
            if truth[3 * n + 2] <= 0:
                continue
            dx, dy = u - truth[3 * n], v - truth[3 * n + 1]
        else:
            dx = max(0.0, x - w - u) + max(0.0, u - (x + w * 2))
            dy = max(0.0, y - h - v) + max(0.0, v - (y + h * 2))
        variance = (sigma * 2) * (sigma * 2)
        closeness.append(exp(-((dx * dx + dy * dy) / variance / (area + EPSILON) / 2)))
    return pairwise_sum(closeness) / len(closeness)


def overlap(settings, found, truth):
    if settings["iou_type"] == "bbox":
        return box_iou(found["bbox"], truth["bbox"], truth["iscrowd"])
    if settings["iou_type"] == "segm":
        return mask_iou(found["mask"], truth["mask"], truth["iscrowd"])
    return oks(found["keypoints"], truth["keypoints"], truth["area"], truth["bbox"],
               settings["sigmas"])


# ---- the objects of a pair of files


class Scene:
    """The objects of both files, and their overlaps."""

    def __init__(self, ground_truth, results, settings):
        self.settings = settings
        self.images = sorted({image["id"] for image in ground_truth["images"]})
        self.classes = sorted({category["id"] for category in ground_truth["categories"]})
        self.truths, self.found = shapes.objects(ground_truth, results, settings["iou_type"])
        self.ious = {}
        self.by_place = {}

    def has_image(self, image):
        return self.settings["images"] is None or image in self.settings["images"]

    def has_class(self, number):
        return self.settings["categories"] is None or number in self.settings["categories"]

    def truths_of(self, image, number=None):
        """In the order of the file; of all classes without a number."""
        return self.kept("truths", image, number)

    def found_in(self, image, number=None):
        """Surest first; equal ones in the order of the file."""
        return self.kept("found", image, number)

    def kept(self, kind, image, number):
        key = kind, image, number
        if key not in self.by_place:
            self.by_place[key] = [one for one in getattr(self, kind) if one["image"] == image
                                  and number in (None, one["class"])]
            if kind == "found":
                self.by_place[key].sort(key=lambda one: -one["score"])
        return self.by_place[key]

    def iou(self, found, truth):
        key = found["row"], truth["row"]
        if key not in self.ious:
            self.ious[key] = overlap(self.settings, found, truth)
        return self.ious[key]


# ---- matching


def is_outside(one, area):
    return one["area"] < area[1] or one["area"] > area[2]


def match(scene, image, number, threshold, area):
    """[(score, is matched, is ignored)] of an image and class, surest first, up to the largest cut;
    and how many ground truths count."""
    ignored = {truth["row"]: truth["ignored"] or is_outside(truth, area)
               for truth in scene.truths_of(image, number)}
    truths = sorted(scene.truths_of(image, number), key=lambda truth: ignored[truth["row"]])
    taken = set()
    verdicts = []
    for found in scene.found_in(image, number)[:scene.settings["max_dets"][-1]]:
        best = None
        least = min(threshold, 1 - 1e-10)
        for truth in truths:
            if truth["row"] in taken and not truth["iscrowd"]:
                continue
            if best and not ignored[best["row"]] and ignored[truth["row"]]:
                break
            if scene.iou(found, truth) < least:
                continue
            least = scene.iou(found, truth)
            best = truth
        is_matched = best is not None and not (scene.settings["exact"] and best["id"] == 0)
        is_ignored = best is not None and ignored[best["row"]]
        if best:
            taken.add(best["row"])
        if not is_matched and is_outside(found, area):
            is_ignored = True
        verdicts.append((found["score"], is_matched, is_ignored))
    return verdicts, sum(not flag for flag in ignored.values())


def matched_images(scene, number, threshold, area):
    """match() of all images that are selected, in the order of their ids."""
    return [match(scene, image, number, threshold, area)
            for image in scene.images if scene.has_image(image)]


def surest_first(images, cut):
    """The verdicts of some images on their `cut` surest detections, surest first."""
    together = [verdict for verdicts, _ in images for verdict in verdicts[:cut]]
    return sorted(together, key=lambda verdict: -verdict[0])


# ---- curves


def curve(images, cut):
    """(precision and score at each recall point, recall) of a class; None: no truth counts."""
    positives = sum(count for _, count in images)
    if positives == 0:
        return None
    precisions, recalls, scores = [], [], []
    hits = misses = 0.0
    for score, is_matched, is_ignored in surest_first(images, cut):
        hits += is_matched and not is_ignored
        misses += not is_matched and not is_ignored
        precisions.append(hits / (misses + hits + EPSILON))
        recalls.append(hits / positives)
        scores.append(score)
    for n in range(len(precisions) - 1, 0, -1):
        precisions[n - 1] = max(precisions[n - 1], precisions[n])
    at_points, scores_at_points = [], []
    place = 0
    for point in RECALL_POINTS:
        while place < len(recalls) and recalls[place] < point:
            place += 1
        is_reached = place < len(recalls)
        at_points.append(precisions[place] if is_reached else 0.0)
        scores_at_points.append(scores[place] if is_reached else 0.0)
    return at_points, scores_at_points, recalls[-1] if recalls else 0.0


def curves(scene):
    """precision[a][t][k][r], scores[t][k][r], recall[a][m][t][k], truths[a][k], as flat lists."""
    settings = scene.settings
    none = [-1.0] * len(RECALL_POINTS)
    precision, scores, recall, truths = [], [], [], []
    for area in settings["areas"]:
        at = [[matched_images(scene, number, threshold, area) if scene.has_class(number) else []
               for number in scene.classes] for threshold in settings["thresholds"]]
        for classes in at:
            for images in classes:
                drawn = curve(images, settings["max_dets"][-1])
                precision += drawn[0] if drawn else none
                if area is settings["areas"][0]:
                    scores += drawn[1] if drawn else none
        for cut in settings["max_dets"]:
            for classes in at:
                for images in classes:
                    drawn = curve(images, cut)
                    recall.append(drawn[2] if drawn else -1.0)
        truths += [sum(count for _, count in images) for images in at[0]]
    return {"precision": precision, "scores": scores, "recall": recall, "truths": truths}


# ---- numbers


def metrics_of(settings):
    """[(name, is recall, threshold or None, area, cut)]: indexes, in cocoeval's order."""
    names = [name for name, _, _ in settings["areas"]]
    cuts = settings["max_dets"]
    last = len(cuts) - 1
    some = [(None, "")] + [(settings["thresholds"].index(value), suffix)
                           for value, suffix in ((0.5, "50"), (0.75, "75"))
                           if value in settings["thresholds"]]
    listed = [("AP" + suffix, False, index, 0, last) for index, suffix in some]
    further = [(n, name[0] if name in ("small", "medium", "large") else "_" + name)
               for n, name in enumerate(names)][1:]
    listed += [("AP" + suffix, False, None, n, last) for n, suffix in further]
    if settings["iou_type"] == "keypoints":
        listed += [("AR" + suffix, True, index, 0, last) for index, suffix in some]
    else:
        listed += [(f"AR{cut}", True, None, 0, m) for m, cut in enumerate(cuts)]
    return listed + [("AR" + suffix, True, None, n, last) for n, suffix in further]


def metric_value(scene, drawn, metric, classes):
    """Mean over some classes (indexes); -1 if there is nothing."""
    _, is_recall, threshold, area, cut = metric
    t_count, k_count = len(scene.settings["thresholds"]), len(scene.classes)
    values = []
    chosen = range(t_count) if threshold is None else [threshold]
    if is_recall:
        start = (area * len(scene.settings["max_dets"]) + cut) * t_count
        values = [drawn["recall"][(start + t) * k_count + k] for t in chosen for k in classes]
    else:
        points = len(RECALL_POINTS)
        values = [drawn["precision"][((area * t_count + t) * k_count + k) * points + r]
                  for t in chosen for r in range(points) for k in classes]
    return mean([value for value in values if value > -1])


def metrics(scene, drawn):
    """{name: [is recall, threshold, area, cut, value, value of each class]}"""
    selected = [k for k, number in enumerate(scene.classes) if scene.has_class(number)]
    answer = {}
    for metric in metrics_of(scene.settings):
        name, is_recall, threshold, area, cut = metric
        answer[name] = [is_recall, -1 if threshold is None else threshold, area, cut,
                        metric_value(scene, drawn, metric, selected)]
        answer[name] += [metric_value(scene, drawn, metric, [k])
                         for k in range(len(scene.classes))]
    return answer


def counts(scene):
    """Images, truths, detections that are selected; then truths and detections of each class."""
    answer = []
    for number in scene.classes:
        is_selected = scene.has_class(number)
        for kind in (scene.truths, scene.found):
            answer.append(sum(is_selected and one["class"] == number
                              and scene.has_image(one["image"]) for one in kind))
    return [sum(map(scene.has_image, scene.images)), sum(answer[0::2]), sum(answer[1::2])] + answer
