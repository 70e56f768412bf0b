"""Single images and their annotations, several sources side by side; facets."""

import json
from urllib.parse import quote

import pytest

from client import refused
from samples import detections, street
from test_images import Images, ground_truth


@pytest.fixture(scope="module")
def images(site, postgres):
    made = Images(site, postgres, "img-rows", 2000)
    assert made.web.put_run(made.name, "q", [
        {"image_id": image["id"], "category_id": 1, "bbox": [1, 2, 3, 4], "score": .5}
        for image in ground_truth()["images"][:100]]).status == 200
    yield made
    made.db.close()
    assert made.web.delete(made.path).status == 204


def document(images, path):
    reply = images.web.get(images.path + path)
    assert reply.status == 200, reply
    return reply.json()


def stored(images, image, sources):
    """The rows as SQL gives them, in the order of the sources."""
    return images.db.execute(
        "select source, annotation_id, category_id, array[bbox_x, bbox_y, bbox_w, bbox_h],"
        " confidence from coco.annotations where dataset_id = %s and image_id = %s"
        " and source = any (%s) order by array_position(%s, source), annotation_id",
        [images.id, image, sources, sources]).fetchall()


def shown(annotations):
    return [(row["source"], row["annotation_id"], row["category_id"], row["bbox"],
             row["confidence"]) for row in annotations]


def busy_image(images):
    return images.page("sort=-annotations&limit=1")["images"][0]["image_id"]


@pytest.mark.parametrize("source, sources", [
    ("", ["ground_truth", "q", "r"]), ("r", ["r"]), ("r,ground_truth,r", ["r", "ground_truth"])])
def test_the_rows_of_an_image_come_source_by_source(images, source, sources):
    id = busy_image(images)
    page = document(images, f"/images/{id}/annotations?source={source}")
    assert page["sources"] == sources and page["sources_left_out"] == 0
    assert shown(page["annotations"]) == stored(images, id, sources) != []


def test_rows_have_what_became_of_them(images):
    id = busy_image(images)
    rows = document(images, f"/images/{id}/annotations?source=ground_truth,r")["annotations"]
    outcomes = images.db.execute(
        "select is_truth, coalesce(annotation_id, truth_id), outcome::text, iou,"
        " case when is_truth then found_by else truth_id end from coco.matches"
        " where dataset_id = %s and source = 'r' and image_id = %s", [images.id, id]).fetchall()
    assert sorted((row["source"] == "ground_truth", row["annotation_id"], row["outcome"],
                   row["iou"], row["matched_id"]) for row in rows) == sorted(outcomes)
    assert len({row["outcome"] for row in rows}) > 2
    unmatched = document(images, f"/images/{id}/annotations?source=ground_truth,q")["annotations"]
    assert {row["outcome"] for row in unmatched} == {None}


def test_the_annotations_of_many_images_come_in_pages(images):
    ids = [image["image_id"] for image in images.page("limit=500")["images"]]
    page = document(images, f"/annotations/batch?image_ids={','.join(map(str, reversed(ids)))}")
    found = page["images"]
    while "next" in page:
        page = images.web.get(page["next"]).json()
        found += page["images"]
    assert [image["image_id"] for image in found] == ids[::-1]
    for image in found:
        assert shown(image["annotations"]) == stored(images, image["image_id"],
                                                     ["ground_truth", "q", "r"])


def row_ids(web, page):
    """The rows of a run on this page and those that follow."""
    rows = page["annotations"]
    while "next" in page:
        page = web.get(page["next"]).json()
        rows = rows + page["annotations"]
    return [row["annotation_id"] for row in rows if row["source"] == "r"]


def test_a_crowded_image_is_shown_in_pages(images):
    name = "img-crowded"
    assert images.web.put(f"/datasets/{name}", street()).status == 201
    body = [dict(row, image_id=1) for row in detections(11000)] + detections(3)
    assert images.web.put_run(name, "r", body).status == 200
    page = images.web.get(f"/datasets/{name}/images/1/annotations").json()
    assert len(page["annotations"]) == 2000
    assert row_ids(images.web, page) == [*range(1, 11002)]
    page = images.web.get(f"/datasets/{name}/annotations/batch?image_ids=3,1,2&source=r").json()
    found = page["images"]
    while "next" in page:
        page = images.web.get(page["next"]).json()
        found += page["images"]
    assert [(image["image_id"], len(image["annotations"])) for image in found] \
        == [(3, 1), (1, 10000), (2, 1)]
    assert row_ids(images.web, found[1]) == [*range(1, 11002)]
    assert images.web.delete(f"/datasets/{name}").status == 204


@pytest.mark.parametrize("size, kept", [(200_000, True), (400_000, False)])
def test_a_large_member_is_left_out_of_a_row(images, size, kept):
    name = "img-large"
    rows = [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": .5,
             "note": "x" * size} for _ in range(30)]
    assert images.web.put(f"/datasets/{name}", street()).status == 201
    assert images.web.put_run(name, "r", rows).status == 200
    page = images.web.get(f"/datasets/{name}/images/1/annotations?source=r").json()
    for row in page["annotations"]:
        assert row["extra"] == ({"note": "x" * size} if kept else None)
        assert row["is_cut"] == (not kept)
    assert len(json.dumps(page)) < 5 << 20 and ("next" in page) == kept
    assert images.web.delete(f"/datasets/{name}").status == 204


def test_an_image_has_its_counts_slices_and_other_members(images):
    name = "img-one"
    truth = street()
    truth["images"][0]["camera"] = {"lens": "50\u2009mm"}
    assert images.web.put(f"/datasets/{name}", truth).status == 201
    assert images.web.put_run(name, "r", detections(7)).status == 200
    assert images.web.put(f"/datasets/{name}/slices/s", {"image_ids": [1]}).status == 200
    image = images.web.get(f"/datasets/{name}/images/1").json()
    assert image.pop("dataset_id")
    assert image == {
        "dataset": name, "image_id": 1, "text_id": None, "file_name": "one.jpg", "width": 640,
        "height": 480, "split": None, "picture": None,
        "counts": {"ground_truth": 2, "r": 3},
        "sources_left_out": 0, "slices": ["s"], "extra": {"camera": {"lens": "50\u2009mm"}}}
    assert images.web.delete(f"/datasets/{name}").status == 204


def test_images_are_found_by_ids_that_are_texts(images):
    name, ids = "img-text", ["a-b", "night 1.jpg", "0007", "é\"'"]
    truth = street(images=[{"id": id, "file_name": f"{id}.jpg"} for id in ids],
                   annotations=[{"id": n, "image_id": id, "category_id": 1, "area": 1,
                                 "bbox": [n, 1, 1, 1]} for n, id in enumerate(ids)])
    assert images.web.put(f"/datasets/{name}", truth).status == 201
    for n, id in enumerate(ids):
        image = images.web.get(f"/datasets/{name}/images/{quote(id)}").json()
        assert image["text_id"] == id and image["counts"] == {"ground_truth": 1}
        again = images.web.get(f"/datasets/{name}/images/{image['image_id']}").json()
        assert again == image
        batch = images.web.get(f"/datasets/{name}/annotations/batch?image_ids={quote(id)}").json()
        assert [row["annotation_id"] for row in batch["images"][0]["annotations"]] == [n]
    assert images.web.delete(f"/datasets/{name}").status == 204


@pytest.mark.parametrize("path, status, code, word", [
    ("/images/987654", 404, "unknown_image", "987654"),
    ("/images/99999999999999999999", 404, "unknown_image", "999"),
    ("/images/no%20such", 404, "unknown_image", "no such"),
    ("/images/987654/annotations", 404, "unknown_image", "987654"),
    ("/images/ID/annotations?source=none", 404, "unknown_run", "none"),
    ("/images/ID/annotations?iou_type=box", 400, "bad_request", "iou_type"),
    ("/images/ID/annotations?after=x", 400, "bad_request", "after"),
    ("/annotations/batch", 400, "bad_request", "image_ids"),
    ("/annotations/batch?image_ids=ID,987654", 404, "unknown_image", "987654"),
    ("/annotations/batch?image_ids=ID,,", 404, "unknown_image", ""),
    ("/annotations/batch?image_ids=" + "1," * 500 + "1", 400, "bad_request", "501"),
    ("/annotations/batch?image_ids=ID&source=r,none", 404, "unknown_run", "none"),
    ("/facets?source=none", 404, "unknown_run", "none"),
    ("/facets?source=" + ",".join(f"r{n}" for n in range(9)), 400, "bad_request", "8")])
def test_what_does_not_exist_is_refused(images, path, status, code, word):
    path = path.replace("ID", str(busy_image(images)))
    refused(images.web.get(images.path + path), status, code, word)


def test_facets_have_the_counts_of_the_rows(images):
    facets = document(images, "/facets")
    for category in facets["categories"]:
        assert category["counts"] == {
            source: images.one("select count(*) from coco.annotations where dataset_id = %s"
                               " and source = %s and category_id = %s",
                               [images.id, source, category["category_id"]])
            for source in ("ground_truth", "q", "r")}
    assert [category["category"] for category in facets["categories"]] \
        == [f"class {n}" for n in (1, 2, 3, 4)]
    assert facets["splits"] == [{"split": "val", "image_count": 240}]
    assert facets["slices"] == [{"slice": "s", "image_count": 80, "is_estimate": False}]
    assert [(source["source"], source["row_count"], source["outcomes"] and [*source["outcomes"]])
            for source in facets["sources"]] \
        == [("ground_truth", 700, None), ("q", 100, None), ("r", 2000, ["bbox"])]
    assert facets["skeletons"] == []
    only = document(images, "/facets?source=r")
    assert {key for category in only["categories"] for key in category["counts"]} == {"r"}


def test_facets_tell_which_points_of_a_class_are_joined(images):
    name = "img-skeletons"
    truth = street()
    truth["categories"][0] |= {"keypoints": ["head", "foot"], "skeleton": [[1, 2]]}
    truth["categories"][1] |= {"skeleton": "none"}
    truth["categories"][2] |= {"skeleton": [[1, 2]] * 1000}
    assert images.web.put(f"/datasets/{name}", truth).status == 201
    assert images.web.get(f"/datasets/{name}/facets").json()["skeletons"] \
        == [{"category_id": 1, "keypoints": ["head", "foot"], "skeleton": [[1, 2]]}]
    assert images.web.delete(f"/datasets/{name}").status == 204
