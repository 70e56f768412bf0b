"""Ground truth goes in, is described, and goes away again."""

import itertools
import json
import re

import pytest

from samples import count, detections, element_offsets, reasons, rows, skips, street, without


def test_a_put_dataset_is_created_and_described(web, name):
    body = json.dumps(street()).encode()

    reply = web.put(f"/datasets/{name}", body)

    assert reply.status == 201, reply
    assert reply.headers["Location"].endswith(f"/datasets/{name}")
    created = reply.json()
    assert created["message"]
    document = web.get(f"/datasets/{name}").json()
    left_out = ("info", "licenses", "info_bytes", "licenses_bytes", "pictures")
    assert without(document, *left_out) == {
        key: created[key] for key in document if key not in left_out}
    assert document["name"] == name and document["created_at"]
    assert [document[key]
            for key in ("image_count", "annotation_count", "category_count", "run_count",
                        "prediction_count")] == [3, 4, 3, 0, 0]
    assert (document["skipped_count"], document["skipped"], document["bytes"]) == (0, [], len(body))
    assert document["info"] == street()["info"]
    assert document["licenses"] == street()["licenses"]


def test_its_rows_are_those_left_out(db, dataset):
    assert [row[:10] for row in rows(db, dataset, "ground_truth")] == [
        (10, 1, 1, 10.0, 20.0, 30.0, 40.0, 1100.5, None, False),
        (11, 1, 3, 1.5, 2.25, 3.0, 4.0, 11.0, None, False),
        (12, 2, 1, 0.0, 0.0, 640.0, 480.0, 300000.0, None, True),
        (13, 3, 18, 5.0, 5.0, 5.0, 5.0, 25.0, None, False),
    ]
    where = "dataset_id = (select id from coco.datasets where name = %s)"
    assert db.execute(
        "select image_id, file_name, width, height, split from coco.images where " + where
        + " order by 1", (dataset,)).fetchall() == [
        (1, "one.jpg", 640, 480, None), (2, "two.jpg", 640, 480, None),
        (3, "three.jpg", 800, 600, None)]
    assert db.execute("select category_id, name, supercategory from coco.categories where " + where
                      + " order by 1", (dataset,)).fetchall() == [
        (1, "person", "person"), (3, "car", "vehicle"), (18, "dog", "animal")]


@pytest.mark.parametrize("order", itertools.permutations(["images", "annotations", "categories"]),
                         ids="-".join)
def test_the_arrays_come_in_any_order(web, db, name, order):
    truth = street()
    truth["annotations"].append(
        {"id": 14, "image_id": 9, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12})
    truth["annotations"].append(
        {"id": 15, "image_id": 1, "category_id": 9, "bbox": [1, 2, 3, 4], "area": 12})
    truth["annotations"].append(
        {"id": 11, "image_id": 1, "category_id": 1, "bbox": [9, 9, 9, 9], "area": 81})
    in_order = {"info": truth["info"], **{key: truth[key] for key in order},
                "licenses": truth["licenses"]}

    reply = web.put(f"/datasets/{name}", in_order)

    assert reply.status == 201, reply
    assert reasons(reply.json()) == {"unknown_image": 1, "unknown_category": 1, "duplicate_id": 1}
    assert reply.json()["skipped_count"] == 3
    assert [(row[0], row[3]) for row in rows(db, name, "ground_truth")] == [
        (10, 10.0), (11, 1.5), (12, 0.0), (13, 5.0)], "the first of a repeated id wins"
    document = web.get(f"/datasets/{name}").json()
    assert (document["info"], document["licenses"]) == (truth["info"], truth["licenses"])
    assert (document["image_count"], document["annotation_count"], document["category_count"]) == (
        3, 4, 3)


def test_skipped_annotations_are_named_with_index_and_byte(web, name):
    good = street()["annotations"][0]
    bad = [
        ("unknown_image", {**good, "id": 20, "image_id": 9}),
        ("unknown_category", {**good, "id": 21, "category_id": 9}),
        ("missing_field", {"id": 22, "image_id": 1, "bbox": [1, 2, 3, 4]}),
        ("wrong_type", {**good, "id": 23, "area": "large"}),
        ("invalid_bbox", {**good, "id": 24, "bbox": [1, 2, -3, 4]}),
        ("non_finite", {**good, "id": 25, "area": float("nan")}),
        ("out_of_range", {**good, "id": 2**70}),
    ]
    body = json.dumps(street(annotations=[good, *(element for _, element in bad)]),
                      indent=1).encode()
    offsets = element_offsets(body, "annotations")

    reply = web.put(f"/datasets/{name}", body)

    assert reply.status == 201, reply
    expected = {reason: (1, [(n + 1, offsets[n + 1])]) for n, (reason, _) in enumerate(bad)}
    # Whether image and category are known is asked at the end: those two are named by their ids.
    expected.update(unknown_image=(1, [(None, None)]), unknown_category=(1, [(None, None)]))
    assert skips(reply.json()) == expected
    details = {group["reason"]: group["examples"][0]["detail"] for group in reply.json()["skipped"]}
    assert details["unknown_image"] == "annotation 20: image 9 is not in the file"
    assert details["unknown_category"] == "annotation 21: category 9 is not in the file"
    assert reply.json()["annotation_count"] == 1


def test_repeated_ids_are_skipped_and_the_first_wins(web, db, name):
    truth = street()
    truth["images"].insert(1, {"id": 1, "file_name": "again.jpg", "width": 1, "height": 1})
    truth["categories"].append({"id": 3, "name": "lorry"})
    truth["annotations"].append({**truth["annotations"][0], "area": 5})

    reply = web.put(f"/datasets/{name}", truth)

    assert reply.status == 201, reply
    assert reasons(reply.json()) == {"duplicate_id": 3}
    assert db.execute(
        "select file_name from coco.images i join coco.datasets d on d.id = i.dataset_id"
        " where d.name = %s and image_id = 1", (name,)).fetchall() == [("one.jpg",)]
    assert db.execute(
        "select c.name from coco.categories c join coco.datasets d on d.id = c.dataset_id"
        " where d.name = %s and category_id = 3", (name,)).fetchall() == [("car",)]
    assert rows(db, name, "ground_truth")[0][7] == 1100.5
    document = web.get(f"/datasets/{name}").json()
    assert (document["image_count"], document["category_count"], document["annotation_count"]) == (
        3, 3, 4)


def test_unknown_keys_and_shapes_are_kept_as_they_came(web, db, name):
    text = r'''{"images": [{"id": 1, "file_name": "a \"b\" \u00e9.jpg", "width": 4, "height": 3,
            "coco_url": "http:\/\/x", "n": 1.50}],
        "categories": [{"id": 1, "name": "person", "supercategory": "s",
            "keypoints": ["nose", "eye"], "skeleton": [[1, 2]]}],
        "annotations": [{"id": 0, "image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "area": 1,
            "iscrowd": 1, "segmentation": {"counts": [3,  2, 7], "size": [3, 4]},
            "keypoints": [1, 2, 2, 0, 0, 0], "num_keypoints": 1,
            "attributes": {"occluded" : true, "tag": "\u0000"}}],
        "videos": [{"id": 1}], "type": "instances"}'''
    assert web.put(f"/datasets/{name}", text).status == 201
    row = rows(db, name, "ground_truth")[0]
    assert row[:2] == (0, 1) and row[9] is True
    assert row[10] == '{"counts": [3,  2, 7], "size": [3, 4]}'
    assert json.loads(json.dumps(row[11])) == [1, 2, 2, 0, 0, 0]
    assert json.loads(row[12])["attributes"] == {"occluded": True, "tag": "\0"}
    assert '{"occluded" : true, "tag": "\\u0000"}' in row[12]
    assert json.loads(row[12])["num_keypoints"] == 1
    file_name, extra = db.execute(
        "select file_name, i.extra::text from coco.images i join coco.datasets d"
        " on d.id = i.dataset_id where d.name = %s", (name,)).fetchone()
    assert file_name == 'a "b" é.jpg'
    assert json.loads(extra) == {"coco_url": "http://x", "n": 1.5} and "1.50" in extra
    extra, = db.execute(
        "select c.extra::text from coco.categories c join coco.datasets d on d.id = c.dataset_id"
        " where d.name = %s", (name,)).fetchone()
    assert json.loads(extra) == {"keypoints": ["nose", "eye"], "skeleton": [[1, 2]]}
    extra, = db.execute("select extra::text from coco.datasets where name = %s", (name,)).fetchone()
    assert json.loads(extra) == {"videos": [{"id": 1}], "type": "instances"}


def test_what_jsonb_refuses_is_kept_in_info_and_licenses(web, db, name):
    info = r'{"description": "nul \u0000, lone \ud800", "huge": 1e999999}'
    reply = web.put(f"/datasets/{name}",
                    f'{{"info": {info}, "images": [], "licenses": [{info}], "other": {info}}}')
    assert reply.status == 201, reply
    assert db.execute(
        "select info::text, licenses::text, extra::text from coco.datasets where name = %s",
        (name,)).fetchone() == (info, f"[{info}]", f'{{"other":{info}}}')
    assert web.get(f"/datasets/{name}").json()["info"] == json.loads(info)


def test_what_is_not_kept_is_named(web, db, name):
    """What is too large, and what PostgreSQL's json cannot hold."""
    body = (f'{{"many": [{"1234567, " * 600_000}0], "images": [], "nan": NaN, "kept": [1, 2],'
            f' "info": "{"x" * 5_000_000}"}}')
    outcome = web.put(f"/datasets/{name}", body)
    assert (outcome.status, outcome.json()["not_kept"]) == (201, ["many", "nan", "info"])
    assert db.execute("select info::text, extra::text from coco.datasets where name = %s",
                      (name,)).fetchone() == (None, '{"kept":[1,2]}')


@pytest.mark.parametrize("more, kept", [(-1, 32), (0, 31), (1, 31)])
def test_a_list_of_what_is_not_kept_ends_somewhere(web, name, more, kept):
    """At 8 KiB with its brackets."""
    keys = [f"{n:0252}" for n in range(31)] + ["k" * (253 + more)]
    body = '{"images": [], ' + ", ".join(f'"{key}": NaN' for key in keys) + "}"
    outcome = web.put(f"/datasets/{name}", body)
    assert (outcome.status, outcome.json()["not_kept"]) == (201, keys[:kept])


def test_a_split_is_a_label_on_the_images(web, db, name):
    assert web.put(f"/datasets/{name}", street(), {"split": "val"}).status == 201
    assert web.get(f"/datasets/{name}").json()["splits"] == ["val"]
    assert db.execute(
        "select distinct split from coco.images i join coco.datasets d on d.id = i.dataset_id"
        " where d.name = %s", (name,)).fetchall() == [("val",)]


def test_put_replaces_a_dataset_that_has_no_runs(web, db, dataset, collect):
    number = web.get(f"/datasets/{dataset}").json()["id"]
    smaller = street(annotations=street()["annotations"][:1], info={"description": "again"})
    smaller["images"] = smaller["images"][:1]

    reply = web.put(f"/datasets/{dataset}", smaller)

    assert reply.status == 200, reply
    document = web.get(f"/datasets/{dataset}").json()
    assert (document["image_count"], document["annotation_count"], document["id"]) == (1, 1, number)
    assert document["info"] == {"description": "again"}
    assert count(db, dataset, "ground_truth") == 1
    collect()


def test_put_over_runs_that_lose_something_is_409_and_changes_nothing(web, db, dataset):
    web.put_run(dataset, "run", detections(2))
    before = rows(db, dataset, "ground_truth"), rows(db, dataset, "run")
    reply = web.put(f"/datasets/{dataset}", street(images=street()["images"][1:]))
    assert (reply.status, reply.json()["code"]) == (409, "dataset_has_runs")
    assert (rows(db, dataset, "ground_truth"), rows(db, dataset, "run")) == before


def test_a_broken_replacement_leaves_the_old_dataset(web, db, dataset, collect):
    before = rows(db, dataset, "ground_truth"), web.get(f"/datasets/{dataset}").json()
    whole = json.dumps(street()).encode()
    for broken in (whole[:-30], whole[:-1] + b",}", b'{"images": {}}', b"[]", b""):
        assert web.put(f"/datasets/{dataset}", broken).status in (400, 422)
    assert (rows(db, dataset, "ground_truth"), web.get(f"/datasets/{dataset}").json()) == before
    collect()


def test_a_broken_ground_truth_makes_no_dataset(web, db, name, collect):
    assert web.put(f"/datasets/{name}", json.dumps(street())[:-10]).status == 400
    assert web.get(f"/datasets/{name}").json()["code"] == "unknown_dataset"
    assert name not in web.get("/datasets").text
    assert db.execute("select count(*) from coco.datasets where name = %s",
                      (name,)).fetchone() == (0,)
    collect()


def test_post_creates_a_dataset_once(web, db, name):
    reply = web.post("/datasets", street(), {"name": name, "split": "train"})
    assert reply.status == 201, reply
    assert reply.headers["Location"].endswith(f"/datasets/{name}")
    assert reply.json()["splits"] == ["train"]

    again = web.post("/datasets", street(annotations=[]), {"name": name})

    assert (again.status, again.json()["code"]) == (409, "dataset_exists")
    assert count(db, name, "ground_truth") == 4


def test_post_without_a_name_is_400(web):
    reply = web.post("/datasets", street())
    assert (reply.status, reply.json()["code"]) == (400, "bad_request")
    assert "name" in reply.json()["detail"]


def test_datasets_are_listed(web, dataset):
    listed = web.get("/datasets")
    assert listed.status == 200
    assert listed.headers["Content-Type"].startswith("application/json")
    document = web.get(f"/datasets/{dataset}").json()
    assert [one for one in listed.json()["datasets"] if one["name"] == dataset] == [
        without(document, "info", "licenses", "info_bytes", "licenses_bytes", "pictures",
                "skipped")]


def test_a_dataset_is_found_by_its_id(web, dataset):
    document = web.get(f"/datasets/{dataset}").json()
    assert web.get(f"/datasets/{document['id']}").json() == document
    assert web.get("/datasets/999999999").json()["code"] == "unknown_dataset"
    assert web.get("/datasets/99999999999999999999").json()["code"] == "unknown_dataset"


def test_a_deleted_dataset_leaves_nothing(web, db, dataset, collect):
    web.put_run(dataset, "a", detections(5))
    web.put_run(dataset, "b", detections(5))
    number = web.get(f"/datasets/{dataset}").json()["id"]

    assert web.delete(f"/datasets/{dataset}").status == 204

    assert web.get(f"/datasets/{dataset}").status == 404
    assert web.delete(f"/datasets/{dataset}").status == 404
    assert web.get(f"/datasets/{dataset}/runs").status == 404
    collect()
    for table in ("images", "categories", "sources", "annotation_versions"):
        left = db.execute(f"select count(*) from coco.{table} where dataset_id = %s",
                          (number,)).fetchone()
        assert left == (0,), table
    assert web.put(f"/datasets/{dataset}", street()).status == 201, "the name is free again"


def test_ground_truth_without_annotations_can_hold_predictions(web, name):
    truth = {key: street()[key] for key in ("images", "categories")}
    assert web.put(f"/datasets/{name}", truth).status == 201
    assert web.get(f"/datasets/{name}").json()["annotation_count"] == 0
    assert web.put_run(name, "run", detections(3)).json()["prediction_count"] == 3


def expected_truth(truth):
    return [(one["id"], one["image_id"], one["category_id"],
             *(float(value).hex() for value in one["bbox"]), float(one["area"]).hex(),
             bool(one["iscrowd"]))
            for one in sorted(truth["annotations"], key=lambda one: one["id"])]


def found_truth(db, name):
    return [(*row[:3], *(value.hex() for value in row[3:8]), row[9])
            for row in rows(db, name, "ground_truth")]


@pytest.mark.parametrize("path, images, annotations, categories, crowds, repeated", [
    ("coco_val2014_100/instances_val2014_100.json", 100, 839, 80, 9, []),
    ("taco/annotations.json", 1500, 4782, 60, 0, [309, 4040]),  # 4,784 in the file
    ("synthetic_bbox/pair.gt.json", 120, 898, 10, None, []),
    ("synthetic_segm/pair.gt.json", 120, 847, 10, None, []),
    ("synthetic_keypoints/pair.gt.json", 120, 916, 1, None, []),
], ids=lambda value: value.split("/")[0] if isinstance(value, str) else "")
def test_real_ground_truth_is_taken_bit_for_bit(
        web, db, name, data, path, images, annotations, categories, crowds, repeated):
    body = data(path).read_bytes()
    truth = json.loads(body)
    seen = set()
    again = [one["id"] for one in truth["annotations"] if one["id"] in seen or seen.add(one["id"])]
    assert again == repeated
    # The first of several with one id wins.
    truth["annotations"] = list({one["id"]: one for one in reversed(truth["annotations"])}.values())

    reply = web.put(f"/datasets/{name}", body)

    assert reply.status == 201, reply
    document = reply.json()
    assert (document["image_count"], document["annotation_count"], document["category_count"]) \
        == (images, annotations, categories)
    assert reasons(document) == ({"duplicate_id": len(repeated)} if repeated else {})
    assert found_truth(db, name) == expected_truth(truth)
    found = rows(db, name, "ground_truth")
    if crowds is not None:
        assert sum(row[9] for row in found) == crowds
    segmentations = {one["id"]: one.get("segmentation") for one in truth["annotations"]}
    assert {row[0]: row[10] and json.loads(row[10]) for row in found} == segmentations
    assert db.execute(
        "select image_id, file_name, width, height from coco.images i join coco.datasets d"
        " on d.id = i.dataset_id where d.name = %s order by 1", (name,)).fetchall() \
        == sorted((one["id"], one["file_name"], one["width"], one["height"])
                  for one in truth["images"])


def test_a_synthetic_ground_truth_keeps_annotation_id_0(web, db, name, data):
    assert web.put(f"/datasets/{name}",
                   data("synthetic_bbox/pair.gt.json").read_bytes()).status == 201
    assert rows(db, name, "ground_truth")[0][0] == 0


def test_real_segmentations_are_kept_to_the_byte(web, db, name, data):
    body = data("coco_val2014_100/instances_val2014_100.json").read_text()
    assert web.put(f"/datasets/{name}", body).status == 201
    for row in rows(db, name, "ground_truth")[:50]:
        assert re.search(r'"segmentation":\s*' + re.escape(row[10]), body)
