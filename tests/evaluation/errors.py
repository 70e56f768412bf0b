"""What went wrong, by the rules of TIDE as src/evaluation/findings.h has them, written plainly."""

import analysis
import repairs

T_F, T_B = 0.5, 0.1
NONE = -1
OUTCOMES = ["true_positive", "localisation", "classification", "both", "duplicate", "background",
            "missed", "ignored"]


class Found:
    """What became of a detection or a ground truth."""

    def __init__(self, outcome="missed", other=NONE, iou=0.0):
        self.outcome = self.error = outcome
        self.other = other
        self.iou = iou

    def numbers(self):
        return [OUTCOMES.index(self.outcome), OUTCOMES.index(self.error), self.other, self.iou]


def best(scene, found, truths):
    """(overlap, ground truth) of the one that a detection overlaps most, the first of equal ones;
    (0, None) if it overlaps none."""
    answer = 0.0, None
    for truth in truths:
        if scene.iou(found, truth) > answer[0]:
            answer = scene.iou(found, truth), truth
    return answer


def error_of(scene, found, truths, taken):
    """(error, overlap, ground truth or None) of a detection that has taken none."""
    own = [truth for truth in truths if truth["class"] == found["class"]]
    others = [truth for truth in truths if truth["class"] != found["class"]]
    if not truths:
        return "background", 0.0, None
    iou, truth = best(scene, found, own)
    if T_B <= iou <= T_F:
        return "localisation", iou, truth
    iou, truth = best(scene, found, others)
    if iou >= T_F:
        return "classification", iou, truth
    iou, truth = best(scene, found, [truth for truth in own if truth["row"] in taken])
    if iou >= T_F:
        return "duplicate", iou, truth
    iou, truth = best(scene, found, truths)
    if iou <= T_B:
        return "background", 0.0, None
    return "both", iou, truth


def judge(scene, image):
    """({row: Found} of detections, {row: Found} of ground truths) of an image."""
    truths = [truth for truth in scene.truths_of(image) if not truth["ignored"]]
    regions = [truth for truth in scene.truths_of(image) if truth["ignored"]]
    detections = {found["row"]: Found("ignored") for found in scene.found_in(image)}
    answer = {truth["row"]: Found() for truth in truths}
    answer.update({region["row"]: Found("ignored") for region in regions})
    seen = scene.found_in(image)[:analysis.CROSS_CLASS_DEPTH]
    taken = {}
    for found in seen:
        free = [truth for truth in truths
                if truth["class"] == found["class"] and truth["row"] not in taken]
        iou, truth = best(scene, found, free)
        if iou >= T_F:
            taken[truth["row"]] = found["row"]
            detections[found["row"]] = Found("true_positive", truth["row"], iou)
            answer[truth["row"]] = Found("true_positive", found["row"], iou)
    for found in seen:
        if detections[found["row"]].outcome == "true_positive":
            continue
        error, iou, truth = error_of(scene, found, truths, taken)
        this = detections[found["row"]] = Found(error, truth["row"] if truth else NONE, iou)
        if error in ("localisation", "classification") \
                and answer[truth["row"]].outcome == "missed":
            answer[truth["row"]] = Found(error, found["row"], iou)
        iou, region = best(scene, found, [region for region in regions
                                          if region["class"] == found["class"]])
        if iou > T_F:
            this.outcome, this.other, this.iou = "ignored", region["row"], iou
    return detections, answer


def confused(scene):
    """What the confusion matrix says of each detection at IoU .5, whatever its score."""
    takes = {}
    for image in scene.images:
        takes.update(analysis.takes_of(scene, image, T_F, float("-inf")))
    return [takes[found["row"]] for found in scene.found]


def findings(scene):
    detections, truths = {}, {}
    for image in scene.images:
        some, others = judge(scene, image)
        detections.update(some)
        truths.update(others)
    answer = {"findings": [number for found in scene.found
                           for number in detections[found["row"]].numbers()],
              "truth_findings": [number for truth in scene.truths
                                 for number in truths[truth["row"]].numbers()],
              "confused": confused(scene),
              "repairs": repairs.repairs(scene, detections, truths)}
    return {**answer, **counts(scene, detections, truths)}


def counts(scene, detections, truths):
    """How many of the selected have which outcome; of ground truths those that are missed."""
    answer = {}
    for k, number in enumerate(scene.classes):
        if scene.has_class(number):
            of_class = [0] * len(OUTCOMES)
            for one in scene.found:
                of_class[OUTCOMES.index(detections[one["row"]].outcome)] += \
                    one["class"] == number and scene.has_image(one["image"])
            for one in scene.truths:
                of_class[OUTCOMES.index("missed")] += \
                    one["class"] == number and scene.has_image(one["image"]) \
                    and truths[one["row"]].outcome == "missed"
            answer[f"errors_{k}"] = of_class
    answer["errors_all"] = [sum(column) for column in zip(*answer.values())]
    return answer
