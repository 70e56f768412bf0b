"""Large runs are evaluated in parts. With a small limit small ones are, too, with equal numbers."""

import json
import random

import pytest

from client import refused
from samples import array

# A part of about one image and a group for each class; several images and classes; one group.
LIMITS = [1, 60, 900]
IMAGES, CLASSES = 60, 6


def box(rng, near=None):
    if near and rng.random() < 0.7:
        return [round(side + rng.choice((0, 0, 1, 2, 5)), 1) for side in near]
    return [rng.randrange(60), rng.randrange(60), rng.randrange(1, 130), rng.randrange(1, 130)]


def pair():
    """Equal scores, crowds, the id 0, rows in any order, images and classes without either side."""
    rng = random.Random(7)
    truths, results = [], []
    for image in range(1, IMAGES + 1):
        here = [(rng.randrange(1, CLASSES), box(rng)) for _ in range(rng.randrange(7))]
        truths += [{"id": len(truths) + i, "image_id": image, "category_id": category, "bbox": bbox,
                    "area": bbox[2] * bbox[3] * 0.75, "iscrowd": int(rng.random() < 0.1)}
                   for i, (category, bbox) in enumerate(here)]
        for _ in range(rng.randrange(30) if image % 9 else 0):
            category, near = rng.choice(here) if here else (1, None)
            if rng.random() < 0.3:
                category = rng.choice((1, 2, 4, 5, 6))
            results.append({"image_id": image, "category_id": category, "bbox": box(rng, near),
                            "score": rng.randrange(1, 20) / 20})
    rng.shuffle(results)
    return {"images": [{"id": id * 3, "width": 200, "height": 200, "file_name": f"{id}.jpg"}
                       for id in range(1, IMAGES + 1)],
            "categories": [{"id": id * 2, "name": f"class {id}"} for id in range(1, CLASSES + 1)],
            "annotations": [{**row, "image_id": row["image_id"] * 3,
                             "category_id": row["category_id"] * 2} for row in truths],
            }, [{**row, "image_id": row["image_id"] * 3, "category_id": row["category_id"] * 2}
                for row in results]


def put(web, name, truth, *results):
    """Imports a ground truth, and the same results as several runs."""
    assert web.put(f"/datasets/{name}", truth, {"split": "val"}).status == 201
    for run in ("whole", "parts"):
        for rows in results:
            assert web.put_run(name, run, rows).status in (200, 201)


@pytest.fixture
def made_up(web, name):
    truth, results = pair()
    put(web, name, truth, array(*results))
    return name


def stored(db, dataset, run):
    """All numbers of the evaluations of a run, but for what tells it from others."""
    which = ("from coco.evaluations e join coco.datasets d on d.id = e.dataset_id"
             " where d.name = %s and e.run_name = %s")
    mine = "'{evaluation_id,run_name,import_id,evaluated_at,duration_ms}'::text[]"
    return [db.execute(f"select to_jsonb(e) - {mine} {which} order by params", (dataset, run)
                       ).fetchall()] + [
        db.execute(f"select to_jsonb(t) - {mine} from coco.{table} t where evaluation_id in"
                   f" (select evaluation_id {which}) order by category_id", (dataset, run)
                   ).fetchall() for table in ("evaluation_classes", "evaluation_curves")]


def evaluate(shell, dataset, run, limit, *more):
    out, _ = shell.run("evaluate", dataset, run, "--json", "-q", "--evaluation-rows", str(limit),
                       *more)
    document = json.loads(out)
    return {key: value for key, value in document.items()
            if key not in ("evaluation_id", "run", "import", "evaluated_at", "duration_ms")}


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("more", [
    [], ["--split", "val"], ["--categories", "4,12"], ["--slice", "some"],
    ["--max-dets", "1,3", "--iou-thresholds", "0.3:0.7:0.1"],
    ["--areas", "all:0-1e9,tiny:0-900,huge:900-1e9", "--no-exact"],
], ids=lambda more: " ".join(more) or "plain")
def test_numbers_are_those_of_one_part(shell, web, db, made_up, limit, more):
    assert web.put(f"/datasets/{made_up}/slices/some",
                   {"image_ids": [9, 12, 15, 90, 93, 180]}).status == 200
    whole = evaluate(shell, made_up, "whole", 0, *more)
    assert whole["metrics"]["AP50"] > 0.05 and whole["best_f1"]["f1"] > 0.05
    assert evaluate(shell, made_up, "parts", limit, *more) == whole
    numbers = stored(db, made_up, "whole")
    assert numbers == stored(db, made_up, "parts") and len(numbers[2]) > 0


@pytest.mark.parametrize("folder, iou_type", [
    ("synthetic_bbox", "bbox"), ("synthetic_segm", "segm"), ("synthetic_keypoints", "keypoints")])
def test_masks_and_keypoints_are_evaluated_in_parts_too(shell, web, db, name, data, folder,
                                                        iou_type):
    put(web, name, (data(folder) / "pair.gt.json").read_bytes(),
        (data(folder) / "pair.dt.json").read_bytes())
    whole = evaluate(shell, name, "whole", 0, "--iou-type", iou_type)
    assert evaluate(shell, name, "parts", 300, "--iou-type", iou_type) == whole
    assert stored(db, name, "whole") == stored(db, name, "parts")


@pytest.mark.parametrize("limit", LIMITS)
def test_another_operating_point_is_that_of_one_part(shell, made_up, limit):
    point = ["--iou", "0.7", "--confidence", "0.55"]
    whole = evaluate(shell, made_up, "whole", 0, *point)
    assert whole["operating_point"]["iou"] == 0.7
    assert evaluate(shell, made_up, "parts", limit, *point) == whole


def matches(db, dataset, run):
    return db.execute(
        "select m.annotation_id, m.truth_id, m.image_id, m.category_id, m.outcome, m.iou,"
        " m.confidence, m.is_truth, m.is_left_out, m.confused_category_id, m.confused_confidence,"
        " m.truth_category_id, m.found_by, m.is_false_positive"
        " from coco.matches m join coco.datasets d on d.id = m.dataset_id"
        " where d.name = %s and m.source = %s order by 1, 2", (dataset, run)).fetchall()


@pytest.mark.parametrize("limit", LIMITS)
def test_matches_are_those_of_one_part(web, own_site, db, made_up, limit):
    errors = "/datasets/{}/runs/{}/errors"
    whole = web.get(errors.format(made_up, "whole")).json()
    parts = own_site("--evaluation-rows", str(limit)).get(errors.format(made_up, "parts")).json()
    assert parts["totals"] == whole["totals"] and len(whole["errors"]) > 10
    assert matches(db, made_up, "whole") == matches(db, made_up, "parts")
    assert len(matches(db, made_up, "whole")) > 500


def test_an_interval_needs_all_rows_at_once(own_site, made_up):
    page = f"/datasets/{made_up}/runs/parts/evaluation?include=interval"
    refused(own_site("--evaluation-rows", "60").get(page), 400, "bad_request",
            "more than 60 (--evaluation-rows)")


def test_a_comparison_needs_all_rows_at_once(own_site, web, made_up):
    page = f"/datasets/{made_up}/comparison?run=whole&with=parts&resamples=0"
    assert web.get(page).status == 200
    refused(own_site("--evaluation-rows", "60").get(page), 400, "bad_request",
            "a comparison needs all rows", "more than 60 (--evaluation-rows)")
