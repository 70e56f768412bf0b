"""The numbers of evaluations, through the service, against those of pycocotools and of the plain
evaluator of tests/evaluation."""

import json
import random
import sys

import pytest

from stack import TOP

sys.path.append(str(TOP / "tests/evaluation"))
import analysis  # noqa: E402
import errors  # noqa: E402
import pairs  # noqa: E402
import repairs  # noqa: E402
import slow  # noqa: E402

FILES = [("coco_val2014_100", "bbox"), ("coco_val2014_100", "segm"), ("synthetic_bbox", "bbox"),
         ("synthetic_segm", "segm"), ("synthetic_keypoints", "keypoints")]


def alike(kind):
    """The same doubles; exp() of keypoints may differ by its last bit."""
    return (lambda x: pytest.approx(x, rel=0, abs=1e-12)) if kind == "keypoints" else lambda x: x


@pytest.mark.parametrize("folder, kind", FILES)
def test_numbers_of_files_are_those_of_pycocotools(web, name, data, folder, kind):
    folder = data(folder)
    due = json.loads((folder / "expected.json").read_text())[kind]
    truth, = (path for path in folder.iterdir()
              if path.name in ("pair.gt.json", "instances_val2014_100.json"))
    assert web.put(f"/datasets/{name}", truth.read_bytes()).status == 201
    assert web.put_run(name, "run", (folder / due["results"]).read_bytes()).status == 200
    document = web.get(f"/datasets/{name}/runs/run/evaluation?iou_type={kind}").json()
    assert document["stats"] == alike(kind)(due["stats"])
    assert {str(one["category_id"]): one["AP"] for one in document["per_class"]} == alike(kind)(
        due["per_category_ap"])


# ---- made-up pairs ------------------------------------------------------------------------------

def joined(values):
    return ",".join(format(value, ".17g") for value in values)


def query_of(settings):
    """The parameters that mean these settings; defaults are left out."""
    usual = slow.default_settings(settings["iou_type"])
    query = {"iou_type": settings["iou_type"], "exact": int(settings["exact"]),
             "iou": settings["iou"]}
    if settings["confidence"] <= 1:
        query["confidence"] = settings["confidence"]
    if settings["thresholds"] != usual["thresholds"]:
        query["iou_thresholds"] = joined(settings["thresholds"])
    if settings["max_dets"] != usual["max_dets"]:
        query["max_dets"] = joined(settings["max_dets"])
    if settings["areas"] != usual["areas"]:
        query["areas"] = ",".join(f"{name}:{joined([low])}-{joined([high])}"
                                  for name, low, high in settings["areas"])
    if settings["categories"] is not None:
        query["categories"] = joined(settings["categories"])
    if settings["images"] is not None:
        query["slice"] = "some"
    return "&".join(f"{key}={value}" for key, value in query.items())


def usable_pairs(kind, count):
    """Made-up pairs that the import takes whole, and whose settings a request can give."""
    seed = 0
    sigmas = slow.default_settings(kind)["sigmas"]
    while count:
        seed += 1
        pair = pairs.made_up(random.Random(seed), kind)
        if not pair["results"] or pair["settings"]["sigmas"] != sigmas:
            continue
        if pair["settings"]["confidence"] > 1:
            pair["settings"]["confidence"] = 0.25
        if kind == "segm" and any(not isinstance(row["segmentation"], list)
                                  and row["segmentation"]["size"] != [pairs.SIDE, pairs.SIDE]
                                  for row in pair["results"] + pair["ground_truth"]["annotations"]):
            continue
        count -= 1
        yield seed, pair


@pytest.mark.parametrize("kind", ["bbox", "segm", "keypoints"])
def test_numbers_of_made_up_files_are_those_of_the_plain_evaluator(web, name, kind):
    for seed, pair in usable_pairs(kind, 12):
        dataset = f"{name}-{seed}"
        reply = web.put(f"/datasets/{dataset}", pair["ground_truth"])
        assert (reply.status, reply.json()["skipped"]) == (201, []), seed
        reply = web.put_run(dataset, "run", json.dumps(pair["results"]).encode())
        assert (reply.status, reply.json()["skipped"]) == (200, []), seed
        if pair["settings"]["images"] is not None:
            some = {"image_ids": pair["settings"]["images"]}
            assert web.put(f"/datasets/{dataset}/slices/some", some).status == 200
        reply = web.get(f"/datasets/{dataset}/runs/run/evaluation?{query_of(pair['settings'])}"
                        "&include=curves,matrix,calibration")
        assert reply.status == 200, (seed, reply)
        check(reply.json(), pair, seed)


def check(document, pair, seed):
    scene = slow.Scene(pair["ground_truth"], pair["results"], pair["settings"])
    due = slow.metrics(scene, slow.curves(scene))
    same = alike(pair["settings"]["iou_type"])
    assert document["metrics"] == same({name: numbers[4] for name, numbers in due.items()}), seed
    classes = {one["category_id"]: one for one in document["per_class"]}
    for k, number in enumerate(scene.classes):
        if scene.has_class(number):
            got = {name: classes[number][name] for name in due}
            assert got == same({name: numbers[5 + k] for name, numbers in due.items()}), seed
    check_errors(document["errors"], scene, seed)
    check_points(document, classes, scene, (same, seed))
    assert cells_of(document["matrix"], scene) == analysis.confusion(scene)["cells"], seed


POINT = ("confidence", "true_positives", "false_positives", "false_negatives", "precision",
         "recall", "f1")
CALIBRATION = 2 * len(POINT)  # where it begins in what analysis.operations gives
ECE = CALIBRATION + 4 * analysis.BINS


def check_points(document, classes, scene, how):
    same, seed = how
    everything = analysis.operations(scene)
    due = everything.pop("operation_all")
    bins = [bin[key] for bin in document["calibration"]["bins"]
            for key in ("count", "confidence", "precision")]
    assert bins == same([due[n] for n in range(CALIBRATION, ECE) if (n - CALIBRATION) % 4 != 1])
    for got, numbers in ((document, due), *((classes[scene.classes[int(name[10:])]], numbers)
                                            for name, numbers in everything.items())):
        assert [got["operating_point"][key] for key in POINT] == same(numbers[:7]), seed
        assert [got["best_f1"][key] for key in POINT] == same(numbers[7:CALIBRATION]), seed
        assert [got["ece"], got["mce"]] == same(numbers[ECE:ECE + 2]), seed


def cells_of(matrix, scene):
    """The matrix as analysis.confusion has it: with indexes of classes."""
    places = {number: k for k, number in enumerate(scene.classes)} | {None: len(scene.classes)}
    return [number for truth, predicted, count in matrix["cells"]
            for number in (places[truth], places[predicted], count)]


def check_errors(got, scene, seed):
    detections, truths = {}, {}
    for image in scene.images:
        some, others = errors.judge(scene, image)
        detections.update(some)
        truths.update(others)
    counted = errors.counts(scene, detections, truths)["errors_all"]
    for outcome, count in zip(errors.OUTCOMES, counted):
        assert got["counts"].get(outcome, 0) == count, (seed, outcome)
    costs = repairs.repairs(scene, detections, truths)[1:]
    assert got["dap"] == pytest.approx(dict(zip(repairs.REPAIRS, costs)), rel=0, abs=1e-12), seed
