"""What is wrong with a ground truth is found, counted, and shown by examples."""

import random

import pytest

from samples import id_of, select, street
from stack import wait_for

CODES = ["outside_image", "no_area", "tiny", "wrong_area", "repeated",
         "image_without_annotations", "image_without_size", "image_without_file_name",
         "class_without_annotations", "rare_class", "repeated_id"]


def health(web, dataset):
    reply = web.get(f"/datasets/{dataset}/health")
    assert reply.status == 200, reply
    return reply.json()


def findings(document):
    """{code: (count, [what identifies the examples])}"""
    return {one["code"]: (one["count"],
                          [example.get("annotation_id", example.get("image_id",
                                                                    example.get("category_id")))
                           for example in one["examples"]])
            for one in document["findings"]}


def found(document):
    """Those that are there."""
    return {code: one for code, one in findings(document).items() if one[0]}


def put(web, name, *boxes, **more):
    """A ground truth with these boxes in the image 1: (box, members) or a box."""
    rows = [(box, {}) if isinstance(box[0], (int, float)) else box for box in boxes]
    truth = {"images": [{"id": 1, "file_name": "1.jpg", "width": 100, "height": 80}],
             "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
             "annotations": [{"id": n, "image_id": 1, "category_id": 1 + n % 2, "bbox": box,
                              "area": box[2] * box[3], **members}
                             for n, (box, members) in enumerate(rows, 1)], **more}
    assert web.put(f"/datasets/{name}", truth).status == 201
    return health(web, name)


def test_nothing_is_wrong(web, name):
    document = put(web, name, [0, 0, 100, 80], [-1, -1, 20, 20], [50, 50, 51, 31])
    assert found(document) == {}
    assert [one["code"] for one in document["findings"]] == CODES
    assert all(one["what"] for one in document["findings"])
    assert (document["state"], document["dataset"]) == ("made", name)
    assert (document["annotation_count"], document["image_count"]) == (3, 1)


@pytest.mark.parametrize("box, members, code", [
    ([-1.1, 0, 20, 20], {}, "outside_image"),
    ([0, -1.1, 20, 20], {}, "outside_image"),
    ([90, 0, 11.1, 20], {}, "outside_image"),
    ([0, 70, 20, 11.1], {}, "outside_image"),
    ([5, 5, 0, 20], {"area": 1}, "no_area"),
    ([5, 5, 20, 0], {"area": 0}, "no_area"),
    ([5, 5, 3.9, 4], {}, "tiny"),
    ([5, 5, 10, 10], {"area": 0}, "wrong_area"),
    ([5, 5, 10, 10], {"area": 102.1}, "wrong_area"),
])
def test_a_box_is_wrong(web, name, box, members, code):
    document = put(web, name, [30, 30, 20, 20], (box, members), [30, 30, 20, 20])
    assert found(document)[code] == (1, [2])
    example, = next(one["examples"] for one in document["findings"] if one["code"] == code)
    assert example["bbox"] == box and example["link"] == f"/datasets/{name}/images/1"
    assert (example["width"], example["height"]) == (100, 80)


@pytest.mark.parametrize("box, members", [
    ([5, 5, 4, 4], {}), ([5, 5, 10, 10], {"area": 102}), ([5, 5, 10, 10], {"area": 0.1}),
    ([90, 70, 11, 11], {})])
def test_a_box_is_not_quite_wrong(web, name, box, members):
    assert found(put(web, name, [30, 30, 20, 20], (box, members))) == {}


def test_a_box_of_an_image_without_a_size_is_outside_on_the_left_only(web, name):
    document = put(web, name, [90, 0, 999, 20], [-5, 0, 20, 20], images=[{"id": 1}])
    assert found(document) == {"outside_image": (1, [2]), "image_without_size": (1, [1]),
                               "image_without_file_name": (1, [1])}


def iou(a, b):
    across = max(min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0]), 0)
    down = max(min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1]), 0)
    return across * down / (a[2] * a[3] + b[2] * b[3] - across * down)


@pytest.mark.parametrize("seed", range(4))
def test_boxes_that_repeat_another_are_those_that_comparing_all_gives(web, db, name, seed):
    rng = random.Random(seed)
    boxes = []
    for _ in range(160):
        box = [rng.uniform(0, 60), rng.uniform(0, 50), rng.uniform(1, 30), rng.uniform(1, 30)]
        if boxes and rng.random() < .6:
            x, y, w, h = rng.choice(boxes)
            box = [x, y, w, h] if rng.random() < .3 else [
                x + rng.uniform(-.03, .03) * w, y + rng.uniform(-.03, .03) * h,
                w * rng.uniform(.97, 1.03), h * rng.uniform(.97, 1.03)]
        boxes.append(box)
    images = [{"id": n, "file_name": "a", "width": 100, "height": 100} for n in (1, 2)]
    document = put(web, name, *((box, {"image_id": 1 + n % 2, "category_id": 1 + n // 2 % 2})
                                for n, box in enumerate(boxes)), images=images)
    rows = sorted(select(db, "annotation_id, image_id, category_id, bbox_x, bbox_y, bbox_w, bbox_h",
                         name, "ground_truth"))
    due = [a[0] for a in rows
           if any(b[:1] < a[:1] and b[1:3] == a[1:3] and iou(a[3:], b[3:]) > .95 for b in rows)]
    assert len(due) >= 5
    assert findings(document)["repeated"] == (len(due), due[:10])


def test_what_repeats_what_is_told(web, name):
    document = put(web, name, *(([9, 9, 20, 20], {"category_id": 1}) for _ in range(3)),
                   ([9, 9, 20, 20], {"category_id": 2}))
    examples = next(one["examples"] for one in document["findings"] if one["code"] == "repeated")
    assert [(one["annotation_id"], one["repeats"], one["category_id"]) for one in examples] == [
        (2, 1, 1), (3, 1, 1)]


def test_ten_thousand_equal_boxes_end_soon(web, name):
    document = put(web, name, *(([9, 9, 20, 20], {"category_id": 1}) for _ in range(10000)))
    assert findings(document)["repeated"][0] == 9999


def test_images_and_classes(web, db, name):
    truth = street(annotations=[
        {"id": n, "image_id": 2, "category_id": 1, "bbox": [n, n, 10, 10]} for n in range(1, 102)]
        + [{"id": 500, "image_id": 2, "category_id": 3, "bbox": [1, 1, 10, 10]}] * 2)
    truth["images"] += [{"id": 77, "file_name": "x" * 900, "width": 0, "height": 5}]
    assert web.put(f"/datasets/{name}", truth).status == 201
    document = health(web, name)
    assert found(document) == {
        "image_without_annotations": (3, [1, 3, 77]), "image_without_size": (1, [77]),
        "class_without_annotations": (1, [18]), "rare_class": (1, [3]), "repeated_id": (1, [None])}
    examples = {one["code"]: one["examples"] for one in document["findings"]}
    assert examples["rare_class"] == [{"category_id": 3, "category": "car", "count": 1, "most": 101,
                                       "link": f"/datasets/{name}/images?category=3"}]
    assert examples["image_without_size"][0]["file_name"] == "x" * 256
    assert "500" in examples["repeated_id"][0]["detail"]


def test_examples_are_ten_at_most(web, name):
    document = put(web, name, *([n, n, 1, 1] for n in range(25)),
                   images=[{"id": n} for n in range(1, 30)],
                   categories=[{"id": n, "name": "'\"<b>"} for n in range(1, 40)])
    assert {code: (n, len(examples)) for code, (n, examples) in found(document).items()} == {
        "tiny": (25, 10), "image_without_annotations": (28, 10), "image_without_size": (29, 10),
        "image_without_file_name": (29, 10), "class_without_annotations": (37, 10)}


def test_a_dataset_without_rows_has_no_findings(web, name):
    assert web.put(f"/datasets/{name}", {"images": [], "categories": [], "annotations": []}
                   ).status == 201
    assert found(health(web, name)) == {}


@pytest.fixture
def large(web, db, name):
    """A dataset whose report is kept."""
    truth = {"images": [{"id": n, "file_name": "a", "width": 9, "height": 9}
                        for n in range(1, 20002)],
             "categories": [{"id": 1, "name": "a"}],
             "annotations": [{"id": 1, "image_id": 5, "category_id": 1, "bbox": [0, 0, 2, 2]}]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    return name


def test_the_maintenance_makes_the_report_of_a_large_one_once(web, db, pgcoco, large):
    assert pgcoco("gc").returncode == 0
    document = health(web, large)
    if document["state"] == "pending":  # the worker's own maintenance is at it
        document = wait_for(lambda: (now := health(web, large))["state"] == "made" and now,
                            "report")
    assert found(document) == {"tiny": (1, [1]),
                               "image_without_annotations":
                               (20000, [1, 2, 3, 4, 6, 7, 8, 9, 10, 11])}
    assert health(web, large) == document  # also the time when it was made


def test_a_replaced_ground_truth_loses_its_report(web, db, large):
    dataset = id_of(db, large)
    assert web.put(f"/datasets/{large}", street()).status == 200
    assert db.execute("select count(*) from coco.health_reports h left join coco.sources s"
                      " using (import_id) where h.dataset_id = %s and s.import_id is null",
                      (dataset,)).fetchone() == (0,)
    assert found(health(web, large)) == {"tiny": (1, [11])}


def test_a_report_that_fails_is_tried_three_times(db, large):
    dataset = id_of(db, large)

    def due():
        return [command for command, in db.execute(
            "select command from coco.due_counts() where action = 'health' and leaf ="
            " (select 'coco_parts.a_' || import_id from coco.sources where dataset_id = %s)",
            (dataset,))]

    def state():
        return db.execute("select coco.health_document(%s) ->> 'state'", (large,)).fetchone()[0]

    with db.transaction(force_rollback=True):
        # Keeps the maintenance, and the reports of other datasets, away.
        db.execute("lock table coco.health_reports in exclusive mode")
        db.execute("update coco.health_reports set attempts = 3 where made_at is null")
        db.execute("delete from coco.health_reports where dataset_id = %s", (dataset,))
        for attempt in range(3):
            assert len(due()) == 1 and due() == [] and state() == "pending"
            db.execute("update coco.health_reports set begun_at = begun_at - interval '2 hours'"
                       " where dataset_id = %s", (dataset,))
        assert due() == [] and state() == "failed"


def test_a_reader_may_ask(reader, dataset):
    document = reader.execute("select coco.health_document(%s)", (dataset,)).fetchone()[0]
    assert [one["code"] for one in document["findings"]] == CODES


def test_boxes_whose_areas_no_double_holds_are_judged_and_evaluated(web, name):
    boxes = [[0, 0, 1e200, 1e200], [1e308, 1e308, 1e308, 1e308], [0, 0, 1e-200, 1e-200],
             [-1e308, 0, 5e-324, 9], [0, 0, 9, 9]]
    truth = {"images": [{"id": 1, "width": 20, "height": 20}],
             "categories": [{"id": 1, "name": "c"}],
             "annotations": [{"id": n, "image_id": 1, "category_id": 1, "bbox": box}
                             for n, box in enumerate(boxes, 1)]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    results = [{"image_id": 1, "category_id": 1, "bbox": box, "score": .5} for box in boxes]
    assert web.put_run(name, "run", results).status == 200
    for address in ("health", "statistics", "runs/run/evaluation", "runs/run/errors"):
        reply = web.get(f"/datasets/{name}/{address}")
        assert reply.status == 200, reply
    assert web.get(f"/datasets/{name}/runs/run/evaluation").json()["truths"] == 5
