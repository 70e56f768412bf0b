"""Datasets with many classes: curves that no answer has room for are refused before the work."""

import pytest

from client import refused

# Curves of so many classes with COCO's ten thresholds are about as large as an answer may be.
ROOM = 1661
BOX = [1, 1, 50, 50]


def ground_truth(classes, with_truth):
    return {"images": [{"id": 1, "width": 200, "height": 200, "file_name": "a.jpg"}],
            "categories": [{"id": id, "name": f"class {id}"} for id in range(1, classes + 1)],
            "annotations": [{"id": id, "image_id": 1, "category_id": id, "bbox": BOX, "area": 2500,
                             "iscrowd": 0} for id in range(1, with_truth + 1)]}


def put(web, name, classes, with_truth, *runs):
    assert web.put(f"/datasets/{name}", ground_truth(classes, with_truth), {"split": "val"}
                   ).status == 201
    for run in runs or ("run",):
        assert web.put_run(name, run, [{"image_id": 1, "category_id": 1, "bbox": BOX,
                                        "score": 0.5}]).status in (200, 201)
    return name


@pytest.fixture
def many(web, name):
    return put(web, name, ROOM + 1, ROOM + 1)


def count(db, dataset):
    return db.execute("select count(*) from coco.evaluations e join coco.datasets d"
                      " on d.id = e.dataset_id where d.name = %s", (dataset,)).fetchone()[0]


def test_curves_that_have_no_room_are_refused_before_the_work(web, db, many):
    page = web.get(f"/datasets/{many}/runs/run/evaluation?include=curves")
    refused(page, 400, "bad_request", "1662 classes", "at most 1661 classes")
    assert count(db, many) == 0


@pytest.mark.parametrize("narrower", ["categories=1,2", "iou_thresholds=0.5"])
def test_what_the_message_asks_for_has_room(web, many, narrower):
    page = web.get(f"/datasets/{many}/runs/run/evaluation?include=curves&{narrower}")
    assert page.status == 200 and page.json()["curves"]["per_class"]


def test_curves_that_are_stored_are_refused_as_well(web, many):
    assert web.get(f"/datasets/{many}/runs/run/evaluation").status == 200
    page = web.get(f"/datasets/{many}/runs/run/evaluation?include=curves")
    refused(page, 400, "bad_request", "1662 classes")


def test_classes_without_ground_truth_have_no_curves(web, name):
    put(web, name, ROOM + 1, 2)
    document = web.get(f"/datasets/{name}/runs/run/evaluation?include=curves").json()
    assert [one["category_id"] for one in document["curves"]["per_class"]] == [1, 2]
    assert len(document["per_class"]) == ROOM + 1


def test_too_many_resamples_are_refused_before_rows_are_read(web, name):
    put(web, name, 1680, 1, "a", "b")
    # Which classes there are is looked at when the rows have been read.
    page = web.get(f"/datasets/{name}/comparison?run=a&with=b&resamples=10000&categories=9999")
    refused(page, 400, "bad_request", "10000 resamples are too many for 1680 classes")
