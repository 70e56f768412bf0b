"""What is left of a run that loses rows, and what a second file may not bring: odd shapes."""

import json

import pytest

from client import refused
from samples import array, detection, id_of, reasons, street

MANY = 400


def pictures(ids):
    return [{"id": id, "file_name": f"{id}.jpg", "width": 640, "height": 480} for id in ids]


def classes(ids):
    return [{"id": id, "name": f"class {id}"} for id in ids]


def test_the_rows_that_a_run_keeps_are_in_the_order_of_its_file(web, db, name):
    """It decides between detections of equal scores. Many images go, and some of the classes."""
    ids = range(1, MANY + 1)
    path = f"/datasets/{name}"
    web.put(path, street(images=pictures(ids), categories=classes((1, 2, 3)), annotations=[]))
    body = [detection(0, image_id=(n * 7919) % MANY + 1, category_id=n % 3 + 1, score=0.5)
            for n in range(3 * MANY)]
    assert web.put_run(name, "run", body).json()["prediction_count"] == 3 * MANY
    kept = [*range(1, MANY + 1, 3)]
    left = street(images=pictures(kept), categories=classes((1, 3)), annotations=[])
    assert web.put(path, left, {"force": 1}).status == 200
    leaf, = db.execute("select import_id from coco.sources where dataset_id = %s"
                       " and source = 'run'", [id_of(db, name)]).fetchone()
    found = db.execute(f"select image_id, category_id from coco_parts.a_{leaf} order by ctid")
    assert found.fetchall() == [(row["image_id"], row["category_id"]) for row in body
                                if row["image_id"] in kept and row["category_id"] != 2]
    exported = web.get(f"{path}/runs/run/predictions").json()
    assert [row["image_id"] for row in exported] == [
        row["image_id"] for row in body if row["image_id"] in kept and row["category_id"] != 2]


def test_each_dropped_row_has_its_reason_however_many_classes_go(web, name):
    """The list of classes that are lost names ten."""
    path = f"/datasets/{name}"
    web.put(path, street(images=pictures((1, 2)), categories=classes(range(1, 21)),
                         annotations=[]))
    body = [detection(0, image_id=n % 2 + 1, category_id=n % 20 + 1) for n in range(60)]
    web.put_run(name, "run", body)
    left = street(images=pictures((1,)), categories=classes(range(1, 7)), annotations=[])
    assert web.put(path, left, {"force": 1}).status == 200
    run = web.get(f"{path}/runs/run").json()
    of_classes = sum(row["category_id"] > 6 for row in body)
    of_images = sum(row["image_id"] == 2 and row["category_id"] <= 6 for row in body)
    assert reasons(run) == {"unknown_category": of_classes, "unknown_image": of_images}
    assert run["prediction_count"] == 60 - of_classes - of_images


@pytest.mark.parametrize("renamed", [
    {"images": [{"id": id, "file_name": "ab"[id % 2]} for id in range(20000)]},
    {"categories": [{"id": id, "name": "ab"[id % 2]} for id in range(20000)]}],
    ids=lambda one: [*one][0])
def test_many_equal_names_that_change_places_are_told(web, name, renamed):
    """20,000 images, or classes, have two names. These were compared each with each."""
    path = f"/datasets/{name}"
    kind, elements = [*renamed.items()][0]
    file = {"images": pictures((1,)), "categories": classes((1,)), kind: elements}
    before = street(**file, annotations=[])
    assert web.put(path, before).status == 201
    web.put_run(name, "run", [detection(0, image_id=1, category_id=1)])
    swapped = [{**one, **{key: "ba"["ab".index(value)] for key, value in one.items()
                          if key in ("name", "file_name")}} for one in elements]
    refused(web.put(path, street(**{**file, kind: swapped}, annotations=[])), 409,
            "dataset_has_runs", "run run")


def test_a_second_file_with_many_equal_class_names_is_judged(web, name):
    path = f"/datasets/{name}"
    many = [{"id": id, "name": "thing"} for id in range(1, 20001)]
    assert web.put(path, street(images=pictures((1,)), categories=many,
                                annotations=[])).status == 201
    more = street(images=pictures((2,)), annotations=[],
                  categories=[{**one, "id": one["id"] + 30000} for one in many])
    refused(web.post(f"{path}/annotations", json.dumps(more).encode(), {"split": "train"}), 422,
            "wrong_shape", "20000 categories have other ids")


@pytest.mark.parametrize("ids", [(-2**63, 2**62), (2**62, -2**63)])
def test_ids_that_no_shift_reaches_are_refused(web, name, ids):
    """What would be added does not fit into an id, although the sum does."""
    path, (here, there) = f"/datasets/{name}", ids
    assert web.put(path, street(images=pictures((2**62, -2**62)), annotations=[])).status == 201
    more = street(images=pictures((2**62, -2**63)), annotations=[])
    refused(web.post(f"{path}/annotations", more, {"renumber": 1}), 422, "wrong_shape", "no ids")
    truth = dict(street()["annotations"][0], image_id=2**62)
    assert web.put(path, street(images=pictures((2**62,)),
                                annotations=[dict(truth, id=here), dict(truth, id=there)])
                   ).status == 200
    more = street(images=pictures((7,)), annotations=[
        dict(truth, id=here, image_id=7), dict(truth, id=there, image_id=7)])
    refused(web.post(f"{path}/annotations", more, {"renumber": 1}), 422, "wrong_shape", "no ids")


def test_an_empty_name_is_no_name_of_a_run(web, dataset):
    web.put_run(dataset, "run", array(detection(0)))
    path = f"/datasets/{dataset}/runs/run"
    refused(web.request("PATCH", path, b'{"name": ""}'), 400, "bad_request", "1 to 63 letters")
    assert web.get(path).json()["prediction_count"] == 1


def test_a_copy_that_takes_too_long_says_so_in_the_history(own_site, web, db, dataset, token):
    """In its first transaction, whose number is lost."""
    web.put_run(dataset, "run", array(detection(0)))
    client = own_site("--max-duration", "1")
    db.execute("create function coco.slow() returns trigger language plpgsql as"
               " 'begin perform pg_sleep(3); return new; end'")
    db.execute("create trigger slow before insert on coco.imports for each row"
               " when (new.token = '" + token + "' and new.phase <> 'failed')"
               " execute function coco.slow()")
    try:
        reply = client.post(f"/datasets/{dataset}/runs/run/clone", b"",
                            {"name": "copy", "import": token})
    finally:
        db.execute("drop trigger slow on coco.imports")
        db.execute("drop function coco.slow()")
    assert (reply.status, reply.json()["code"]) == (408, "took_too_long"), reply
    state = web.import_state(token)
    assert (state["state"], state["outcome"]["code"]) == ("failed", "took_too_long")


# ---- splits --------------------------------------------------------------------------------------

def of_split(first, count, **more):
    """Images from an id on, each with an annotation of the class 1."""
    ids = range(first, first + count)
    return street(images=pictures(ids), categories=classes((1, 2)), annotations=[
        dict(street()["annotations"][0], id=id, image_id=id, category_id=1) for id in ids], **more)


@pytest.mark.parametrize("first", ["val", None])
@pytest.mark.parametrize("last", ["val", "train", "all", None])
def test_one_ground_truth_follows_several_splits(web, db, name, first, last):
    path = f"/datasets/{name}"

    def split(value):
        return {"split": value} if value else {}

    web.put(path, of_split(1, 10), split(first))
    assert web.post(f"{path}/annotations", of_split(100, 5), {"split": "train"}).status == 200
    ids = [*range(1, 11), *range(100, 105)]
    web.put_run(name, "run", [detection(0, image_id=id, category_id=1) for id in ids])
    both = of_split(1, 10)
    both["images"] += of_split(100, 5)["images"]
    both["annotations"] += of_split(100, 5)["annotations"]
    reply = web.put(path, both, split(last))
    assert reply.status == 200, reply
    counts = db.execute("select c.split, c.category_id, sum(c.n) from coco.class_counts c"
                        " where c.dataset_id = %s group by c.import_id, 1, 2",
                        [id_of(db, name)]).fetchall()
    assert counts == [(last, 1, 15)] * 2
    breakdown = web.get(f"{path}/statistics").json()["split_breakdown"]
    assert [(one["split_name"], one["image_count"], one["gt_count"], one["pred_count"])
            for one in breakdown] == [(last, 15, 15, 15)]


@pytest.mark.parametrize("empty", [
    {"images": [], "annotations": [], "categories": []},
    {"images": [], "annotations": [], "categories": [{"id": 9, "name": "new"}]}], ids=str)
def test_a_second_file_without_images_moves_nothing_to_its_split(web, db, name, empty):
    path = f"/datasets/{name}"
    web.put(path, of_split(1, 10), {"split": "val"})
    web.put_run(name, "run", [detection(0, image_id=1, category_id=1)])
    before = web.get(f"{path}/statistics").json()
    assert web.post(f"{path}/annotations", empty, {"split": "train"}).status == 200
    after = web.get(f"{path}/statistics").json()
    for what in ("split_breakdown", "runs"):
        assert after[what] == before[what]
    assert web.get(f"{path}/statistics?split=val").json()["summary"]["gt_annotations"] == 10


def test_images_that_get_a_name_are_the_same(web, name):
    """An empty name tells nothing, however many images have it."""
    path = f"/datasets/{name}"
    nameless = [{**one, "file_name": ""} for one in pictures(range(1, 11))]
    web.put(path, street(images=nameless, categories=classes((1,)), annotations=[]))
    web.put_run(name, "run", [detection(0, image_id=id, category_id=1) for id in range(1, 11)])
    named = nameless[:5] + pictures(range(6, 11))
    assert web.put(path, street(images=named, categories=classes((1,)), annotations=[])
                   ).status == 200
