"""What each type of error costs, by the rules of src/evaluation/repairs.h, written plainly."""

POINTS = 101
REPAIRS = ["localisation", "classification", "both", "duplicate", "background", "missed"]


class Judged:
    """The outcomes of a scene (errors.judge): {row: Found}."""

    def __init__(self, scene, detections, truths):
        self.scene = scene
        self.detections = detections
        self.truths = truths
        class_of = {truth["row"]: truth["class"] for truth in scene.truths}
        # The class in which a detection is a hit once its error is repaired.
        self.mended = {found.other: class_of[row] for row, found in truths.items()
                       if found.outcome in ("localisation", "classification")}

    def seen(self):
        """The detections of the images that are selected, by image and place."""
        return [found for image in self.scene.images if self.scene.has_image(image)
                for found in self.scene.found_in(image)]


def points_of(judged, number, repair):
    """[(score, is a hit, had an error)] of a class."""
    points = []
    for found in judged.seen():
        verdict = judged.detections[found["row"]]
        if verdict.error == "true_positive":
            if found["class"] == number:
                points.append((found["score"], True, False))
        elif verdict.error == repair:
            if judged.mended.get(found["row"]) == number:
                points.append((found["score"], True, True))
        elif verdict.outcome != "ignored" and found["class"] == number:
            points.append((found["score"], False, True))
    if repair is None:
        return sorted(points, key=lambda point: -point[0])
    return sorted(points, key=lambda point: (-point[0], not point[2]))


def positives(judged, number, repair):
    """How many ground truths of a class are to be found."""
    return sum(truth["class"] == number and not truth["ignored"]
               and judged.scene.has_image(truth["image"])
               and not (repair == "missed"
                        and judged.truths[truth["row"]].outcome == "missed")
               for truth in judged.scene.truths)


def class_ap(points, truths):
    precisions, recalls, hits = [], [], 0
    for n, (_, is_hit, _) in enumerate(points):
        hits += is_hit
        precisions.append(hits / (n + 1))
        recalls.append(hits / truths)
    total = 0.0
    for n in range(POINTS):
        place = next((at for at, recall in enumerate(recalls) if recall >= n / 100), None)
        total += 0.0 if place is None else max(precisions[place:])
    return total / POINTS


def ap(judged, repair):
    """Over the classes that are selected; -1 if none counts."""
    aps = []
    for number in judged.scene.classes:
        points = points_of(judged, number, repair)
        truths = positives(judged, number, repair)
        if judged.scene.has_class(number) and (points or truths):
            aps.append(class_ap(points, truths) if truths else 0.0)
    return sum(aps) / len(aps) if aps else -1.0


def repairs(scene, detections, truths):
    """AP, then what each repair adds."""
    judged = Judged(scene, detections, truths)
    before = ap(judged, None)
    answer = [before]
    for repair in REPAIRS:
        after = ap(judged, repair)
        answer.append(-1.0 if min(before, after) < 0 else max(0.0, after - before))
    return answer
